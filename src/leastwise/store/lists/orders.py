"""The order of rows by one column: which value each row has, as its place among the values, and the rows by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from . import bitmaps

FEW = 1024
"""A column of so many values or fewer has a bitmap a value."""
_HALF = 16


@dataclass(frozen=True)
class Order:
    """Rows by the values of a column.

    `codes` is the place of each row's value among the sorted values, and their count where it has none. `order` are
    the rows by value, those of one value by number; from `tail` on values do not order any more, and their rows stand
    by number. `starts` says where in `order` each value begins, and the last ends.
    """

    codes: npt.NDArray[np.unsignedinteger[Any]]
    order: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.uint32]
    tail: int

    @property
    def values(self) -> int:
        """How many values there are."""
        return len(self.starts) - 1

    def firsts(self) -> npt.NDArray[np.int64]:
        """A row of each value."""
        return firsts_of(self.codes, self.order, self.starts, self.tail)


def firsts_of(
    codes: npt.NDArray[np.unsignedinteger[Any]],
    order: npt.NDArray[np.uint32],
    starts: npt.NDArray[np.uint32],
    tail: int,
) -> npt.NDArray[np.int64]:
    """A row of each value of an order; see `Order`."""
    count = len(starts) - 1
    if tail == count:
        return order[starts[:-1]].astype(np.int64)
    found = np.zeros(count + 1, np.int64)
    found[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return found[:count]


def order_of(column: pa.Array, ranks: Sequence[str] = ()) -> Order:
    """The order of a column. With `ranks`, values stand as these words do, and others behind them stand by row."""
    encoded = column.dictionary_encode()
    words, indices = encoded.dictionary, encoded.indices
    told = np.asarray(pc.sort_indices(words).to_numpy(), dtype=np.int64)
    tail = len(words)
    if ranks:
        rank = pc.fill_null(pc.index_in(words, value_set=pa.array(ranks)), len(ranks)).to_numpy()
        told = told[np.argsort(rank[told], kind="stable")]
        tail = int(np.count_nonzero(rank < len(ranks)))
    place = np.empty(len(words) + 1, np.uint32)
    place[told] = np.arange(len(words), dtype=np.uint32)
    place[len(words)] = len(words)
    codes = place[pc.fill_null(indices, len(words)).to_numpy(zero_copy_only=False)]
    narrow = codes.astype(np.min_scalar_type(len(words)))
    starts = np.zeros(len(words) + 1, np.uint32)
    np.cumsum(np.bincount(codes, minlength=len(words) + 1)[: len(words)], out=starts[1:])
    return Order(narrow, sorted_rows(np.minimum(codes, tail)), starts, tail)


def sorted_rows(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The rows by their code, those of one code by number. Two passes over halves, which numpy sorts by counting."""
    low = np.argsort(codes.astype(np.uint16), kind="stable").astype(np.uint32)
    if not len(codes) or int(codes.max()) < 1 << _HALF:
        return low
    high = (codes >> _HALF).astype(np.uint16)[low]
    return np.ascontiguousarray(low[np.argsort(high, kind="stable")])


def sets_of(order: Order) -> list[BitMap]:
    """The rows of each value, and of none behind them."""
    found = []
    for value in range(order.values + 1):
        if value < order.tail:
            found.append(bitmaps.of_rows(order.order[int(order.starts[value]) : int(order.starts[value + 1])]))
        else:
            found.append(bitmaps.of_mask(order.codes == value))
    return found
