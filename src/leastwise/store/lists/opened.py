"""A list that was written, opened: nothing of it is read before it is asked for, and then only the pages it lies on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyroaring import BitMap

from leastwise.engine.arrays import Arrays, DamagedError, open_arrays

from . import bitmaps
from .columns import put_together, type_of
from .orders import firsts_of
from .texts import Grams, holding
from .writing import FORMAT, HEAD

_MANY = 256
"""So many values, or so large a part of the rows, are looked for in all rows at once, not one by one."""


class Column:
    """A column of an open list. `values` are its cells; what else is asked needs one that is not nested."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        facts = arrays.facts
        self.values: pa.Array = self._array("values", type_of(facts["type"]))
        self.sortable: bool = "tail" in facts
        self.searched: bool = "text_type" in facts
        self.few: bool = bool(facts.get("few"))
        """Whether there are so few values that each has a bitmap."""
        self.tail: int = facts.get("tail", 0)

    @property
    def codes(self) -> npt.NDArray[np.unsignedinteger[Any]]:
        """The place of each row's value among the sorted values, and their count where it has none."""
        return self._arrays["codes"]

    @property
    def order(self) -> npt.NDArray[np.uint32]:
        """The rows by value (see `orders.Order`)."""
        return self._arrays["order"]

    @property
    def starts(self) -> npt.NDArray[np.uint32]:
        """Where in `order` each value begins, and the last ends."""
        return self._arrays["starts"]

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.starts) - 1

    @cached_property
    def words(self) -> list[Any]:
        """The values, as they are sorted, and None for none behind them."""
        return [*self.distinct().to_pylist(), None]

    def distinct(self) -> pa.Array:
        """Every value once, as they are sorted."""
        return self.values.take(pa.array(self._firsts))

    @cached_property
    def _firsts(self) -> npt.NDArray[np.int64]:
        return firsts_of(self.codes, self.order, self.starts, self.tail)

    def place(self, value: object) -> int:
        """The place of the first value that is not less; of a column whose values all order."""
        wanted = _number(value)
        return bisect_left(range(self.count), wanted, key=lambda at: self._value(at))

    def place_of(self, value: object) -> int | None:
        """The place of a value, None where no row has it; that of None is behind all."""
        if value is None:
            return self.count
        if self.few or self.tail < self.count:
            return self._places.get(value)
        at = self.place(value)
        return at if at < self.count and self._value(at) == _number(value) else None

    def rows_at(self, places: Collection[int] | npt.NDArray[np.int64]) -> BitMap:
        """The rows that have one of these values."""
        wanted = places if isinstance(places, np.ndarray) else np.fromiter(places, np.int64, len(places))
        if self.few and len(wanted) < _MANY:
            return bitmaps.together([self._set(at) for at in wanted.tolist()])
        if len(wanted) < _MANY and (wanted < self.tail).all():
            slices = [self.order[int(self.starts[at]) : int(self.starts[at + 1])] for at in wanted.tolist()]
            if sum(map(len, slices)) < len(self.codes) // _MANY:
                return bitmaps.of_rows(np.concatenate([np.empty(0, np.uint32), *slices]))
        kept = np.zeros(self.count + 1, np.bool_)
        kept[wanted] = True
        return bitmaps.of_mask(kept[self.codes])

    def rows_with_value(self, value: object) -> BitMap:
        """The rows that have a value; for None those that have none."""
        place = self.place_of(value)
        return BitMap() if place is None else self.rows_at([place])

    def values_at(self, places: Sequence[int]) -> list[Any]:
        """Some values, and None for the place behind all."""
        if self.few:
            return [self.words[at] for at in places]
        rows = [int(self._firsts[at]) if at < self.count else None for at in places]
        return list(self.values.take(pa.array(rows, pa.int64())).to_pylist())

    def rows_below(self, place: int) -> BitMap:
        """The rows whose value stands before a place."""
        return bitmaps.of_mask(self.codes < place)

    def rows_from(self, place: int) -> BitMap:
        """The rows whose value stands at a place or behind it."""
        return bitmaps.of_mask((self.codes >= place) & (self.codes < self.count))

    def rows_with(self, text: str) -> BitMap:
        """The rows of a searched column that hold a text, whatever its case."""
        places = holding(self._texts, self._grams, text)
        return self.rows_at(places)

    def counts(self, within: BitMap | None) -> npt.NDArray[np.int64]:
        """How many rows have each value, and none behind them; only those of a set."""
        if within is None:
            if self.tail == self.count:
                known = np.diff(self.starts.astype(np.int64))
                return np.append(known, len(self.codes) - int(known.sum()))
            return np.bincount(self.codes, minlength=self.count + 1)
        if self.few and self.count < _MANY:
            return np.array([self._set(at).intersection_cardinality(within) for at in range(self.count + 1)], np.int64)
        return np.bincount(self.codes[bitmaps.rows_of(within)], minlength=self.count + 1)

    def _set(self, place: int) -> BitMap:
        return bitmaps.read(self._arrays["sets"], self._arrays["set_starts"], place)

    @cached_property
    def _places(self) -> Mapping[Any, int]:
        return {value: at for at, value in enumerate(self.words)}

    def _value(self, place: int) -> Any:
        return _number(self.values[int(self.order[int(self.starts[place])])])

    @cached_property
    def _texts(self) -> pa.Array:
        return self._array("texts", type_of(self._arrays.facts["text_type"]))

    @cached_property
    def _grams(self) -> Grams:
        return Grams(self._arrays["gram_blocks"], self._arrays["gram_starts"])

    def _array(self, name: str, kind: pa.DataType) -> pa.Array:
        buffers: list[Any] = []
        while f"{name}.{len(buffers)}" in self._names:
            buffers.append(self._arrays[f"{name}.{len(buffers)}"])
        return put_together(kind, self._arrays.facts[name], buffers)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._arrays.names())


