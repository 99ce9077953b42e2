"""Findings, one by one or by the cause that mends them, and the best actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..causes import Causes
from ..posture import Findings
from ..top import Action

CAUSE = "cause"
"""The only way of grouping."""


def findings(found: Findings, group: str | None = None) -> dict[str, Any]:
    """Findings, worst first, with what could not be decided; by `group` those that one change mends together."""
    if group is None:
        items = [row.to_json() for row in found.rows]
    else:
        items = [one.to_json() for one in Causes(found.estate, found.unused).grouped(found.rows)]
    return _listed(found, items, unknown=found.unknown)


def top(found: Findings, made: Sequence[Action]) -> dict[str, Any]:
    """The best actions that some findings ask for."""
    return _listed(found, [one.to_json() for one in made])


def _listed(found: Findings, items: list[dict[str, Any]], **told: Any) -> dict[str, Any]:
    header, usage, coverage = found.estate.header(), found.unused.header(), found.estate.coverage()
    return {"estate": header, "usage": usage, "items": items, "next": None, **told, "coverage": coverage}
