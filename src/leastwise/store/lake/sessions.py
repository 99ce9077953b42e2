"""Who began a session: calls signed with a session's key joined with the call that issued it, along chains of sessions.

The call that began a session may stand in another file, and be taken in later; what is joined is a function of the
links that are known, and the same whatever came first. No session lives longer than a day and a half, so that a link
stands in the month of the calls that it explains, or in the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .grouping import Coded, coded_column

_COLUMNS = ("key", "by", "by_key", "workload", "source_identity", "event")


class Link(NamedTuple):
    """What the call that issued a key tells. The same call may be logged in two accounts, which tell more and less."""

    by: str
    by_key: str
    workload: str
    source_identity: str
    event: str


class Begun(NamedTuple):
    """Of a session: the ephemeral identity it is for, who began its chain, and who it was told began it."""

    workload: str
    origin: str
    source_identity: str


class Links:
    """Links by key, and what follows of them. Months are loaded when asked for."""

    def __init__(self, load: Callable[[str], pa.Table]) -> None:
        self._load = load
        self._months: set[str] = set()
        self._links: dict[str, Link] = {}
        self._begun: dict[str, Begun] = {}
        self._below: dict[str, set[str]] = {}

    def month(self, month: str) -> None:
        """Take in the links of a month, of that before, and of those further back that these go on from."""
        for one in (month, before(month)):
            if one not in self._months:
                self._months.add(one)
                self.add(self._load(one))
        further = before(before(month))
        while further not in self._months:
            found = self._load(further)
            if self._below.keys().isdisjoint(found["key"].to_pylist()):
                return
            self._months.add(further)
            self.add(found)
            further = before(further)

    def add(self, sessions: pa.Table) -> set[str]:
        """Take in links, and return the keys of which something new is told by them."""
        told = set()
        for key, *rest in zip(*(sessions[name].to_pylist() for name in _COLUMNS), strict=True):
            link, held = Link(*rest), self._links.get(key)
            better = link if held is None else _better(held, link)
            if better != held:
                self._links[key] = better
                self._below.setdefault(link.by_key, set()).add(key)
                told.add(key)
        if told:
            self._begun.clear()
        return told

    def below(self, keys: Iterable[str]) -> set[str]:
        """The keys, and all that were issued to calls signed with them, and so on."""
        found, waiting = set(), list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found and key:
                found.add(key)
                waiting.extend(self._below.get(key, ()))
        return found

    def begun(self, key: str) -> Begun | None:
        """What is known of the session of a key; None if the call that began it is not."""
        link = self._links.get(key)
        if link is None:
            return None
        found = self._begun.get(key)
        if found is None:
            seen, workload, origin, at = set(), "", "", key
            while (above := self._links.get(at)) is not None and at not in seen:
                seen.add(at)
                workload, origin, at = workload or above.workload, above.by, above.by_key
            found = self._begun[key] = Begun(workload, origin, link.source_identity)
        return found

    def __contains__(self, key: str) -> bool:
        return key in self._links

    def __len__(self) -> int:
        return len(self._links)


def _better(one: Link, other: Link) -> Link:
    """Two tellings of one link as one: first that of the caller's own account, which has the key it was signed with."""
    first, second = sorted((one, other), key=lambda link: (not link.by_key, not link.by, link.event, link))
    return Link(
        first.by or second.by,
        first.by_key or second.by_key,
        first.workload or second.workload,
        first.source_identity or second.source_identity,
        first.event,
    )


def before(month: str) -> str:
    """The month before, as `2026-01`."""
    return str(np.datetime64(month, "M") - 1)


def after(month: str) -> str:
    """The month after, as `2026-01`."""
    return str(np.datetime64(month, "M") + 1)


def joined(events: pa.Table, links: Links) -> tuple[pa.Table, bool]:
    """The events with what the links tell of their sessions, and whether that is other than before.

    What a record itself tells of its workload and source identity stays.
    """
    if not len(links):
        return events, False
    credential = coded_column(events, "credential")
    words = credential.words.to_pylist()
    told = [(at, begun) for at, word in enumerate(words) if (begun := links.begun(word)) is not None]
    if not told:
        return events, False
    place = np.full(len(words), -1, np.int64)
    place[[at for at, _ in told]] = np.arange(len(told))
    chosen = place[credential.codes]
    changed = False
    for name in Begun._fields:
        held = coded_column(events, name)
        fresh = pa.array([getattr(begun, name) for _, begun in told], pa.string()).dictionary_encode()
        position = fresh.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        empty = fresh.dictionary.index("").as_py()
        wanted = np.where(chosen >= 0, position[chosen], empty)
        takes = (chosen >= 0) & (wanted != empty)
        if name != "origin":
            takes &= held.codes == held.position("")
        if not takes.any():
            continue
        codes = np.where(takes, wanted + len(held.words), held.codes)
        column = Coded(codes, pa.concat_arrays([held.words, fresh.dictionary])).at(np.arange(len(codes)))
        if not pc.all(pc.equal(column.cast(pa.string()), events[name].combine_chunks().cast(pa.string()))).as_py():
            changed = True
            at = events.column_names.index(name)
            events = events.set_column(at, events.schema.field(at).with_type(column.type), column)
    return events, changed


def with_sessions(changes: pa.Table, events: pa.Table) -> pa.Table:
    """Changes with what is known of the sessions of their events."""
    if not changes.num_rows:
        return changes
    events = those_of(events, changes["event"].combine_chunks())
    rows = pc.index_in(changes["event"], value_set=events["id"].combine_chunks())
    for name in ("origin", "source_identity"):
        column = events[name].combine_chunks().cast(pa.string()).take(rows.combine_chunks())
        at = changes.column_names.index(name)
        changes = changes.set_column(at, changes.schema.field(at).with_type(pa.string()), column)
    return changes


def those_of(events: pa.Table, ids: pa.Array) -> pa.Table:
    """The events that have one of these ids, which are few: it is they that are looked for, not each id among all."""
    held = events["id"].combine_chunks().cast(pa.string())
    at = events.column_names.index("id")
    found = events.set_column(at, events.schema.field(at).with_type(pa.string()), held)
    return found.filter(pc.is_in(held, value_set=ids.cast(pa.string())))
