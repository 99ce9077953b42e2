"""Search over gates: breadth first, with sets of nodes as bitmaps. Every step goes through one gate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import State

from .gates import Gate, Gates

NOWHERE = -1
_Reached = Iterable[tuple[int, BitMap]]
_Near = Callable[[BitMap], Iterable[int]]
_Beyond = Callable[[Gate, BitMap, BitMap], _Reached]


@dataclass(frozen=True, slots=True)
class Ways:
    """The shortest way from every node to some nodes, or from some nodes to every node.

    Args:
        steps: how many gates lie between; -1 where there is no way.
        gate: the gate on this side of the way (its first, or its last); -1 where there is none.
        other: the node on the other side of that gate.
    """

    steps: Array
    gate: Array
    other: Array


class Network:
    """The gates of some states, ready for searches."""

    def __init__(self, gates: Gates, states: Collection[State] = (State.ALLOWED,)) -> None:
        self.gates = gates
        self._chosen = [number for number, one in enumerate(gates.gates) if one.state in states]

    def numbered(self) -> Iterator[tuple[int, Gate]]:
        """The gates of these states, with their numbers."""
        return ((number, self.gates.gates[number]) for number in self._chosen)

    def to(self, targets: Sequence[int]) -> Ways:
        """The shortest way from every node to one of some nodes."""
        return self._search(targets, self._leading, _sources)

    def back(self, sources: Sequence[int]) -> Ways:
        """The shortest way from one of some nodes to every node, told from its end."""
        return self._search(sources, self._open, _targets)

    @cached_property
    def _into(self) -> Rows:
        """The gates that lead to each node."""
        found = [self.gates.gates[number].targets for number in self._chosen]
        owner = np.repeat(np.array(self._chosen, np.int64), [len(one) for one in found])
        return rows_of(np.concatenate([*found, np.empty(0, np.int64)]).astype(np.int64), owner, len(self.gates.nodes))

    def _leading(self, front: BitMap) -> Iterable[int]:
        found, _ = self._into.gather(np.array(front, np.int64))
        return np.unique(found).tolist()  # type: ignore[no-any-return]

    def _open(self, front: BitMap) -> Iterable[int]:
        return [number for number in self._chosen if self.gates.gates[number].sources.intersect(front)]

    def _search(self, first: Sequence[int], near: _Near, beyond: _Beyond) -> Ways:
        nodes = len(self.gates.nodes)
        steps, gate, other = (np.full(nodes, NOWHERE, np.int64) for _ in range(3))
        front = seen = BitMap(first)
        steps[list(front)] = 0
        step = 0
        while front:
            step += 1
            following = BitMap()
            for number in near(front):
                for via, reached in beyond(self.gates.gates[number], front, seen):
                    fresh = np.array(reached - following, np.int64)
                    steps[fresh], gate[fresh], other[fresh] = step, number, via
                    following |= reached
            seen = seen | following
            front = following
        return Ways(steps, gate, other)


def _sources(gate: Gate, front: BitMap, seen: BitMap) -> _Reached:
    """Who goes through a gate to a node of the front, with that node."""
    if gate.each is None:
        via = next(target for target in gate.targets.tolist() if target in front)
        yield via, gate.sources - seen
        return
    for source, target in zip(gate.each.tolist(), gate.targets.tolist(), strict=True):
        if target in front and source not in seen:
            yield target, BitMap([source])


def _targets(gate: Gate, front: BitMap, seen: BitMap) -> _Reached:
    """Where a gate leads from a node of the front, with that node."""
    if gate.each is None:
        yield (gate.sources & front)[0], BitMap(gate.targets.astype(np.uint32)) - seen
        return
    for source, target in zip(gate.each.tolist(), gate.targets.tolist(), strict=True):
        if source in front and target not in seen:
            yield source, BitMap([target])
