"""Events taken into the lake: each once, whatever was delivered how often, in which order and in how many runs.

A batch becomes a part for each month that it has new events of; parts and the sources that they came from are listed
in one transaction, so that a run that is killed has taken in a batch or has not. The caller holds the writer lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import empty
from leastwise.engine.columns import joined as below
from leastwise.errors import StoreError
from leastwise.model.tables.usage import SESSIONS

from ..files import remove_tree, storage_errors, undoing
from ..home import Home
from .grouping import numbers
from .keys import Keys, in_order, keys_of, known, repeated
from .manifest import Manifest, Source
from .parts import Part, discard, part_keys, read_part, write_part
from .sessions import Links, after, joined, those_of, with_sessions

_LONGEST_SESSION = 2 * 86_400_000_000
"""Microseconds; the longest session of a vendor lives 36 hours."""
_SMALL, _STEP, _MOST = 1 << 9, 8, 1 << 18
"""Parts of up to 512 events are of the first size, eight times as many of the next; eight of a size become one."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a batch of sources held: tables `events`, `changes` and `sessions` as declared; texts may be coded."""

    events: pa.Table
    changes: pa.Table
    sessions: pa.Table


@dataclass(frozen=True, slots=True)
class Added:
    """How many events of a batch were new, and how many had been taken in before."""

    new: int
    duplicates: int


class Ingest:
    """One run that adds events of one provider."""

    def __init__(self, home: Home, manifest: Manifest, provider: str) -> None:
        self._home, self._manifest, self._provider = home, manifest, provider
        self._parts = manifest.parts(provider)
        self._keys: dict[str, Keys] = {}
        self._links = Links(self._sessions_of)

    def add(self, drawn: Drawn, sources: Sequence[Source]) -> Added:
        """Takes in the new events of a batch, and its sources.

        Raises:
            StorageFullError, StoreError: nothing of the batch counts then.
        """
        events = drawn.events
        rows, keys = self._fresh(events)
        new: list[Part] = []
        if len(rows):
            month = numbers(events["time"])[rows].view("datetime64[us]").astype("datetime64[M]")
            with undoing(lambda: self._discard(new)):
                for one in np.unique(month):
                    mine = month == one
                    new += [self._write(drawn, _rows(events, rows[mine]), keys[mine], str(one))]
        self._commit(new, (), sources)
        return Added(len(rows), events.num_rows - len(rows))

    def settle(self) -> None:
        """Joins events that were taken in before the calls that began their sessions, and puts small parts together.

        Raises:
            StorageFullError, StoreError: what was joined so far counts.
        """
        for month in sorted({part.month for part in self._parts if not part.settled}):
            # Asked for month by month: joining one may have written parts of the next anew.
            fresh = [part for part in self._parts if part.month == month and not part.settled]
            keys = set(below([read_part(self._home, one, "sessions") for one in fresh])["key"].to_pylist())
            self._rejoin(month, keys)
        self._manifest.settle([part for part in self._parts if not part.settled])
        self._parts = [replace(part, settled=True) for part in self._parts]
        self._tidy()

    def _fresh(self, events: pa.Table) -> tuple[npt.NDArray[np.int64], Keys]:
        """Which events were not seen before, in this batch or in the lake, and their keys, which ascend."""
        if not events.num_rows:
            return np.zeros(0, np.int64), keys_of(pa.array([], pa.string()))
        keys, time = keys_of(events["id"].combine_chunks()), numbers(events["time"])
        order = in_order(keys)
        ordered = keys[order]
        seen = repeated(ordered)
        begin, end = int(time.min()), int(time.max())
        for part in self._parts:
            if part.overlaps(begin, end):
                seen |= known(ordered, self._keys_of(part))
        return order[~seen], ordered[~seen]

    def _keys_of(self, part: Part) -> Keys:
        if part.id not in self._keys:
            self._keys[part.id] = part_keys(self._home, part)
        return self._keys[part.id]

    def _sessions_of(self, month: str) -> pa.Table:
        tables = [read_part(self._home, part, "sessions") for part in self._parts if part.month == month]
        return below(tables) if tables else empty(SESSIONS)

    def _write(self, drawn: Drawn, events: pa.Table, keys: Keys, month: str) -> Part:
        """A part of new events, which have these keys, with the changes and sessions of these."""
        changes, sessions = (
            _of_events(table, events) if table.num_rows else table for table in (drawn.changes, drawn.sessions)
        )
        self._links.month(month)
        self._links.add(sessions)
        events, _ = joined(events, self._links)
        with storage_errors(f"usage lake, {self._provider} {month}"):
            return write_part(self._home, self._provider, events, with_sessions(changes, events), sessions,
                              settled=False, ordered=keys)  # fmt: skip

    def _commit(self, new: Sequence[Part], gone: Sequence[Part], sources: Sequence[Source]) -> None:
        with undoing(lambda: self._discard_unlisted(new)):
            if new or gone or sources:
                self._manifest.commit(new, gone, sources)
        left = {part.id for part in gone}
        self._parts = [one for one in self._parts if one.id not in left] + list(new)
        with storage_errors(f"usage lake, {self._provider}: files of replaced parts"):
            for part in gone:
                self._keys.pop(part.id, None)
                discard(self._home, part)

    def _discard_unlisted(self, parts: Sequence[Part]) -> None:
        # A lost connection can hide a commit that succeeded: when in doubt the files stay for the next writer.
        with suppress(StoreError):
            listed = {part.id for part in self._manifest.parts(self._provider)}
            self._discard([part for part in parts if part.id not in listed])

    def _discard(self, parts: Iterable[Part]) -> None:
        for part in parts:
            discard(self._home, part)

    def _rejoin(self, month: str, keys: set[str]) -> None:
        """Writes the parts anew of which events are of these sessions, or of sessions that those began."""
        while keys:
            following = after(month)
            self._links.month(following)
            keys = self._links.below(keys)
            began = self._sessions_of(month)
            time = numbers(began["time"].filter(pc.is_in(began["key"], value_set=pa.array(sorted(keys)))))
            if len(time):
                begin, end = int(time.min()), int(time.max()) + _LONGEST_SESSION
                for part in [one for one in self._parts if one.overlaps(begin, end)]:
                    self._amend(part)
            keys &= set(self._sessions_of(following)["key"].to_pylist())
            month = following

    def _amend(self, part: Part) -> None:
        columns = ("credential", "workload", "origin", "source_identity")
        _, changed = joined(read_part(self._home, part, "events", columns), self._links)
        if changed:
            self._replace([part])

    def _replace(self, parts: Sequence[Part]) -> None:
        """One part in place of these."""
        tables = {
            name: below([read_part(self._home, part, name) for part in parts])
            for name in ("events", "changes", "sessions")
        }
        events, _ = joined(tables["events"], self._links)
        with storage_errors(f"usage lake, {self._provider} {parts[0].month}"):
            new = write_part(
                self._home,
                self._provider,
                events,
                with_sessions(tables["changes"], events),
                tables["sessions"],
                settled=all(part.settled for part in parts),
            )
        self._commit([new], parts, ())

    def _tidy(self) -> None:
        """Puts parts of a month together that are many and of one size, the smallest first."""
        for month in sorted({part.month for part in self._parts}):
            while some := _crowd([part for part in self._parts if part.month == month]):
                self._links.month(month)
                self._replace(some)