def _number(value: Any) -> Any:
    """A cell or a value as what it is compared by: times in microseconds."""
    if isinstance(value, pa.Scalar):
        return value.value if pa.types.is_timestamp(value.type) else value.as_py()
    if isinstance(value, datetime):
        return pa.scalar(value, pa.timestamp("us", tz="UTC")).value
    return value


class OpenList:
    """A list that was written. Several threads may ask it at once.

    Raises:
        FileNotFoundError: there is none at the path.
        DamagedError: it is not what was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        head = open_arrays(path / HEAD).facts
        if head.get("format") != FORMAT:
            raise DamagedError(f"{path.name}: is of another format")
        self.rows: int = head["rows"]
        self.facts: Mapping[str, Any] = head["facts"]
        self._files: dict[str, dict[str, Any]] = {one["name"]: one for one in head["columns"]}
        # All at once: who has a list open keeps it, also when its files are removed.
        self._columns = {name: Column(self._arrays(one)) for name, one in self._files.items()}

    @property
    def names(self) -> list[str]:
        """The columns, in the order in which they were written."""
        return list(self._files)

    def column(self, name: str) -> Column:
        """A column. KeyError where there is none."""
        return self._columns[name]

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer], names: Sequence[str] | None = None) -> pa.Table:
        """Some rows, in this order; with `names`, these columns of them."""
        wanted = self.names if names is None else list(names)
        at = pa.array(np.asarray(rows, dtype=np.int64))
        return pa.Table.from_arrays([self.column(name).values.take(at) for name in wanted], names=wanted)

    def damage(self) -> Iterator[str]:
        """Files whose bytes are not those that were written: reads all of them."""
        for one in self._files.values():
            with (self.path / one["file"]).open("rb") as file:
                found = 0
                while part := file.read(1 << 22):
                    found = crc32(part, found)
            if found != one["sum"]:
                yield f"{self.path.name}/{one['file']}"

    def _arrays(self, one: Mapping[str, Any]) -> Arrays:
        try:
            found = open_arrays(self.path / one["file"])
            size = (self.path / one["file"]).stat().st_size
        except FileNotFoundError as error:
            raise DamagedError(f"{self.path.name}: {one['file']} is missing") from error
        if size != one["size"]:
            raise DamagedError(f"{self.path.name}: {one['file']} is not what was written")
        return found
