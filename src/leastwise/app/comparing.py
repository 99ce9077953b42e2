"""Effective access of two principals side by side, and cubes as the interfaces tell them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leastwise.model.decision import Circumstances, Cube, State

from .asking import Asking, cube_values, spoken

SIDES = ("both", "first", "second")


@dataclass(frozen=True)
class Compared:
    """Two principals side by side.

    Args:
        sides: by SIDES, what both can do, and what only one of them can.
        missing: what was not read and may tell the two apart, though no difference tells it.
    """

    sides: dict[str, tuple[Cube, ...]]
    missing: tuple[str, ...]

    @property
    def equal(self) -> bool | None:
        """Whether no difference is told; None where what was not read decides every one that is."""
        told = [cube.state for side in ("first", "second") for cube in self.sides[side]]
        return not told if not told or any(state is not State.UNKNOWN for state in told) else None


def compared(asking: Asking, first: str, second: str, given: Circumstances) -> Compared:
    """What both principals can do, and what only one of them can. Raises UsageError, NotFoundError."""
    one, other = (asking.access.effective(name, given) for name in (first, second))
    sides = {"both": one.both(other), "first": one.minus(other), "second": other.minus(one)}
    return Compared(sides, one.unread(other))


def cube_items(asking: Asking, cubes: Iterable[Cube]) -> list[dict[str, Any]]:
    """Cubes as the JSON interface has them, with their permissions folded into patterns."""
    return [cube_values(cube) | {"patterns": list(asking.access.folded(cube.permissions))} for cube in cubes]


def cube_rows(items: Iterable[dict[str, Any]], cubes: Iterable[Cube]) -> list[dict[str, Any]]:
    """The same as lines of a table or of CSV."""
    return [
        item
        | {
            "count": len(cube.permissions),
            "when": spoken(cube.residual) if cube.residual != () else "; ".join(cube.missing),
        }
        for item, cube in zip(items, cubes, strict=True)
    ]
