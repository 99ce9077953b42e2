"""Saved plans, and their proofs made again from what the plan itself holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.model.plan import Shown
from leastwise.providers.base.shrinking import Held, Shrinking
from leastwise.store.plans import plan_named, read_plan, save_plan, saved_plans

from .planning import RIGHT_SIZE, plan_id
from .proving import narrower
from .wiring import Workspace

COLUMNS = ("id", "subject", "provider", "kind", "sentence", "ready", "owner", "made")
"""Columns of the list."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One claim of a plan, made again: `holds`, else `why` not."""

    claim: str
    holds: bool
    why: str = ""


def kept(workspace: Workspace, plan: Mapping[str, Any]) -> Path:
    """Save a plan. Raises StoreError."""
    return save_plan(workspace.home, {**plan, "made": workspace.now().isoformat()})


def listed(workspace: Workspace) -> list[dict[str, Any]]:
    """The saved plans, by id. Raises StoreError."""
    return [{key: one.get(key) for key in COLUMNS} for one in saved_plans(workspace.home)]


def one_of(workspace: Workspace, named: str) -> dict[str, Any]:
    """The plan of an id or a unique beginning of one. Raises NotFoundError, InputError."""
    return plan_named(workspace.home, named)


def plan_at(workspace: Workspace, named: str) -> tuple[dict[str, Any], Path]:
    """A plan by its file, or by its id, and where it was found. Raises NotFoundError, InputError."""
    path = Path(named)
    if path.is_file():
        return read_plan(path), path
    return plan_named(workspace.home, named), workspace.home.path / "plans"


def checked(workspace: Workspace, plan: Mapping[str, Any], place: Path) -> list[Checked]:
    """Every claim of a plan, made again offline.

    Raises:
        InputError: the file lacks what its claims rest on.
        UsageError: its provider is not installed, or cannot check plans.
    """
    try:
        found = [Checked("its id is the hash of what it does", plan_id(plan) == plan["id"], "it was changed by hand")]
        if plan["kind"] != RIGHT_SIZE or not plan["changes"]:
            return found
        shrinking = _shrinking(workspace, plan["provider"])
        before, after = (_held(plan["documents"][side]) for side in ("before", "after"))
        found += [_changed(plan, before, after), _narrower(shrinking, before, after)]
        found += _replayed(shrinking, plan, before, after)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(place, f"lacks what its claims rest on: {error}") from None
    return found


def _shrinking(workspace: Workspace, name: str) -> Shrinking:
    provider = workspace.providers().get(name)
    if provider is None or provider.shrinking is None:
        raise UsageError(f"plans: {name}: plans of this provider cannot be checked")
    return provider.shrinking()


def _held(documents: Sequence[Mapping[str, Any]]) -> list[Held]:
    return [Held(one["policy"], json.dumps(one["document"]).encode()) for one in documents]


def _changed(plan: Mapping[str, Any], before: Sequence[Held], after: Sequence[Held]) -> Checked:
    """Whether the changes bring the documents that the proof is about, and no others."""
    brought = [each["put"]["document"] for each in plan["changes"] if "put" in each]
    known = [json.loads(one.document) for one in after]
    stays = [json.loads(one.document) for one in before]
    missing = [one for one in brought if one not in known]
    stray = [one for one in known if one not in brought and one not in stays]
    return Checked("its changes are those that it proves", not missing and not stray, "they bring other documents")


def _narrower(shrinking: Shrinking, before: Sequence[Held], after: Sequence[Held]) -> Checked:
    found: Shown = narrower(shrinking, after, before)
    told = f"{found.why} {json.dumps(dict(found.request))}" if found.request else found.why or found.state
    return Checked("it gives nothing new", found.holds, told)


def _replayed(
    shrinking: Shrinking, plan: Mapping[str, Any], before: Sequence[Held], after: Sequence[Held]
) -> Iterator[Checked]:
    """Whether the recorded calls, and what is kept, are given as before by the documents alone."""
    same = shrinking.unchanged(before, after)
    broken = {(one["permission"], one["resource"]) for one in plan["would_break"]}
    lost = [(name, on) for name, on, *_ in plan["calls"] if on.startswith("arn:") and not same(name, on)]
    new = [one for one in lost if one not in broken]
    calls = sum(one[2] for one in plan["calls"])
    why = f"{new[0][0]} on {new[0][1]} and {len(new) - 1} more" if new else ""
    yield Checked(f"none of {calls} recorded calls breaks that it does not name", not new, why)
    gone = [
        (one["permission"], on)
        for one in plan["kept"]
        for on in one["resources"]
        if on.startswith("arn:") and not same(one["permission"], on)
    ]
    why = f"{gone[0][0]} on {gone[0][1]}" if gone else ""
    yield Checked("all that it keeps is given as before", not gone, why)
