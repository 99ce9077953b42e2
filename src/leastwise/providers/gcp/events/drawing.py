"""Entries into columns: what a batch of log files held, as the tables `events`, `changes` and `sessions`.

Nothing of a request or an answer is kept but names of resources, roles and principals. Keys of sessions are not logged:
who acts through a service account stands in the entry itself (`origin`), so that `sessions` has no rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from leastwise.engine.columns import empty
from leastwise.model.tables.usage import SESSIONS
from leastwise.providers.base import ReadLog
from leastwise.providers.logs.nested import text
from leastwise.providers.logs.reporting import read_log
from leastwise.providers.logs.rows import Row, changes_of
from leastwise.providers.logs.wrapped import Batch

from .changing import changed
from .columns import DATA, PROVIDER, by_part, events, told_part
from .entry import Entry
from .principals import Who, who
from .quick import Quick
from .reading import read
from .resources import account
from .telling import Told, told


class Drawing:
    """Takes files of entries; `drawn` gives what came since the last time as tables."""

    def __init__(self) -> None:
        self._quick = Quick(self._changed)
        self._rows: list[Row] = []
        self._changes: list[Row] = []

    @property
    def events(self) -> int:
        """How many entries were taken since `drawn`."""
        return len(self._rows)

    def read(self, content: bytes) -> ReadLog:
        """Take the entries of an unpacked file; what could not be read is told with its place."""
        before = len(self._rows)
        batch = read(content, Batch(self._take, self._line if self._quick.suits(content) else None))
        return read_log(len(self._rows) - before, batch)

    def drawn(self) -> Mapping[str, pa.Table]:
        """The tables of all that was taken since the last time."""
        rows, altered = self._rows, self._changes
        self._rows, self._changes = [], []
        return {"events": events(rows), "changes": changes_of(altered), "sessions": empty(SESSIONS)}

    def _take(self, entry: Entry) -> None:
        by, tells = who(entry), told(entry)
        caller = (text(entry.caller, "callerIp"), text(entry.caller, "callerSuppliedUserAgent"), entry.log in DATA)
        self._rows.append((
            entry.id, entry.time, account(entry), entry.region, entry.service, entry.method, *caller, tells.resource,
            by_part(by), told_part(tells),
        ))  # fmt: skip
        self._changed(entry, by, tells)

    def _line(self, line: bytes) -> bool:
        """Take a line that tells all in few fields; whether it was one."""
        row = self._quick.row(line)
        if row is not None:
            self._rows.append(row)
        return row is not None

    def _changed(self, entry: Entry, by: Who, tells: Told) -> None:
        if tells.error or tells.outcome != "allowed" or entry.log in DATA or entry.ongoing:
            return
        for one in changed(entry, tells.resource):
            self._changes.append((
                PROVIDER, tells.target or account(entry), one.what, one.subject, one.object, one.verb, entry.time,
                by.id, "", by.origin, "", entry.id,
            ))  # fmt: skip
