"""Toxic combinations: findings of rules about what identities can become, each of which is more than its parts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from leastwise.detection.posture import PostureResult, evaluate
from leastwise.rules.load import load_toxic

from .each import open_each
from .escalating import graph_for, has_paths
from .estate import OpenEstate, open_estate
from .powers import Powers
from .wiring import Workspace

if TYPE_CHECKING:
    from .asking import Asking
    from .escalation_graph import EscalationGraph


def toxic(estate: OpenEstate, graph: EscalationGraph) -> PostureResult:
    """What the rules find in an estate and its graph."""
    return evaluate(load_toxic(), {"powers_view": Powers(estate, graph).table()}, estate.clock)


def toxic_of(workspace: Workspace, at: datetime | None = None) -> PostureResult:
    """The same of the estate of a time (default: now); nothing where no provider of it has escalation rules."""
    from dataclasses import replace

    first, *others = open_each(workspace, at, apart=True)
    asking: Asking = replace(first, beside=tuple(others))
    if not any(has_paths(one, workspace) for one in asking.every):
        return PostureResult((), ())
    return toxic(open_estate(workspace, at), graph_for(workspace, asking))
