"""Records into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nothing of a request or an answer is kept but ids of resources, roles and principals, and nothing of a token but whose
it is. Sessions have no rows: a record itself names whose token it was.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pyarrow as pa

from leastwise.engine.columns import empty
from leastwise.model.tables.usage import SESSIONS
from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.operations import canonical
from leastwise.providers.base import ReadLog
from leastwise.providers.logs.reporting import read_log
from leastwise.providers.logs.rows import Row, changes_of, events_of
from leastwise.providers.logs.wrapped import Batch

from .changing import Bodies, changed, may_change
from .outcomes import begun
from .permissions import written
from .principals import Who, caller_of, who
from .reading import read
from .record import Record
from .resources import Touched, account, touched
from .telling import Told, form_of, grants, told

PROVIDER = "azure"
_OWN = (
    "id", "time", "account", "region", "ip", "agent", "resource", "bucket", "target", "facts", "grant_id",
)  # fmt: skip
_BY = ("principal", "owner", "kind", "temporary", "workload", "mfa")
_TOLD = ("what", "permission", "outcome", "error", "source", "name", "data", "log")
_SAME = {
    "provider": PROVIDER, "credential": "", "session": "", "origin": "", "source_identity": "", "via": "",
    "read_only": None,
}  # fmt: skip
_MOST = 50_000
_ANY = Touched("", "\x02bucket\x02", "\x02target\x02")
"""Stands for what a call touched."""
_SOURCES = {"AuditEvent": "Microsoft.KeyVault"}


class Drawing:
    """Takes files of records; `drawn` gives what came since the last time as tables."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._changes: list[Row] = []
        self._bodies = Bodies()
        self._facts: catalog.Catalog | None = None
        self._who: dict[Hashable, tuple[Who, Row]] = {}
        self._forms: dict[Hashable, tuple[Told, Row]] = {}

    @property
    def events(self) -> int:
        """How many events were taken since `drawn`."""
        return len(self._rows)

    def read(self, content: bytes) -> ReadLog:
        """Take the records of an unpacked file; what could not be read is told with its place."""
        before = len(self._rows)
        self._forget()
        batch = read(content, Batch(self._take))
        return read_log(len(self._rows) - before, batch)

    def _forget(self) -> None:
        """What is remembered goes by the catalogue in force, and is not to grow for ever."""
        now = catalog.current()
        if now is not self._facts or max(len(self._who), len(self._forms)) > _MOST:
            self._facts = now
            self._who.clear()
            self._forms.clear()

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        rows, altered = self._rows, self._changes
        self._rows, self._changes = [], []
        return {
            "events": events_of(rows, _OWN, (_BY, _TOLD), _SAME), "changes": changes_of(altered),
            "sessions": empty(SESSIONS),
        }  # fmt: skip

    def _take(self, record: Record) -> None:
        place = touched(record)
        by, by_part = self._caller(record)
        tells, told_part, facts = self._call(record, place)
        self._rows.append((
            record.id, record.time, account(record, place), record.region, record.ip, record.agent, place.name,
            place.bucket, place.target, facts, grants(record), by_part, told_part,
        ))  # fmt: skip
        if record.activity and may_change(record.action or record.operation):
            self._changed(record, by, tells, place)

    def _caller(self, record: Record) -> tuple[Who, Row]:
        """Who made a call; remembered by all that decides it."""
        key = caller_of(record)
        found = self._who.get(key) if key is not None else None
        if found is None:
            by = who(record)
            found = by, (by.id, by.owner, by.kind, by.id != "", by.workload, by.mfa)
            if key is not None:
                self._who[key] = found
        return found

    def _call(self, record: Record, place: Touched) -> tuple[Told, Row, str]:
        """What a call tells, and its facts; remembered without what it touched, which is put in."""
        key = form_of(record)
        if key is None:
            tells = told(record, place)
            return tells, _told_part(record, tells), tells.facts
        found = self._forms.get(key)
        if found is None:
            tells = told(record, _ANY)
            found = self._forms[key] = tells, _told_part(record, tells)
        facts = found[0].facts
        if facts:
            facts = facts.replace(_ANY.bucket, " ".join(place.bucket.split())).replace(_ANY.target, place.target)
        return *found, facts

    def _changed(self, record: Record, by: Who, tells: Told, place: Touched) -> None:
        if begun(record):
            self._bodies.keep(record)
        elif tells.outcome == "allowed":
            for one in changed(record, self._bodies.of(record), place.name):
                self._changes.append((
                    PROVIDER, account(record, place), one.what, one.subject, one.object, one.verb,
                    record.time, by.id, "", "", "", record.id,
                ))  # fmt: skip


def _told_part(record: Record, tells: Told) -> Row:
    return (
        tells.what, tells.permission, tells.outcome, tells.error, _source(record), _name(record), not record.activity,
        record.log,
    )  # fmt: skip


def _name(record: Record) -> str:
    return written(record.operation) if record.activity else record.operation


def _source(record: Record) -> str:
    """The resource provider: the first part of an operation's name."""
    if not record.activity:
        return _SOURCES.get(record.log, "Microsoft.Storage")
    return written(record.operation).partition("/")[0] or canonical(record.operation)
