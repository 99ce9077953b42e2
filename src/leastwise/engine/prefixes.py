"""Which of very many patterns can match a text: those whose literal beginning is a beginning of the text.

Each pattern is kept as the length and checksum of its literal beginning. The checksums of the text's own beginnings are
computed once; one comparison of arrays then leaves the few patterns that are worth a look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from zlib import crc32

import numpy as np

from .arrays import Array
from .patterns import Pattern

_OPEN = re.compile(r"[*?]|\$\{")


_OFTEN = 32
"""After so many texts it pays to have sorted the patterns; a single question goes through all of them."""


class Prefixes:
    """Literal beginnings of patterns.

    Args:
        lengths: of each.
        sums: their checksums.
        whole: whether nothing follows.
    """

    def __init__(self, lengths: Array, sums: Array, whole: Array) -> None:
        self.lengths, self.sums, self.whole = lengths, sums, whole
        self._asked = 0

    def may_match(self, text: str) -> Array:
        """The numbers of the patterns that can match the text, ascending."""
        raw = text.encode()
        own = _sums(raw)
        self._asked += 1
        if self._asked > _OFTEN:
            return self._looked_up(own)
        fits = self.lengths <= len(raw)
        clipped = np.where(fits, self.lengths, 0)
        fits &= own[clipped] == self.sums
        fits &= ~self.whole | (self.lengths == len(raw))
        return np.flatnonzero(fits)

    def _looked_up(self, own: Array) -> Array:
        """The same from the sorted patterns, given the checksum of each beginning of the text."""
        keys, order, known = self._sorted
        length = np.flatnonzero(known[: len(own)])
        wanted = length.astype(np.uint64) << np.uint64(32) | own[length]
        first, last = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right")
        found = np.sort(
            np.concatenate([order[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)] or [order[:0]])
        )
        return np.asarray(found[~self.whole[found] | (self.lengths[found] == len(own) - 1)])

    @cached_property
    def _sorted(self) -> tuple[Array, Array, Array]:
        """Length and checksum of each pattern as one number, sorted; whose they are; and which lengths there are."""
        keys = self.lengths.astype(np.uint64) << np.uint64(32) | self.sums
        order = np.argsort(keys, kind="stable")
        known = np.zeros(int(self.lengths.max(initial=0)) + 1, bool)
        known[self.lengths] = True
        return keys[order], order, known

    def may_overlap(self, prefix: str) -> Array:
        """The numbers of the patterns that can match a text which begins so, ascending."""
        raw = prefix.encode()
        own = _sums(raw)
        inside = self.lengths <= len(raw)
        fits = ~inside | (own[np.where(inside, self.lengths, 0)] == self.sums)
        fits &= ~self.whole | (self.lengths >= len(raw))
        return np.flatnonzero(fits)


def _sums(raw: bytes) -> Array:
    """The checksum of every beginning of a text, by its length."""
    found = np.zeros(len(raw) + 1, np.uint32)
    running = 0
    for place in range(len(raw)):
        running = crc32(raw[place : place + 1], running)
        found[place + 1] = running
    return found


def prefixes_of(patterns: Sequence[str]) -> Prefixes:
    """The beginnings of patterns as written: up to the first `*`, `?` or variable."""
    opened = [_OPEN.search(text) for text in patterns]
    begins = [text if found is None else text[: found.start()] for text, found in zip(patterns, opened, strict=True)]
    # An ARN of fewer than six fields is completed with wildcards.
    whole = [
        found is None and not (text.startswith("arn:") and text.count(":") < 5)
        for text, found in zip(patterns, opened, strict=True)
    ]
    return _prefixes(begins, whole)


def beginnings_of(patterns: Sequence[Pattern]) -> Prefixes:
    """The beginnings of patterns; those that ignore case may begin in any way."""
    return _prefixes(
        ["" if one.fold else one.prefix for one in patterns],
        [one.literal is not None and not one.fold for one in patterns],
    )


def _prefixes(begins: Sequence[str], whole: Sequence[bool]) -> Prefixes:
    raw = [text.encode() for text in begins]
    lengths = np.fromiter(map(len, raw), np.int32, len(raw))
    return Prefixes(lengths, np.fromiter(map(crc32, raw), np.uint32, len(raw)), np.array(whole, bool))
