"""The nodes and edges of some paths, once each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..escalation_graph import EscalationGraph

if TYPE_CHECKING:
    from leastwise.graph.paths import Path


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody or something on a path.

    Args:
        id: of it; shadows have ids of their own.
        label: as people are told it.
        what: principal, power (of somebody that does not exist yet), or data.
        provider: whose; empty where none of the providers tells.
        kind: see principals.kind and resources.kind; empty for powers.
        account: in which it lies.
        left: how many steps are left from it, at the most.
    """

    id: str
    label: str
    what: str
    provider: str
    kind: str
    account: str
    left: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A step from one node to another, by a rule."""

    source: str
    target: str
    rule: str
    title: str
    gain: str
    state: str
    technique: str
    through: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to draw, in an order that depends on nothing else."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def picture(graph: EscalationGraph, paths: Iterable[Path], title: str) -> Picture:
    """The picture of some paths; steps that several take are drawn once."""
    edges: dict[Edge, None] = {}
    left: dict[str, int] = {}
    for path in paths:
        for place, hop in enumerate(path.hops):
            rest = len(path.hops) - place
            left[hop.source] = max(left.get(hop.source, 0), rest)
            left[hop.target] = max(left.get(hop.target, 0), rest - 1)
            through = "" if (hop.after >= 0 and hop.together < 0) or hop.thing == hop.target else hop.thing
            rule = hop.rule
            edges[Edge(
                hop.source, hop.target, rule.id, rule.title, rule.gain, str(hop.state), rule.technique, through
            )] = None  # fmt: skip
    nodes = [
        Node(
            id, graph.named(id), graph.what(id), graph.provider(id), graph.kind(id), graph.lies_in(id), rest
        ) for id, rest in sorted(left.items())
    ]  # fmt: skip
    return Picture(title, tuple(nodes), tuple(edges))