def _of_events(table: pa.Table, events: pa.Table) -> pa.Table:
    """The rows that these events made, each once: an event that was delivered again made them again."""
    event = table["event"].combine_chunks().cast(pa.string())
    mine = pc.is_in(event, value_set=those_of(events, event)["id"].combine_chunks()).to_numpy(zero_copy_only=False)
    _, first = np.unique(event.to_numpy(zero_copy_only=False), return_index=True)
    once = np.zeros(len(mine), bool)
    once[first] = True
    return table.filter(pa.array(mine & once))


def _rows(events: pa.Table, rows: npt.NDArray[np.int64]) -> pa.Table:
    """These rows, which are different ones, in the order in which the table has them."""
    return events if len(rows) == events.num_rows else events.take(pa.array(np.sort(rows)))


def _crowd(parts: Sequence[Part]) -> list[Part]:
    sizes: dict[int, list[Part]] = {}
    for part in sorted(parts, key=lambda one: (one.begin, one.id)):
        size, bound = 0, _SMALL
        while part.events > bound:
            size, bound = size + 1, bound * _STEP
        sizes.setdefault(size, []).append(part)
    for size in sorted(sizes):
        some = sizes[size][:_STEP]
        if len(some) == _STEP and sum(one.events for one in some) <= _MOST:
            return some
    return []


def recover(home: Home, manifest: Manifest) -> None:
    """Removes the files of parts that a killed writer left without being listed. The caller holds the writer lock."""
    listed = {part.id for part in manifest.parts()}
    with storage_errors(f"recovery of {home.lake}"):
        for place in home.lake.glob("*/*/*"):
            if place.name not in listed:
                remove_tree(place)
