"""Entries into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nothing of a request or an answer is kept but names of resources, roles and principals. Keys of sessions are not logged:
who acts through a service account stands in the entry itself (`origin`), so that `sessions` has no rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import empty, table
from leastwise.model.tables.usage import CHANGES, EVENTS, SESSIONS
from leastwise.providers.base import ReadLog

from .changing import changed
from .entry import Entry, text
from .principals import who
from .reading import read
from .resources import account
from .telling import told

LOG = "cloudaudit"
"""What usage names as its source."""
_PROVIDER = "gcp"
_DATA = ("data_access",)


class Drawing:
    """Takes files of entries; `drawn` gives what came since the last time as tables."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Any]] = {name: [] for name in EVENTS.names()}
        self._changes: dict[str, list[Any]] = {name: [] for name in CHANGES.names()}

    @property
    def events(self) -> int:
        """How many entries were taken since `drawn`."""
        return len(self._rows["id"])

    def read(self, content: bytes) -> ReadLog:
        """Take the entries of an unpacked file; what could not be read is told with its place."""
        batch = read(content)
        for entry in batch.entries:
            self._take(entry)
        return ReadLog(len(batch.entries), tuple((one.place, one.why) for one in batch.bad), _others(batch.others))

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        rows, changes = self._rows, self._changes
        self._rows = {name: [] for name in rows}
        self._changes = {name: [] for name in changes}
        return {
            "events": table(EVENTS, rows) if rows["id"] else empty(EVENTS),
            "changes": table(CHANGES, changes) if changes["event"] else empty(CHANGES),
            "sessions": empty(SESSIONS),
        }

    def _take(self, entry: Entry) -> None:
        by, tells = who(entry), told(entry)
        self._add(
            self._rows,
            id=entry.id, time=entry.time, provider=_PROVIDER, account=account(entry), region=entry.region,
            principal=by.id, owner=by.owner, kind=by.kind, credential=by.credential,
            temporary=by.id != "" and not by.credential, session="", workload=by.workload, origin=by.origin,
            source_identity="", via=by.via, mfa=None, source=entry.service, name=entry.method, what=tells.what,
            permission=tells.permission, resource=tells.resource, bucket=tells.bucket, target=tells.target,
            outcome=tells.outcome, facts=tells.facts, error=tells.error, ip=text(entry.caller, "callerIp"),
            agent=text(entry.caller, "callerSuppliedUserAgent"), read_only=None, data=entry.log in _DATA, log=LOG,
        )  # fmt: skip
        if tells.error or tells.outcome != "allowed" or entry.log in _DATA or entry.ongoing:
            return
        for one in changed(entry, tells.resource):
            self._add(
                self._changes,
                provider=_PROVIDER, account=tells.target or account(entry), what=one.what, subject=one.subject,
                object=one.object, verb=one.verb, time=entry.time, principal=by.id, session="", origin=by.origin,
                source_identity="", event=entry.id,
            )  # fmt: skip

    @staticmethod
    def _add(columns: dict[str, list[Any]], **row: Any) -> None:
        for name, values in columns.items():
            values.append(row[name])


def _others(found: Counter[str]) -> str:
    """What else the files held, in words; empty where they held audit logs alone."""
    told = [f"{count} times {why}" for why, count in sorted(found.items())]
    return "; ".join(told[:3] + ([f"{len(told) - 3} other kinds"] if len(told) > 3 else []))
