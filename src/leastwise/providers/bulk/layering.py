"""Relations from classes of places: each class is decided once, and what is inherited is not repeated.

Of a class that lies in another, and to which something is only added, another thing is told than of that for few; these
alone stand in groups of their own, and are cut out of the groups above.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pyroaring import BitMap

from leastwise.engine.formula import Formula
from leastwise.engine.relation import Rectangle, Told
from leastwise.model.decision import State

NONE = -1
"""The number of no class, or place."""


class Lying(Protocol):
    """One class of places: the number of the class that it lies in (-1 for none), and which places are of it.

    In one that is *fresh* all is decided anew; in others what is told above holds of whom nothing is told here.
    """

    @property
    def above(self) -> int:
        """The number of the class that it lies in; -1 for none."""

    @property
    def fresh(self) -> bool:
        """Whether more than additions may tell it from that."""

    @property
    def about(self) -> BitMap:
        """The numbers of its places among those that the permission is about."""


@dataclass(slots=True)
class Group:
    """Principals decided alike in a class: when they have access; and of whom it is another time told further down."""

    members: BitMap
    formula: Formula
    cut: list[tuple[BitMap, int]] = field(default_factory=list)


class Layers:
    """What is decided of each class, from the tops down.

    Args:
        classes: every class, none before the one that it lies in.
        state: the state that a formula comes to.
    """

    def __init__(self, classes: Sequence[Lying], state: Callable[[Formula], State]) -> None:
        self._classes, self._state = classes, state
        self._groups: list[list[Group]] = []
        self.allowed: list[BitMap] = []
        """Of each class who is surely allowed there, or above and so there too."""

    def add(self, told: Mapping[Formula, BitMap]) -> None:
        """Tell of the next class when whom has access; of a fresh one all who are not named have none."""
        number = len(self._groups)
        one = self._classes[number]
        groups = list(self._told(number, told))
        self._groups.append(groups)
        sure = (each.members for each in groups if self._state(each.formula) is State.ALLOWED)
        before = BitMap() if one.fresh else self.allowed[one.above]
        self.allowed.append(BitMap.union(before, *sure))

    def _told(self, number: int, told: Mapping[Formula, BitMap]) -> Iterator[Group]:
        """The groups of a class of whom another thing is told than above."""
        for formula, members in told.items():
            above = self._classes[number].above
            fresh, rest = self._classes[number].fresh, members
            changed = BitMap()
            while not fresh and rest and above != NONE:
                for group in self._groups[above]:
                    here = group.members & rest
                    if not here:
                        continue
                    rest -= here
                    if group.formula != formula:
                        changed |= here
                        group.cut.append((here, number))
                fresh, above = self._classes[above].fresh, self._classes[above].above
            # Of whom nothing was told is denied, and stays so where the formula is never met.
            changed |= rest if formula is not False else BitMap()
            if changed:
                yield Group(changed, formula)

    def rectangles(self, order: Order, names: Sequence[str], tell: Callable[[int, int], Told]) -> Iterator[Rectangle]:
        """The rectangles of all classes; `tell` answers for a principal and a place, both by number."""
        about = self._below()
        for number, groups in enumerate(self._groups):
            for group in groups:
                state = self._state(group.formula)
                if state is State.DENIED:
                    continue
                for members, without in _parts(group):
                    places = about[number] - BitMap.union(BitMap(), *(about[each] for each in without))
                    if places and members:
                        told = partial(tell, members[0])
                        yield Rectangle(order.of(members), places, state, told, names[places[0]])

    def _below(self) -> list[BitMap]:
        """For each class its places and those of the classes in it that inherit what is told of it."""
        found = [BitMap(one.about) for one in self._classes]
        for number in range(len(found) - 1, -1, -1):
            one = self._classes[number]
            if not one.fresh:
                found[one.above] |= found[number]
        return found


def _parts(group: Group) -> Iterator[tuple[BitMap, frozenset[int]]]:
    """The members of a group, by the classes further down in which another thing is told of them."""
    cut: dict[int, list[int]] = defaultdict(list)
    for members, number in group.cut:
        for member in members:
            cut[member].append(number)
    yield group.members - BitMap(cut), frozenset()
    several: dict[frozenset[int], list[int]] = defaultdict(list)
    for member, numbers in cut.items():
        several[frozenset(numbers)].append(member)
    for without, found in several.items():
        yield BitMap(found), without


class Order:
    """Principals as a relation has them: some, who are none of the estate, come last.

    Args:
        ids: of all, by number.
        last: the numbers of those who come last, ascending.
    """

    def __init__(self, ids: Sequence[str], last: Sequence[int]) -> None:
        self._last, apart = last, frozenset(last)
        self.ids = [id for number, id in enumerate(ids) if number not in apart]
        self.inside = len(self.ids)
        self.ids += [ids[number] for number in last]

    def of(self, numbers: BitMap) -> BitMap:
        """Numbers of members as numbers of the relation."""
        found, begin = BitMap(), 0
        for place, last in enumerate((*self._last, len(self.ids))):
            part = numbers & BitMap(range(begin, last))
            found |= part.shift(-place) if place else part
            if last in numbers:
                found.add(self.inside + place)
            begin = last + 1
        return found
