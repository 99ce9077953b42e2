"""Choke points: the grants whose removal takes the way to some nodes from the most principals.

Chosen one by one, each the best there is: a grant that takes every way from a principal is needed on his shortest way,
too, so only those of shortest ways are tried, and only as long as so many could lose their way by one as by the best
so far. Where no grant by itself takes the way from anybody, that which most shortest ways need is taken out first;
it is left out at the end if the others do without it. That is not always the smallest set (finding that is hard).

What a step rests on is asked only of steps that a search comes upon.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pyroaring import BitMap

from .barring import Doors, Ways
from .network import Network
from .shortest import Step

Need = Sequence[frozenset[int]]
"""Sets of grants: of each at least one is needed. None: nothing that could be removed gives it."""
Held = Sequence[Sequence[Need]]
"""What a step rests on: every one of several, each by any one of its needs."""


@dataclass(frozen=True, slots=True)
class Choke:
    """A grant to remove.

    Args:
        grant: its number.
        cut: nodes that have no way any more when it goes, after those before it.
        steps: steps of shortest ways that rest on it, as they were when it was chosen.
    """

    grant: int
    cut: BitMap
    steps: tuple[Step, ...]


class Choking:
    """Looks for choke points.

    Args:
        network: the gates.
        targets: nodes that ways lead to.
        sources: nodes whose ways count.
        held: what a step rests on.
    """

    def __init__(
        self, network: Network, targets: Collection[int], sources: BitMap, held: Callable[[Step], Held]
    ) -> None:
        self._doors, self._ask = Doors(network), held
        self._targets = BitMap(sorted(targets))
        self._sources = sources - self._targets
        self._known: dict[Step, Held] = {}
        self._resting: dict[int, set[Step]] = defaultdict(set)

    def points(self, most: int) -> list[Choke]:
        """At most so many, the best first; fewer when nobody has a way any more, or no grant is on one."""
        removed: frozenset[int] = frozenset()
        found: list[Choke] = []
        ways = self._ways(removed)
        while len(found) < most and ways.reaching:
            best = self._best(removed, ways)
            if best is None:
                break
            found.append(best)
            removed |= {best.grant}
            ways = self._ways(removed)
        return list(self._needed(found))

    def cut(self, removed: frozenset[int]) -> BitMap:
        """Those of the sources that have a way, and none without some grants."""
        return self._ways(frozenset()).reaching - self._ways(removed).reaching

    def _best(self, removed: frozenset[int], ways: Ways) -> Choke | None:
        """The grant that takes the way from most; of equals that which most ways need, nearest to where they begin."""
        needing: Counter[int] = Counter()
        steps: dict[int, dict[Step, None]] = defaultdict(dict)
        early: Counter[int] = Counter()
        for source in ways.reaching:
            mine: dict[int, int] = {}
            for place, step in enumerate(ways.way(source)):
                for grant in _grants(self._held(step)) - removed:
                    mine.setdefault(grant, place)
                    steps[grant][step] = None
            for grant, place in mine.items():
                needing[grant] += 1
                early[grant] += place
        order = sorted(needing, key=lambda one: (-needing[one], early[one] / needing[one], one))
        best: Choke | None = None
        for grant in order:
            if best is not None and needing[grant] <= len(best.cut):
                break
            cut = self._without(grant, removed, ways)
            if best is None or len(cut) > len(best.cut):
                best = Choke(grant, cut, tuple(steps[grant]))
        return best

    def _without(self, grant: int, removed: frozenset[int], ways: Ways) -> BitMap:
        """Who has no way any more when one more grant goes; whose ways do not rest on it keep them."""
        gone = removed | {grant}
        holding = self._targets.copy()
        for node, step in ways.every.items():
            if step[2] in holding and (step not in self._resting[grant] or holds(self._held(step), gone)):
                holding.add(node)
        return self._doors.leaving(ways, holding, lambda step: holds(self._held(step), gone))

    def _needed(self, found: Sequence[Choke]) -> Iterator[Choke]:
        """Choke points without those that the others do without."""
        kept = list(found)
        whole = self.cut(frozenset(one.grant for one in kept))
        for one in found:
            others = frozenset(each.grant for each in kept if each is not one)
            if not one.cut and self.cut(others) == whole:
                kept.remove(one)
        removed: frozenset[int] = frozenset()
        gone = BitMap()
        for one in kept:
            removed |= {one.grant}
            cut = self.cut(removed)
            yield replace(one, cut=cut - gone)
            gone = cut

    def _held(self, step: Step) -> Held:
        known = self._known.get(step)
        if known is None:
            known = self._known[step] = self._ask(step)
            for grant in _grants(known):
                self._resting[grant].add(step)
        return known

    def _ways(self, removed: frozenset[int]) -> Ways:
        """The shortest ways of all sources without some grants."""
        barred: dict[tuple[int, int], set[int]] = defaultdict(set)
        for grant in removed:
            for node, gate, target in self._resting[grant]:
                if not holds(self._known[node, gate, target], removed):
                    barred[gate, node].add(target)
        while True:
            steps = self._doors.ways(self._targets, barred)
            ways = Ways(steps, self._sources & BitMap(steps.keys()), self._targets)
            lost = [step for step in ways.every.values() if not holds(self._held(step), removed)]
            if not lost:
                return ways
            for node, gate, target in lost:
                barred[gate, node].add(target)


def holds(held: Held, removed: Collection[int]) -> bool:
    """Whether a step is still there without some grants."""
    return all(any(all(not one <= set(removed) for one in need) for need in step) for step in held)


def _grants(held: Held) -> frozenset[int]:
    return frozenset(grant for step in held for need in step for several in need for grant in several)
