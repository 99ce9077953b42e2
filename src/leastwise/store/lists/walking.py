"""Some of a set of rows, in the order of a column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from . import bitmaps
from .opened import Column

Rows = npt.NDArray[np.uint32]
_SPARSE = 16
"""A set so many times smaller than the list is sorted; for others the order is walked."""
_STEP = 1 << 16


def in_order(column: Column | None, down: bool, within: BitMap | None, rows: int, start: int, stop: int) -> Rows:
    """The rows from one place to another of a set (None: all `rows`), by number where no column is given.

    With `down` the greatest value comes first; rows of one value stand by number either way, and those of none last.
    """
    count = rows if within is None else len(within)
    start, stop = min(start, count), min(stop, count)
    if start >= stop:
        return np.empty(0, np.uint32)
    if column is None:
        return np.arange(start, stop, dtype=np.uint32) if within is None else bitmaps.rows_of(within)[start:stop]
    if within is None:
        return _piece(column, down, start, stop)
    if count * _SPARSE < rows:
        return _sorted(column, down, bitmaps.rows_of(within))[start:stop]
    return _walked(column, down, bitmaps.mask_of(within, rows), start, stop)


def _piece(column: Column, down: bool, start: int, stop: int) -> Rows:
    """A piece of the whole order."""
    order, starts = column.order, column.starts[: column.tail + 1]
    valued = int(starts[-1])
    if not down or start >= valued:
        return np.asarray(order[start:stop])
    behind = order[valued:stop] if stop > valued else order[:0]
    stop = min(stop, valued)
    # In the reversed order a value takes the places from `valued - its end` to `valued - its beginning`.
    first = int(np.searchsorted(starts, valued - stop, side="right")) - 1
    last = int(np.searchsorted(starts, valued - start, side="left"))
    begins = starts[first:last][::-1].astype(np.int64)
    lengths = starts[first + 1 : last + 1][::-1].astype(np.int64) - begins
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1]), dtype=np.int64) - np.repeat(ends - lengths - begins, lengths)
    skipped = start - (valued - int(starts[last]))
    return np.concatenate([order[places[skipped : skipped + stop - start]], behind])


def _sorted(column: Column, down: bool, rows: Rows) -> Rows:
    codes = np.minimum(column.codes[rows].astype(np.int64), column.tail)
    if down:
        codes = np.where(codes < column.tail, column.tail - 1 - codes, column.tail)
    return rows[np.argsort(codes, kind="stable")]


def _walked(column: Column, down: bool, mask: npt.NDArray[np.bool_], start: int, stop: int) -> Rows:
    """Walks the order until enough of the set have passed."""
    found, passed, at = [], 0, 0
    while passed < stop and at < len(mask):
        piece = _piece(column, down, at, min(at + _STEP, len(mask)))
        kept = piece[mask[piece]]
        if passed + len(kept) > start:
            found.append(kept[max(0, start - passed) : stop - passed])
        passed += len(kept)
        at += _STEP
    return np.concatenate(found)
