"""Which of many resources each of many patterns takes in, as one number a resource: equal where all patterns agree.

Of what lies in a resource (`ARN/*`) a pattern may take in a part; two such resources are alike to it when it stands at
the same place after their names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.patterns import Pattern, Wild, after, matching_lines

from .filled import Filled
from .targets import Targets

_BEFORE = 5
"""Colons of an ARN before the name of the resource."""
_MANY = 500
"""Of so many resources at least, a search through all of them is faster than one by one."""
_SPAN = 2**62
"""Codes are below it."""


class Touching:
    """Resources in order of their names, so that a pattern looks only at those that begin as it does."""

    def __init__(self, targets: Targets) -> None:
        self._inside = targets.inside
        self._order = np.array(sorted(range(len(targets)), key=targets.texts.__getitem__), np.int64)
        self._texts: Sequence[str] = [targets.texts[place] for place in self._order.tolist()]
        # A pattern may leave the account open: then what stands behind it tells where to look.
        named = sorted((text.split(":", _BEFORE)[-1], place) for place, text in enumerate(self._texts))
        self._names: Sequence[str] = [name for name, _ in named]
        self._named: Sequence[int] = [place for _, place in named]

    def codes(self, patterns: Filled) -> tuple[Array, Array]:
        """A number for each resource, and a mask of those that must be decided by themselves."""
        count = len(self._texts)
        codes, alone = np.zeros(count, np.int64), np.zeros(count, bool)
        weights = np.random.default_rng(3)
        for pattern in (*patterns.plain, *patterns.maybe):
            weight = int(weights.integers(1, 2**62))
            for place, found in self._touched(pattern):
                codes[place] ^= weight * found % _SPAN
        for pattern in patterns.whole:
            weight = int(weights.integers(1, 2**62))
            for place, found in self._touched(pattern):
                codes[place] ^= weight * found % _SPAN
                alone[place] = True
        alone &= ~self._inside[self._order]
        in_order, single = np.zeros(count, np.int64), np.zeros(count, bool)
        in_order[self._order], single[self._order] = codes, alone
        return in_order, single

    def _touched(self, pattern: Pattern) -> Iterator[tuple[int | slice, int]]:
        """Where the resources stand that a pattern takes in, as a whole or partly; equal numbers for equal parts."""
        if pattern.everything:
            yield slice(None), 1
            return
        begin, end = _range(self._texts, pattern.prefix)
        if len(pattern.tokens) == 2 and pattern.tokens[1] is Wild.ANY:
            yield slice(begin, end), 1
        else:
            first, last = _range(self._names, _name(pattern))
            if min(last - first, end - begin) > _MANY and not self._inside.any():
                yield from self._in_bulk(pattern, begin, end)
            elif last - first < end - begin:
                yield from self._looked_at(pattern, self._named[first:last])
            else:
                yield from self._looked_at(pattern, range(begin, end))
        # What lies in a resource is named by longer texts than the resource.
        yield from self._looked_at(pattern, self._around(pattern.prefix))

    def _looked_at(self, pattern: Pattern, places: Iterable[int]) -> Iterator[tuple[int, int]]:
        for place in places:
            found = stand(pattern, self._texts[place])
            if found:
                yield place, found

    def _in_bulk(self, pattern: Pattern, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Many at once, in one search through all of them."""
        starts = self._starts
        found = np.fromiter(matching_lines(pattern, self._lines[starts[begin] : starts[end] - 1]), np.int64)
        for place in np.searchsorted(starts, found + starts[begin]).tolist():
            yield place, 1

    @cached_property
    def _lines(self) -> str:
        # A name with a line break is none of AWS; it must not move the others.
        return "\n".join(text.replace("\n", "\0") for text in self._texts)

    @cached_property
    def _starts(self) -> Array:
        """Where each text begins in the lines, and where one more would."""
        starts: Array = np.concatenate([[0], np.cumsum([len(text) + 1 for text in self._texts])])
        return starts

    def _around(self, prefix: str) -> Iterator[int]:
        """Targets `ARN/*` of which the beginning is itself a beginning of a longer prefix."""
        cut = prefix.find("/", prefix.rfind(":"))
        while cut >= 0:
            place = bisect_left(self._texts, f"{prefix[:cut]}/*")
            here = place < len(self._texts) and self._texts[place] == f"{prefix[:cut]}/*"
            if here and not self._texts[place].startswith(prefix):
                yield place
            cut = prefix.find("/", cut + 1)


def stand(pattern: Pattern, target: str) -> int:
    """0 where a pattern takes in nothing of a target, else a number that is equal where it takes in the same."""
    return after(pattern, target[:-1]) if target.endswith("/*") else int(pattern.matches(target))


def _range(texts: Sequence[str], prefix: str) -> tuple[int, int]:
    """Where the texts stand, of sorted ones, that begin so."""
    begin = bisect_left(texts, prefix)
    return begin, bisect_left(texts, prefix + "\U0010ffff", begin)


def _name(pattern: Pattern) -> str:
    """What the part of an ARN behind its account surely begins with; empty where that cannot be told."""
    text: list[str] = []
    colons = 0
    for token in pattern.tokens:
        if isinstance(token, str):
            *_, last = token.split(":", _BEFORE - colons) if colons < _BEFORE else ("", token)
            if colons < _BEFORE:
                colons += min(token.count(":"), _BEFORE - colons)
                text += [last] if colons == _BEFORE else []
            else:
                text.append(token)
        elif colons == _BEFORE or token in (Wild.ANY, Wild.ONE):
            break
    return "".join(text)
