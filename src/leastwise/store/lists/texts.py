"""Texts that are looked for in the values of a column, whatever their case: which blocks of values can hold them.

A value is folded character by character, as the search of Arrow does it: letters that differ in case only are one. Of
each block of values it is kept which three bytes in a row occur in it, bytes being told apart in 64 classes; where all
of a text's threes occur, the values themselves are looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

BLOCK = 64
_BITS = 6
_GRAMS = 1 << (3 * _BITS)
_AT_ONCE = 1 << 10
"""Blocks whose threes are worked out together."""
_PIECES = 512
"""So many pieces of neighbouring blocks are looked at as they lie; more are copied together first."""
_PART = 4
"""If more than this part of all blocks is to be looked at, in many pieces, all are: as they lie, without a copy."""


def fold(text: str) -> str:
    """The text with one letter for all that differ from it in case only."""
    return text.lower() if text.isascii() else text.translate(_folds())


@cache
def _folds() -> dict[int, str]:
    """What each letter that has another case folds to; one that has none by itself, or as several letters, stays."""
    found = {}
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        other = letter.casefold()
        if len(other) != 1:
            other = letter.lower()
        if len(other) == 1 and other != letter:
            found[code] = other
    return found


def folded(values: pa.Array) -> pa.Array:
    """Every value folded; none may be null."""
    plain = pc.string_is_ascii(values)
    lower = pc.ascii_lower(values)
    if pc.all(plain).as_py() is not False:
        return lower
    others = [fold(one) for one in values.filter(pc.invert(plain)).to_pylist()]
    return pc.replace_with_mask(lower, pc.invert(plain), pa.array(others, values.type))


@dataclass(frozen=True)
class Grams:
    """Which blocks hold which three classes in a row: `blocks` one behind the other, from `starts` on of each three."""

    blocks: npt.NDArray[np.unsignedinteger[Any]]
    starts: npt.NDArray[np.uint32]

    def can_hold(self, text: bytes, blocks: int) -> npt.NDArray[np.bool_]:
        """Which of so many blocks can hold a folded text."""
        found = np.ones(blocks, np.bool_)
        for gram in np.unique(_grams(np.frombuffer(text, np.uint8))).tolist():
            here = np.zeros(blocks, np.bool_)
            here[self.blocks[int(self.starts[gram]) : int(self.starts[gram + 1])]] = True
            found &= here
        return found


def grams_of(values: pa.Array) -> Grams:
    """Which blocks of folded values hold which three."""
    rows = max(1, -(-len(values) // BLOCK))
    parts = [np.empty(0, np.uint64), *_pairs(values)]
    pairs = np.concatenate(parts)
    pairs.sort()
    grams, blocks = (pairs >> np.uint64(32)).astype(np.uint32), pairs.astype(np.uint32)
    starts = np.zeros(_GRAMS + 1, np.uint32)
    np.cumsum(np.bincount(grams, minlength=_GRAMS), out=starts[1:])
    return Grams(blocks.astype(np.min_scalar_type(rows)), starts)


def _pairs(values: pa.Array) -> Iterator[npt.NDArray[np.uint64]]:
    """Each three with each block that holds it, once."""
    size = _AT_ONCE * BLOCK
    for start in range(0, len(values), size):
        part = values.slice(start, size)
        lengths = pc.binary_length(part).to_numpy().astype(np.int64)
        text = np.frombuffer(b"".join(part.cast(pa.binary()).to_pylist()), np.uint8)
        if len(text) < 3:
            continue
        block = np.repeat(np.arange(len(part), dtype=np.uint32) // BLOCK, lengths)[:-2]
        # Threes that reach over the end of a value are kept too: a block may be looked at in vain.
        local = np.unique(_grams(text).astype(np.uint32) << np.uint32(10) | block).astype(np.uint64)
        yield (local >> np.uint64(10) << np.uint64(32)) | (
            (local & np.uint64(_AT_ONCE - 1)) + np.uint64(start // BLOCK)
        )


def _grams(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    if len(text) < 3:
        return np.empty(0, np.uint32)
    classes = _CLASSES[text]
    return classes[:-2] << np.uint32(2 * _BITS) | classes[1:-1] << np.uint32(_BITS) | classes[2:]


def _classes() -> npt.NDArray[np.uint32]:
    """A class of its own for each letter, digit and usual sign; the others share what is left."""
    own = b"abcdefghijklmnopqrstuvwxyz0123456789-_./:@=+ *"
    found = np.array([len(own) + byte % (64 - len(own)) for byte in range(256)], np.uint32)
    found[np.frombuffer(own, np.uint8)] = np.arange(len(own), dtype=np.uint32)
    return found


_CLASSES = _classes()


def holding(values: pa.Array, grams: Grams, text: str) -> npt.NDArray[np.int64]:
    """The places of the folded values that hold a text, whatever its case."""
    wanted = fold(text)
    blocks = grams.can_hold(wanted.encode("utf-8", "surrogatepass"), -(-len(values) // BLOCK))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], blocks.view(np.int8), [0]))))
    pieces = [(first * BLOCK, min(last * BLOCK, len(values))) for first, last in edges.reshape(-1, 2).tolist()]
    if len(pieces) > _PIECES and int(np.count_nonzero(blocks)) * _PART > len(blocks):
        return np.flatnonzero(_holds(values, wanted))
    if len(pieces) > _PIECES:
        rows = np.flatnonzero(np.repeat(blocks, BLOCK)[: len(values)])
        return rows[_holds(values.take(pa.array(rows)), wanted)]
    found = [first + np.flatnonzero(_holds(values.slice(first, last - first), wanted)) for first, last in pieces]
    return np.concatenate([np.empty(0, np.int64), *found])


def _holds(values: pa.Array, wanted: str) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = pc.match_substring(values, wanted).to_numpy(zero_copy_only=False)
    return found
