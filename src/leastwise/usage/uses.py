"""Rows of the table `usage` by principal: what was done, how it is known, and whether in the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from leastwise.engine.columns import encoded, plain
from leastwise.model.aliases import Aliases
from leastwise.model.gap import Done, Window

from .aliases import Doubt, in_words, named

CALL, IMPLIED, POSSIBLE = "call", "implied", "possible"
HOWS = (CALL, IMPLIED, POSSIBLE)
_TIME = pa.timestamp("us", tz="UTC")
_KEY = ("permission", "how", "via", "bucket", "target", "workload")
_COUNTS = ("count", "denied", "unknown")
_TIMES = ("first_used", "last_used")
_COLUMNS = ("principal", *_KEY, "day", *_COUNTS, "last", *_TIMES)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one permission of one principal: `hows` are those by which it was used in the window."""

    done: Done
    hows: frozenset[str]
    possible: datetime | None = None
    """The last call in the window that may have needed it."""
    undecided: datetime | None = None
    """The last call in the window of which the log does not tell whether it was authorised."""
    unnamed: str = ""
    """Which calls of the window may have been this principal's, under a name that is not surely its own; in words."""

    @property
    def doubtful(self) -> bool:
        """Whether it may have been used, and the log does not tell."""
        return self.possible is not None or self.undecided is not None or bool(self.unnamed)


