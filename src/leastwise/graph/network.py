"""Search over gates: breadth first, all nodes of a step at once. Every step goes through one gate.

Gates that are open to many lead from a set of nodes to others, and are gone through once. Gates through which each goes
for himself are edges; those of all gates lie side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import State

from .backwards import Backwards, into
from .gates import Gate, Gates

NOWHERE = -1


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


@dataclass(frozen=True, slots=True)
class _Edges:
    """Where single edges lead from each node, in the order of their gates; several gates: whether there are."""

    far: Rows
    gate: Rows
    several: bool


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
        return self._search(targets, self._backwards, back=True)

    def reaching(self, targets: Sequence[int], known: Mapping[int, BitMap] | None = None) -> BitMap:
        """Some nodes, and those from which there is a way to one of them: costs as much as there are.

        Of nodes of which this is `known` it is not looked for again.
        """
        return self._by_ends.reaching(targets, known)

    def back(self, sources: Sequence[int]) -> Ways:
        """The shortest way from one of some nodes to every node, told from its end."""
        return self._search(sources, self._forwards, back=False)

    @cached_property
    def ends(self) -> Mapping[int, BitMap]:
        """The nodes that each gate leads to, by its number."""
        return {number: BitMap(one.targets.astype(np.uint32)) for number, one in self.numbered()}

    @cached_property
    def single(self) -> Mapping[int, Mapping[int, Sequence[int]]]:
        """Of gates through which each goes for himself the nodes that he comes to, by the gate's number and by him."""
        found: dict[int, dict[int, list[int]]] = {}
        for number, one in self.numbered():
            if one.each is not None:
                mine = found[number] = defaultdict(list)
                for source, target in zip(one.each.tolist(), one.targets.tolist(), strict=True):
                    mine[source].append(target)
        return found

    # --- what leads where

    @cached_property
    def _shared(self) -> list[tuple[int, Gate]]:
        return [(number, one) for number, one in self.numbered() if one.each is None]

    @cached_property
    def _into(self) -> Rows:
        """The places among the shared gates of those that lead to each node."""
        return into([one for _, one in self._shared], len(self.gates.nodes))

    @cached_property
    def _by_ends(self) -> Backwards:
        return Backwards([one for _, one in self._shared], self._into, self._backwards.far)

    @cached_property
    def _alone(self) -> tuple[Array, Array, Array]:
        """Source, target and gate of each single edge."""
        found = [(number, one.each, one.targets) for number, one in self.numbered() if one.each is not None]
        sources = np.concatenate([*(each for _, each, _ in found), _NONE]).astype(np.int64)
        targets = np.concatenate([*(one for *_, one in found), _NONE]).astype(np.int64)
        return sources, targets, np.repeat([one for one, *_ in found], [len(one) for *_, one in found]).astype(np.int64)

    @cached_property
    def _forwards(self) -> _Edges:
        sources, targets, gate = self._alone
        return self._edges(sources, targets, gate)

    @cached_property
    def _backwards(self) -> _Edges:
        sources, targets, gate = self._alone
        return self._edges(targets, sources, gate)

    def _edges(self, near: Array, far: Array, gate: Array) -> _Edges:
        nodes = len(self.gates.nodes)
        several = bool(len(gate)) and bool(gate[0] != gate[-1])
        return _Edges(rows_of(near, far, nodes), rows_of(near, gate, nodes) if several else _ROWS, several)

    # --- the search

    def _search(self, first: Sequence[int], edges: _Edges, *, back: bool) -> Ways:
        nodes = len(self.gates.nodes)
        ways = Ways(*(np.full(nodes, NOWHERE, np.int64) for _ in range(3)))
        front = np.unique(np.array(first, np.int64))
        ways.steps[front] = 0
        waiting = np.ones(len(self._shared), bool)
        step = 0
        while len(front):
            step += 1
            found = [self._by_edges(ways, edges, front, step)]
            found += self._by_gates(ways, waiting, front, step, back=back)
            front = np.concatenate(found) if len(found) > 1 else found[0]
        return ways

    def _by_edges(self, ways: Ways, edges: _Edges, front: Array, step: int) -> Array:
        """The nodes that single edges lead to from a front, each by the first gate that does."""
        far, owner = edges.far.gather(front)
        fresh = np.flatnonzero(ways.steps[far] == NOWHERE)
        if not len(fresh):
            return _NONE
        far, other = far[fresh], front[owner[fresh]]
        gate = edges.gate.gather(front)[0][fresh] if edges.several else np.full(len(far), self._alone[2][0])
        order = np.argsort(-gate, kind="stable") if edges.several else slice(None)
        far, other, gate = far[order], other[order], gate[order]
        # Of several that lead to one node the last stays: it is of the first gate.
        places = np.arange(len(far))
        ways.gate[far] = places
        kept = ways.gate[far] == places
        far = far[kept]
        ways.gate[far], ways.other[far], ways.steps[far] = gate[kept], other[kept], step
        return np.asarray(far)

    def _by_gates(self, ways: Ways, waiting: Array, front: Array, step: int, *, back: bool) -> Iterator[Array]:
        """The nodes on the other side of the shared gates that a front opens, where no earlier gate leads there."""
        if not waiting.any():
            return
        near = BitMap(front.astype(np.uint32))
        for place in self._opened(waiting, front, near, back=back):
            waiting[place] = False
            number, gate = self._shared[place]
            if back:
                via = next(target for target in gate.targets.tolist() if target in near)
                beyond = np.array(gate.sources, np.int64)
            else:
                via, beyond = (gate.sources & near)[0], gate.targets
            steps = ways.steps[beyond]
            fresh = beyond[steps == NOWHERE]
            later = beyond[(steps == step) & (ways.gate[beyond] > number)]
            ways.steps[fresh] = step
            for some in (fresh, later):
                ways.gate[some], ways.other[some] = number, via
            yield np.unique(fresh) if not back else fresh

    def _opened(self, waiting: Array, front: Array, near: BitMap, *, back: bool) -> list[int]:
        """The shared gates that were not gone through and that a front leads to, or can go through."""
        if back:
            found = np.unique(self._into.gather(front)[0])
            return found[waiting[found]].tolist()  # type: ignore[no-any-return]
        return [place for place in np.flatnonzero(waiting).tolist() if self._shared[place][1].sources.intersect(near)]


_NONE = np.empty(0, np.int64)
_ROWS = Rows(np.zeros(1, np.int64), _NONE)
