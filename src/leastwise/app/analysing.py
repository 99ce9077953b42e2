"""What takes long and is asked often: worked out ahead, for the estate in force and the logs as they are.

Lists are written, access is compiled, the graph is made; beside it the numbers of the overview are kept: the best
actions, findings, the creep index by account, who is privileged. What cannot be worked out says why, never zero.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from typing import Any

from leastwise.errors import LeastwiseError, StoreError

from .answers import findings as findings_answers
from .answers.gap import by
from .answers.graph import graphed, privileged
from .each import open_each
from .estate import OpenEstate, open_estate
from .gaps import Gaps
from .inventory import VIEW_OF
from .listing import Filters, Listing, keep, told
from .posture import find, judged
from .top import actions
from .wiring import Workspace

Report = Callable[[str, int, int], None]
_BEST = 5


def _part(estate: OpenEstate) -> str:
    """What is kept beside the lists of an estate is of these logs and mutes."""
    spans = [[str(value) for value in astuple(one)] for one in estate.workspace.lake.spans()]
    mutes = sorted(str(one) for one in estate.workspace.mutes.active(estate.workspace.now()))
    about = hashlib.sha256(json.dumps([spans, mutes]).encode()).hexdigest()
    return f"worked-{about[:16]}"


def worked_out(estate: OpenEstate) -> dict[str, Any] | None:
    """What was worked out of an estate; None where nothing was yet."""
    found: dict[str, Any] | None = told(Listing.open(estate), _part(estate))["value"]
    return found


def analyse(workspace: Workspace, report: Report) -> Mapping[str, Any]:
    """Works everything out, and keeps it; what came of each part.

    Raises:
        StoreError: the home cannot be read or written, or has no estate.
    """
    estate = open_estate(workspace)
    part, parts = _part(estate), dict[str, Any]()
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("lists", lambda: _lists(estate)),
        ("access", lambda: _access(workspace)),
        ("findings", lambda: _findings(workspace, estate)),
        ("creep", lambda: _creep(workspace)),
        ("privileged", lambda: _privileged(workspace)),
    ]
    for number, (name, work) in enumerate(steps):
        report(name, number, len(steps))
        try:
            parts[name] = work()
        except StoreError:
            raise
        except LeastwiseError as error:
            parts[name] = {"unknown": str(error)}
    report("", len(steps), len(steps))
    keep(Listing.open(estate), part, {**parts, "made": workspace.now().isoformat()})
    return {name: one if isinstance(one, dict) and "unknown" in one else "worked out" for name, one in parts.items()}


def _lists(estate: OpenEstate) -> dict[str, int]:
    listing = Listing.open(estate)
    listing.prepare()
    return {name: listing.page(name, Filters(), limit=1).total for name in VIEW_OF}


def _access(workspace: Workspace) -> list[str]:
    return [one.provider for one in open_each(workspace)]


def _findings(workspace: Workspace, estate: OpenEstate) -> dict[str, Any]:
    found = find(workspace, known=judged(estate))
    best = findings_answers.top(found, actions(found, _BEST))
    return {
        "by_severity": dict(Counter(row.to_json()["severity"] for row in found.rows)),
        "unknown_rows": sum(one["rows"] for one in found.unknown),
        "top": best["items"],
        "usage": best["usage"],
    }


def _creep(workspace: Workspace) -> dict[str, Any]:
    first, *others = open_each(workspace, apart=True)
    gaps = Gaps.opened(workspace, replace(first, beside=tuple(others)).every, None)
    return {what: by(gaps, what, 1000)["items"] for what in ("account", "organization")}


def _privileged(workspace: Workspace) -> dict[str, Any]:
    first, *others = open_each(workspace, apart=True)
    found = privileged(graphed(workspace, replace(first, beside=tuple(others))))
    return {
        "by_state": dict(Counter(str(one["state"]) for one in found.body["items"])),
        "count": len(found.body["items"]),
    }
