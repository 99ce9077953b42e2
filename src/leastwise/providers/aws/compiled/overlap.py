"""How two patterns of resources lie to each other: one inside the other, apart, or neither."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from leastwise.engine.patterns import Pattern, lies_in, meets


@lru_cache(maxsize=65_536)
def inside(narrow: Pattern, wide: Pattern) -> bool:
    """Whether every text of one pattern is surely one of the other."""
    return lies_in(narrow, wide) is True


@lru_cache(maxsize=65_536)
def apart(first: Pattern, second: Pattern) -> bool:
    """Whether surely no text lies in both patterns."""
    return meets(first, second) is False


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
