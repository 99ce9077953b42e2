"""The lists of an estate, opened: pages of them, counts by value, single rows, and what holds a text."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from pyroaring import BitMap

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.scope import Coverage
from leastwise.model.snapshot import Estate, EstateEntry
from leastwise.store.lists import bitmaps
from leastwise.store.lists.kept import list_path
from leastwise.store.lists.opened import OpenList
from leastwise.store.lists.walking import in_order

from ..cursors import cursor_of, start_of
from ..estate import OpenEstate
from ..header import header_of
from .asked import (
    EQUALS,
    VIEW_OF,
    Filters,
    Page,
    asked_of,
    check_filters,
    check_values,
    plain_row,
    schema_of,
    sorted_by,
)
from .choosing import Sight, Values, chosen, holding, seen
from .counting import FACETS, Facet, facet_of, together
from .keeping import kept, kept_or_made, key_of
from .searching import Hit, nearest
from .writing import DOCUMENTS, PART, TAGS, Read, reader, stored_names, with_actions

T = TypeVar("T")
EVERYTHING = Filters()
_RESTS: Mapping[str, tuple[str, ...]] = {
    "owner": ("owners",), "protected": ("break_glass",), "leaver": ("people",), "person": ("people",),
    "public_meant": ("public_on_purpose",), "sensitivity": ("crown_jewels",),
    "external_trusted": ("zone_of_trust", "vendors"), "external_id_expected": ("zone_of_trust", "vendors"),
}  # fmt: skip
"""The parts of estate.yaml that a column can rest on."""
_KEPT_SETS = 512
_STEP = 2000
"""Rows that are made at once where all are wanted."""


class Listing:
    """The lists of one estate; several threads may ask them at once.

    A list that was not written yet is written when it is first asked for, which takes a minute at a million rows.
    """

    def __init__(self, estate: OpenEstate, key: str | None = None) -> None:
        self.estate = estate
        self.key = key or key_of(estate)
        self._lists: dict[str, OpenList] = {}
        self._reader: Read | None = None
        self._sets: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._lock, self._sets_lock = threading.RLock(), threading.Lock()

    @classmethod
    def open(cls, estate: OpenEstate) -> Listing:
        """The lists of an estate; nothing is read or written yet."""
        return cls(estate)

    def ready(self, what: str) -> bool:
        """Whether a list was written."""
        return what in self._lists or kept(list_path(self.estate.workspace.home, self.key, what)) is not None

    def page(
        self,
        what: str,
        filters: Filters = EVERYTHING,
        sort: str | None = None,
        fields: Sequence[str] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        sight: Sight | None = None,
        values: Values | None = None,
    ) -> Page:
        """A page of `identities`, `resources`, `grants`, `credentials`, `trusts` or `requests`.

        Args:
            what: the list.
            filters: as the commands' options.
            sort: a column, with `-` in front for descending; nulls come last.
            fields: the keys of the rows; all without it.
            limit: rows of a page; all that follow for None and 0.
            cursor: `next` of the page before.
            sight: the accounts that may be seen; all for None.
            values: see `Values`; beside the filters.

        Raises:
            UsageError: an unknown column, a filter that the list does not have, a value that can match nothing, or a
                cursor that is not of this list, filters, order and estate.
        """
        rows, found = self._chosen(what, filters, values, sight)
        schema = schema_of(self.estate, what)
        column, down = sorted_by(schema, sort, what)
        names = self._names(what, fields)
        beside = {"values": values or {}, "sight": sorted(sight) if sight is not None else None}
        asked = asked_of(self.estate, what, filters, sort, beside if values or sight is not None else None)
        start = start_of(cursor, asked)
        total = rows.rows if found is None else len(found)
        stop = total if not limit else min(total, start + limit)
        picked = in_order(rows.column(column) if column else None, down, found, rows.rows, start, stop)
        items = self._made(what, rows, picked, names)
        following = cursor_of(asked, stop) if stop < total else None
        used = self._used(rows, picked, self._read(what, filters, column))
        return Page(items, total, following, self.header(used, sight), self.coverage(sight), tuple(names))

    def each(
        self,
        what: str,
        filters: Filters = EVERYTHING,
        sort: str | None = None,
        fields: Sequence[str] | None = None,
        sight: Sight | None = None,
        values: Values | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """All rows that are meant, in order, some at a time; see `page`. Errors are raised before the first."""
        rows, found = self._chosen(what, filters, values, sight)
        column, down = sorted_by(schema_of(self.estate, what), sort, what)
        names = self._names(what, fields)
        picked = in_order(rows.column(column) if column else None, down, found, rows.rows, 0, rows.rows)
        return (self._made(what, rows, picked[at : at + _STEP], names) for at in range(0, len(picked), _STEP))

    def columns(self, what: str) -> tuple[str, ...]:
        """The keys of the rows of a list."""
        return tuple(self._names(what, None))

    def facets(
        self,
        what: str,
        filters: Filters = EVERYTHING,
        columns: Sequence[str] | None = None,
        sight: Sight | None = None,
        values: Values | None = None,
        most: int = 100,
    ) -> dict[str, list[Facet]]:
        """How many of the rows that are meant have which value, the most frequent first, at most `most` a column.

        Raises:
            UsageError: as `page`.
        """
        rows, found = self._chosen(what, filters, values, sight)
        wanted = FACETS[what] if columns is None else columns
        for name in wanted:
            if name not in rows.names or not rows.column(name).sortable:
                raise UsageError(f"{what} cannot be counted by {name}")
        return {name: facet_of(rows, name, found, most) for name in wanted}

    def one(self, what: str, id: str, sight: Sight | None = None) -> dict[str, Any]:
        """The row of an id: the first, where several have it.

        Raises:
            NotFoundError: there is none, or it may not be seen.
        """
        rows = self.opened(what)
        found = self._having(rows, "id", id, sight)
        if not found:
            raise NotFoundError(f"{what}: there is no {id}")
        return self._made(what, rows, np.array([found.min()]), self._names(what, None))[0]

    def having(self, what: str, column: str, value: object, sight: Sight | None = None) -> list[dict[str, Any]]:
        """The rows that have a value in a column, in the list's own order: the credentials of a principal, say."""
        rows = self.opened(what)
        found = self._having(rows, column, value, sight)
        return self._made(what, rows, bitmaps.rows_of(found), self._names(what, None))

    def search(self, text: str, sight: Sight | None = None, most: int = 20) -> dict[str, tuple[list[Hit], int]]:
        """Identities and resources that hold a text in id, name or mail: the nearest, and how many there are."""
        return {what: self._hits(what, text, sight, most) for what in ("identities", "resources")}

    def header(self, used: Sequence[str], sight: Sight | None) -> dict[str, Any]:
        """The `estate` part of an answer to who may see some accounts: nothing of the others stands in it."""
        told = header_of(self.estate.estate, self.estate.file, used)
        if sight is None:
            return told
        mine = Estate(self.estate.estate.time, tuple(self.entries(sight)))
        less = header_of(mine, self.estate.file, used)
        return told | {key: less[key] for key in ("oldest", "snapshots", "stale")}

    def coverage(self, sight: Sight | None) -> dict[str, Any]:
        """The `coverage` part of an answer, in the same way."""
        mine = self.entries(sight)
        keys = {entry.scope.key for entry in mine}
        unreadable = [entry.scope.key for entry in mine if entry.manifest is None]
        gaps = sum(entry.scope.key in keys for entry, _ in self.gaps)
        return {"scopes": len(mine), "unreadable": unreadable, "gaps": gaps}

    def entries(self, sight: Sight | None) -> Sequence[EstateEntry]:
        """The scopes of the estate that may be seen."""
        every = self.estate.estate.entries
        return every if sight is None else [one for one in every if (one.scope.provider, one.scope.id) in sight]

    @cached_property
    def gaps(self) -> Sequence[tuple[EstateEntry, Coverage]]:
        """Every collection gap of the estate."""
        return self.estate.gaps()

    @cached_property
    def places(self) -> frozenset[tuple[str, str]]:
        """The accounts that identities and resources are of, with their providers: what a sight is made of."""
        pairs = (together(self.opened(one), None, "provider", "account") for one in ("identities", "resources"))
        return frozenset(pair for several in pairs for pair, _ in several)

    def prepare(self, lists: Sequence[str] = tuple(VIEW_OF)) -> None:
        """Write what was not written yet. Raises StorageFullError, StoreError."""
        with self._lock:
            self._reader = reader(self.estate)
            try:
                for what in lists:
                    self.opened(what)
            finally:
                self._reader = None

    def opened(self, what: str) -> OpenList:
        """A list, opened; written where it is not there. Raises StorageFullError, StoreError."""
        found = self._lists.get(what)
        if found is None:
            with self._lock:
                found = self._lists.get(what) or kept_or_made(self._reader or reader(self.estate), self.key, what)
                for beside in (TAGS, DOCUMENTS):
                    path = found.path.with_name(what + beside)
                    if path.exists():
                        self._lists[what + beside] = OpenList(path)
                self._lists[what] = found
        return found

    def _chosen(
        self, what: str, filters: Filters, values: Values | None, sight: Sight | None
    ) -> tuple[OpenList, BitMap | None]:
        rows = self.opened(what)
        check_values(self.estate, filters, what, lambda column: _Held(rows, column))
        check_filters(schema_of(self.estate, what), filters, what)
        clock = self.estate.clock
        asked = (what, *asdict(filters).values(), repr(sorted((values or {}).items())), sight, clock)

        def found() -> BitMap | None:
            sets = [] if sight is None else [self.seen(rows, sight)]
            if filters.text:
                sets.append(self._holding(rows, filters.text))
            return chosen(rows, self._lists.get(what + TAGS), filters, values or {}, sets, clock)

        return rows, self.remembered(asked, found)

    def remembered(self, asked: tuple[object, ...], find: Callable[[], T]) -> T:
        """What was asked for lately, or is found now: sets of rows, and what is counted."""
        with self._sets_lock:
            if asked in self._sets:
                self._sets.move_to_end(asked)
                return cast(T, self._sets[asked])
        found = find()
        with self._sets_lock:
            self._sets[asked] = found
            while len(self._sets) > _KEPT_SETS:
                self._sets.popitem(last=False)
        return found

    def _names(self, what: str, fields: Sequence[str] | None) -> Sequence[str]:
        names: Sequence[str] = self.opened(what).facts["columns"]
        if fields is None:
            return names
        for one in fields:
            if one not in names:
                raise UsageError(f"{what} has no field {one}; they are {', '.join(names)}")
        return [one for one in names if one in set(fields)]

    def _made(self, what: str, rows: OpenList, picked: Any, names: Sequence[str]) -> list[dict[str, Any]]:
        """Rows as plain values."""
        table = rows.take(picked, stored_names(what, names))
        items = [plain_row(row) for row in table.to_pylist()]
        if what == "grants" and "actions" in names:
            documents = self._lists[what + DOCUMENTS].column("actions").values
            with_actions(items, lambda at: documents.take(at).to_pylist())
            items = [{name: one[name] for name in names} for one in items]
        return items

    def _used(self, rows: OpenList, picked: Any, read: set[str]) -> list[str]:
        """The parts of estate.yaml that these rows rest on, and those that filters and order read."""
        parts = [one for one in rows.names if one.startswith(PART)]
        shown = bitmaps.of_rows(picked) if len(picked) else None
        found = []
        for one in parts:
            resting = rows.column(one).rows_with_value(True)
            if not resting:
                continue
            if one.removeprefix(PART) in read or shown is None or resting.intersect(shown):
                found.append(one.removeprefix(PART))
        return found

    def _read(self, what: str, filters: Filters, column: str | None) -> set[str]:
        columns = {of for name, (of, _) in EQUALS.items() if getattr(filters, name) is not None}
        columns |= {"owner"} if filters.owner else set()
        return {part for one in (*columns, column) for part in _RESTS.get(one or "", ())}

    def _having(self, rows: OpenList, column: str, value: object, sight: Sight | None) -> BitMap:
        found = rows.column(column).rows_with_value(value)
        return found if sight is None or not found else found & self.seen(rows, sight)

    def seen(self, rows: OpenList, sight: Sight) -> BitMap:
        """The rows of a list that may be seen."""
        return self.remembered((rows.path.name, sight), lambda: seen(rows, sight))

    def _holding(self, rows: OpenList, text: str) -> BitMap:
        """The rows that hold a text: what takes longest of all is remembered by itself."""
        return self.remembered((rows.path.name, text), lambda: holding(rows, text))

    def _hits(self, what: str, text: str, sight: Sight | None, most: int) -> tuple[list[Hit], int]:
        rows = self.opened(what)
        found = self._holding(rows, text)
        if sight is not None:
            found = found & self.seen(rows, sight)
        return nearest(what, rows, found, text, most), len(found)


class _Held:
    """The values of a column: what is in it is looked up, not read."""

    def __init__(self, rows: OpenList, column: str) -> None:
        self._column = rows.column(column)

    def __contains__(self, value: object) -> bool:
        return self._column.place_of(value) is not None

    def __iter__(self) -> Iterator[object]:
        return iter(self._column.words)

    def __len__(self) -> int:
        return self._column.count
