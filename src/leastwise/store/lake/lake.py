"""The usage lake as readers see it: its tables, filtered and added up, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from leastwise.engine.columns import empty, joined, plain
from leastwise.errors import IntegrityError
from leastwise.model.tables import TableSpec
from leastwise.model.tables.usage import CHANGES, EVENTS, SESSIONS, SIGHTINGS, USAGE

from ..home import Home
from .aggregate import DAY, added_up
from .ingest import Ingest, recover
from .manifest import Manifest, Source, microseconds, moment
from .parts import Part, read_part

Found = TypeVar("Found")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Span:
    """What the lake holds of one account by one kind of log: events, and the time of the first and the last."""

    provider: str
    account: str
    log: str
    events: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Unresolved:
    """An operation of which no table tells the permission, and how often it was called."""

    provider: str
    source: str
    name: str
    events: int


class Lake:
    """The usage lake of a home folder, listed in a state database that is already upgraded.

    Tables are those of `model.tables.usage`, with their columns; texts may be positions in lists of words
    (`engine.columns`). Days are days since 1970-01-01, UTC, both ends included. Readers take no lock: what a writer
    replaces meanwhile is read again.
    """

    def __init__(self, home: Home, engine: Engine) -> None:
        self._home = home
        self.manifest = Manifest(engine)

    def usage(
        self,
        *,
        provider: str | None = None,
        accounts: Collection[str] | None = None,
        principals: Collection[str] | None = None,
        begin: int | None = None,
        end: int | None = None,
    ) -> pa.Table:
        """The table `usage`: one row for each key, whatever the parts.

        Args:
            provider: only of this one.
            accounts: only of principals of these accounts.
            principals: only of these principals, by the vendor's ids.
            begin: first day.
            end: last day.

        Raises:
            IntegrityError: a file is missing or damaged.
            StoreError: the database cannot be read.
        """
        return self._counted(USAGE, provider, accounts, principals, begin, end)

    def sightings(
        self,
        *,
        provider: str | None = None,
        accounts: Collection[str] | None = None,
        principals: Collection[str] | None = None,
        begin: int | None = None,
        end: int | None = None,
    ) -> pa.Table:
        """The table `sightings`; see `usage`."""
        return self._counted(SIGHTINGS, provider, accounts, principals, begin, end)

    def changes(self, *, provider: str | None = None, subjects: Collection[str] | None = None) -> pa.Table:
        """The table `changes`, oldest first; only of these subjects, where some are named."""
        only = None if subjects is None else pc.is_in(pc.field("subject"), value_set=pa.array(sorted(subjects)))
        table = self._read(lambda: self._stacked(CHANGES, self.manifest.parts(provider), only))
        return plain(table).sort_by([("time", "ascending"), ("event", "ascending"), ("subject", "ascending")])

    def sessions(self, *, provider: str | None = None) -> pa.Table:
        """The table `sessions`."""
        return self._read(lambda: self._stacked(SESSIONS, self.manifest.parts(provider), None))

    def events(
        self,
        *,
        provider: str | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        where: pc.Expression | None = None,
        columns: Sequence[str] | None = None,
        each: Callable[[pa.Table], pa.Table] | None = None,
    ) -> pa.Table:
        """The table `events`, or some of its columns, of a span of time (both ends included), in no order.

        `where` chooses rows; `each` makes of each part's rows what is kept of them, so that not all are held at once.
        """
        first = microseconds(begin) if begin is not None else None
        last = microseconds(end) if end is not None else None
        stamp = pa.timestamp("us", tz="UTC")
        tests = [] if where is None else [where]
        tests += [] if first is None else [pc.field("time") >= pa.scalar(first, stamp)]
        tests += [] if last is None else [pc.field("time") <= pa.scalar(last, stamp)]
        only = None
        for one in tests:
            only = one if only is None else only & one

        def read() -> pa.Table:
            parts = [
                part
                for part in self.manifest.parts(provider)
                if (first is None or part.end >= first) and (last is None or part.begin <= last)
            ]
            tables = [read_part(self._home, part, "events", columns, only) for part in parts]
            found = [one if each is None else each(one) for one in tables if one.num_rows]
            none = empty(EVENTS) if columns is None else empty(EVENTS).select(list(columns))
            return joined(found) if found else none if each is None else each(none)

        return self._read(read)

    def spans(self) -> list[Span]:
        """What the lake holds, by provider, account and log. No Parquet is read."""
        held: dict[tuple[str, str, str], tuple[int, int, int]] = {}
        for part in self.manifest.parts():
            for account, log, count, first, last in part.stats.get("spans", ()):
                key = (part.provider, account, log)
                before, begin, end = held.get(key, (0, first, last))
                held[key] = (before + count, min(begin, first), max(end, last))
        return [Span(*key, count, moment(first), moment(last)) for key, (count, first, last) in sorted(held.items())]

    def unresolved(self) -> list[Unresolved]:
        """Operations that are in no table, the most frequent first. No Parquet is read."""
        held: dict[tuple[str, str, str], int] = {}
        for part in self.manifest.parts():
            for source, name, count in part.stats.get("unresolved", ()):
                key = (part.provider, source, name)
                held[key] = held.get(key, 0) + count
        return [Unresolved(*key, count) for key, count in sorted(held.items(), key=lambda one: (-one[1], one[0]))]

    def sources(self, bad: bool = False) -> list[Source]:
        """The files that were looked at, or only those of which something was set aside."""
        return self.manifest.sources(bad)

    def folders(self, provider: str) -> dict[str, bool]:
        """The folders from which files of logs were taken in, and whether all of their files could be read whole."""
        return self.manifest.folders(provider)

    def ingest(self, provider: str) -> Ingest:
        """A run that adds events; the caller holds the writer lock (`SnapshotStore.writing`)."""
        recover(self._home, self.manifest)
        return Ingest(self._home, self.manifest, provider)

    def _counted(
        self,
        spec: TableSpec,
        provider: str | None,
        accounts: Collection[str] | None,
        principals: Collection[str] | None,
        begin: int | None,
        end: int | None,
    ) -> pa.Table:
        tests = []
        for name, wanted in (("account", accounts), ("principal", principals)):
            if wanted is not None:
                tests.append(pc.is_in(pc.field(name), value_set=pa.array(sorted(wanted), pa.string())))
        tests += [] if begin is None else [pc.field("day") >= begin]
        tests += [] if end is None else [pc.field("day") <= end]

        def read() -> pa.Table:
            parts = [
                part
                for part in self.manifest.parts(provider)
                if (begin is None or part.end // DAY >= begin) and (end is None or part.begin // DAY <= end)
            ]
            only = None
            for one in tests:
                only = one if only is None else only & one
            return added_up(spec, [read_part(self._home, part, spec.name, None, only) for part in parts])

        return self._read(read)

    def _stacked(self, spec: TableSpec, parts: Sequence[Part], only: pc.Expression | None) -> pa.Table:
        tables = [read_part(self._home, part, spec.name, None, only) for part in parts]
        return joined(tables) if tables else empty(spec)

    def _read(self, read: Callable[[], Found]) -> Found:
        """What is read, once more when a writer has replaced a part meanwhile."""
        for left in range(_TRIES - 1, -1, -1):
            before = {part.id for part in self.manifest.parts()}
            try:
                return read()
            except IntegrityError:
                if not left or {part.id for part in self.manifest.parts()} == before:
                    raise
        raise AssertionError("unreachable")
