"""Everything that somebody may do in Azure, as a value; see `bulk.effective`.

Places part what somebody may do at which something is given to them or denied, or vaults and other systems than roles
decide, or something was not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from leastwise.engine.formula import Formula
from leastwise.model.decision import State
from leastwise.providers.bulk import effective
from leastwise.providers.bulk.effective import Answer, Pair, Part

from ..evaluate.decide import access, layers
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.ids import arm_id
from .anchors import Anchors
from .what import What

_Classes = tuple[tuple[Formula, frozenset[str]], ...]
"""When somebody has some operations, by the names that users see; they never have others."""


class Effective(effective.Effective):
    """What a principal may do.

    Args:
        what: the estate.
        asked: the question; its operation and resource do not matter.
    """

    def __init__(self, what: What, asked: Request) -> None:
        super().__init__(asked.who, what.anywhere_of.unread(asked), what.numbers.names)
        self._what, self._asked, self._held = what, asked, what.held
        self._anchors = Anchors(what.anywhere_of, asked, what.assignments(asked))
        self._made: dict[object, _Classes] = {}

    # --- where something lies

    @cached_property
    def points(self) -> Sequence[str]:
        """See `bulk.effective`."""
        held, arrays, estate = self._held, self._held.arrays, self._held.estate
        tops = np.array(self._what.places(self._asked), np.int64)
        inside = np.zeros(len(held.places) + 1, np.int64)
        np.add.at(inside, tops, 1)
        np.add.at(inside, arrays["place.end"][tops], -1)
        named = [one.scope.key for one in estate.denies if not one.only_here]
        named += [*estate.unread_grants, *estate.unread_denies]
        named += [key for key, *_ in held.facts["containers"] if key not in held.read or self._open(key)]
        guarded = (number for key in named if (number := held.place_number(key)) is not None)
        below = np.cumsum(inside)[:-1] > 0
        # What was not read lets in anybody, wherever else somebody is let in.
        alone = np.flatnonzero(self._anchors.special).tolist()
        found = {*tops.tolist(), *(one for one in (*guarded, *alone) if below[one] or self._unread_at(one))}
        return held.places.many(np.array(sorted(found), np.int64))

    def _unread_at(self, place: int) -> bool:
        key = self._held.places[place]
        estate = self._held.estate
        return key in estate.unread_grants or arm_id(key).top == key not in self._held.read or self._open(key)

    def _open(self, key: str) -> bool:
        """Whether a management group at which something is given or denied may be above a container."""
        estate = self._held.estate
        above = bool(estate.above) or any(one.scope.management_group == one.scope.key for one in estate.denies)
        return above and arm_id(key).top == key and estate.chain(arm_id(key)).open

    def knows(self, place: str) -> bool:
        """See `bulk.effective`."""
        return self._held.place_number(place) is not None

    def chain(self, place: str) -> tuple[str, ...]:
        """See `bulk.effective`."""
        return self._held.estate.chain(arm_id(place)).keys

    def shown(self, place: str) -> str:
        """See `bulk.effective`: ids are compared without case, and shown as they were read."""
        number = self._held.place_number(place)
        return place if number is None else self._held.ids[number]

    def may_hold(self, place: str, one: str) -> bool:
        """See `bulk.effective`."""
        return self._held.estate.chain(arm_id(place)).within(arm_id(one)) is not False

    def leaf(self, other: Effective, place: str) -> bool:
        """See `bulk.effective`: places of Azure that were not read are told one by one."""
        return False

    # --- what is so there

    def pairs(self, other: Effective, place: str, among: Part | None) -> Iterator[Pair]:
        """See `bulk.effective`."""
        mine, others = self._classes(other, place), other._classes(self, place)
        left = [names if among is None else names & among.permissions for _, names in others]
        for first, names in mine:
            rest = names if among is None else names & among.permissions
            for at, (second, _) in enumerate(others):
                both = rest & left[at]
                if both:
                    yield first, second, sorted(both)
                    rest, left[at] = rest - both, left[at] - both
            if rest:
                yield first, False, sorted(rest)
        for (second, _), names in zip(others, left, strict=True):
            if names:
                yield False, second, sorted(names)

    def differences(self, other: Effective, permission: str, place: str) -> tuple[Formula, Formula]:
        """See `bulk.effective`."""
        mine, others = self._classes(other, place), other._classes(self, place)
        first, second = (
            next((when for when, names in classes if permission in names), False) for classes in (mine, others)
        )
        return first, second

    def _classes(self, other: Effective, place: str) -> _Classes:
        """When the principal has which operations on all that lies in a place."""
        known = self.lies(other, place)
        number = self._held.place_number(known)
        anchor: object = known if number is None else self._anchors.of(number)
        if anchor not in self._made:
            here = self._what.anywhere_of.situations.below(self._asked, arm_id(known))
            found: dict[Formula, set[str]] = {}
            for some in self._what.classes(here):
                about = self._what.about(here, some[0])
                when = access(about, layers(about))
                if when is not False:
                    found.setdefault(when, set()).update(self._names[one] for one in some)
            self._made[anchor] = tuple((when, frozenset(names)) for when, names in found.items())
        return self._made[anchor]

    def lacking(self, other: Effective, place: str) -> tuple[str, ...]:
        """See `bulk.effective`."""
        here = self._what.anywhere_of.situations.below(self._asked, arm_id(self.lies(other, place)))
        return self._what.roles_lacking(here)

    def answer(self, formula: Formula) -> Answer:
        """See `bulk.effective`."""
        solved = solver()
        verdict = solved.verdict(formula)
        state = STATES[verdict.outcome]
        undecided = state in (State.CONDITIONAL, State.UNKNOWN)
        found = solved.alternatives(verdict.certain) if undecided else []
        return Answer(state, None if found is None else residual_of(found), tuple(sorted(verdict.gaps)))
