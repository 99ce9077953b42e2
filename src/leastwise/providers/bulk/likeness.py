"""Principals whose access is the same, or nearly: groups to merge, roles to share.

Whom the same guardrails concern, and who are given the same on the same places under the same conditions, have equal
access without a decision. Of others who hold the same permissions on the same places it is worked out, as far as the
budget goes; what is left is told. Sets that share much are found by sketches.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Generic

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.sketches import Neighbours, near
from leastwise.model.comparison import Alike, Likenesses, Twin

from .elements import Elements, Given
from .everyone import SURE, Everyone, Same, Standing
from .held import Held

_MOST_PROVEN = 40
"""Pairs of principals who are given another thing of which it is decided whether it comes to the same."""
_LOOKED_AT = 4
"""Permissions on places of which two are given another thing that are looked at before all others."""
Conditional = tuple[str, int, int]
"""A role that is given, under which condition, and on which place."""
_Below = tuple[BitMap, BitMap]


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody is surely given: elements whatever is asked, and by role, condition and place what under one."""

    plain: BitMap
    conditions: frozenset[Conditional]


@dataclass
class _Class:
    """Principals who are given the same under the same guardrails."""

    said: _Said
    members: list[Array] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(map(len, self.members))

    @property
    def first(self) -> int:
        return min(int(one[0]) for one in self.members)


@dataclass
class _Set:
    """Principals who hold the same permissions on the same places, conditions aside, by what they are given."""

    elements: BitMap
    classes: dict[Hashable, _Class] = field(default_factory=dict)
    decided: bool = True

    @property
    def size(self) -> int:
        return sum(one.size for one in self.classes.values())

    @property
    def first(self) -> int:
        return min(one.first for one in self.classes.values())


