"""Plans: those just made, those that are saved, and their proofs made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..plans import Narrow, checked, plan_at
from ..plans import listed as saved
from ..wiring import Workspace

if TYPE_CHECKING:
    from ..planning import Planning


def planned(planning: Planning, found: Sequence[dict[str, Any]], *, alone: bool) -> dict[str, Any]:
    """Plans that were just made; of one that is `alone` its keys stand in the answer itself."""
    body = found[0] if alone else {"items": list(found), "next": None, "total": len(found)}
    return planning.gaps.answer({**planning.gaps.header(), **body})


def plans(workspace: Workspace, narrow: Narrow) -> dict[str, Any]:
    """The saved plans, those that take away most first. Raises StoreError."""
    items = saved(workspace, narrow)
    return {"items": items, "next": None, "total": len(items)}


def verified(workspace: Workspace, plan: str) -> tuple[dict[str, Any], int]:
    """Every claim of a plan, made again, and how many do not hold. Raises as `plan_at` and `checked`."""
    found, place = plan_at(workspace, plan)
    return verified_plan(workspace, found, place)


def verified_plan(
    workspace: Workspace, found: Mapping[str, Any], place: Path | None = None
) -> tuple[dict[str, Any], int]:
    """The same of a plan that was read, from a place (default: the saved plans). Raises as `checked`."""
    each = checked(workspace, found, place or workspace.home.path / "plans")
    items = [{"claim": one.claim, "holds": one.holds, "why": "" if one.holds else one.why} for one in each]
    return {"items": items, "next": None}, sum(not one.holds for one in each)
