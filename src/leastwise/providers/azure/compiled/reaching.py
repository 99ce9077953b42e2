"""On which known resources somebody has a permission; resources that nothing tells apart are decided once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import all_of, negate
from leastwise.model.decision import Decision, Reached, State

from ..evaluate.decide import decide
from ..evaluate.estate import Estate
from ..evaluate.explain import explain
from ..evaluate.request import Request
from ..language.assignments import DenyAssignment
from .anywhere import Anywhere
from .forms import Forms, of_resource
from .situations import CONTAINERS
from .what import What
from .who import planes_of

_ON_ANYTHING = "microsoft.authorization/"
"""What roles, locks and policies are assigned at lies on any resource: https://learn.microsoft.com/azure/azure-resource-manager/management/extension-resource-types"""


class Reaching:
    """Answers what somebody reaches, in one estate."""

    def __init__(self, what: What, anywhere: Anywhere) -> None:
        self._what, self._anywhere = what, anywhere
        self._held, self._situations = what.held, anywhere.situations

    def of(self, asked: Request) -> list[Reached]:
        """The known resources that the operation can be about, and what holds them, on which the caller is not denied.

        What lies above everything is told as far as something is given there.
        """
        known: dict[tuple[int, Hashable], Decision] = {}
        estates: dict[int, Estate] = {}
        found = []
        own = self._what.assignments(asked)
        mine = [self._anywhere.granting(asked, plane).among(own) for plane in planes_of(asked)]
        places = self._places(asked, np.concatenate([one.numbers for one in mine]))
        anchors = self._anchors(asked, mine)[places]
        told = self._situations.told(places.tolist(), self._read(asked, mine), inside=False)
        for place, key in zip(places.tolist(), zip(anchors.tolist(), told, strict=True), strict=True):
            if key not in known:
                resource = self._held.place(place)
                estate = self._held.estate_of(resource)
                if id(estate) not in estates:
                    # What names others is nothing to the caller.
                    estates[id(estate)] = self._held.with_only(estate, BitMap(own.astype(np.uint32)))
                known[key] = explain(decide(replace(asked, resource=resource, estate=estates[id(estate)])))
            one = known[key]
            if one.state is not State.DENIED:
                found.append(Reached(self._held.ids[place], one.state, one.residual, one.missing, one.chain))
        return sorted(found, key=lambda one: one.resource)

    def _places(self, asked: Request, mine: Array) -> Array:
        """The places that may be reached: those of assignments, and all below them; where something was not read."""
        held, estate = self._held, self._held.estate
        # What was not read may let anybody in, there and below.
        further = {*estate.unread_grants}
        further |= {key for key, *_ in held.facts["containers"] if key not in held.read or self._open(key)}
        numbers = [number for key in further if (number := held.place_number(key)) is not None]
        numbers += self._situations.special(asked).tolist()
        reached = self._inside(np.union1d(held.assignments.place[mine], np.array(numbers, np.int64)).astype(np.int64))
        return np.flatnonzero(reached & self.about(asked)[held.arrays["place.kind"]])

    def _inside(self, tops: Array) -> Array:
        """The mask of some places and all that lies in them."""
        count = np.zeros(len(self._held.places) + 1, np.int64)
        np.add.at(count, tops, 1)
        np.add.at(count, self._held.arrays["place.end"][tops], -1)
        return np.asarray(np.cumsum(count)[:-1] > 0)

    def _open(self, key: str) -> bool:
        estate = self._held.estate
        return bool(estate.above) and estate.chain(self._held.place(self._held.place_number(key) or 0)).open

    def about(self, asked: Request) -> Array:
        """For each kind of place whether the operation can be about it, or about what lies in it."""
        if asked.operation.startswith(_ON_ANYTHING):
            return np.ones(len(self._held.place_kinds), np.bool_)
        parts = asked.operation.removeprefix("microsoft.").split("/")
        # What an operation is about is a type, or what holds that: of blobs also the container and the account.
        types = {f"{parts[0]}:{'/'.join(parts[1:count])}" for count in range(2, len(parts))}
        return np.array([kind in CONTAINERS or kind in types for kind in self._held.place_kinds], np.bool_)

    def _anchors(self, asked: Request, mine: Sequence[Forms]) -> Array:
        """For each place a number: equal for places of which everything but their ids says the same to the caller.

        Negative where each place is asked by itself.
        """
        held, given, estate = self._held, self._held.assignments, self._held.estate
        number = held.member_number(asked.who)
        marks = self._situations.marks(asked, lambda at, one: self._means(number, at, one))
        for key in {*estate.unread_grants, *(key for key, *_ in held.facts["containers"] if self._open(key))}:
            if (at := held.place_number(key)) is not None:
                marks.setdefault(at, set()).add(("grants", key))
        own = np.unique(np.concatenate([given.place[one.numbers] for one in mine]))
        for at in own.tolist():
            marks.setdefault(at, set()).add(("given", at))
        found = self._situations.codes(marks)
        here = [held.place_number(one.scope.key) for _, one in self._situations.denying(asked) if one.only_here]
        alone = np.union1d(own, np.array([one for one in here if one is not None], np.int64)).astype(np.int64)
        alone = np.union1d(alone, np.flatnonzero(self._inside(self._situations.special(asked)))).astype(np.int64)
        found[alone] = -1 - alone
        return found

    def _means(self, number: int | None, at: int, one: DenyAssignment) -> Hashable:
        """What a deny assignment is to somebody; None where it does not mean them."""
        named, excluded = self._what.known.named(at, one)
        listed, spared = (
            True if number is not None and number in each.sure else each.others for each in (named, excluded)
        )
        meant = all_of((listed, negate(spared)))
        if meant is False or one.effect == "audit":
            return None
        plain = meant is True and one.effect == "enforced" and not any(_texts(one))
        return "denied" if plain else at

    def _read(self, asked: Request, mine: Sequence[Forms]) -> tuple[str, ...]:
        """What conditions that matter to the caller ask of the resource: attributes, by key."""
        found = (key for one in mine for form in np.unique(one.codes).tolist() for key in one.read.get(form, ()))
        denied = (text for _, one in self._situations.denying(asked) for text in _texts(one))
        return tuple(dict.fromkeys((*found, *of_resource(denied))))


def _texts(deny: DenyAssignment) -> Iterator[str]:
    """The conditions of a deny assignment; empty ones, too."""
    yield deny.condition
    yield from (one.condition for one in deny.entries)
