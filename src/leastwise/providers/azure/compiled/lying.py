"""Classes of places: those of one class have the same assignments, denials and outcomes of conditions.

A class lies in another where its places lie in places of that. Where only assignments are added, and nothing else tells
the two apart, whoever has access above has it below; where more does, the class is *fresh*: all is decided anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of
from leastwise.providers.bulk.layering import NONE

from ..evaluate.allow import grant
from ..evaluate.deny import denial, within
from ..evaluate.request import Request
from ..language.assignments import DenyAssignment
from ..language.operations import Plane
from .anywhere import Anywhere
from .deciding import STRANGER
from .forms import PLAIN
from .who import Who, planes_of

_OF_RESOURCE = "@resource["
_BY_THEMSELVES = ("containerservice", "documentdb", "storage")
"""Services in whose resources other systems than roles may let somebody in to their own data.

Vaults that decide by policies of their own are known one by one.
"""
_CONTAINERS = ("management_group", "subscription")


@dataclass(slots=True)
class Lying:
    """One class of places.

    Args:
        first: the place that stands for all.
        above: the number of the class that it lies in; -1 for none.
        fresh: more than assignments may tell it from that.
        own: the assignments that its first place has itself.
        about: the numbers of its places among those that the permission is about.
    """

    first: int
    above: int
    fresh: bool
    own: Array
    about: BitMap = field(default_factory=BitMap)


class Layout:
    """The places of an estate as one operation sees them.

    Args:
        who: the estate.
        anywhere: of it.
        asked: the question; its resource does not matter.
        about: the numbers of the places that the operation is about, ascending.
    """

    def __init__(self, who: Who, anywhere: Anywhere, asked: Request, about: Array) -> None:
        self._who, self._anywhere, self._held, self._asked = who, anywhere, who.held, replace(asked, who=STRANGER)
        self.about = about
        generic = anywhere.at(asked, 0)
        forms = [anywhere.granting(generic, plane) for plane in planes_of(asked)]
        self.granting = np.unique(np.concatenate([one.numbers for one in forms])).astype(np.int64)
        # What ends is not looked at: few assignments do.
        lasting = self._held.assignments.until == 0
        self.plain = np.zeros(len(lasting), np.bool_)
        """The mask of assignments that give the operation whatever the request; none where its plane is not known."""
        if len(forms) == 1:
            self.plain[forms[0].numbers[forms[0].codes == PLAIN]] = True
        # What gives whatever the request asks nothing of this resource, though its condition does of others.
        reading = anywhere.situations.reads_resource(self.granting) & ~self.plain[self.granting]
        self._reading = frozenset(self.granting[reading].tolist())
        self.plain &= lasting
        self._reads = [one for one in self._held.estate.denies if any(map(_reads, _conditions(one)))]

    def classes(self) -> list[Lying]:
        """Every class, none before the one that it lies in."""
        found: list[Lying] = []
        numbers: dict[object, int] = {}
        parents = self._held.arrays["place.parent"].tolist()
        classes = np.full(len(parents), NONE, np.int64)
        number = {place: at for at, place in enumerate(self.about.tolist())}
        situations, dependent = self._situations().tolist(), self._dependent
        told: dict[int, tuple[tuple[Formula, ...], tuple[Formula, ...]]] = {}
        for place in self._needed().tolist():
            parent = parents[place]
            formulas, denied = told[place] = self._formulas(place) if dependent[place] else (), self._denied(place)
            above = told.get(parent, ((), ()))
            fresh = parent == NONE or situations[place] != situations[parent] or denied != above[1]
            # Those of the place itself come last.
            fresh = fresh or formulas[: len(above[0])] != above[0]
            own = self._own.get(place)
            if not fresh and own is None:
                classes[place] = classes[parent]
            else:
                outer = NONE if parent == NONE else int(classes[parent])
                key = outer, fresh, situations[place], self._alike(place), formulas, denied
                if key not in numbers:
                    numbers[key] = len(found)
                    found.append(Lying(place, outer, fresh, np.empty(0, np.int64) if own is None else own))
                classes[place] = numbers[key]
            if place in number:
                found[classes[place]].about.add(number[place])
        return found

    @cached_property
    def _own(self) -> dict[int, Array]:
        """The granting assignments by place."""
        places = self._held.assignments.place[self.granting]
        parts = np.split(self.granting, np.flatnonzero(np.diff(places)) + 1) if len(places) else []
        return {int(self._held.assignments.place[part[0]]): part for part in parts}

    def _alike(self, place: int) -> object:
        """Equal for places whose own assignments give alike."""
        own, given = self._own.get(place), self._held.assignments
        if own is None:
            return None
        if (self._who.broken(own) >= 0).any() or given.until[own].any():
            return place
        return np.stack([given.principal[own], given.type[own], given.role[own], given.condition[own]]).tobytes()

    def _needed(self) -> Array:
        """The places that the operation is about, and what they lie in; from the top down."""
        ends = self._held.arrays["place.end"].astype(np.int64)
        inside = np.zeros(len(ends) + 1, np.int64)
        inside[self.about + 1] = 1
        upto = np.cumsum(inside)
        return np.flatnonzero(upto[ends] > upto[:-1])

    # --- what lies above, and is not known

    def _situations(self) -> Array:
        """A number for each place: equal where the same denials reach, the same vault decides, as much is known."""
        held, estate = self._held, self._held.estate
        found = np.zeros(len(held.places), np.int64)
        for number in sorted({*self._numbers(self._marked()), *self._around_unknown()}):
            begin, end = held.below(number)
            found[begin:end] = number
        alone = {one.scope.key for one in estate.denies if one.only_here}
        apart = set(self._numbers(alone))
        if Plane.DATA in planes_of(self._asked):
            service = self._asked.operation.partition("/")[0].removeprefix("microsoft.")
            mine = f"{service}:" if service in _BY_THEMSELVES else "\0"
            kinds = np.array([one.startswith(mine) for one in held.place_kinds], np.bool_)
            apart |= set(np.flatnonzero(kinds[held.arrays["place.kind"]]).tolist())
        numbers = np.array(sorted(apart), np.int64)
        found[numbers] = -1 - numbers
        return found

    def _marked(self) -> set[str]:
        estate = self._held.estate
        denied = {one.scope.key for one in estate.denies}
        return {*denied, *estate.unread_grants, *estate.unread_denies, *estate.vaults}

    def _numbers(self, keys: set[str]) -> Iterator[int]:
        return (number for key in keys if (number := self._held.place_number(key)) is not None)

    def _around_unknown(self) -> set[int]:
        """Those of which nothing was read, and those right in them: a list made there tells what is inherited, too."""
        unknown, parents = set(self._unknown()), self._held.arrays["place.parent"]
        return unknown | {place for place in self._containers() if int(parents[place]) in unknown}

    def _containers(self) -> list[int]:
        kinds = [code for code, kind in enumerate(self._held.place_kinds) if kind in _CONTAINERS]
        found: list[int] = np.flatnonzero(np.isin(self._held.arrays["place.kind"], kinds)).tolist()
        return found

    def _unknown(self) -> Iterator[int]:
        """Containers of which nothing was read, or not what is above them: what is missing tells their names."""
        held = self._held
        for place in self._containers():
            if held.places[place] not in held.read or held.estate.chain(held.place(place)).open:
                yield place

    # --- conditions that ask of the resource

    @cached_property
    def _dependent(self) -> list[bool]:
        """For each place whether an assignment above it, or one that may be, asks of the resource."""
        held = self._held
        inside = np.zeros(len(held.places) + 1, np.int64)
        tops = [int(held.assignments.place[one]) for one in self._reading]
        for place in (*tops, *(self._unknown() if tops else ())):
            begin, end = held.below(place)
            inside[begin] += 1
            inside[end] -= 1
        found: list[bool] = (np.cumsum(inside)[:-1] > 0).tolist()
        return found

    def _at(self, place: int) -> Request:
        resource = self._held.place(place)
        return replace(self._asked, resource=resource, estate=self._held.estate_of(resource))

    def _formulas(self, place: int) -> tuple[Formula, ...]:
        """When each assignment above a place that asks of the resource gives, from the top down."""
        asked = self._at(place)
        numbers = [one for one in self._who.above(asked)[::-1].tolist() if one in self._reading]
        found = []
        for one in numbers:
            for plane in planes_of(asked):
                made = grant(asked, plane, self._held.assignments.one(one), True)
                found.append(all_of((made.has, made.condition)))
        return tuple(found)

    def _denied(self, place: int) -> tuple[Formula, ...]:
        """When each deny assignment that asks of the resource denies at a place."""
        if not self._reads:
            return ()
        asked = self._at(place)
        some = [one for one in self._reads if within(asked, one) is not False]
        made = (denial(asked, plane, one) for one in some for plane in planes_of(asked))
        return tuple(replace(one, listed=True, excluded=False).formula for one in made)


def _reads(condition: str) -> bool:
    return _OF_RESOURCE in condition.lower()


def _conditions(deny: DenyAssignment) -> Iterator[str]:
    yield deny.condition
    yield from (one.condition for one in deny.entries)
