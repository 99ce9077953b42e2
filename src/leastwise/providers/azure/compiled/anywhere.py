"""Questions without a resource: is there one that is known, or can be named, on which somebody has a permission?

Whoever is given a role at a scope has it on what lies there. So each scope is asked of *any resource that lies in it*:
of that what is above it is known, and what conditions ask of it is not. Scopes at which the same deny assignments apply
are asked together. Vaults about which their own access policies decide are asked besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.groups import parted
from leastwise.model.decision import State
from leastwise.providers.bulk.listing import Found

from ..evaluate.explain import STATES
from ..evaluate.request import NOW, Request
from ..language.operations import Plane
from .deciding import Deciding, Entry
from .forms import Forms, forms
from .situations import VAULTS, Situations
from .who import Who, planes_of

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
            universe = everybody | self.known.spared if one.wide else one.candidates
            for part in one.decide(np.array(universe.to_array(), np.int64)):
                if STATES[part.verdict.outcome] is not State.DENIED:
                    found.add(part.numbers, one.told(part))
        return self.unread(asked)

    def deciding(self, point: Point) -> Deciding:
        """What decides about everybody at a point."""
        return Deciding(self.known, point.asked, point.entries, somewhere=True)

    def points(self, asked: Request) -> Iterator[Point]:
        """The kinds of scopes at which something is given."""
        planes = planes_of(asked)
        for plane in planes:
            found = self.granting(asked, plane)
            if len(found.numbers):
                yield from self._by_situation(asked, plane, found)
                yield from self._joined(asked, plane, found)
        if Plane.DATA in planes and asked.operation.startswith(VAULTS):
            for vault in self.held.estate.vaults.values():
                there = replace(asked, resource=vault.id, estate=self.held.estate_of(vault.id))
                yield Point(there, dict.fromkeys(planes, ()), np.empty(0, np.int64))

    def granting(self, asked: Request, plane: Plane) -> Forms:
        """The assignments whose role has the operation, or may, wherever."""
        return forms(self.known, self.at(asked, 0), plane)

    def at(self, asked: Request, place: int) -> Request:
        """The question, of any resource that lies in a place."""
        return self.situations.at(asked, place)

    def _by_situation(self, asked: Request, plane: Plane, found: Forms) -> Iterator[Point]:
        """Assignments together that give alike, at scopes of one situation."""
        numbers, given = found.numbers, self.held.assignments
        situation = self.situations.codes(self.situations.marks(asked))[given.place[numbers]]
        columns = [situation, found.codes, self._told(found), self.who.broken(numbers)]
        if NOW.key in asked.context:
            columns.append(given.until[numbers])
        for at in parted(columns, len(numbers)):
            some = numbers[at]
            entry = Entry(int(some[0]), self.known.whom(some))
            yield Point(self.at(asked, int(given.place[some[0]])), self._only(asked, plane, [entry]), some)

    def _told(self, found: Forms) -> Array:
        """For each assignment a number: equal where its scope tells the same of what its condition asks."""
        codes, known = np.zeros(len(found.numbers), np.int64), dict[object, int]()
        for form, read in found.read.items():
            rows = np.flatnonzero(found.codes == form)
            places, back = np.unique(self.held.assignments.place[found.numbers[rows]], return_inverse=True)
            told = self.situations.told(places.tolist(), read, inside=True)
            codes[rows] = np.array([known.setdefault(one, len(known)) for one in told], np.int64)[back.ravel()]
        return codes

    def _only(self, asked: Request, plane: Plane, entries: Sequence[Entry]) -> dict[Plane, Sequence[Entry]]:
        return {one: entries if one is plane else () for one in planes_of(asked)}

    def _joined(self, asked: Request, plane: Plane, found: Forms) -> Iterator[Point]:
        """Scopes at and above which somebody is given it under several conditions: one of these may always be met."""
        given, kept = self.held.assignments, found.codes >= 0
        numbers, codes = found.numbers[kept], found.codes[kept]
        whom = {form: self.known.whom(numbers[codes == form]).sure for form in np.unique(codes).tolist()}
        several = _twice(whom.values())
        if not several:
            return
        named = np.array([bool(self.known.whom(numbers[at : at + 1]).sure & several) for at in range(len(numbers))])
        kept_numbers = numbers[named]
        by_place: dict[int, list[int]] = {}
        for number, place in zip(kept_numbers.tolist(), given.place[kept_numbers].tolist(), strict=True):
            by_place.setdefault(place, []).append(number)
        for place in by_place:
            there = self.at(asked, place)
            above = (self.held.place_number(key) for key in there.chain.keys)
            some = np.array([one for at in above if at is not None for one in by_place.get(at, ())], np.int64)
            forms_of = codes[np.searchsorted(numbers, some)]
            inside = {form: self.known.whom(some[forms_of == form]).sure for form in np.unique(forms_of).tolist()}
            if _twice(inside.values()):
                beside = np.full(len(some), -1, np.int64)
                entries = list(self.who.gathered(there, some, beside))
                yield Point(there, self._only(asked, plane, entries), some)

    @cached_property
    def situations(self) -> Situations:
        """What tells scopes apart."""
        return Situations(self.known)

    def unread(self, asked: Request) -> tuple[str, ...]:
        """What was not read of whom scopes let in."""
        found = (f"the role assignments of {key}" for key in sorted(self.held.estate.unread_grants))
        return (*found, *islice(self.situations.systems(asked), _SHOWN))


def _twice(sets: Iterable[BitMap]) -> BitMap:
    """The members of more than one of some sets."""
    once, twice = BitMap(), BitMap()
    for one in sets:
        twice |= once & one
        once |= one
    return twice
