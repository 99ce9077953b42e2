"""How two patterns of resources lie to each other: one inside the other, apart, or neither."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from leastwise.engine.patterns import Pattern, Wild, lies_in, meets

_BUDGET = 4_000
"""States of two patterns together; beyond them they are taken to cross, which is never wrong, only longer."""


@lru_cache(maxsize=65_536)
def inside(narrow: Pattern, wide: Pattern) -> bool:
    """Whether every text of one pattern is surely one of the other."""
    if wide.everything or narrow == wide:
        return True
    if narrow.literal is not None and not narrow.fold:
        return wide.matches(narrow.literal)
    if not narrow.fold and not wide.fold:
        if wide.literal is not None:
            return False
        if len(wide.tokens) == 2 and wide.tokens[1] is Wild.ANY:
            return narrow.prefix.startswith(wide.prefix)
        if not _begin_alike(narrow, wide):
            return False
    return lies_in(narrow, wide) is True


@lru_cache(maxsize=65_536)
def apart(first: Pattern, second: Pattern) -> bool:
    """Whether surely no text lies in both patterns."""
    if first.everything or second.everything:
        return False
    if not first.fold and not second.fold:
        for one, other in ((first, second), (second, first)):
            if one.literal is not None:
                return not other.matches(one.literal)
        if not _begin_alike(first, second):
            return True
        if all(len(one.tokens) == 2 and one.tokens[1] is Wild.ANY for one in (first, second)):
            return False
    return meets(first, second) is False


def _begin_alike(first: Pattern, second: Pattern) -> bool:
    return first.prefix.startswith(second.prefix) or second.prefix.startswith(first.prefix)


def narrowest(patterns: Iterable[Pattern]) -> tuple[Pattern, ...] | None:
    """Those of some patterns, all of which a text must lie in, that say it all; None when no text can."""
    kept: list[Pattern] = []
    for one in sorted(set(patterns), key=lambda pattern: (len(str(pattern)), str(pattern))):
        if any(apart(one, other) for other in kept):
            return None
        if not any(inside(other, one) for other in kept):
            kept = [other for other in kept if not inside(one, other)] + [one]
    return tuple(kept)


def widest(patterns: Collection[Pattern]) -> tuple[Pattern, ...]:
    """Those of some patterns, one of which a text must lie in, that take in all the others."""
    kept: list[Pattern] = []
    for one in sorted(set(patterns), key=lambda pattern: (len(str(pattern)), str(pattern))):
        if not any(inside(one, other) for other in kept):
            kept = [other for other in kept if not inside(other, one)] + [one]
    return tuple(sorted(kept, key=str))
