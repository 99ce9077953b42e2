"""On which known resources somebody has a permission; resources that nothing tells apart are decided once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.decision import Decision, Reached, State

from ..evaluate.decide import decide
from ..evaluate.explain import explain
from ..evaluate.request import Request
from ..language.names import permitting
from ..language.resources import service_of
from .anywhere import Anywhere
from .estate import Compiled
from .what import What

_CONTAINERS = ("organization", "folder", "project")


class Reaching:
    """Answers what somebody reaches, in one estate."""

    def __init__(self, what: What, anywhere: Anywhere) -> None:
        self._what, self._anywhere = what, anywhere
        self._held = what.held

    def of(self, asked: Request) -> list[Reached]:
        """The known resources of the permission's service, and containers, on which the caller is not denied."""
        known: dict[object, Decision] = {}
        found = []
        for place in self._places(asked).tolist():
            key = alike_key(self._held, place)
            if key not in known:
                known[key] = explain(decide(replace(asked, resource=self._held.places[place])))
            one = known[key]
            if one.state is not State.DENIED:
                found.append(Reached(self._held.places[place], one.state, one.residual, one.missing, one.chain))
        return sorted(found, key=lambda one: one.resource)

    def _places(self, asked: Request) -> Array:
        """The places that may be reached: those of bindings, and all below them."""
        arrays = self._held.arrays
        bindings = np.intersect1d(self._what.bindings(asked.who, asked), self._anywhere.granting(asked))
        tops, _ = self._held.rows("document.places").gather(arrays["binding.document"][bindings])
        # A policy that was not read may let anybody in, there and below.
        tops = np.union1d(tops, self._unread(asked))
        inside = np.zeros(len(arrays["place.parent"]) + 1, np.int64)
        np.add.at(inside, tops, 1)
        np.add.at(inside, arrays["place.end"][tops], -1)
        below = np.cumsum(inside)[:-1] > 0
        places = np.flatnonzero(below & ~arrays["place.alias"])
        return np.array(list(self._about(asked, places)), np.int64)

    def _unread(self, asked: Request) -> Array:
        """The places whose policy was not read, and those of which it is not known what is above them."""
        arrays, held = self._held.arrays, self._held
        documents, read = arrays["place.document"].tolist(), arrays["place.read"].tolist()
        unread = [
            place
            for place, document in enumerate(documents)
            if not read[place] or arrays["place.astray"][place] or (document >= 0 and held.policy(document) is None)
        ]
        for top in np.flatnonzero(arrays["place.parent"] < 0).tolist():
            chain = replace(asked, resource=held.places[top]).chain
            if chain.open or chain.unread:
                unread.append(top)
        return np.array(unread, np.int64)

    def _about(self, asked: Request, places: Array) -> Iterator[int]:
        """Those of some places that the permission can be about."""
        kinds = self._held.texts("place.kind.texts").all()
        codes = self._held.arrays["place.kind"]
        for place in places.tolist():
            service = permitting(service_of(self._held.places[place]))
            if kinds[codes[place]] in _CONTAINERS or service == asked.service:
                yield place


def alike_key(held: Compiled, place: int) -> object:
    """Equal for resources that lie in one place, have no policy and no tags, where no condition reads a name."""
    arrays = held.arrays
    own = arrays["place.document"][place] >= 0 or not arrays["place.read"][place] or arrays["place.lists"][place]
    own = own or arrays["place.astray"][place]
    if own or held.conditions_name_resources or held.places[place] in held.estate.tags:
        return place
    return int(arrays["place.parent"][place]), int(arrays["place.kind"][place])
