"""Regions: what some patterns take in and others do not, kept as written.

The complement and the intersection of patterns are no patterns: a region is never rewritten into others.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..formula import Formula, Literal, all_of, any_of, negate
from .pattern import Pattern, Wild

RESOURCE = "resource"
PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class Inside:
    """An atom of formulas: whether the text on an axis lies in a pattern."""

    pattern: Pattern
    axis: str = RESOURCE

    @property
    def variable(self) -> str:
        """The axis: the text itself is the variable."""
        return self.axis


@dataclass(frozen=True, slots=True)
class Region:
    """The texts that one of `include` takes in and none of `exclude`."""

    include: tuple[Pattern, ...]
    exclude: tuple[Pattern, ...] = ()

    def matches(self, text: str) -> bool:
        """Whether the text lies in the region."""
        return any(one.matches(text) for one in self.include) and not any(one.matches(text) for one in self.exclude)

    def formula(self, axis: str = RESOURCE) -> Formula:
        """The region as a formula over the text of an axis."""
        taken = any_of(_inside(one, axis) for one in self.include)
        return all_of((taken, negate(any_of(_inside(one, axis) for one in self.exclude))))


EVERYTHING = Region((Pattern((Wild.ANY,)),))


def _inside(pattern: Pattern, axis: str) -> Formula:
    return True if pattern.everything else Literal(Inside(pattern, axis))
