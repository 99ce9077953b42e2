"""The least set of permissions that allows each of some calls, any one of several allowing each.

It is the weighted hitting set. Calls that need one permission alone, those that are allowed whenever another is, and
permissions that do no more than a cheaper one, are settled first; what is left falls apart into pieces that share
nothing, each searched by branch and bound. A piece that would take too long is settled greedily, and said to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from leastwise.model.choices import Choices, Cost, Least

STEPS = 200_000
"""So many branches are looked at in all."""
_Set = frozenset[str]
_Sets = frozenset[_Set]


def least(calls: Iterable[_Set], cost: Callable[[str], Cost], steps: int = STEPS) -> Least:
    """The permissions of least cost of which each call has one. Calls without any are left out.

    Args:
        calls: for each call the permissions any one of which allows it.
        cost: of a permission.
        steps: how many branches may be looked at.
    """
    search = _Search(cost, steps)
    forced, rest = _settled(frozenset(one for one in calls if one), search.price)
    chosen, exact = set(forced), True
    for piece in _pieces(rest):
        found, sure = search.best(piece)
        chosen |= found
        exact = exact and sure
    return Least(tuple(sorted(chosen)), exact)


def _settled(calls: _Sets, price: Callable[[str], tuple[Cost, str]]) -> tuple[_Set, _Sets]:
    """What must be chosen, and the calls that are left."""
    forced: set[str] = set()
    while True:
        before = calls
        forced |= {next(iter(one)) for one in calls if len(one) == 1}
        calls = frozenset(one for one in calls if not one & forced)
        calls = frozenset(one for one in calls if not any(other < one for other in calls))
        calls = _without_dominated(calls, price)
        if calls == before:
            return frozenset(forced), calls


def _without_dominated(calls: _Sets, price: Callable[[str], tuple[Cost, str]]) -> _Sets:
    """The calls without permissions that do no more than another one that costs no more."""
    does: dict[str, set[_Set]] = {}
    for call in calls:
        for name in call:
            does.setdefault(name, set()).add(call)
    out: set[str] = set()
    for name in sorted(does, key=price, reverse=True):
        # Whoever does all that it does stands in each of its calls.
        rivals = frozenset.intersection(*does[name]) - out - {name}
        if any(price(one) < price(name) for one in rivals):
            out.add(name)
    return frozenset(call - out for call in calls)


def _pieces(calls: _Sets) -> list[_Sets]:
    """The calls in parts that have no permission in common, in an order of their own."""
    left, found = sorted(calls, key=sorted), []
    while left:
        piece, names = [left.pop(0)], set[str]()
        names |= piece[0]
        while near := [one for one in left if one & names]:
            piece += near
            names.update(*near)
            left = [one for one in left if one not in near]
        found.append(frozenset(piece))
    return found


class _Search:
    """Branch and bound over one piece after the other.

    Args:
        cost: of a permission.
        steps: how many branches may be looked at in all.
    """

    def __init__(self, cost: Callable[[str], Cost], steps: int) -> None:
        self._cost, self._steps = cost, steps
        self._known: dict[str, tuple[Cost, str]] = {}

    def price(self, name: str) -> tuple[Cost, str]:
        """The cost, and the name that tells equal ones apart."""
        if name not in self._known:
            self._known[name] = (tuple(self._cost(name)), name)
        return self._known[name]

    def best(self, calls: _Sets) -> tuple[_Set, bool]:
        """The least for a piece, and whether that is sure."""
        found = self._greedy(calls)
        self._best, self._best_cost, self._sure = found, self._sum(found), True
        self._branch(calls, frozenset(), ())
        return self._best, self._sure

    def _sum(self, names: Iterable[str]) -> tuple[Cost, tuple[str, ...]]:
        ordered = tuple(sorted(names))
        return _added([self.price(one)[0] for one in ordered]), ordered

    def _greedy(self, calls: _Sets) -> _Set:
        """Some set that will do: whoever allows most comes first."""
        left, chosen = set(calls), list[str]()
        while left:
            names = sorted({name for call in left for name in call}, key=self.price)
            chosen.append(max(names, key=Counter(name for call in left for name in call).__getitem__))
            left = {call for call in left if chosen[-1] not in call}
        for one in sorted(chosen, key=self.price, reverse=True):
            others = {*chosen} - {one}
            if all(call & others for call in calls):
                chosen.remove(one)
        return frozenset(chosen)

    def _branch(self, left: _Sets, chosen: _Set, refused: Sequence[str]) -> None:
        if self._steps <= 0:
            self._sure = False
            return
        self._steps -= 1
        so_far = self._sum(chosen)
        if not left:
            if so_far < self._best_cost:
                self._best, self._best_cost = chosen, so_far
            return
        if _added([so_far[0], self._bound(left)]) > self._best_cost[0]:
            return
        call = min(left, key=lambda one: (len(one), sorted(one)))
        out = set(refused)
        for name in sorted(call - out, key=self.price):
            rest = frozenset(one - out for one in left if name not in one)
            if all(rest):
                self._branch(rest, chosen | {name}, tuple(out))
            out.add(name)

    def _bound(self, left: _Sets) -> Cost:
        """What calls that have no permission in common cost at least."""
        taken, costs = set[str](), list[Cost]()
        for call in sorted(left, key=lambda one: (len(one), sorted(one))):
            if not call & taken:
                taken |= call
                costs.append(min(self.price(one)[0] for one in call))
        return _added(costs)


def _added(costs: Sequence[Cost]) -> Cost:
    told = [one for one in costs if one]
    return tuple(map(sum, zip(*told, strict=True))) if told else ()


@dataclass(frozen=True, slots=True)
class Compared:
    """What is granted in one layer, against the least that allows what was called.

    Args:
        calls: how many different calls there were of which it is known what allows them.
        least: what would do.
        granted: what is granted there, of what such calls choose from.
        beyond: granted, and not in it; `lacking`: in it, and not granted.
        unknown: calls of which it is not known what allows them: what is beyond may be for them.
    """

    layer: str
    calls: int
    least: Least
    granted: tuple[str, ...]
    beyond: tuple[str, ...]
    lacking: tuple[str, ...]
    unknown: tuple[str, ...]


def compared(choices: Choices, granted: Mapping[str, Collection[str]]) -> list[Compared]:
    """For each layer the least, and what it differs in from what is granted there, sorted.

    Of equal costs what is granted already comes first, so that nothing is exchanged for its like.
    """
    found = []
    for layer in sorted({*choices.calls, *choices.unknown, *granted}):
        calls = choices.calls.get(layer, {})
        held = frozenset(filter(choices.among, granted.get(layer, ())))
        chosen = least(calls.values(), _preferring(choices, layer, held))
        names, unknown = frozenset(chosen.chosen), choices.unknown.get(layer, ())
        mine, beyond, lacking = (tuple(sorted(one)) for one in (held, held - names, names - held))
        if calls or unknown or held:
            found.append(Compared(layer, len(calls), chosen, mine, beyond, lacking, unknown))
    return found


def _preferring(choices: Choices, layer: str, held: Collection[str]) -> Callable[[str], Cost]:
    return lambda name: (*choices.cost(layer, name), int(name not in held))