class Uses:
    """What principals did.

    Args:
        table: rows of `usage`, of any time up to the window's end; what comes later does not count.
        window: what is asked about.
        aliases: whom names mean that are no ids; None where the log calls everybody by the id.
    """

    def __init__(self, table: pa.Table, window: Window, aliases: Aliases | None = None) -> None:
        self.window = window
        last_day = window.end.astimezone(UTC).date().toordinal() - 719163
        table = table.select(list(_COLUMNS))
        found = named(table.filter(pc.less_equal(table["day"], last_day)), aliases)
        self._table, self._doubts = found.table, found.doubts
        self._read: dict[str, list[dict[str, Any]]] = {}
        self._doubtful = found.doubtful

    @cached_property
    def _rows(self) -> tuple[dict[str, tuple[int, int]], npt.NDArray[np.int64]]:
        """By principal which part of the rows' numbers is its, and these numbers, sorted by principal."""
        codes, names = _codes(self._table["principal"])
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(names) + 1)).tolist()
        return {name: (ends[at], ends[at + 1]) for at, name in enumerate(names)}, order

    def ever(self, principal: str) -> list[dict[str, Any]]:
        """The rows of a principal, of any time up to the window's end."""
        if principal not in self._read:
            self.read((principal,))
        return self._read[principal]

    def read(self, principals: Sequence[str]) -> None:
        """Take the rows of some principals at once, in the place of those that were taken before."""
        places, order = self._rows
        spans = [places.get(one, (0, 0)) for one in principals]
        numbers = [order[begin:end] for begin, end in spans if end > begin]
        rows = plain(self._table.take(np.concatenate(numbers))).to_pylist() if numbers else []
        ends = accumulate((end - begin for begin, end in spans), initial=0)
        self._read = {one: rows[at:end] for one, (at, end) in zip(principals, pairwise(ends), strict=True)}

    def of(self, principal: str) -> Mapping[str, Known]:
        """What a principal did, by permission."""
        found: dict[str, _Sum] = {}
        for row in self.ever(principal):
            found.setdefault(row["permission"], _Sum()).add(row, self.window)
        unnamed = self._unnamed(principal)
        words = {permission: in_words(counts) for permission, counts in unnamed.items()}
        for permission in unnamed:
            found.setdefault(permission, _Sum())
        return {permission: one.known(words.get(permission, "")) for permission, one in found.items()}

    @cached_property
    def _by_name(self) -> dict[str, dict[str, int]]:
        """By name of which it is not known whom it means: how often it used which permission in the window."""
        rows = self._doubtful
        rows = rows.filter(pc.greater_equal(rows["last"].cast(_TIME), pa.scalar(self.window.begin, _TIME)))
        found: dict[str, dict[str, int]] = {}
        for row in plain(rows.select(["principal", "permission", "count", "unknown"])).to_pylist():
            if calls := row["count"] + row["unknown"]:
                counts = found.setdefault(row["principal"], {})
                counts[row["permission"]] = counts.get(row["permission"], 0) + calls
        return found

    def _unnamed(self, principal: str) -> dict[str, dict[Doubt, int]]:
        """By permission the uses that may have been a principal's, under names that are not surely its own."""
        found: dict[str, dict[Doubt, int]] = {}
        for doubt in self._doubts.of(principal) if self._doubts else ():
            for permission, calls in self._by_name.get(doubt.name, {}).items():
                found.setdefault(permission, {})[doubt] = calls
        return found

    def unnamed(self, principal: str) -> str:
        """Which calls of the window may have been a principal's, under names that are not surely its own; in words."""
        counts: dict[Doubt, int] = {}
        for some in self._unnamed(principal).values():
            for doubt, calls in some.items():
                counts[doubt] = counts.get(doubt, 0) + calls
        return in_words(counts)

    def rows(self, principal: str) -> list[dict[str, Any]]:
        """What a principal did in the window, a row for each permission, way and bucket, the most frequent first."""
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for row in self.ever(principal):
            if row["last"] < self.window.begin:
                continue
            key = {name: row[name] for name in _KEY}
            made = found.setdefault(tuple(key.values()), {**key, **dict.fromkeys(_COUNTS, 0), **dict.fromkeys(_TIMES)})
            for name in _COUNTS:
                made[name] += row[name]
            for name, best in (("first_used", min), ("last_used", max)):
                times = [one for one in (made[name], row[name] and row[name].isoformat()) if one]
                made[name] = best(times) if times else None
        return sorted(found.values(), key=lambda one: (-one["count"], *(one[name] for name in _KEY)))

    def numbered(self, names: Sequence[str]) -> Mapping[str, Used]:
        """For every principal what it used in the window, as numbers of permissions."""
        table = self._decided()
        principal, principals = _codes(table["principal"])
        how, hows = _codes(table["how"])
        permission, permissions = _codes(table["permission"])
        known = pc.fill_null(pc.index_in(pa.array(permissions, pa.string()), value_set=pa.array(names)), len(names))
        number = known.to_numpy(zero_copy_only=False).astype(np.int64)[permission]
        # One whole number for who, how and what: texts would be sorted ten times as long.
        key = (principal * max(len(hows), 1) + how) * (len(names) + 1) + number
        inside = pc.greater_equal(table["last_used"], pa.scalar(self.window.begin, _TIME)).to_numpy()
        keys = np.unique(key[inside])
        groups, begins = np.unique(keys // (len(names) + 1), return_index=True)
        found: dict[int, dict[str, BitMap]] = {}
        parts = np.split((keys % (len(names) + 1)).astype(np.uint32), begins[1:]) if len(groups) else []
        for group, members in zip(groups.tolist(), parts, strict=True):
            found.setdefault(group // len(hows), {})[hows[group % len(hows)]] = BitMap(members)
        last = pa.table({"principal": principal, "last": table["last_used"]}).group_by("principal")
        lasts = last.aggregate([("last", "max")])
        both = zip(lasts["principal"].to_pylist(), lasts["last_max"].to_pylist(), strict=True)
        return self._with_unnamed({principals[code]: Used(found.get(code, {}), one) for code, one in both}, names)

    def _with_unnamed(self, known: dict[str, Used], names: Sequence[str]) -> dict[str, Used]:
        """What was used, and what may have been used under names that are not surely the principal's own."""
        numbers = {name: number for number, name in enumerate(names)} if self._by_name else {}
        for ids, texts in self._doubts.groups() if self._by_name else ():
            used = (numbers.get(one, len(names)) for text in texts for one in self._by_name.get(text, {}))
            possible = BitMap(used)
            nobody = Used({POSSIBLE: possible}, None)
            for one in ids if possible else ():
                held = known.get(one)
                known[one] = nobody if held is None else held.besides(possible)
        return known

    def _decided(self) -> pa.Table:
        """The rows of calls that were, or may have been, authorised; the latter as possible uses."""
        table = self._table
        used = pc.and_(pc.is_valid(table["last_used"]), pc.greater(table["count"], 0))
        doubtful = pc.and_(pc.greater(table["unknown"], 0), pc.invert(pc.fill_null(used, False)))
        found = table.filter(used)
        if not pc.any(doubtful).as_py():
            return found
        besides = table.filter(doubtful)
        how = pa.array([POSSIBLE] * besides.num_rows, pa.string()).cast(besides.schema.field("how").type)
        besides = besides.set_column(besides.schema.get_field_index("how"), besides.schema.field("how"), how)
        place = besides.schema.get_field_index("last_used")
        besides = besides.set_column(place, besides.schema.field("last_used"), besides["last"].cast(_TIME))
        return pa.concat_tables([found, besides])


@dataclass(frozen=True, slots=True)
class Used:
    """Numbers of the permissions that one principal used in the window, by how, and its last call of all logs."""

    by: Mapping[str, BitMap]
    last: datetime | None

    def of(self, how: str) -> BitMap:
        """Those by one of `HOWS`."""
        return self.by.get(how, _NONE)

    def besides(self, possible: BitMap) -> Used:
        """The same with more that may have been used."""
        return Used({**self.by, POSSIBLE: self.of(POSSIBLE) | possible}, self.last)


_NONE = BitMap()


class _Sum:
    """Rows about one permission, added up."""

    def __init__(self) -> None:
        self.count = self.denied = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.possible: datetime | None = None
        self.undecided: datetime | None = None
        self.hows, self.touched, self.workloads = set[str](), set[str](), set[str]()

    def add(self, row: Mapping[str, Any], window: Window) -> None:
        used, began = row["last_used"], row["first_used"]
        within = _day(row["day"]) >= window.begin.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if within:
            self.denied += row["denied"]
        if used is None or not row["count"]:
            if row["unknown"] and row["last"] >= window.begin:
                self.undecided = max(filter(None, (self.undecided, row["last"])))
            return
        inside = used >= window.begin
        if row["how"] == POSSIBLE:
            self.possible = max(filter(None, (self.possible, used if inside else None)), default=None)
            return
        self.first = min(filter(None, (self.first, began)), default=None)
        self.last = max(filter(None, (self.last, used)), default=None)
        if inside:
            self.count += row["count"]
            self.hows.add(row["how"])
            self.touched |= {row["bucket"]} - {""}
            self.workloads |= {row["workload"]} - {""}

    def known(self, unnamed: str = "") -> Known:
        done = Done(
            self.count, self.denied, self.first, self.last, tuple(sorted(self.touched)), tuple(sorted(self.workloads))
        )
        return Known(done, frozenset(self.hows), self.possible, self.undecided, unnamed)


def _codes(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The position of each row's text in a list of texts, and the list."""
    if not len(column):
        return np.zeros(0, np.int64), []
    found = encoded(column).unify_dictionaries().combine_chunks()
    found = found if isinstance(found, pa.DictionaryArray) else found.chunk(0)
    return found.indices.to_numpy().astype(np.int64), found.dictionary.to_pylist()


def _day(number: int) -> datetime:
    return datetime.fromtimestamp(number * 86_400, UTC)
