"""The k shortest ways from one node to others, none through a node twice: Yen's way, over gates.

J. Y. Yen, Finding the K shortest loopless paths in a network, Management Science 17 (1971). Two ways are two where they
go through other gates: what another rule makes possible is another way, also between the same two.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count, takewhile

import numpy as np
from pyroaring import BitMap

from .gates import Gate
from .network import Network

Step = tuple[int, int, int]
"""From a node through a gate to another."""
Way = tuple[Step, ...]
_NOBODY = BitMap()


class Shortest:
    """Ways through a network to some nodes; a way ends at the first of them that it meets.

    Args:
        network: the gates.
        targets: the nodes.
        closed: nodes that no way may touch.
    """

    def __init__(self, network: Network, targets: Collection[int], closed: BitMap = _NOBODY) -> None:
        self._targets, self._closed = BitMap(sorted(targets)) - closed, closed
        self.steps = network.to(sorted(self._targets)).steps
        self._hopeful = BitMap(np.flatnonzero(self.steps >= 0).astype(np.uint32)) - closed
        self._gates = [
            (number, one) for number, one in network.numbered() if network.ends[number].intersect(self._hopeful)
        ]
        self._network = network

    def ways(self, source: int) -> Iterator[Way]:
        """All ways from a node, the shortest first."""
        if source in self._targets or source not in self._hopeful:
            return
        found: list[Way] = []
        waiting: list[tuple[int, Way]] = []
        known: set[Way] = set()
        first = self._way(source, _NOBODY, frozenset())
        if first is not None:
            heappush(waiting, (len(first), first))
        while waiting:
            _, way = heappop(waiting)
            found.append(way)
            yield way
            for one in self._spurs(way, found):
                if one not in known:
                    known.add(one)
                    heappush(waiting, (len(one), one))

    def _spurs(self, way: Way, found: Sequence[Way]) -> Iterator[Way]:
        """The shortest way that leaves another at each of its nodes, by a step that no way found so far takes there."""
        passed = BitMap()
        for place, (node, _, _) in enumerate(way):
            root = way[:place]
            taken = frozenset(one[place][1:] for one in found if len(one) > place and one[:place] == root)
            rest = self._way(node, passed, taken)
            if rest is not None:
                yield root + rest
            passed.add(node)

    def _way(self, source: int, passed: BitMap, taken: Collection[tuple[int, int]]) -> Way | None:
        """The shortest way that touches none of the nodes that were passed, and begins with none of some steps."""
        came: dict[int, tuple[int, int]] = {}
        seen = passed | self._closed | BitMap([source])
        front = BitMap([source])
        while front:
            following = BitMap()
            for number, gate in self._gates:
                for via, target in self._through(number, gate, front, seen):
                    if via == source and (number, target) in taken:
                        continue
                    if target not in following:
                        following.add(target)
                        came[target] = (via, number)
            ended = following & self._targets
            if ended:
                return tuple(_back(came, source, ended[0]))
            seen |= following
            front = following & self._hopeful
        return None

    def _through(self, number: int, gate: Gate, front: BitMap, seen: BitMap) -> Iterator[tuple[int, int]]:
        """Every step through a gate from a node of the front to one that was not seen; of several from one side any."""
        sources = gate.sources & front
        if not sources:
            return
        if gate.each is None:
            via = sources[0]
            yield from ((via, target) for target in self._network.ends[number] - seen)
            return
        single = self._network.single[number]
        yield from ((source, target) for source in sources for target in single[source] if target not in seen)


def _back(came: dict[int, tuple[int, int]], source: int, at: int) -> list[Step]:
    steps: list[Step] = []
    while at != source:
        via, gate = came[at]
        steps.append((via, gate, at))
        at = via
    return steps[::-1]


def through(network: Network, source: int, node: int, targets: Collection[int], most: int = 200) -> Iterator[Way]:
    """Ways to some nodes that go through one, the shortest first.

    Whatever leads from that node to the targets is tried, the shortest first, `most` of these; for each, every way to
    the node that stays off it.
    """
    if source == node:
        yield from Shortest(network, targets).ways(source)
        return
    if node in targets:
        yield from Shortest(network, [node], BitMap(sorted(targets)) - BitMap([node])).ways(source)
        return
    near = int(Shortest(network, [node], BitMap(sorted(targets))).steps[source])
    if near < 0:
        return
    onward = takewhile(lambda one: one[0] < most, enumerate(Shortest(network, targets, BitMap([source])).ways(node)))
    yield from _merged((way for _, way in onward), lambda way: _into(network, source, node, way, targets), near)


def _into(network: Network, source: int, node: int, onward: Way, targets: Collection[int]) -> Iterator[Way]:
    closed = BitMap([target for _, _, target in onward]) | BitMap(sorted(targets))
    return (way + onward for way in Shortest(network, [node], closed).ways(source))


def _merged(onward: Iterator[Way], into: Callable[[Way], Iterator[Way]], near: int) -> Iterator[Way]:
    """Ways of many streams, each ascending, in one; a stream is opened when the next way could come from it."""
    order = count()
    waiting: list[tuple[int, int, Way, Iterator[Way]]] = []
    upcoming = next(onward, None)
    while waiting or upcoming is not None:
        while upcoming is not None and (not waiting or near + len(upcoming) <= waiting[0][0]):
            stream = into(upcoming)
            first = next(stream, None)
            if first is not None:
                heappush(waiting, (len(first), next(order), first, stream))
            upcoming = next(onward, None)
        if not waiting:
            continue
        _, _, way, stream = heappop(waiting)
        yield way
        following = next(stream, None)
        if following is not None:
            heappush(waiting, (len(following), next(order), following, stream))
