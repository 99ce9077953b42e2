"""What the accounts of one person reach together; no edge leads from one of them to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.decision import RANK, State

from .estate import OpenEstate
from .people import accounts_of, persons_of

if TYPE_CHECKING:
    from leastwise.graph.paths import Beyond

    from .asking import Asking
    from .escalation_graph import EscalationGraph
    from .wiring import Workspace


def person_accounts(asking: Asking, workspace: Workspace, wanted: str) -> list[str]:
    """The accounts of a person in the estate that is asked. Raises NotFoundError, UsageError."""
    return accounts_of(persons_of(OpenEstate(workspace, asking.estate, asking.file)), wanted)


def joint_reach(graph: EscalationGraph, accounts: list[str]) -> list[tuple[Beyond, State]]:
    """Whatever some accounts can become or get at, each thing once: the surest way, of these the shortest."""
    own = {graph.numbers[one] for one in accounts if one in graph.numbers}
    best: dict[int, tuple[Beyond, State]] = {}
    for source in sorted(own):
        for one, state in graph.reached(source):
            known = best.get(one.node)
            if one.node not in own and (known is None or _order(one, state) < _order(*known)):
                best[one.node] = (one, state)
    return list(best.values())


def _order(one: Beyond, state: State) -> tuple[int, int]:
    return RANK[state], one.steps