class Likeness(ABC, Generic[Standing]):
    """Finds who is alike in one estate.

    Args:
        held: the estate.
        names: every permission, in the order of their numbers.
        everyone: what everybody holds.
        effective: what somebody may do, by id.
        kinds: of principals, others are left out; none for all.
        account: that holds them; empty for all.
    """

    def __init__(
        self,
        held: Held,
        names: Sequence[str],
        everyone: Everyone[Standing],
        effective: Callable[[str], Any],
        kinds: Collection[str] = (),
        account: str = "",
    ) -> None:
        self._held, self._listed, self._effective = held, names, effective
        self._places = held.texts(self.places_named)
        chosen = [one for one in everyone.same() if self._wanted(one, kinds, account)]
        self.left_out = sum(len(one.members) for one in chosen if one.unread)
        """How many principals are left out, since something of what they hold was not read."""
        self.undecided = 0
        """How many principals were not held against others who hold the same."""
        self._chosen = [one for one in chosen if not one.unread]
        self._left = _MOST_PROVEN
        self._own = everyone.own
        self._said: dict[int, tuple[list[Given], frozenset[Conditional]]] = {}
        self._raw: dict[int, _Below] = {}
        self._limited: dict[int, _Below] = {}
        self._inside: dict[Conditional, BitMap | None] = {}
        self._texts: dict[bytes, tuple[str, ...]] = {}

    # --- what providers tell

    places_named: str
    """The name of the texts that places are shown by."""

    @abstractmethod
    def said(self, number: int) -> tuple[list[Given], frozenset[Conditional]]:
        """What the grants that name somebody give whatever is asked, and what they give under conditions."""

    @abstractmethod
    def conditional(self, one: Conditional) -> Given | None:
        """What is given when a condition is met; None where that is not known."""

    @abstractmethod
    def besides(self, same: Same[Standing]) -> Iterator[tuple[Hashable, Array]]:
        """Principals by when they are in the groups and sets that do not surely take them in."""

    @abstractmethod
    def pair(self, permissions: BitMap, place: int) -> tuple[str, str]:
        """One of some permissions, and a place, as `effective` names them."""

    # --- what is made of it

    def likenesses(self, threshold: float, unread: Sequence[str]) -> Likenesses:
        """The groups, and what may add others: what was left out, or not decided, and what was not read."""
        groups = tuple(self.groups(threshold))
        missing = []
        if self.left_out:
            missing.append(f"{self.left_out} principals are left out: something of what they hold was not read")
        if self.undecided:
            missing.append(f"of {self.undecided} principals it was not decided whether others have equal access")
        return Likenesses(groups, (*missing, *unread))

    def _wanted(self, one: Same[Standing], kinds: Collection[str], account: str) -> bool:
        first = int(one.members[0])
        return (not kinds or self._held.word("kind", first) in kinds) and (
            not account or self._held.word("account", first) == account
        )

    def groups(self, threshold: float) -> list[Alike]:
        """The groups of two and more, the largest first."""
        sets = self._sets()
        found: list[Alike] = []
        parted: set[int] = set()
        for place, one in enumerate(sets):
            equal = list(self._equal(one))
            found += equal
            if one.size > 1 and (not equal or len(equal[0].twins) < one.size):
                parted.add(place)
        found += (self._group(together, equal=False) for together in self._near(sets, threshold, parted))
        return sorted(found, key=lambda one: (-len(one.twins), not one.equal, one.twins[0].principal))

    # --- what is given

    @cached_property
    def _elements(self) -> Elements:
        given: list[Given] = []
        for number in dict.fromkeys(one for same in self._chosen for one in self._names(same)):
            plain, conditional = self._told(number)
            given += [*plain, *(of for of in map(self.conditional, conditional) if of is not None)]
        bundles = {id(bundle): bundle for same in self._chosen for bundle in same.bundles}
        given += [
            (part.permissions, at)
            for bundle in bundles.values()
            for part, at in zip(bundle.parts, bundle.places, strict=True)
        ]
        return Elements(given, len(self._listed), self._held.arrays["place.end"])

    def _names(self, same: Same[Standing]) -> Iterator[int]:
        """Somebody, and the groups and sets that surely take them in: whose bindings give."""
        yield int(same.members[0])
        yield from (one for one, how in same.told if how == SURE)

    def _told(self, number: int) -> tuple[list[Given], frozenset[Conditional]]:
        code = int(self._own[number])
        if code not in self._said:
            self._said[code] = self.said(number)
        return self._said[code]

    def _surely(self, same: Same[Standing]) -> _Said:
        """What the bindings of somebody, and of whom they surely are in, give; of other sets see `besides`."""
        found, below = BitMap(), BitMap()
        conditions: set[Conditional] = set()
        for number in self._names(same):
            code, (given, asked) = int(self._own[number]), self._told(number)
            if code not in self._raw:
                self._raw[code] = self._elements.of(given)
            found |= self._raw[code][0]
            below |= self._raw[code][1]
            conditions |= asked
        whole = found | below
        told = (one for one in conditions if not self._within(one, whole))
        return _Said(found - below, frozenset(told))

    def _within(self, one: Conditional, whole: BitMap) -> bool:
        """Whether all that is given under a condition is given without it."""
        if one not in self._inside:
            given = self.conditional(one)
            self._inside[one] = None if given is None else self._elements.of([given])[0]
        found = self._inside[one]
        return found is not None and found.issubset(whole)

    def _sets(self) -> list[_Set]:
        """The distinct sets of what is held, those of most principals first; without the empty one."""
        found: dict[bytes, _Set] = {}
        for same in self._chosen:
            held = self._holding(same)
            if not held:
                continue
            one = found.setdefault(held.serialize(), _Set(held))
            said = self._surely(same)
            key = same.standing, said.plain.serialize(), said.conditions
            for besides, members in self.besides(same):
                one.classes.setdefault((key, besides), _Class(said)).members.append(members)
        return sorted(found.values(), key=lambda one: (-one.size, one.first))

    def _holding(self, same: Same[Standing]) -> BitMap:
        """What is held, guardrails taken off, without what lies below something that says it already."""
        found, below = BitMap(), BitMap()
        for bundle in same.bundles:
            if id(bundle) not in self._limited:
                parts = zip(bundle.parts, bundle.places, strict=True)
                self._limited[id(bundle)] = self._elements.of([(part.permissions, at) for part, at in parts])
            found |= self._limited[id(bundle)][0]
            below |= self._limited[id(bundle)][1]
        return found - below

    # --- equal access

    def _equal(self, one: _Set) -> Iterator[Alike]:
        """The groups of principals of one set who can do the same, whatever the resource and the circumstances."""
        if one.size < 2:
            return
        left = sorted(one.classes.values(), key=lambda known: (-known.size, known.first))
        unsure: dict[int, _Class] = {}
        while left:
            first, *others = left
            together, left = [first], []
            for other in others:
                same = self._same(first, other)
                if same is None:
                    unsure[id(other)] = other
                (together if same else left).append(other)
            if sum(known.size for known in together) > 1:
                yield self._group([_Set(one.elements, dict(enumerate(together)))], equal=True)
        self.undecided += sum(known.size for known in unsure.values())
        one.decided = not unsure

    def _same(self, first: _Class, second: _Class) -> bool | None:
        """Whether two classes have the same access; None where that was not decided, or rests on what was not read."""
        if self._left <= 0:
            return None
        self._left -= 1
        one, other = (self._effective(self._held.members[known.first]) for known in (first, second))
        found: bool | None = one.same(other, islice(self._apart(first.said, second.said), _LOOKED_AT))
        return found

    def _apart(self, one: _Said, other: _Said) -> Iterator[tuple[str, str]]:
        """Permissions, each with a place on which two are given another thing."""
        for element in one.plain ^ other.plain:
            at = np.array([element], np.int64)
            yield self.pair(self._elements.permissions(at), int(self._elements.where(at)[0]))
        for conditional in sorted(one.conditions ^ other.conditions):
            given = self.conditional(conditional)
            if given is not None and given[0]:
                yield self.pair(given[0], given[1][0])

    # --- nearly equal access

    def _near(self, sets: Sequence[_Set], threshold: float, parted: Collection[int]) -> Iterator[list[_Set]]:
        """Groups of sets that share so much; of those `parted` the principals are not all equal."""
        if not sets:
            return
        universe = np.array(BitMap.union(BitMap(), *(one.elements for one in sets)).to_array(), np.int64)
        compact = [
            BitMap(np.searchsorted(universe, np.array(one.elements.to_array(), np.int64)).astype(np.uint32))
            for one in sets
        ]
        close = Neighbours(compact, len(universe), threshold, self._elements.weights(universe))
        for places in near(close, len(sets), parted):
            yield [sets[place] for place in places]

    # --- as values

    def _group(self, sets: Sequence[_Set], *, equal: bool) -> Alike:
        common = BitMap.intersection(*(one.elements for one in sets)) if len(sets) > 1 else sets[0].elements
        permissions = self._permissions(common)
        twins: list[Twin] = []
        for one in sets:
            more = one.elements - common
            shared = self._weight(common) / self._weight(one.elements)
            told = (self._permissions(more), shared, self._where(more))
            twins += self._twins((part for known in one.classes.values() for part in known.members), *told)
        first = sets[0].elements
        return Alike(
            equal,
            permissions,
            len(permissions),
            min(self._similarity(first, one.elements) for one in sets),
            tuple(sorted(twins, key=lambda twin: twin.principal)),
            equal or all(one.decided for one in sets),
            self._where(common),
        )

    def _twins(
        self, parts: Iterable[Array], more: tuple[str, ...], shared: float, on: tuple[str, ...]
    ) -> Iterator[Twin]:
        for part in parts:
            ids = self._held.members.many(part)
            words = (self._held.words_of(name, part) for name in ("kind", "account"))
            for id, kind, account in zip(ids, *words, strict=True):
                yield Twin(id, kind, account, more, shared, on)

    def _similarity(self, one: BitMap, other: BitMap) -> float:
        return 1.0 if one == other else self._weight(one & other) / self._weight(one | other)

    def _weight(self, elements: BitMap) -> int:
        return int(self._elements.weights(np.array(elements.to_array(), np.int64)).sum())

    def _permissions(self, elements: BitMap) -> tuple[str, ...]:
        found = self._elements.permissions(np.array(elements.to_array(), np.int64))
        key = found.serialize()
        if key not in self._texts:
            self._texts[key] = tuple(self._listed[number] for number in found)
        return self._texts[key]

    def _where(self, elements: BitMap) -> tuple[str, ...]:
        places = self._elements.where(np.array(elements.to_array(), np.int64))
        return tuple(sorted(self._places.many(places)))
