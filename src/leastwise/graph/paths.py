"""Ways through gates as steps that can be told: who becomes whom, by which rule, through which thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leastwise.model.decision import State
from leastwise.rules.escalation import EscalationRule

from .gates import Gate, Gates
from .network import NOWHERE, Network, Ways
from .shortest import Step, Way

ANY = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)
LEVELS = (ANY[:1], ANY[:2], ANY)
"""The states of the gates of each network: the sure, with those under a condition, all."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step: a principal becomes another by a rule.

    Args:
        source: id of who goes.
        target: id of whom he is then, or of the thing whose data he has.
        rule: by which.
        state: ALLOWED, CONDITIONAL or UNKNOWN.
        thing: what hangs together with the target; empty where the rule needs none.
        missing: what must be there, and may be though it is not known.
        about: whom the needs of the rule are about; often the target itself.
        after: where the hop joins two ways (to whom it is about, and to the power `thing`): how many gates of the
            graph the two go through; else -1.
        together: number of what is done by several identities; else -1.
    """

    source: str
    target: str
    rule: EscalationRule
    state: State
    thing: str = ""
    missing: str = ""
    about: str = ""
    after: int = -1
    together: int = -1


@dataclass(frozen=True, slots=True)
class Path:
    """A way from one to another, of one step at least."""

    hops: tuple[Hop, ...]

    @property
    def state(self) -> State:
        """That of its least sure hop."""
        return max((one.state for one in self.hops), key=ANY.index)


class Searching:
    """Finds ways to some nodes, the surest first.

    Args:
        networks: of growing sets of gates: the sure, with those under a condition, all.
        targets: the nodes.
    """

    def __init__(self, networks: Sequence[Network], targets: Sequence[int]) -> None:
        self._networks = networks
        self._ways = [one.to(targets) for one in networks]
        self._nodes = networks[0].gates.nodes

    def reaching(self) -> list[int]:
        """The nodes from which there is a way, those with sure and short ways first."""
        level, length = (np.full(len(self._nodes), NOWHERE, np.int64) for _ in range(2))
        for number, ways in reversed(list(enumerate(self._ways))):
            found = ways.steps > 0
            level[found], length[found] = number, ways.steps[found]
        return sorted(np.flatnonzero(level >= 0).tolist(), key=lambda at: (level[at], length[at], self._nodes[at]))

    def path(self, source: int) -> Path | None:
        """The shortest of the surest ways from a node; None where there is none."""
        for network, ways in zip(self._networks, self._ways, strict=True):
            if ways.steps[source] > 0:
                return path_of(network.gates, _steps(ways, source))
        return None


def _steps(ways: Ways, source: int) -> Iterator[Step]:
    at = source
    while ways.steps[at] > 0:
        beyond = int(ways.other[at])
        yield at, int(ways.gate[at]), beyond
        at = beyond


def path_of(gates: Gates, steps: Iterable[Step]) -> Path:
    """The path that some steps are."""
    return Path(tuple(_hop(gates, *one) for one in steps))


def _hop(gates: Gates, source: int, number: int, target: int) -> Hop:
    nodes, gate = gates.nodes, gates.gates[number]
    rule = gates.rules[gate.rule]
    row = _row(gate, source, target)
    thing = gate.things[row] if gate.things else ""
    about = gate.about[row] if gate.about else nodes[source if rule.oneself else target]
    asked = None if rule.needs else gates.asked.get((nodes[target], thing), {}).get(nodes[source])
    rule = rule if asked is None else replace(rule, needs=((asked,),))
    return Hop(nodes[source], nodes[target], rule, gate.state, thing, gate.missing, about, gate.after, gate.together)


def _row(gate: Gate, source: int, target: int) -> int:
    """The place of a target in a gate through which one goes."""
    rows = np.flatnonzero(gate.targets == target)
    if gate.each is not None:
        rows = rows[gate.each[rows] == source]
    return int(rows[0])


def ranked(several: Sequence[Network], ways: Callable[[Network], Iterator[Way]]) -> Iterator[Path]:
    """The paths that some ways of each network are: the sure ones first, of these the shortest."""
    for place, network in enumerate(several):
        for way in ways(network):
            found = path_of(network.gates, way)
            if found.state is ANY[place]:
                yield found


@dataclass(frozen=True, slots=True)
class Beyond:
    """A node that can be reached: in how many steps, and which node comes first on the way there."""

    node: int
    steps: int
    first: int


def beyond(network: Network, source: int) -> Iterator[Beyond]:
    """The nodes that can be reached from one, the nearest first."""
    ways = network.back([source])
    found = np.flatnonzero(ways.steps > 0)
    first: dict[int, int] = {}
    for node in found[np.argsort(ways.steps[found], kind="stable")].tolist():
        before = int(ways.other[node])
        first[node] = first.get(before, node)
        yield Beyond(node, int(ways.steps[node]), first[node])
