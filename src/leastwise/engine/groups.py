"""Subjects that the same facts reach decide the same: they are grouped, and each group is decided once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .arrays import Array

_WORD = 64


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

    def clear(self, marks: list[int], where: Array) -> None:
        """Take marks away from the subjects of a mask: they no longer matter there."""
        for mark in marks:
            word, bit = divmod(mark, _WORD)
            self._words[word][where] &= np.uint64(~(1 << bit) & (2**64 - 1))

    def bears(self, mark: int) -> Array:
        """The mask of the subjects that bear a mark."""
        word, bit = divmod(mark, _WORD)
        mask: Array = (self._words[word] >> np.uint64(bit)) & np.uint64(1) == 1
        return mask

    def parts(self, among: Array, *columns: Array) -> Iterator[tuple[frozenset[int], tuple[int, ...], Array]]:
        """The groups among some subjects.

        Args:
            among: numbers of the subjects to group.
            columns: further numbers of every subject that tell groups apart.

        Yields:
            The marks that the members bear, their numbers in `columns`, and the members.
        """
        if not len(among):
            return
        kept = [word[among].view(np.int64) for word in self._words] + [
            column[among].astype(np.int64) for column in columns
        ]
        if not kept:
            yield frozenset(), (), among
            return
        code = np.zeros(len(among), np.int64)
        for column in kept:
            _, inverse = np.unique(column, return_inverse=True)
            _, code = np.unique(code * (int(inverse.max()) + 1) + inverse, return_inverse=True)
        order = np.argsort(code, kind="stable")
        bounds = np.flatnonzero(np.diff(code[order])) + 1
        for members in np.split(order, bounds):
            first = members[0]
            marks = frozenset(self._marks(kept[: len(self._words)], first))
            yield marks, tuple(int(column[first]) for column in kept[len(self._words) :]), among[members]

    def _marks(self, words: list[Array], row: int) -> Iterator[int]:
        for number, word in enumerate(words):
            bits = int(word[row]) & (2**64 - 1)
            while bits:
                lowest = bits & -bits
                yield number * _WORD + lowest.bit_length() - 1
                bits ^= lowest
