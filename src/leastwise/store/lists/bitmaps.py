"""Sets of rows as bitmaps."""

from __future__ import annotations

import array
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

Rows = npt.NDArray[np.uint32]
_PART = 1 << 16
_SPARSE = 4096
"""A part of so many rows or fewer is a list of them."""
_NO_RUNS = 12346
"""The sign at the beginning of a bitmap without runs (https://github.com/RoaringBitmap/RoaringFormatSpec)."""


def of_rows(rows: npt.NDArray[np.integer]) -> BitMap:
    """The set of some rows, in whatever order."""
    return BitMap(array.array("I", np.ascontiguousarray(rows, dtype=np.uint32).tobytes()))


def of_mask(mask: npt.NDArray[np.bool_]) -> BitMap:
    """The set of the rows that are true: written as it would be stored, which costs a tenth of adding the rows."""
    parts = -(-len(mask) // _PART)
    bits = np.zeros(parts * _PART // 8, np.uint8)
    packed = np.packbits(mask, bitorder="little")
    bits[: len(packed)] = packed
    held = bits.reshape(parts, _PART // 8)
    counts = np.bitwise_count(held.view(np.uint64)).sum(axis=1, dtype=np.int64)
    kept = np.flatnonzero(counts)
    heads, places, bodies = [], [], []
    at = 8 + 8 * len(kept)
    for part in kept.tolist():
        count = int(counts[part])
        if count <= _SPARSE:
            body = np.flatnonzero(mask[part * _PART : (part + 1) * _PART]).astype("<u2").tobytes()
        else:
            body = held[part].tobytes()
        heads += [part, count - 1]
        places.append(at)
        bodies.append(body)
        at += len(body)
    head = np.array([_NO_RUNS, len(kept)], "<u4").tobytes()
    return BitMap.deserialize(
        b"".join((head, np.array(heads, "<u2").tobytes(), np.array(places, "<u4").tobytes(), *bodies))
    )


def rows_of(found: BitMap) -> Rows:
    """The rows of a set, ascending."""
    return np.frombuffer(found.to_array(), dtype=np.uint32)


def mask_of(found: BitMap, rows: int) -> npt.NDArray[np.bool_]:
    """A set of rows as one truth a row."""
    mask = np.zeros(rows, np.bool_)
    mask[rows_of(found)] = True
    return mask


def together(sets: Sequence[BitMap]) -> BitMap:
    """The rows that are in one of the sets."""
    return BitMap.union(*sets) if sets else BitMap()


def stored(sets: Iterable[BitMap]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
    """Sets one behind the other as bytes, and where each begins and the last ends."""
    written = []
    for one in sets:
        one.run_optimize()
        written.append(one.serialize())
    starts = np.zeros(len(written) + 1, np.uint64)
    np.cumsum([len(one) for one in written], out=starts[1:])
    return np.frombuffer(b"".join(written), dtype=np.uint8), starts


def read(data: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint64], number: int) -> BitMap:
    """One of the sets that were stored together."""
    return BitMap.deserialize(data[int(starts[number]) : int(starts[number + 1])].tobytes())
