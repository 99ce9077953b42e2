"""Effective access of two principals side by side, and cubes as the interfaces tell them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leastwise.model.decision import Circumstances, Cube

from .asking import Asking, cube_values, spoken

SIDES = ("both", "first", "second")


def compared(asking: Asking, first: str, second: str, given: Circumstances) -> dict[str, tuple[Cube, ...]]:
    """What both principals can do, and what only one of them can, by SIDES. Raises UsageError, NotFoundError."""
    one, other = (asking.access.effective(name, given) for name in (first, second))
    return {"both": one.both(other), "first": one.minus(other), "second": other.minus(one)}


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
