"""Which of many resources each of many patterns takes in, as one number a resource: equal where all patterns agree.

Of what lies in a resource (`ARN/*`) a pattern may take in a part; two such resources are alike to it when it stands at
the same place after their names.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.patterns import Pattern, Wild, after, after_each, matching_lines, shared

from .filled import Filled
from .targets import Targets

_BEFORE = 5
"""Colons of an ARN before the name of the resource."""
_MANY = 500
"""Of so many resources at least, a search through all of them is faster than one by one."""


class _Touch(NamedTuple):
    """Where the resources stand that a pattern takes in, as a whole or partly.

    Args:
        span: from where to where all are taken in alike.
        bulk: further places of which all are taken in alike.
        single: further places, with numbers that are equal where they are taken in alike.
    """

    span: tuple[int, int]
    bulk: Array
    single: list[tuple[int, int]]


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
        self._known: dict[Pattern, _Touch] = {}

    def codes(self, patterns: Filled) -> tuple[Array, Array]:
        """A number for each resource, and a mask of those that must be decided by themselves."""
        touched = [self._found(one) for one in (*patterns.plain, *patterns.maybe)]
        whole = [self._found(one) for one in patterns.whole]
        alone = np.zeros(len(self._texts), bool)
        for one in whole:
            alone[slice(*one.span)] = True
            alone[one.bulk] = True
            alone[[place for place, _ in one.single]] = True
        alone &= ~self._inside[self._order]
        in_order, single = np.zeros(len(alone), np.int64), np.zeros(len(alone), bool)
        in_order[self._order], single[self._order] = self._parted([*touched, *whole]), alone
        return in_order, single

    def _parted(self, touched: Sequence[_Touch]) -> Array:
        """A number for each place: equal exactly where all patterns take in the same."""
        codes = np.zeros(len(self._texts), np.int64)
        # Spans of beginnings lie in one another or apart, so the narrowest around a place tells all of them.
        spans = sorted({one.span for one in touched if one.span[1] > one.span[0]}, key=lambda one: one[0] - one[1])
        for number, (begin, end) in enumerate(spans, 1):
            codes[begin:end] = number
        free = len(spans) + 1
        for one in touched:
            if len(one.bulk):
                kinds, codes[one.bulk] = np.unique(codes[one.bulk], return_inverse=True)
                codes[one.bulk] += free
                free += len(kinds)
        found = codes.tolist()
        for one in touched:
            # Numbers were not used before, so what was told apart once stays so.
            known: dict[tuple[int, int], int] = {}
            for place, part in one.single:
                found[place] = known.setdefault((found[place], part), free + len(known))
            free += len(known)
        return np.array(found, np.int64)

    def _found(self, pattern: Pattern) -> _Touch:
        """The same for each action that can act on these."""
        known = self._known.get(pattern)
        if known is None:
            known = self._known[pattern] = self._touched(pattern)
        return known

    def _touched(self, pattern: Pattern) -> _Touch:
        none = np.empty(0, np.int64)
        if pattern.everything:
            return _Touch((0, len(self._texts)), none, [])
        begin, end = _range(self._texts, pattern.prefix)
        # What lies in a resource is named by longer texts than the resource.
        around = list(self._looked_at(pattern, self._around(pattern.prefix)))
        if len(pattern.tokens) == 2 and pattern.tokens[1] is Wild.ANY:
            return _Touch((begin, end), none, around)
        first, last = _range(self._names, _name(pattern))
        if min(last - first, end - begin) > _MANY and not self._inside.any():
            return _Touch((0, 0), self._in_bulk(pattern, begin, end), around)
        if last - first < end - begin:
            return _Touch((0, 0), none, [*self._looked_at(pattern, self._named[first:last]), *around])
        return _Touch((0, 0), none, [*self._walked(pattern, begin, end), *around])

    def _looked_at(self, pattern: Pattern, places: Iterable[int]) -> Iterator[tuple[int, int]]:
        for place in places:
            found = stand(pattern, self._texts[place])
            if found:
                yield place, found

    def _walked(self, pattern: Pattern, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """The same of neighbours, of which most begin alike."""
        led = after_each(pattern, self._begins[begin:end], self._shared[begin:end])
        for place, found in enumerate(led, begin):
            if self._texts[place].endswith("/*"):
                if found:
                    yield place, found
            elif pattern.matches(self._texts[place]):
                yield place, 1

    @cached_property
    def _begins(self) -> list[str]:
        """What all that lies in a resource begins with, where a text stands for that."""
        return [text[:-1] if text.endswith("/*") else text for text in self._texts]

    @cached_property
    def _shared(self) -> list[int]:
        """How many letters of each beginning are those of the one before."""
        return list(shared(self._begins))

    def _in_bulk(self, pattern: Pattern, begin: int, end: int) -> Array:
        """Many at once, in one search through all of them."""
        starts = self._starts
        found = np.fromiter(matching_lines(pattern, self._lines[starts[begin] : starts[end] - 1]), np.int64)
        places: Array = np.searchsorted(starts, found + starts[begin])
        return places

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
