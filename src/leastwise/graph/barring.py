"""Search over gates of which some single steps are closed: the first step of a shortest way of every node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pyroaring import BitMap

from .gates import Gate
from .network import Network
from .shortest import Step

Barred = Mapping[tuple[int, int], Collection[int]]
"""Of a gate's number and a node that goes through it, the nodes that it does not come to that way."""


@dataclass(frozen=True)
class Ways:
    """The first step of every node's shortest way, and the sources that have one."""

    steps: dict[int, Step]
    reaching: BitMap
    targets: BitMap

    def way(self, source: int) -> Iterator[Step]:
        """The steps of a shortest way."""
        at = source
        while at not in self.targets:
            step = self.steps[at]
            yield step
            at = step[2]

    @cached_property
    def every(self) -> Mapping[int, Step]:
        """The steps of all ways of the sources, by the node that each begins at; before each those that follow it."""
        found: dict[int, Step] = {}
        for source in self.reaching:
            fresh = []
            for step in self.way(source):
                if step[0] in found:
                    break
                fresh.append(step)
            found.update((step[0], step) for step in reversed(fresh))
        return found


@dataclass(frozen=True, slots=True)
class _Door:
    """A gate: where it leads, and where each goes for himself by whom."""

    number: int
    gate: Gate
    ends: BitMap
    alone: Mapping[int, list[int]] | None

    def steps(self, front: BitMap, seen: BitMap) -> Iterator[tuple[int, Iterable[int]]]:
        """Those who were not seen, each with the nodes of a front to which he comes."""
        ends = self.ends & front
        if self.alone is None:
            yield from ((source, ends) for source in self.gate.sources - seen)
            return
        for target in ends:
            yield from ((source, (target,)) for source in self.alone[target] if source not in seen)


class Doors:
    """The gates of a network, by where they lead.

    Args:
        network: the gates.
    """

    def __init__(self, network: Network) -> None:
        self._doors = [_door(number, gate) for number, gate in network.numbered()]
        self._into: dict[int, list[int]] = defaultdict(list)
        for place, one in enumerate(self._doors):
            for node in one.ends:
                self._into[node].append(place)
        self._out: dict[int, list[_Door]] = {}

    def ways(self, targets: BitMap, barred: Barred) -> dict[int, Step]:
        """The first step of each node that has a way, breadth first from the targets."""
        limited: dict[int, set[int]] = defaultdict(set)
        for closed_gate, node in barred:
            limited[closed_gate].add(node)
        found: dict[int, Step] = {}
        front, seen = targets, targets
        while front:
            following = BitMap()
            for place in sorted({place for node in front for place in self._into.get(node, ())}):
                door = self._doors[place]
                bound = limited.get(door.number, ())
                for source, open_ in door.steps(front, seen | following):
                    closed = barred[door.number, source] if source in bound else ()
                    via = next((target for target in open_ if target not in closed), None)
                    if via is not None and source not in following:
                        found[source] = (source, door.number, via)
                        following.add(source)
            seen, front = seen | following, following
        return found

    def onward(self, node: int, into: BitMap) -> Iterator[Step]:
        """The steps from a node to some others."""
        known = self._out.get(node)
        if known is None:
            known = self._out[node] = [door for door in self._doors if node in door.gate.sources]
        for door in known:
            for target in door.ends & into:
                if door.alone is None or node in door.alone[target]:
                    yield node, door.number, target

    def leaving(self, ways: Ways, safe: BitMap, opens: Callable[[Step], bool]) -> BitMap:
        """Those sources with no way any more when only the ways of some nodes still hold for certain.

        Args:
            ways: as they are; what has none there has none.
            safe: nodes that still have a way, or are targets.
            opens: whether a step is still there; asked of steps that could save somebody alone.
        """
        unsure = BitMap(ways.every.keys()) - safe
        safe, unsure = self._saved(safe, unsure, opens)
        lost = unsure & ways.reaching
        # Whoever is left may get on through nodes that were on nobody's way.
        hopeful, front = BitMap(ways.steps.keys()) - safe, lost
        while front:
            front = BitMap([step[2] for node in front for step in self.onward(node, hopeful)]) - unsure
            unsure |= front
        return self._saved(safe, unsure, opens)[1] & lost

    def _saved(self, safe: BitMap, unsure: BitMap, opens: Callable[[Step], bool]) -> tuple[BitMap, BitMap]:
        """Those with a way, and those without, once each step to somebody with a way was tried."""
        fresh = safe
        while fresh and unsure:
            saved = BitMap([node for node in unsure if any(opens(step) for step in self.onward(node, fresh))])
            safe, unsure, fresh = safe | saved, unsure - saved, saved
        return safe, unsure


def _door(number: int, gate: Gate) -> _Door:
    ends = BitMap(gate.targets.astype("uint32"))
    if gate.each is None:
        return _Door(number, gate, ends, None)
    alone: dict[int, list[int]] = defaultdict(list)
    for source, target in zip(gate.each.tolist(), gate.targets.tolist(), strict=True):
        alone[target].append(source)
    return _Door(number, gate, ends, dict(alone))
