"""What tells places apart for a question: which deny assignments apply there, and what their ids say of resources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.comparing import Given
from ..evaluate.request import Request, named_parts
from ..evaluate.systems import other_systems
from ..language.assignments import DenyAssignment
from ..language.ids import ROOT, ArmId, arm_id
from ..language.operations import Plane
from ..language.resources import HIERARCHICAL, SHARED_KEY
from .deciding import STRANGER, Known
from .who import planes_of

VAULTS = "microsoft.keyvault/vaults/"
CONTAINERS = ("root", "management_group", "subscription", "resources:resourcegroups")
_SYSTEMS = {
    "microsoft.containerservice/managedclusters/": "containerservice:managedclusters",
    "microsoft.documentdb/databaseaccounts/": "documentdb:databaseaccounts",
}
"""Kinds of resources that have a system of their own, by the beginning of the operations it decides about."""
_OF_RESOURCE = "@resource["
Means = Callable[[int, DenyAssignment], Hashable]
"""What a deny assignment, by its place among those of the estate, is to a question; None where it is nothing to it."""


class Situations:
    """What tells the places of one estate apart; keeps what their ids say."""

    def __init__(self, known: Known) -> None:
        self.known, self.held = known, known.held
        self._told: dict[tuple[int, bool], Mapping[str, Given]] = {}

    def at(self, asked: Request, place: int) -> Request:
        """The question, of any resource that lies in a place."""
        return self.below(asked, self.held.place(place))

    def below(self, asked: Request, scope: ArmId) -> Request:
        """The question, of any resource that lies in a scope."""
        resource = below(scope)
        return replace(asked, resource=resource, estate=self.held.estate_of(resource), below=True)

    def denying(self, asked: Request) -> Iterator[tuple[int, DenyAssignment]]:
        """The deny assignments that are about the operation, by their place among all."""
        planes = planes_of(asked)
        for number, one in enumerate(self.held.estate.denies):
            if any(entry.has(asked.operation, plane) for entry in one.entries for plane in planes):
                yield number, one

    def marks(self, asked: Request, means: Means | None = None) -> dict[int, set[Hashable]]:
        """What places have of their own, and all below them: deny assignments, vaults, what was not read.

        Args:
            asked: the question; where does not matter.
            means: deny assignments of which this is equal are alike; without it those whose words are.
        """
        held, estate = self.held, self.held.estate
        denies = [(one, (means or self._words)(number, one)) for number, one in self.denying(asked)]
        found: list[tuple[str, Hashable]] = [
            (one.scope.key, ("denied", told)) for one, told in denies if told is not None and not one.only_here
        ]
        found += [(key, ("denials", key)) for key in estate.unread_denies]
        if Plane.DATA in planes_of(asked) and asked.operation.startswith(VAULTS):
            found += [(key, ("vault", key)) for key in estate.vaults]
        containers = [key for key, *_ in held.facts["containers"]]
        found += [(key, ("unread", key)) for key in containers if key not in held.read]
        if any(told is not None and one.scope.management_group == one.scope.key for one, told in denies):
            found += [(key, ("open", key)) for key in containers if estate.chain(arm_id(key)).open]
        marks: dict[int, set[Hashable]] = {}
        for key, mark in found:
            number = held.place_number(key)
            if number is not None:
                marks.setdefault(number, set()).add(mark)
        return marks

    def _words(self, number: int, one: DenyAssignment) -> Hashable:
        """What a deny assignment says; its name where that is told with an answer."""
        texts = (one.condition, *(entry.condition for entry in one.entries))
        named = one.effect not in ("enforced", "audit") or any(map(self.known.broken, texts))
        return one.principals, one.excluded, one.entries, one.condition, one.effect, one.title if named else ""

    def codes(self, marks: Mapping[int, Collection[Hashable]]) -> Array:
        """For each place a number: equal where the same marks are on it and above."""
        found = np.zeros(len(self.held.places), np.int64)
        known: dict[frozenset[Hashable], int] = {frozenset(): 0}
        sets: list[frozenset[Hashable]] = [frozenset()]
        for number in sorted(marks):
            whole = sets[int(found[number])].union(marks[number])
            if whole not in known:
                known[whole] = len(sets)
                sets.append(whole)
            begin, end = self.held.below(number)
            found[begin:end] = known[whole]
        return found

    @cached_property
    def every(self) -> Array:
        """For each place the number of a place: equal where the same deny assignments are, whatever is asked.

        The same vault decides there, too, and equally much is known of what lies above.
        """
        held, estate = self.held, self.held.estate
        marked = {one.scope.key for one in estate.denies if not one.only_here}
        marked |= {*estate.unread_denies, *estate.vaults}
        marked |= {key for key, *_ in held.facts["containers"] if key not in held.read}
        if any(one.scope.management_group == one.scope.key for one in estate.denies):
            marked |= {key for key, *_ in held.facts["containers"] if estate.chain(arm_id(key)).open}
        numbers = (held.place_number(key) for key in marked)
        found = np.zeros(len(held.places), np.int64)
        for number in sorted(one for one in numbers if one is not None):
            begin, end = held.below(number)
            found[begin:end] = number
        return found

    def reads_resource(self, numbers: Array) -> Array:
        """The mask of those assignments in whose conditions something is asked of the resource."""
        given, estate = self.held.assignments, self.held.estate
        texts = np.array([_OF_RESOURCE in one.lower() for one in given.conditions], np.bool_)
        roles = [estate.role(key) for key in given.roles]
        entries = ((one.entries if one is not None else ()) for one in roles)
        own = np.array([any(_OF_RESOURCE in each.condition.lower() for each in some) for some in entries], np.bool_)
        return np.asarray(texts[given.condition[numbers]] | own[given.role[numbers]])

    # --- what ids tell

    def told(self, places: Sequence[int], read: Collection[str], *, inside: bool) -> list[Hashable]:
        """What is told at each of some places of attributes that conditions read, by key.

        Args:
            places: by number.
            read: the attributes.
            inside: of what lies in them, and not of themselves.
        """
        kinds = self._telling(read)
        codes = self.held.arrays["place.kind"]
        return [self._of(place, read, inside) if int(codes[place]) in kinds else () for place in places]

    def _of(self, place: int, read: Iterable[str], inside: bool) -> Hashable:
        key = place, inside
        if key not in self._told:
            resource = self.held.place(place)
            asked = Request(self.held.estate, STRANGER, "", None, below(resource) if inside else resource)
            self._told[key] = asked.told
        told = self._told[key]
        return tuple((one, told[one]) for one in read if one in told)

    def _telling(self, read: Collection[str]) -> set[int]:
        """The codes of those kinds of places that may tell one of some attributes."""
        by_document = not {HIERARCHICAL, SHARED_KEY}.isdisjoint(read)
        codes, first = np.unique(self.held.arrays["place.kind"], return_index=True)
        found = set[int]()
        for code, at in zip(codes.tolist(), first.tolist(), strict=True):
            kind = self.held.place_kinds[code]
            if kind in CONTAINERS:
                continue
            names = {name for name, _ in named_parts(self.held.place(at))}
            if by_document or kind in ("", "authorization:roleassignments") or not names.isdisjoint(read):
                found.add(code)
        return found

    # --- other systems

    def special(self, asked: Request) -> Array:
        """The places, ascending, in which vaults or systems of their own may let somebody in."""
        if Plane.DATA not in planes_of(asked):
            return np.empty(0, np.int64)
        held = self.held
        keys = set[str](held.estate.vaults) if asked.operation.startswith(VAULTS) else set[str]()
        keys |= {key for key, told in held.estate.resources.items() if told.get(HIERARCHICAL) == (True,)}
        wanted = {kind for start, kind in _SYSTEMS.items() if asked.operation.startswith(start)}
        kinds = [code for code, kind in enumerate(held.place_kinds) if kind in wanted]
        numbers = [number for key in keys if (number := held.place_number(key)) is not None]
        of_kind = np.flatnonzero(np.isin(held.arrays["place.kind"], kinds))
        return np.union1d(np.array(numbers, np.int64), of_kind)

    def systems(self, asked: Request) -> Iterator[str]:
        """What other systems than roles may let somebody in somewhere."""
        for place in self.special(asked).tolist():
            told = replace(asked, resource=self.held.place(place), estate=self.held.estate)
            yield from other_systems(told, Plane.DATA)


def below(scope: ArmId) -> ArmId:
    """An id of what lies in a scope, of which nothing but that is told."""
    return arm_id(f"{'' if scope.key == ROOT else scope.text}/~")
