"""Questions without a resource: is there one that is known, or can be named, on which somebody has a permission?

Whoever is given a role at a scope has it on what lies there. So each scope is asked of *any resource that lies in it*:
of that what is above it is known, and what conditions ask of it is not. Scopes at which the same deny assignments apply
are asked together. Vaults about which their own access policies decide are asked besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.decision import State
from leastwise.providers.bulk.listing import Found

from ..evaluate.explain import STATES
from ..evaluate.request import Request
from ..evaluate.systems import other_systems
from ..language.ids import ROOT, ArmId, arm_id
from ..language.operations import Plane
from .deciding import Deciding, Entry
from .who import Who, planes_of

_VAULTS = "microsoft.keyvault/vaults/"
_OF_RESOURCE = "@resource["
_CONTAINERS = ("root", "management_group", "subscription", "resources:resourcegroups")
_SYSTEMS = ("containerservice:managedclusters", "documentdb:databaseaccounts", "storage:storageaccounts")
"""Kinds of resources in which other systems than roles may let somebody in."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Point:
    """A kind of scope: the question as it is there, what is given on each plane, and by which assignments."""

    asked: Request
    entries: Mapping[Plane, Sequence[Entry]]
    assignments: Array


class Anywhere:
    """Answers questions without a resource of one estate."""

    def __init__(self, who: Who) -> None:
        self.who, self.known, self.held = who, who.known, who.held

    def find(self, asked: Request, found: Found) -> tuple[str, ...]:
        """Everybody who can do something somewhere goes into `found`; returns what might add others."""
        decidings = [self.deciding(point) for point in self.points(asked)]
        everybody = BitMap.union(BitMap(), *(one.candidates for one in decidings))
        for one in decidings:
            universe = everybody if one.wide else one.candidates
            for part in one.decide(np.array((universe | self.known.spared).to_array(), np.int64)):
                if STATES[part.verdict.outcome] is not State.DENIED:
                    found.add(part.numbers, one.told(part))
        return self.unread(asked)

    def deciding(self, point: Point) -> Deciding:
        """What decides about everybody at a point."""
        return Deciding(self.known, point.asked, point.entries, somewhere=True)

    def points(self, asked: Request) -> Iterator[Point]:
        """The kinds of scopes at which something is given."""
        planes = planes_of(asked)
        generic = self.at(asked, 0)
        for plane in planes:
            numbers = self.granting(generic, plane)
            if len(numbers):
                yield from self._by_situation(asked, plane, numbers)
        if Plane.DATA in planes and asked.operation.startswith(_VAULTS):
            for vault in self.held.estate.vaults.values():
                there = replace(asked, resource=vault.id, estate=self.held.estate_of(vault.id))
                yield Point(there, dict.fromkeys(planes, ()), np.empty(0, np.int64))

    def granting(self, asked: Request, plane: Plane) -> Array:
        """The assignments whose role has the operation, or may."""
        given = self.held.assignments
        codes, first = np.unique(given.role, return_index=True)
        pairs = zip(codes.tolist(), first.tolist(), strict=True)
        wanted = [code for code, at in pairs if self.who.has(asked, plane, at) is not False]
        return np.flatnonzero(np.isin(given.role, wanted))

    def at(self, asked: Request, place: int) -> Request:
        """The question, of any resource that lies in a place."""
        return self.below(asked, self.held.place(place))

    def below(self, asked: Request, scope: ArmId) -> Request:
        """The question, of any resource that lies in a scope."""
        resource = below(scope)
        return replace(asked, resource=resource, estate=self.held.estate_of(resource), below=True)

    def _by_situation(self, asked: Request, plane: Plane, numbers: Array) -> Iterator[Point]:
        """Assignments together that have a condition alike, at scopes of one situation, whatever their roles."""
        given = self.held.assignments
        places = given.place[numbers]
        apart = self.reads_resource(numbers) & self._own[places]
        roles = self._plain_roles(self.at(asked, 0), plane, numbers)
        situation = np.where(apart, places, self.situations[places])
        columns = [situation, roles[given.role[numbers]], given.condition[numbers], np.where(apart, 1, 0)]
        _, codes = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        order = np.argsort(codes.ravel(), kind="stable")
        for at in np.split(order, np.flatnonzero(np.diff(codes.ravel()[order])) + 1):
            some = numbers[at]
            there = self.at(asked, int(given.place[some[0]]))
            if self._alike(there, plane, some):
                entries: list[Entry] = [Entry(int(some[0]), self.known.whom(some))]
                yield Point(there, self._only(asked, plane, entries), some)
            else:
                for entry, kept in self._apart(there, some):
                    yield Point(self.at(asked, int(given.place[kept[0]])), self._only(asked, plane, [entry]), kept)

    def _alike(self, asked: Request, plane: Plane, numbers: Array) -> bool:
        """Whether nothing that is told of a single assignment tells some apart."""
        given = self.held.assignments
        broken = self.known.broken(given.conditions[int(given.condition[numbers[0]])])
        return not broken and not (given.until[numbers].any() and asked.context)

    def _apart(self, asked: Request, numbers: Array) -> Iterator[tuple[Entry, Array]]:
        for number in numbers.tolist():
            yield Entry(number, self.known.whom(np.array([number]))), np.array([number])

    def _only(self, asked: Request, plane: Plane, entries: Sequence[Entry]) -> dict[Plane, Sequence[Entry]]:
        return {one: entries if one is plane else () for one in planes_of(asked)}

    def _plain_roles(self, asked: Request, plane: Plane, numbers: Array) -> Array:
        """By code of a role: -1 for those that have the operation whatever the request, else the code."""
        given = self.held.assignments
        found = np.arange(len(given.roles), dtype=np.int64)
        codes, first = np.unique(given.role[numbers], return_index=True)
        for code, at in zip(codes.tolist(), first.tolist(), strict=True):
            if self.who.has(asked, plane, int(numbers[at])) is True:
                found[code] = -1
        return found

    def reads_resource(self, numbers: Array) -> Array:
        """The mask of those assignments in whose conditions something is asked of the resource."""
        given, estate = self.held.assignments, self.held.estate
        texts = np.array([_OF_RESOURCE in one.lower() for one in given.conditions], np.bool_)
        roles = [estate.role(key) for key in given.roles]
        entries = ((one.entries if one is not None else ()) for one in roles)
        own = np.array([any(_OF_RESOURCE in each.condition.lower() for each in some) for some in entries], np.bool_)
        return np.asarray(texts[given.condition[numbers]] | own[given.role[numbers]])

    @cached_property
    def _own(self) -> Array:
        """The mask of places whose id tells something of what lies in them: resources."""
        kinds = np.array([one not in _CONTAINERS for one in self.held.place_kinds], np.bool_)
        return np.asarray(kinds[self.held.arrays["place.kind"]])

    @cached_property
    def situations(self) -> Array:
        """For each place the number of a place: equal where the same deny assignments apply to what lies there.

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

    def unread(self, asked: Request) -> tuple[str, ...]:
        """What was not read of whom scopes let in."""
        found = [f"the role assignments of {key}" for key in sorted(self.held.estate.unread_grants)]
        kinds = [code for code, kind in enumerate(self.held.place_kinds) if kind in _SYSTEMS]
        systems: list[str] = []
        if Plane.DATA in planes_of(asked):
            for place in np.flatnonzero(np.isin(self.held.arrays["place.kind"], kinds)).tolist():
                told = replace(asked, resource=self.held.place(place), estate=self.held.estate)
                systems += other_systems(told, Plane.DATA)
        return (*found, *systems[:_SHOWN])


def below(scope: ArmId) -> ArmId:
    """An id of what lies in a scope, of which nothing but that is told."""
    return arm_id(f"{'' if scope.key == ROOT else scope.text}/~")
