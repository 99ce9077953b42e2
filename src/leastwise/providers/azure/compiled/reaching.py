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
from .anywhere import Anywhere
from .what import What

_CONTAINERS = ("root", "management_group", "subscription", "resources:resourcegroups")
_BY_THEMSELVES = ("keyvault:", "containerservice:", "documentdb:", "storage:", "authorization:")
"""Kinds of resources of which something more than roles may decide, or that conditions know by name."""


class Reaching:
    """Answers what somebody reaches, in one estate."""

    def __init__(self, what: What, anywhere: Anywhere) -> None:
        self._what, self._anywhere = what, anywhere
        self._held = what.held

    def of(self, asked: Request) -> list[Reached]:
        """The known resources that the operation can be about, and what holds them, on which the caller is not denied.

        What lies above everything is told as far as something is given there.
        """
        known: dict[object, Decision] = {}
        found = []
        for place in self._places(asked).tolist():
            key = self.alike_key(place)
            if key not in known:
                resource = self._held.place(place)
                told = replace(asked, resource=resource, estate=self._held.estate_of(resource))
                known[key] = explain(decide(told))
            one = known[key]
            if one.state is not State.DENIED:
                found.append(Reached(self._held.ids[place], one.state, one.residual, one.missing, one.chain))
        return sorted(found, key=lambda one: one.resource)

    def _places(self, asked: Request) -> Array:
        """The places that may be reached: those of assignments, and all below them; where something was not read."""
        arrays, held = self._held.arrays, self._held
        tops = held.assignments.place[self._what.assignments(asked)]
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
        kinds = np.array([one.startswith(_BY_THEMSELVES[1:4]) for one in self._held.place_kinds], np.bool_)
        return np.asarray(kinds[self._held.arrays["place.kind"]])

    def about(self, asked: Request) -> Array:
        """For each kind of place whether the operation can be about it, or about what lies in it."""
        parts = asked.operation.removeprefix("microsoft.").split("/")
        # What an operation is about is a type, or what holds that: of blobs also the container and the account.
        types = {f"{parts[0]}:{'/'.join(parts[1:count])}" for count in range(2, len(parts))}
        return np.array([kind in _CONTAINERS or kind in types for kind in self._held.place_kinds], np.bool_)

    def alike_key(self, place: int) -> object:
        """Equal for resources that lie in one place and have nothing of their own, where no condition reads a name."""
        kind = self._held.place_kinds[int(self._held.arrays["place.kind"][place])]
        if self._named or kind.startswith(_BY_THEMSELVES) or kind in _CONTAINERS:
            return place
        anchor = int(self._anchors[place])
        return place if anchor == place else (anchor, kind)

    @cached_property
    def _named(self) -> bool:
        """Whether a condition asks something of the resource."""
        held = self._held
        every = np.arange(len(held.assignments.place))
        denied = (text for one in held.estate.denies for text in (one.condition, *(e.condition for e in one.entries)))
        return bool(self._anywhere.reads_resource(every).any()) or any("@resource[" in one.lower() for one in denied)

    @cached_property
    def _anchors(self) -> Array:
        """For each place the nearest one, it or above it, that has something of its own."""
        held = self._held
        marked = {*held.assignments.place.tolist(), *held.offers.place.tolist()}
        keys = [one.scope.key for one in held.estate.denies] + [one.scope.key for one in held.estate.locks]
        keys += [*held.estate.unread_grants, *held.estate.unread_denies]
        marked |= {number for key in keys if (number := held.place_number(key)) is not None}
        kinds = [code for code, kind in enumerate(held.place_kinds) if kind in _CONTAINERS]
        marked |= set(np.flatnonzero(np.isin(held.arrays["place.kind"], kinds)).tolist())
        found = np.zeros(len(held.places), np.int64)
        for number in sorted(marked):
            begin, end = held.below(number)
            found[begin:end] = number
        return found
