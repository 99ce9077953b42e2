"""Which of many patterns are worth comparing with a text or another pattern: those that begin like it.

Policies of thousands of statements are compared each with each otherwise, and most of them name resources that differ
in their first letters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .pattern import Pattern


class Beginnings:
    """Patterns by the literal text that they begin with.

    Args:
        patterns: the patterns; answers are their places.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._at: defaultdict[str, list[int]] = defaultdict(list)
        # Case is folded for patterns that ignore it; what folds otherwise than ASCII does is always worth a look.
        self._folded: defaultdict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        self._folding: list[int] = []
        for place, one in enumerate(patterns):
            if not one.fold:
                self._at[one.prefix].append(place)
                continue
            self._folding.append(place)
            if one.prefix.isascii():
                self._folded[one.prefix.lower()].append(place)
            else:
                self._always.append(place)
        self._sorted = sorted(self._at)
        self._lengths = sorted({len(text) for text in self._at})
        self._folded_lengths = sorted({len(text) for text in self._folded})

    def may_match(self, text: str) -> Iterator[int]:
        """Places of the patterns that can match a text, all those that do among them."""
        yield from _begins(text, self._at, self._lengths)
        if not text.isascii():
            yield from self._folding
            return
        yield from self._always
        yield from _begins(text.lower(), self._folded, self._folded_lengths)

    def may_meet(self, pattern: Pattern) -> Iterator[int]:
        """Places of the patterns that can match a text that a pattern matches."""
        yield from self._folding
        if pattern.fold:
            for places in self._at.values():
                yield from places
            return
        begin = pattern.prefix
        yield from _begins(begin, self._at, self._lengths)
        for at in range(bisect_left(self._sorted, begin), len(self._sorted)):
            longer = self._sorted[at]
            if not longer.startswith(begin):
                return
            if longer != begin:
                yield from self._at[longer]


def _begins(text: str, held: dict[str, list[int]], lengths: Iterable[int]) -> Iterator[int]:
    for length in lengths:
        if length > len(text):
            return
        yield from held.get(text[:length], ())
