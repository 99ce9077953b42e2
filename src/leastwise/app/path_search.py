"""Paths that are asked for: whose, to what, through whom, how many, only between clouds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from .escalation_graph import EscalationGraph

if TYPE_CHECKING:
    from leastwise.graph.network import Network
    from leastwise.graph.paths import Path
    from leastwise.graph.shortest import Way


@dataclass(frozen=True)
class Wanted:
    """Which paths.

    Args:
        targets: nodes that they lead to.
        sources: nodes that they begin at; None: everybody's.
        through: node that they go through, or None.
        shortest: how many of each principal.
        most: of so many principals at most; None for all.
        sure: only those of which every step is surely possible.
        across: only those that end in another cloud than they begin in.
    """

    targets: Sequence[int]
    sources: Sequence[int] | None = None
    through: int | None = None
    shortest: int = 1
    most: int | None = None
    sure: bool = False
    across: bool = False


def search(graph: EscalationGraph, wanted: Wanted) -> tuple[list[Path], int]:
    """The paths, those that are sure and short first, and how many principals have one."""
    from leastwise.graph.paths import ANY

    found: list[Path] = []
    having = 0
    for targets in _groups(graph, wanted):
        paths, count = _Search(graph, wanted, targets).paths()
        found += paths
        having += count
    nodes = graph.gates.nodes
    order = {id: number for number, id in enumerate(sorted(nodes))} if wanted.across else {}
    found.sort(key=lambda one: (ANY.index(one.state), len(one.hops), order.get(one.hops[0].source, 0)))
    if wanted.most is not None:
        found = found[: wanted.most * wanted.shortest]
    return found, having


def _groups(graph: EscalationGraph, wanted: Wanted) -> list[list[int]]:
    """The targets; where only paths between clouds are wanted those of each cloud by themselves."""
    if not wanted.across:
        return [list(wanted.targets)]
    groups: dict[str, list[int]] = {}
    for node in wanted.targets:
        groups.setdefault(graph.cloud(graph.gates.nodes[node]), []).append(node)
    return list(groups.values())


class _Search:
    """Paths to targets that are searched for together."""

    def __init__(self, graph: EscalationGraph, wanted: Wanted, targets: Sequence[int]) -> None:
        from leastwise.graph.paths import Searching

        self._graph, self._wanted, self._targets = graph, wanted, targets
        self._networks = graph.networks[:1] if wanted.sure else graph.networks
        self._searching = Searching(self._networks, targets)

    def paths(self) -> tuple[list[Path], int]:
        """The paths of everybody who is asked for, and how many have one."""
        everybody = self._sources()
        if self._wanted.through is None:
            chosen = everybody[: self._wanted.most] if self._wanted.most is not None else everybody
            return [path for one in chosen for path in self._of(one)], len(everybody)
        found = [paths for one in everybody if (paths := list(self._of(one)))]
        return [path for paths in found for path in paths], len(found)

    def _sources(self) -> list[int]:
        from leastwise.graph.paths import Searching

        wanted, nodes = self._wanted, self._graph.gates.nodes
        found = self._searching.reaching()
        if wanted.sources is not None:
            found = [one for one in found if one in wanted.sources]
        else:
            found = [one for one in found if self._graph.somebody(one)]
        if wanted.through is not None:
            before = {wanted.through, *Searching(self._networks, [wanted.through]).reaching()}
            found = [one for one in found if one in before]
        return [one for one in found if self._crosses(nodes[one])] if wanted.across else found

    def _crosses(self, source: str) -> bool:
        cloud = self._graph.cloud(self._graph.gates.nodes[self._targets[0]])
        return self._graph.cloud(source) != cloud

    def _of(self, source: int) -> Iterator[Path]:
        from leastwise.graph.paths import ranked

        if self._wanted.shortest == 1 and self._wanted.through is None:
            found = self._searching.path(source)
            return iter(() if found is None else (found,))
        return islice(_told_apart(ranked(self._networks, lambda one: self._ways(one, source))), self._wanted.shortest)

    def _ways(self, network: Network, source: int) -> Iterator[Way]:
        from leastwise.graph.shortest import Shortest, through

        if self._wanted.through is None:
            return Shortest(network, self._targets).ways(source)
        return through(network, source, self._wanted.through, self._targets)


def _told_apart(paths: Iterator[Path]) -> Iterator[Path]:
    """Paths without those that go by the rules and the principals of one before, on other things."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    for one in paths:
        told = tuple((hop.rule.id, hop.target) for hop in one.hops)
        if told not in seen:
            seen.add(told)
            yield one
