"""From where gates lead to some nodes: costs as much as there are, however many gates lead elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

from leastwise.engine.sparse import Rows, rows_of

if TYPE_CHECKING:
    from .gates import Gate


class Backwards:
    """Gates by the nodes that they lead to.

    Args:
        shared: gates that are open to all their sources.
        into: the places among them of those that lead to each node.
        alone: of gates through which each goes for himself those who come to each node.
    """

    def __init__(self, shared: Sequence[Gate], into: Rows, alone: Rows) -> None:
        self._shared, self._into, self._alone = shared, into, alone

    def reaching(self, targets: Sequence[int], known: Mapping[int, BitMap] | None = None) -> BitMap:
        """Some nodes, and those from which there is a way to one of them: costs as much as there are.

        Of nodes of which this is `known` it is not looked for again.
        """
        seen = front = BitMap(sorted(targets))
        settled = BitMap(sorted(known or ()))
        gone: set[int] = set()
        while front:
            nodes = np.array(front, np.int64)
            found = BitMap(self._alone.gather(nodes)[0].astype(np.uint32))
            for place in {*self._into.gather(nodes)[0].tolist()} - gone:
                gone.add(place)
                found |= self._shared[place].sources
            met = BitMap().union(*((known or {})[node] for node in settled & found))
            front = found - seen - met
            seen = seen | found | met
        return seen


def into(shared: Sequence[Gate], nodes: int) -> Rows:
    """The places among some gates of those that lead to each node."""
    found = [one.targets for one in shared]
    owner = np.repeat(np.arange(len(found)), [len(one) for one in found])
    return rows_of(np.concatenate([*found, np.empty(0, np.int64)]).astype(np.int64), owner, nodes)


def backwards(gates: Sequence[Gate], nodes: int) -> Backwards:
    """Some gates by where they lead, of so many nodes."""
    shared = [one for one in gates if one.each is None]
    none = np.empty(0, np.int64)
    each = np.concatenate([*(one.each for one in gates if one.each is not None), none]).astype(np.int64)
    ends = np.concatenate([*(one.targets for one in gates if one.each is not None), none]).astype(np.int64)
    return Backwards(shared, into(shared, nodes), rows_of(ends, each, nodes))
