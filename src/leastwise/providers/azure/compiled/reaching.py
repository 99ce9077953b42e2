"""On which known resources somebody has a permission; resources that nothing tells apart are decided once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import Decision, Reached, State

from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.request import Request
from ..language.operations import Plane
from .anywhere import Anywhere
from .what import What
from .who import planes_of

_CONTAINERS = ("root", "management_group", "subscription", "resources:resourcegroups")
_BY_THEMSELVES = ("keyvault:", "containerservice:", "documentdb:", "storage:")
"""Kinds of resources in which other systems than roles may let somebody in."""


class Reaching:
    """Answers what somebody reaches, in one estate."""

    def __init__(self, what: What, anywhere: Anywhere) -> None:
        self._what, self._anywhere = what, anywhere
        self._held = what.held

    def of(self, asked: Request) -> list[Reached]:
        """The known resources that the operation can be about, and what holds them, on which the caller is not denied.

        What lies above everything is told as far as something is given there.
        """
        known: dict[int, Decision] = {}
        found = []
        planes = planes_of(asked)
        granting = [self._anywhere.granting(self._anywhere.at(asked, 0), plane) for plane in planes]
        mine = np.intersect1d(self._what.assignments(asked), np.concatenate(granting))
        places = self._places(asked, mine)
        for place, key in zip(places.tolist(), self._anchors(asked, mine)[places].tolist(), strict=True):
            if key not in known:
                resource = self._held.place(place)
                told = replace(asked, resource=resource, estate=self._held.estate_of(resource))
                known[key] = explain(decide(told))
            one = known[key]
            if one.state is not State.DENIED:
                found.append(Reached(self._held.ids[place], one.state, one.residual, one.missing, one.chain))
        return sorted(found, key=lambda one: one.resource)

    def _places(self, asked: Request, mine: Array) -> Array:
        """The places that may be reached: those of assignments, and all below them; where something was not read."""
        arrays, held = self._held.arrays, self._held
        tops = held.assignments.place[mine]
        # What was not read may let anybody in, there and below.
        estate = held.estate
        further = {*estate.unread_grants, *estate.vaults}
        further |= {key for key, *_ in held.facts["containers"] if key not in held.read or self._open(key)}
        numbers = [number for key in further if (number := held.place_number(key)) is not None]
        tops = np.union1d(tops, np.array(numbers, np.int64)).astype(np.int64)
        inside = np.zeros(len(held.places) + 1, np.int64)
        np.add.at(inside, tops, 1)
        np.add.at(inside, arrays["place.end"][tops], -1)
        reached = (np.cumsum(inside)[:-1] > 0) | self._special
        return np.flatnonzero(reached & self.about(asked)[arrays["place.kind"]])

    def _open(self, key: str) -> bool:
        estate = self._held.estate
        return bool(estate.above) and estate.chain(self._held.place(self._held.place_number(key) or 0)).open

    @cached_property
    def _special(self) -> Array:
        """The mask of places in which other systems than roles may let somebody in."""
        kinds = np.array([one.startswith(_BY_THEMSELVES) for one in self._held.place_kinds], np.bool_)
        return np.asarray(kinds[self._held.arrays["place.kind"]])

    def about(self, asked: Request) -> Array:
        """For each kind of place whether the operation can be about it, or about what lies in it."""
        parts = asked.operation.removeprefix("microsoft.").split("/")
        # What an operation is about is a type, or what holds that: of blobs also the container and the account.
        types = {f"{parts[0]}:{'/'.join(parts[1:count])}" for count in range(2, len(parts))}
        return np.array([kind in _CONTAINERS or kind in types for kind in self._held.place_kinds], np.bool_)

    def _anchors(self, asked: Request, mine: Array) -> Array:
        """For each place a number: equal for places of which everything that matters to the caller says the same.

        It is that of the nearest place, itself or above, that has something of its own; negative where each place is
        asked by itself.
        """
        held, estate = self._held, self._held.estate
        found, denied = np.zeros(len(held.places), np.int64), [one.scope.key for one in estate.denies]
        keys = {*denied, *estate.unread_grants, *estate.unread_denies}
        keys |= {key for key, *_ in held.facts["containers"] if key not in held.read or self._open(key)}
        own = {number for key in keys if (number := held.place_number(key)) is not None}
        own |= set(held.assignments.place[mine].tolist())
        for number in sorted(own):
            begin, end = held.below(number)
            found[begin:end] = number
        alone = np.array(sorted(own), np.int64)
        if self._anywhere.reads_resource(mine).any() or self._what.known.denials_read:
            alone = np.arange(len(found))
        elif asked.plane is not Plane.CONTROL:
            kinds = np.array([one.startswith(_BY_THEMSELVES) for one in held.place_kinds], np.bool_)
            alone = np.union1d(alone, np.flatnonzero(kinds[held.arrays["place.kind"]]))
        found[alone] = -1 - alone
        return found
