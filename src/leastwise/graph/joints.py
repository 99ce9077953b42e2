"""What a power and an identity give together, though a different way leads to each: gates that join two ways.

Somebody may write the policies of a role, and somebody else become it. Whoever can be both, after steps of any kind, is
that role with any policy. Asked for each set of powers that the same gates lead to, and only of those who do not get
there otherwise: as a rule nobody is left to be asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.decision import State
from leastwise.model.shadows import Joint

from .classes import NOBODY
from .gates import POWERS, Gate, Gates
from .network import Network, Ways
from .opening import Opening
from .paths import ANY, LEVELS, Hop, Path, Searching


@dataclass(frozen=True, slots=True)
class _Joints:
    """Powers to which the same gates lead, and what they give together with an identity.

    Args:
        rule: number of the rule that joins them.
        gives: the node of it.
        above: the node of who can do all that this one can, and more; -1 for nobody.
        gates: that lead to the powers.
        powers: of each identity, by its node.
    """

    rule: int
    gives: int
    above: int
    gates: tuple[int, ...]
    powers: Mapping[int, str]


def with_joints(gates: Gates) -> Gates:
    """The graph with the gates that join two ways, where a rule of it says that there are such, and those that open."""
    joining = {rule.provider: at for at, rule in enumerate(gates.rules) if rule.link == "joint"}
    if not joining and not gates.closed:
        return gates
    numbers = {id: at for at, id in enumerate(gates.nodes)}
    known = [one for one in gates.shadows.joints() if joining and one.power in numbers and one.gives in numbers]
    grouped = list(_grouped(gates, known, numbers, joining))
    opening = Opening(gates)
    for states in LEVELS:
        while True:
            opened = opening.found(gates, states)
            if opened:
                gates = replace(gates, gates=(*gates.gates, *opened))
                if any(gates.rules[one.rule].gives in POWERS for one in opened):
                    grouped = list(_grouped(gates, known, numbers, joining))
            found = _found(gates, grouped, states)
            if found:
                gates = replace(gates, gates=(*gates.gates, *found))
            if not found and not opened:
                break
    return gates


def ways_joined(gates: Gates, hop: Hop) -> tuple[Path | None, Path | None]:
    """The two ways that a hop joins: to whom it is about (none for oneself), and to the power over what he may do."""
    before = replace(gates, gates=gates.gates[: hop.after])
    networks = [Network(before, states) for states in LEVELS]
    numbers = {id: at for at, id in enumerate(gates.nodes)}
    ends = (Searching(networks, [numbers[end]]).path(numbers[hop.source]) for end in (hop.about, hop.thing))
    identity, power = ends
    return identity, power


def _grouped(
    gates: Gates, joints: Iterable[Joint], numbers: Mapping[str, int], joining: Mapping[str, int]
) -> Iterator[_Joints]:
    powerful = [at for at, gate in enumerate(gates.gates) if gates.rules[gate.rule].gives in POWERS]
    leading: dict[int, list[int]] = defaultdict(list)
    for at in powerful:
        for node in dict.fromkeys(gates.gates[at].targets.tolist()):
            leading[node].append(at)
    found: dict[tuple[int, int, tuple[int, ...]], dict[int, str]] = defaultdict(dict)
    for one in joints:
        powers = found[numbers[one.gives], numbers.get(one.above, NOBODY), tuple(leading[numbers[one.power]])]
        powers |= {numbers[each]: one.power for each in one.identities if each in numbers}
    for (gives, above, via), powers in found.items():
        # Whose power it is tells the rule: of several providers each has one of its own.
        rule = joining.get(gates.rules[gates.gates[via[0]].rule].provider) if via and powers else None
        if rule is not None:
            yield _Joints(rule, gives, above, via, powers)


def _found(gates: Gates, grouped: Sequence[_Joints], states: Sequence[State]) -> list[Gate]:
    """The gates that join two ways of some states, and are not there yet."""
    network = Network(gates, states)
    whence = _Whence(network)
    there: dict[int, BitMap] = {}
    found = []
    for one in grouped:
        writers = BitMap().union(*(gates.gates[at].sources for at in one.gates if gates.gates[at].state in states))
        # Whoever gets further need not be told how he gets here.
        for node in (one.above, one.gives):
            writers -= whence.of(node) if node != NOBODY and writers else BitMap()
        known = there.get(one.gives, BitMap())
        if not writers - known:
            continue
        known |= whence.of(one.gives) | (BitMap() if one.above == NOBODY else whence.of(one.above))
        able = network.reaching(list(writers), whence.known) - known
        sources = able & network.reaching(list(one.powers), whence.known) if able else able
        if sources:
            ways = network.to(list(one.powers))
            found.append(_gate(gates, one, sources, ways, ANY[len(states) - 1]))
            there[one.gives] = known | sources
    return found


class _Whence:
    """From where there are ways to nodes; of nodes that lead to one another it is found once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.known: dict[int, BitMap] = {}

    def of(self, node: int) -> BitMap:
        """A node, and those from which there is a way to it."""
        found = self.known.get(node)
        if found is None:
            found = self.known[node] = self._network.reaching([node], self.known)
        return found


def _gate(gates: Gates, one: _Joints, sources: BitMap, ways: Ways, state: State) -> Gate:
    identities = _ends(ways, np.array(sources, np.int64)).tolist()
    return Gate(
        one.rule, sources, np.full(len(sources), one.gives, np.int64), [one.powers[end] for end in identities], state,
        each=np.array(sources, np.int64), about=[gates.nodes[end] for end in identities], after=len(gates.gates),
    )  # fmt: skip


def _ends(ways: Ways, at: Array) -> Array:
    """Where each of some ways ends."""
    while True:
        going = ways.steps[at] > 0
        if not going.any():
            return at
        at = np.where(going, ways.other[at], at)
