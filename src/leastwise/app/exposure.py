"""Who reaches something, surely or perhaps, and which share of all; who is privileged by what he can do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leastwise.model.decision import State

from .escalation_graph import EscalationGraph

if TYPE_CHECKING:
    from leastwise.graph.paths import Path

_ALL = "all"


@dataclass(frozen=True)
class Share:
    """How many of the identities of a kind reach something.

    Args:
        kind: of principals; `all` for every kind together.
        identities: how many there are.
        reach: how many reach it, by the state of their surest way.
    """

    kind: str
    identities: int
    reach: dict[State, int]

    def to_json(self, *, followed: bool = True) -> dict[str, Any]:
        """The documented JSON; without a share where no rule follows what leads to the thing."""
        sure, unsure, unknown = (self.reach.get(one, 0) for one in (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN))
        total = sure + unsure + unknown
        return {
            "kind": self.kind, "identities": self.identities, "surely": sure, "conditionally": unsure,
            "perhaps": unknown,
            "share": (round(total / self.identities, 4) if self.identities else 0.0) if followed else None,
        }  # fmt: skip


def shares(graph: EscalationGraph, targets: Sequence[int]) -> list[Share]:
    """Of each kind of identities, and of all, how many reach one of some nodes. Who is one of them does not count."""
    identities = graph.identities()
    counted = Counter(identities.values())
    reach: dict[str, Counter[State]] = defaultdict(Counter)
    for id, state in _reaching(graph, targets).items():
        if id in identities:
            reach[identities[id]][state] += 1
            reach[_ALL][state] += 1
    found = [Share(kind, count, dict(reach[kind])) for kind, count in counted.items()]
    found.sort(key=lambda one: (-sum(one.reach.values()), one.kind))
    return [Share(_ALL, counted.total(), dict(reach[_ALL])), *found]


def _reaching(graph: EscalationGraph, targets: Sequence[int]) -> dict[str, State]:
    """The state of the surest way of each principal that reaches one of some nodes."""
    import numpy as np

    from leastwise.graph.paths import ANY

    found: dict[str, State] = {}
    for state, network in zip(ANY, graph.networks, strict=True):
        for node in np.flatnonzero(network.to(targets).steps > 0).tolist():
            found.setdefault(graph.gates.nodes[node], state)
    return found


@dataclass(frozen=True)
class Privileged:
    """A principal that is, or can become, an administrator.

    Args:
        id: of it.
        kind: see principals.kind.
        best: its surest and shortest path to one.
        accounts: what it can administer, with the state of its surest path there.
    """

    id: str
    kind: str
    best: Path
    accounts: dict[str, State]


def privileged(graph: EscalationGraph) -> list[Privileged]:
    """Every principal that is or reaches an administrator, by what it can do and not by name; the surest first."""
    from leastwise.graph.paths import Searching

    accounts: dict[str, dict[str, State]] = defaultdict(dict)
    for account, id in sorted(graph.gates.shadows.administrator.items()):
        if id in graph.numbers:
            for reached_by, state in _reaching(graph, [graph.numbers[id]]).items():
                accounts[reached_by][account] = state
    searching = Searching(graph.networks, graph.targets("admin"))
    found = []
    for node in searching.reaching():
        id, best = graph.gates.nodes[node], searching.path(node)
        if graph.somebody(node) and best is not None:
            # Whom trusts of another issuer name is told by no provider.
            found.append(Privileged(id, graph.kind(id) or "external", best, accounts[id]))
    return found
