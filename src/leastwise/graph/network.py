"""Search over gates: breadth first, in arrays. Every step goes through one gate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import State

from .gates import Gates

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Ways:
    """The shortest way from every node to some nodes, or from some to every node.

    Args:
        steps: how many gates lie between; -1 where there is no way.
        gate: the first gate on the way (the last, of ways from some nodes); -1 where there is none.
        other: the node on the other side of that gate.
    """

    steps: Array
    gate: Array
    other: Array


class Network:
    """The gates of an estate, ready for searches."""

    def __init__(self, gates: Gates, states: Collection[State] = (State.ALLOWED,)) -> None:
        self.gates = gates
        self._chosen = [number for number, one in enumerate(gates.gates) if one.state in states]

    @cached_property
    def _openings(self) -> tuple[Array, Array, Array, Array, Array]:
        """The gate of each opening; side by side openings and sources, openings and targets.

        A gate through which each goes for himself has an opening for each, all others one.
        """
        parts: tuple[list[Array], ...] = ([], [], [], [], [])
        count = 0
        for number in self._chosen:
            one = self.gates.gates[number]
            if one.each is not None:
                own = np.arange(count, count + len(one.each))
                found = (np.full(len(own), number), own, one.each, own, one.targets)
            else:
                sources = np.array(one.sources, np.int64)
                into, out = np.full(len(sources), count), np.full(len(one.targets), count)
                found = (np.array([number]), into, sources, out, one.targets)
            for part, values in zip(parts, found, strict=True):
                part.append(values)
            count += len(found[0])
        gate, into, sources, out, targets = (np.concatenate(part) if part else np.empty(0, np.int64) for part in parts)
        return gate, into, sources, out, targets

    @cached_property
    def _sides(self) -> tuple[Rows, Rows, Rows, Rows]:
        """Sources and targets by opening, and openings by source and by target."""
        gate, into, sources, out, targets = self._openings
        nodes, count = len(self.gates.nodes), len(gate)
        return (
            rows_of(into, sources, count), rows_of(out, targets, count),
            rows_of(sources, into, nodes), rows_of(targets, out, nodes),
        )  # fmt: skip

    def to(self, targets: Sequence[int]) -> Ways:
        """The shortest way from every node to one of some nodes."""
        sources_of, _, _, gates_to = self._sides
        return self._search(targets, gates_to, sources_of)

    def back(self, sources: Sequence[int]) -> Ways:
        """The shortest way from one of some nodes to every node, told from its end."""
        _, targets_of, gates_from, _ = self._sides
        return self._search(sources, gates_from, targets_of)

    def _search(self, first: Sequence[int], gates_of: Rows, beyond: Rows) -> Ways:
        nodes = len(self.gates.nodes)
        steps, gate, other = (np.full(nodes, NOWHERE, np.int64) for _ in range(3))
        seen = np.zeros(len(self._openings[0]), bool)
        front = np.unique(np.asarray(first, np.int64))
        steps[front] = 0
        step = 0
        while len(front):
            step += 1
            found, owner = gates_of.gather(front)
            found, at = np.unique(found, return_index=True)
            fresh = ~seen[found]
            found, via = found[fresh], front[owner[at[fresh]]]
            seen[found] = True
            reached, owner = beyond.gather(found)
            reached, at = np.unique(reached, return_index=True)
            new = steps[reached] == NOWHERE
            reached, at = reached[new], at[new]
            steps[reached] = step
            gate[reached] = self._openings[0][found[owner[at]]]
            other[reached] = via[owner[at]]
            front = reached
        return Ways(steps, gate, other)
