"""Questions without a resource: is there one that is known, or can be named, on which somebody has a permission?

Whoever is granted a role on a place has it on what lies there. So each place of a binding is asked of *any resource
that lies in it*: of that what is above it is known, and what conditions ask of it is not. Places to which the same deny
rules and boundaries apply are asked together. What a boundary lists below a place is asked besides: there may be
eligible who is not above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.model.decision import State
from leastwise.providers.bulk.listing import Found

from ..evaluate.allow import role_holds
from ..evaluate.explain import STATES
from ..evaluate.membership import includes
from ..evaluate.request import Request
from ..language.members import Member
from .deciding import Decided, Deciding, Entry
from .gaps import shortened
from .guards import situations
from .who import Who

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Point:
    """A kind of place: the question as it is there, what is granted, and by which bindings."""

    asked: Request
    entries: Sequence[Entry]
    bindings: Array


class Anywhere:
    """Answers questions without a resource of one estate."""

    def __init__(self, who: Who) -> None:
        self._who, self._known, self._held = who, who.known, who.known.held

    def find(self, asked: Request, found: Found) -> tuple[str, ...]:
        """Everybody who can do something somewhere goes into `found`; returns what might add others."""
        points = list(self.points(asked))
        named = [BitMap.union(BitMap(), *(one.whom.everybody for one in point.entries)) for point in points]
        all_named = BitMap.union(BitMap(), *named)
        spared = self._who.spared(asked) - all_named
        let_in: list[tuple[Deciding, Decided]] = []
        apart = BitMap()
        for point, own in zip(points, named, strict=True):
            deciding = Deciding(self._known, point.asked, point.entries, somewhere=True)
            # A set lets in others than it is named beside, who are named elsewhere.
            wide = any(part.sets or part.gaps for one in point.entries for part in one.whom.parts)
            universe = (all_named if wide else own) | spared
            decided = deciding.decide(np.array(universe.to_array(), np.int64))
            here = [one for one in decided if STATES[one.verdict.outcome] is not State.DENIED]
            let_in += [(deciding, one) for one in here]
            mine = BitMap.union(BitMap(), *(BitMap(one.numbers) for one in here))
            apart |= (mine & spared) - BitMap(self._who.covered(point.asked, here, spared))
        # Whom a set takes in wherever they are let in is not named beside it.
        gone = np.array((spared - apart).to_array(), np.int64)
        for deciding, one in let_in:
            kept = one.numbers[~np.isin(one.numbers, gone)] if len(gone) else one.numbers
            if len(kept):
                found.add(kept, deciding.told(one))
        return self.unread()

    def points(self, asked: Request) -> Iterator[Point]:
        """The kinds of places at which something is granted."""
        bindings = self.granting(asked)
        documents = self._held.arrays["binding.document"][bindings]
        places, owner = self._held.rows("document.places").gather(documents)
        own = ~self._held.arrays["place.alias"][places]
        places, owner = places[own], owner[own]
        codes = situations(self._known, places)
        for code in np.unique(codes).tolist():
            at = codes == code
            here = replace(asked, resource=self._held.places[int(places[at][0])], below=True)
            yield from self._by_formula(here, bindings[np.unique(owner[at])])
        for name in self._listed(asked):
            there = replace(asked, resource=name, below=True)
            above = np.array(list(self._who.above(there)), np.int64)
            kept = np.intersect1d(above, bindings)
            if len(kept):
                yield from self._by_formula(there, kept)

    def places_of(self, point: Point, who: Member) -> Iterator[str]:
        """The places of a point where a binding may let somebody in."""
        arrays, rows = self._held.arrays, self._held.rows("document.places")
        number = self._held.member_number(who.text)
        for binding in point.bindings.tolist():
            one = self._who.entry(point.asked, True, np.array([binding]))
            named = number is not None and number in one.whom.everybody
            if named or one.whom.gaps or any(includes(each, replace(point.asked, who=who)) for each in one.whom.sets):
                yield from self._held.places.many(rows.row(int(arrays["binding.document"][binding])))

    def granting(self, asked: Request) -> Array:
        """The bindings whose role may hold the permission."""
        names = self._held.role_names
        wanted = [code for code, name in enumerate(names) if role_holds(asked, name)[0] is not False]
        return np.flatnonzero(np.isin(self._held.arrays["binding.role"], wanted))

    def _by_formula(self, asked: Request, bindings: Array) -> Iterator[Point]:
        """The bindings of one kind of place, those together that grant under the same condition."""
        gathered: dict[Formula, list[int]] = {}
        arrays = self._held.arrays
        shapes = np.stack([arrays["binding.role"][bindings], arrays["binding.condition"][bindings]], axis=1)
        _, first, codes = np.unique(shapes, axis=0, return_index=True, return_inverse=True)
        formulas = [self._who.formula(asked, int(bindings[at])) for at in first.tolist()]
        for number, formula in enumerate(formulas):
            if formula is not False:
                gathered.setdefault(formula, []).append(number)
        for formula, several in gathered.items():
            kept = bindings[np.isin(codes.ravel(), several)]
            yield Point(asked, [self._who.entry(asked, formula, kept)], kept)

    def _listed(self, asked: Request) -> list[str]:
        """The places that boundaries list."""
        estate = asked.estate
        listed = (estate.projects.canonical(one) for each in estate.boundaries.values() for one in each.resources)
        return [one for one in dict.fromkeys(listed) if self._held.place_number(one) is not None]

    def unread(self) -> tuple[str, ...]:
        """What was not read of whom places let in."""
        arrays, facts = self._held.arrays, self._held.facts
        places = np.flatnonzero(~arrays["place.read"] & ~arrays["place.alias"])
        found = shortened([f"the policy of {name}" for name in self._held.places.many(places)])
        astray = np.flatnonzero(arrays["place.astray"])[:_SHOWN]
        found += [f"the project of {name}" for name in self._held.places.many(astray)]
        found += [f"what is above {id}" for id, _ in facts["unread"]["above"] if id not in self._held.alone]
        return (*found, *(f"{id}, which could not be read" for id in facts["unread"]["trees"]))
