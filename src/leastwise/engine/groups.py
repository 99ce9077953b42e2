"""Subjects that the same facts reach decide the same: they are grouped, and each group is decided once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from .arrays import Array

_WORD = 64
_WIDE = 1 << 31
"""Codes up to this size are multiplied without fear of overflow."""


class Groups:
    """Marks sets of subjects, each under a number, and then groups subjects by the marks they bear.

    Args:
        subjects: how many subjects there are.
    """

    def __init__(self, subjects: int) -> None:
        self._subjects = subjects
        self._words: list[Array] = []
        self._bits = 0

    def mark(self, members: Array) -> int:
        """Mark these subjects (numbers, or a mask over all); returns the number of the mark."""
        word, bit = divmod(self._bits, _WORD)
        if bit == 0:
            self._words.append(np.zeros(self._subjects, np.uint64))
        if members.dtype == np.bool_:
            self._words[word] |= members.astype(np.uint64) << np.uint64(bit)
        else:
            np.bitwise_or.at(self._words[word], members, np.uint64(1 << bit)) if len(members) < 64 else self._set(
                word, bit, members
            )
        self._bits += 1
        return self._bits - 1

    def _set(self, word: int, bit: int, members: Array) -> None:
        mask = np.zeros(self._subjects, bool)
        mask[members] = True
        self._words[word] |= mask.astype(np.uint64) << np.uint64(bit)

    def bears_any(self, marks: Iterable[int]) -> Array:
        """The mask of the subjects that bear one of some marks."""
        found = np.zeros(self._subjects, bool)
        wanted: dict[int, int] = {}
        for mark in marks:
            word, bit = divmod(mark, _WORD)
            wanted[word] = wanted.get(word, 0) | 1 << bit
        for word, bits in wanted.items():
            found |= self._words[word] & np.uint64(bits) != 0
        return found

    def parts(self, among: Array, columns: Sequence[Array]) -> Iterator[tuple[frozenset[int], Array]]:
        """The groups among some subjects.

        Args:
            among: numbers of the subjects to group.
            columns: further numbers, one for each of them, that tell groups apart.

        Yields:
            The marks that the members bear, and the members.
        """
        if not len(among):
            return
        words = [word[among].view(np.int64) for word in self._words]
        code = combined([*words, *columns], len(among))
        order = np.argsort(code, kind="stable")
        bounds = np.flatnonzero(np.diff(code[order])) + 1
        for members in np.split(order, bounds):
            yield frozenset(self._marks(words, members[0])), among[members]

    def _marks(self, words: list[Array], row: int) -> Iterator[int]:
        for number, word in enumerate(words):
            bits = int(word[row]) & (2**64 - 1)
            while bits:
                lowest = bits & -bits
                yield number * _WORD + lowest.bit_length() - 1
                bits ^= lowest


def combined(columns: Sequence[Array], count: int) -> Array:
    """One number a row: equal exactly where all columns (of whole numbers) are."""
    code, span = np.zeros(count, np.int64), 1
    for column in columns:
        low, high = int(column.min()), int(column.max())
        if low == high:
            continue
        width = high - low + 1
        if width > _WIDE:
            _, column = np.unique(column, return_inverse=True)
            low, width = 0, int(column.max()) + 1
        if span * width > _WIDE:
            _, code = np.unique(code, return_inverse=True)
            span = int(code.max()) + 1
        code = code * width + (column - low)
        span *= width
    return code


def parted(columns: Sequence[Array], count: int) -> Iterator[Array]:
    """The rows together of which all columns are equal, ascending."""
    if not count:
        return
    codes = combined([one.astype(np.int64) for one in columns], count)
    order = np.argsort(codes, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
