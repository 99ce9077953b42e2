"""Records into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nothing of a request or of what was changed is kept but ids, names of permissions and roles; addresses of requests are
kept as the catalogue writes them, without what they ask for. Sessions have no rows: a record itself names who it was.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from leastwise.engine.columns import empty
from leastwise.model.tables.usage import SESSIONS
from leastwise.providers.base import ReadLog
from leastwise.providers.logs.reporting import read_log
from leastwise.providers.logs.rows import Row, changes_of, events_of
from leastwise.providers.logs.wrapped import Batch

from .changing import changed
from .reading import read
from .record import GRAPH, UNIFIED, Record
from .telling import Told, told

PROVIDER = "entra"
_OWN = (
    "id", "time", "account", "ip", "agent", "resource", "bucket", "principal", "owner", "kind", "workload", "mfa",
    "via", "origin", "what", "permission", "facts", "outcome", "error", "source", "name", "data", "log", "target",
)  # fmt: skip
_SAME = {
    "provider": PROVIDER, "region": "", "credential": "", "temporary": True, "session": "", "source_identity": "",
    "read_only": None, "grant_id": "",
}  # fmt: skip
_LONGEST = 200
"""So much of a reason is kept."""


class Drawing:
    """Takes files of records; `drawn` gives what came since the last time as tables."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._changes: list[Row] = []

    @property
    def events(self) -> int:
        """How many events were taken since `drawn`."""
        return len(self._rows)

    def read(self, content: bytes) -> ReadLog:
        """Take the records of an unpacked file; what could not be read is told with its place."""
        before = len(self._rows)
        batch = read(content, Batch(self._take))
        return read_log(len(self._rows) - before, batch)

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        rows, altered = self._rows, self._changes
        self._rows, self._changes = [], []
        return {"events": events_of(rows, _OWN, (), _SAME), "changes": changes_of(altered), "sessions": empty(SESSIONS)}

    def _take(self, record: Record) -> None:
        events = told(record)
        self._rows += [_row(record, one) for one in events]
        by = events[0].by
        self._changes += [
            (PROVIDER, record.tenant, one.what, one.subject, one.object, one.verb, record.time, by.id, "", "", "",
             record.id)
            for one in changed(record)
        ]  # fmt: skip


def _row(record: Record, one: Told) -> Row:
    person = one.by.kind in ("user", "guest")
    return (
        one.id, record.time, record.tenant, record.ip, record.agent, one.resource, one.bucket, one.by.id, one.by.owner,
        one.by.kind, "" if person else record.workload, record.mfa if person else None, one.via, one.origin, one.what,
        one.permission, one.packed, one.outcome, record.error[:_LONGEST], record.service, one.name,
        record.log in (GRAPH, UNIFIED), record.log, one.target,
    )  # fmt: skip
