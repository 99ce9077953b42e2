"""Choke points of an estate: which grants to remove so that the fewest principals can still become somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from leastwise.model.decision import Reason, State

from .escalation_graph import EscalationGraph
from .estate_file import EstateFile
from .evidence import Evidence

if TYPE_CHECKING:
    from pyroaring import BitMap

    from leastwise.graph.choke import Choke, Held, Need
    from leastwise.graph.paths import Hop
    from leastwise.graph.shortest import Step
    from leastwise.rules.escalation import Need as Permission

SHADOW = "shadow"
"""How the place begins where what shadows hold was read."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Something that can be removed: a statement where it is attached, an assignment, a line of a trust.

    Args:
        provider: whose.
        account: in which it lies, where its source alone does not tell.
        layer: the kind of policy.
        policy: name or id of it.
        statement: of it.
        source: where it was read.
        text: what it says.
    """

    provider: str
    account: str
    layer: str
    policy: str
    statement: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Choke points, and whose ways count.

    Args:
        reaching: how many reach what is asked for.
        points: the grants to remove, each with who loses all ways by it.
        left: how many still reach it after all.
    """

    reaching: int
    points: Sequence[tuple[Grant, Choke]]
    left: int


class Choking:
    """Looks for the choke points of one graph.

    Args:
        graph: of the estate.
        evidence: what decides each hop.
        file: estate.yaml, for those who must not be touched.
        sure: only ways of which every step is surely possible; else those under conditions, too.
    """

    def __init__(self, graph: EscalationGraph, evidence: Evidence, file: EstateFile, *, sure: bool = False) -> None:
        self._graph, self._evidence, self._file = graph, evidence, file
        self._network = graph.networks[0 if sure else 1]
        self._grants: dict[Grant, int] = {}

    def points(self, targets: Sequence[int], most: int, *, standing: bool = False) -> Counted:
        """The choke points before some nodes, the best first.

        Whoever is there in one step does not count, unless `standing`: what he has is a grant, and no escalation.
        """
        from leastwise.graph.choke import Choking as Search

        sources = self._sources(targets, standing)
        found = Search(self._network, targets, sources, self._held).points(most)
        grants = list(self._grants)
        cut = sum(len(one.cut) for one in found)
        return Counted(len(sources), [(grants[one.grant], one) for one in found], len(sources) - cut)

    def _sources(self, targets: Sequence[int], standing: bool) -> BitMap:
        import numpy as np
        from pyroaring import BitMap

        steps = self._network.to(targets).steps
        nodes, protected = self._graph.gates.nodes, self._protected()
        found = np.flatnonzero(steps >= (1 if standing else 2)).tolist()
        return BitMap([one for one in found if self._graph.somebody(one) and nodes[one] not in protected])

    def _protected(self) -> frozenset[str]:
        """Whoever is there to break glass: his ways are meant to be there."""
        import pyarrow as pa

        from .globs import globs

        ids = pa.chunked_array([pa.array(self._graph.gates.nodes, pa.string())])
        held = globs(ids, self._file.break_glass)
        return frozenset(id for id, one in zip(self._graph.gates.nodes, held.to_pylist(), strict=True) if one)

    def _held(self, step: Step) -> Held:
        """What a step rests on. Nothing can be removed where two ways join, and what only may be there."""
        from leastwise.graph.paths import path_of

        hop = path_of(self._graph.gates, [step]).hops[0]
        if hop.after >= 0:
            return ()
        # Where a rule itself asks for nothing, the door is what decides, and no statement may be known of it.
        asks = self._graph.gates.rules[self._graph.gates.gates[step[1]].rule].needs
        if hop.missing and asks:
            return ()
        found: list[list[Need]] = []
        for several in self._graph.steps(hop):
            decided = [(one, on, self._evidence.decision(hop, one, on)) for one, on in several]
            needs = [
                self._need(self._graph.asker(hop, one), one, on, decision.reasons)
                for one, on, decision in decided
                if decision.state is not State.DENIED
            ]
            if needs:
                found.append(needs)
        return found if asks or any(map(any, found)) else [[[frozenset([self._door(hop)])]]]

    def _need(self, principal: str, permission: Permission, on: str, reasons: Sequence[Reason]) -> Need:
        part = self._graph.part_of(principal)
        allowing = [one for one in reasons if one.effect == "allows"]
        if part is None or not allowing:
            return ()
        sides = part.sides(permission.permission, principal, on, allowing)
        return [
            frozenset(self._number(part.provider, principal, one) for one in side)
            for side in sides
            if side and not any(one.source.startswith(SHADOW) for one in side)
        ]

    def _door(self, hop: Hop) -> int:
        """What opens an identity by itself: a trust in tokens of another system, an offer that can be taken up."""
        door = hop.thing or hop.about
        # What stands for what can be activated is no id that anybody knows.
        door = door if self._graph.named(door) == door else ""
        text = f"{hop.rule.title}: {self._graph.named(hop.target)}"
        grant = Grant(hop.rule.provider, self._graph.lies_in(door), "trust", door, "", door, text)
        return self._grants.setdefault(grant, len(self._grants))

    def _number(self, provider: str, principal: str, reason: Reason) -> int:
        # A place in a document tells nothing without the account that it was read of.
        account = self._graph.lies_in(principal) if "#/" in reason.source else ""
        grant = Grant(
            provider, account, reason.layer, reason.policy, reason.statement, reason.source, reason.text
        )  # fmt: skip
        return self._grants.setdefault(grant, len(self._grants))

    def values(self, grant: Grant, choke: Choke) -> dict[str, Any]:
        """A choke point as the JSON interface has it."""
        from leastwise.graph.paths import path_of

        graph, nodes = self._graph, self._graph.gates.nodes
        hops = [path_of(graph.gates, [one]).hops[0] for one in choke.steps]
        return {
            "grant": asdict(grant), "cuts": len(choke.cut), "principals": [nodes[one] for one in choke.cut],
            "names": [graph.name(nodes[one]) for one in choke.cut],
            "steps": [
                {"from": graph.named(one.source), "from_name": graph.name(one.source), "to": graph.named(one.target),
                 "to_name": graph.name(one.target), "rule": one.rule.id, "title": one.rule.title} for one in hops
            ],
            "remediation": list(dict.fromkeys(one.rule.remediation for one in hops)),
        }  # fmt: skip
