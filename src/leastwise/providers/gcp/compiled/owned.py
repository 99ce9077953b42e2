"""What one principal holds, exactly: at each place where something is given, what is left of it there.

It says what `what` says, permission by permission, without residuals; sets of permissions are cut apart only by what
tells them apart, and places of which the same is true are decided once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.holdings import Part
from leastwise.engine.solve import Gap, Verdict
from leastwise.model.decision import State

from ..evaluate.allow import access_policies
from ..evaluate.allow import unread as unread_grants
from ..evaluate.explain import STATES
from ..evaluate.membership import includes
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.roles import without_condition
from .belonging import Belonging
from .conditioned import Conditioned
from .deciding import Known
from .guards import Guard, Guards, refined
from .numbers import Numbers

_EVENTARC = "eventarc.googleapis.com"
_Grants = tuple[tuple[int, Formula], ...]
"""Bindings, by number, and when each names the principal."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What is given at a place, there or from above: by each binding when, and what was not read and may give more."""

    given: _Grants
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Permissions at one place that are not denied, all in one state for want of the same."""

    permissions: BitMap
    state: State
    gaps: frozenset[str]


class Owned:
    """Answers what one principal holds, in one estate."""

    def __init__(self, known: Known, numbers: Numbers, belonging: Belonging, guards: Guards) -> None:
        self.held, self._numbers = known.held, numbers
        self.belonging, self._guards = belonging, guards
        self._chains: dict[int, tuple[Array, tuple[str, ...]]] = {}
        self._solved: dict[Formula, Verdict] = {}

    def of(self, asked: Request) -> tuple[tuple[Part, ...], tuple[str, ...]]:
        """What whoever asks holds, and what was not read and would decide about some of it."""
        naming = dict(self.naming(asked))
        standing = self._guards.standing(asked)
        conditions = Conditioned(self.held, self._numbers, asked)
        kept: dict[tuple[object, ...], list[Left]] = {}
        gathered: dict[tuple[bytes, State], tuple[BitMap, list[int]]] = {}
        missing: dict[str, None] = {}
        for place in self.places(asked, list(naming)):
            reached = self._reached(place, naming)
            key = *self._shape(reached.given), reached.unread, int(self._guards.situation[place])
            if key not in kept:
                kept[key] = list(self._left(reached, place, conditions, self._guards.at(standing, place)))
                missing |= dict.fromkeys(self._lacking(reached))
            for one in kept[key]:
                missing |= dict.fromkeys(sorted(one.gaps))
                told = gathered.setdefault((one.permissions.serialize(), one.state), (one.permissions, []))
                told[1].append(place)
        parts = (Part(held, self.names(places), state) for (_, state), (held, places) in gathered.items())
        return tuple(parts), tuple(missing)

    def names(self, places: Sequence[int]) -> tuple[str, ...]:
        """The full names of places, sorted."""
        return tuple(sorted(self.held.places.many(np.array(places, np.int64))))

    # --- which bindings, and where

    def naming(self, asked: Request) -> Iterator[tuple[int, Formula]]:
        """The bindings that name whoever asks, or a set that may take them in, and when they do."""
        rows = self.held.rows("member.bindings")
        found: dict[int, list[Formula]] = {}
        for member, when in self.sets(asked):
            for binding in rows.row(member).tolist():
                found.setdefault(binding, []).append(when)
        for binding in sorted(found):
            yield binding, any_of(found[binding])

    def sets(self, asked: Request) -> Iterator[tuple[int, Formula]]:
        """Whoever asks, and the groups and sets that take them in, or may: each with when. Nobody was deleted."""
        if asked.who.deleted:
            return
        number = self.held.member_number(asked.who.text)
        if number is None:
            inside: Iterable[int] = self.belonging.collectives.tolist()
        else:
            yield number, True
            inside = (each for each, _ in self.belonging.of(number))
        for one in inside:
            when = includes(self.held.member(one), asked)
            if when is not False:
                yield one, when

    def places(self, asked: Request, bindings: Sequence[int]) -> list[int]:
        """Where some bindings lie, and what boundaries list below such places."""
        held = self.held
        documents = np.unique(held.arrays["binding.document"][np.array(bindings, np.int64)])
        found, _ = held.rows("document.places").gather(documents)
        places = np.unique(found[~held.arrays["place.alias"][found]])
        return [int(one) for one in np.union1d(places, self.listed_below(places))]

    def listed_below(self, places: Array) -> Array:
        """The places that boundaries list and that lie below some places."""
        ends = self.held.arrays["place.end"][places]
        below = [one for one in self._listed if ((places < one) & (ends > one)).any()]
        return np.array(below, np.int64)

    @cached_property
    def _listed(self) -> list[int]:
        estate = self.held.estate
        listed = {one for each in estate.boundaries.values() for one in each.resources}
        found = (self.held.place_number(estate.projects.canonical(one)) for one in listed)
        return sorted({one for one in found if one is not None})

    def _reached(self, place: int, naming: Mapping[int, Formula]) -> Reached:
        bindings, unread = self._above(place)
        return Reached(tuple((one, naming[one]) for one in bindings.tolist() if one in naming), unread)

    def _shape(self, given: _Grants) -> Iterator[tuple[int, int, Formula]]:
        """What is given, whichever bindings give it."""
        arrays = self.held.arrays
        roles, conditions = arrays["binding.role"], arrays["binding.condition"]
        return ((int(roles[one]), int(conditions[one]), when) for one, when in given)

    def _above(self, place: int) -> tuple[Array, tuple[str, ...]]:
        """The bindings on a place and above it, and what of their policies was not read."""
        if place not in self._chains:
            held = self.held
            asked = self._numbers.asked(held.places[place])
            rows, documents = held.rows("document.bindings"), held.arrays["place.document"]
            found = [np.empty(0, np.int32)]
            for name in asked.chain.names:
                number = held.place_number(name)
                if number is not None and name in asked.estate.places and documents[number] >= 0:
                    found.append(rows.row(int(documents[number])))
            # The service of no permission: what only some services' policies say is looked at besides.
            unread = unread_grants(replace(asked, permission="/"))
            self._chains[place] = np.concatenate(found), unread
        return self._chains[place]

    # --- what is left

    def _left(self, reached: Reached, place: int, conditions: Conditioned, guard: Guard) -> Iterator[Left]:
        """The permissions of what is given that are not denied."""
        by_set: dict[bytes, tuple[BitMap, list[Formula]]] = {}
        anything: list[Formula] = [Literal(Gap(one)) for one in reached.unread]
        besides = self._special(place)
        for binding, names in reached.given:
            role = self._role(binding)
            known = self._numbers.role(role)
            permissions = self._numbers.all if known is None else known
            holds: Formula = True if known is not None else Literal(Gap(f"the permissions of {role}"))
            when = conditions.of(binding)
            for some, met in ((permissions, when),) if when is not None else conditions.parted(binding, permissions):
                formula = all_of((names, holds, met))
                if known is not None:
                    by_set.setdefault(some.serialize(), (some, []))[1].append(formula)
                else:
                    # It may hold any permission, and is asked only of those that something is known to give.
                    besides.append((some, formula))
        sets = [(some, any_of(several)) for some, several in by_set.values()]
        whole = BitMap.union(BitMap(), *(some for some, _ in sets))
        found: dict[Formula, BitMap] = {}
        sets += besides
        for piece in refined([whole] if whole else [], [some for some, _ in sets]):
            given = [when for some, when in sets if piece.issubset(some)]
            granted = any_of((*given, *anything))
            for left, free in guard:
                if both := piece & left:
                    found.setdefault(all_of((free, granted)), BitMap()).update(both)
        same: dict[tuple[State, frozenset[str]], BitMap] = {}
        for formula, permissions in found.items():
            verdict = self._verdict(formula)
            if STATES[verdict.outcome] is not State.DENIED:
                same.setdefault((STATES[verdict.outcome], verdict.gaps), BitMap()).update(permissions)
        yield from (Left(permissions, *told) for told, permissions in same.items())

    def _special(self, place: int) -> list[tuple[BitMap, Formula]]:
        """What access policies may give, which are not evaluated."""
        known = self._numbers.by_host.get(_EVENTARC)
        if known is None or not self.held.estate.access:
            return []
        asked = self._numbers.asked(self.held.places[place])
        told = access_policies(replace(asked, permission=f"{_EVENTARC}/triggers.get"))
        return [(known, any_of(Literal(Gap(one)) for one in told))] if told else []

    def _lacking(self, reached: Reached) -> Iterator[str]:
        roles = dict.fromkeys(self._role(binding) for binding, _ in reached.given)
        return (f"the permissions of {role}" for role in roles if self._numbers.role(role) is None)

    def _role(self, binding: int) -> str:
        name = self.held.role_names[int(self.held.arrays["binding.role"][binding])]
        return without_condition(name) or name

    def _verdict(self, formula: Formula) -> Verdict:
        if formula not in self._solved:
            self._solved[formula] = solver().verdict(formula)
        return self._solved[formula]
