"""Who gets far anyway, and so need not be asked what else he could do first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

from leastwise.model.shadows import Shadows

from .backwards import backwards
from .classes import STATES
from .nodes import Nodes

if TYPE_CHECKING:
    from .gates import Gate

Strong = tuple[BitMap, BitMap, BitMap]
"""Those who get somewhere surely, under conditions at worst, at all."""


class Standing:
    """Who becomes the administrator of an account, and which shadows nobody comes to who does not.

    Args:
        gates: that are there whatever is changed.
        nodes: the numbers of principals.
        shadows: see there.
    """

    def __init__(self, gates: Sequence[Gate], nodes: Nodes, shadows: Shadows) -> None:
        self._levels = [[one for one in gates if one.state in STATES[: at + 1]] for at in range(len(STATES))]
        self._nodes, self._shadows = nodes, shadows
        self._ends = {id(one): BitMap(one.targets.astype(np.uint32)) for one in gates}
        numbers = nodes.numbers
        self._unreal = BitMap([numbers[id] for id in shadows.ids() if id in numbers])
        self._joints = [
            (numbers[one.power], numbers[one.gives])
            for one in shadows.joints()
            if one.power in numbers and one.gives in numbers
        ]
        self._back = [backwards(some, len(numbers)) for some in self._levels]
        self._found: list[dict[int, BitMap]] = [{} for _ in STATES]
        self._known: dict[str, Strong] = {}
        self._idle: Strong | None = None

    def of(self, account: str) -> Strong:
        """Those of an account, by how surely they get there."""
        if account not in self._known:
            idle = self._idle_shadows()
            sure, likely, every = (strong | some for strong, some in zip(self._strong(account), idle, strict=True))
            self._known[account] = sure, likely, every
        return self._known[account]

    def _strong(self, account: str) -> list[BitMap]:
        id = self._shadows.administrator.get(account)
        if id is None or id not in self._nodes.numbers:
            return [BitMap() for _ in STATES]
        node = self._nodes.numbers[id]
        # Of whom it is known already who becomes him it is not looked for again.
        for found, gates in zip(self._found, self._back, strict=True):
            if node not in found:
                found[node] = gates.reaching([node], found)
        return [found[node] for found in self._found]

    def _idle_shadows(self) -> Strong:
        """The shadows to which nobody comes but who gets further anyway, by how surely."""
        if self._idle is None:
            above = [self._strong(account) for account in self._shadows.administrator]
            real = BitMap(range(len(self._nodes.numbers))) - self._unreal
            found = []
            for level, gates in enumerate(self._levels):
                weak = real - BitMap().union(*(one[level] for one in above))
                found.append(self._unreal - self._reached(gates, weak))
            self._idle = found[0], found[1], found[2]
        return self._idle

    def _reached(self, gates: Sequence[Gate], nodes: BitMap) -> BitMap:
        """Those to whom gates may lead from some nodes; whoever gets a power may come to whom it gives."""
        found, fresh = nodes.copy(), True
        left = list(gates)
        while fresh:
            fresh, closed = False, []
            for gate in left:
                if not gate.sources.intersect(found):
                    closed.append(gate)
                    continue
                ends = self._ends[id(gate)]
                fresh = fresh or not ends.issubset(found)
                found |= ends
            given = BitMap([gives for power, gives in self._joints if power in found])
            fresh = fresh or not given.issubset(found)
            found |= given
            left = closed
        return found
