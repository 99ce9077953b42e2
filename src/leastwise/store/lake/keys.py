"""Events told apart by their ids: sixteen bytes each, sorted, so that one seen before is found without loading all.

An id that is a UUID is its own sixteen bytes; any other text is hashed to as many.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]
"""One row an event: its first and its last eight bytes, as numbers."""

_UUID = 36
_HYPHENS = (8, 13, 18, 23)
_DIGITS = [at for at in range(_UUID) if at not in _HYPHENS]
_NO_DIGIT = 255
_VALUE = np.full(256, _NO_DIGIT, np.uint8)
_VALUE[[*b"0123456789abcdef"]] = np.arange(16, dtype=np.uint8)


def keys_of(ids: pa.Array) -> Keys:
    """The keys of ids, in their order."""
    ids = ids.cast(pa.string())
    rows = len(ids)
    offsets = np.frombuffer(ids.buffers()[1], np.int32, rows + 1, ids.offset * 4) if rows else np.zeros(1, np.int32)
    if rows and not (np.diff(offsets) == _UUID).all():
        return _one_by_one(ids.to_pylist())
    if not rows:
        return np.zeros((0, 2), np.uint64)
    text = np.frombuffer(ids.buffers()[2], np.uint8, rows * _UUID, int(offsets[0])).reshape(rows, _UUID)
    digits = _VALUE[text[:, _DIGITS]]
    if (digits == _NO_DIGIT).any() or (text[:, _HYPHENS] != ord("-")).any():
        return _one_by_one(ids.to_pylist())
    halves = (digits[:, ::2] << 4) | digits[:, 1::2]
    return np.ascontiguousarray(halves).view(">u8").astype(np.uint64)


def _one_by_one(ids: list[str]) -> Keys:
    return np.frombuffer(b"".join(map(_key, ids)), ">u8").astype(np.uint64).reshape(len(ids), 2)


def _key(text: str) -> bytes:
    if len(text) == _UUID and all(text[at] == "-" for at in _HYPHENS):
        digits = text.replace("-", "")
        if len(digits) == 32 and not digits.strip("0123456789abcdef"):
            return bytes.fromhex(digits)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def in_order(keys: Keys) -> npt.NDArray[np.int64]:
    """The positions of the keys in ascending order; of equal ones, the first comes first."""
    order = np.argsort(keys[:, 0])  # the quickest way, which leaves equal ones in any order
    high = keys[order, 0]
    if (high[1:] == high[:-1]).any():
        order = np.lexsort((np.arange(len(keys)), keys[:, 1], keys[:, 0]))
    return order


def repeated(ordered: Keys) -> npt.NDArray[np.bool_]:
    """Of keys in ascending order, which are the same as the one before."""
    same = np.zeros(len(ordered), bool)
    if len(ordered) > 1:
        same[1:] = (ordered[1:] == ordered[:-1]).all(axis=1)
    return same


def known(ordered: Keys, stored: Keys) -> npt.NDArray[np.bool_]:
    """Of keys, which are among the stored ones; both are in ascending order."""
    found = np.zeros(len(ordered), bool)
    if not len(stored) or not len(ordered):
        return found
    high = stored[:, 0]
    at = np.searchsorted(high, ordered[:, 0])
    # Two ids hardly ever share their first half, but nothing is lost if they do: look on until it differs.
    looking = np.flatnonzero(at < len(stored))
    while len(looking):
        place = at[looking]
        same = high[place] == ordered[looking, 0]
        found[looking] |= same & (stored[place, 1] == ordered[looking, 1])
        at[looking] += 1
        looking = looking[same & ~found[looking] & (at[looking] < len(stored))]
    return found


def read_keys(path: Path, rows: int) -> Keys:
    """Stored keys, mapped into memory: what is not looked at is not read. OSError, ValueError as numpy says."""
    if not rows:
        return np.zeros((0, 2), np.uint64)
    return np.memmap(path, np.uint64, "r", shape=(2, rows)).T


def written(ordered: Keys) -> bytes:
    """The bytes of a file of keys: all first halves, then all last ones."""
    return np.ascontiguousarray(ordered.T).tobytes()
