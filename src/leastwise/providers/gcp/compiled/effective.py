"""Everything that somebody may do in Google Cloud, as a value; see `bulk.effective`.

Places part what somebody may do on which bindings, deny rules or what boundaries list lie, or something was not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.model.decision import State
from leastwise.providers.bulk import effective
from leastwise.providers.bulk.effective import Answer, Pair, Part

from ..evaluate.allow import allow
from ..evaluate.boundary import eligible
from ..evaluate.decide import access
from ..evaluate.deny import deny
from ..evaluate.directions import held_permissions, unknown_roles
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.names import written
from .what import What


class Effective(effective.Effective):
    """What a principal may do.

    Args:
        what: the estate.
        asked: the question; its permission and resource do not matter.
        unread: what was not read of whom places let in.
        names: every permission, in the order of their numbers.
    """

    def __init__(self, what: What, asked: Request, unread: Sequence[str], names: Sequence[str]) -> None:
        super().__init__(asked.who.text, unread, names)
        self._what, self._asked, self._held = what, asked, what.held

    # --- where something lies

    @cached_property
    def points(self) -> list[str]:
        """The places that part what the principal may do."""
        mine = [self._held.place_number(one) for one in self._what.places(self._asked)]
        tops = np.unique(np.array([one for one in mine if one is not None], np.int64))
        inside = np.zeros(len(self._held.places) + 1, np.int64)
        np.add.at(inside, tops, 1)
        np.add.at(inside, self._held.arrays["place.end"][tops], -1)
        below = np.cumsum(inside)[:-1] > 0
        arrays, estate = self._held.arrays, self._held.estate
        unread = (~arrays["place.read"] | arrays["place.astray"]) & ~arrays["place.alias"] & below
        named = [*estate.denies, *estate.unread, *(one.target for one in estate.access)]
        guarded = [self._held.place_number(estate.projects.canonical(one)) for one in named]
        kept = [one for one in guarded if one is not None and below[one]]
        found = {*tops.tolist(), *np.flatnonzero(unread).tolist(), *kept, *self._damaged(below)}
        return self._held.places.many(np.array(sorted(found), np.int64))

    def _damaged(self, below: Array) -> Iterator[int]:
        """Places whose policy is none, as far as they are looked at."""
        documents = self._held.arrays["place.document"]
        for place in np.flatnonzero(below & (documents >= 0)).tolist():
            if self._held.policy(int(documents[place])) is None:
                yield place

    def knows(self, place: str) -> bool:
        """See `bulk.effective`."""
        return self._held.place_number(place) is not None

    def chain(self, place: str) -> tuple[str, ...]:
        """See `bulk.effective`."""
        return self._asked.estate.chain(place).names

    def may_hold(self, place: str, one: str) -> bool:
        """See `bulk.effective`."""
        return self._asked.estate.chain(place).holds(one) is not False

    def leaf(self, other: Effective, place: str) -> bool:
        """See `bulk.effective`."""
        return self._held is other._held and self._is_leaf(place)

    def _is_leaf(self, name: str) -> bool:
        """Whether nothing else is there than that its policy was not read."""
        arrays, place = self._held.arrays, self._held.place_number(name)
        if place is None:
            return False
        alone = arrays["place.end"][place] == place + 1 and arrays["place.document"][place] < 0
        return bool(alone and not arrays["place.read"][place])

    # --- what is so there

    def differences(self, other: Effective, permission: str, place: str) -> tuple[Formula, Formula]:
        """See `bulk.effective`."""
        mine, others = self._at(other, place), other._at(self, place)
        return _formula(replace(mine, permission=permission)), _formula(replace(others, permission=permission))

    def pairs(self, other: Effective, place: str, among: Part | None) -> Iterator[Pair]:
        """See `bulk.effective`."""
        mine, others = self._at(other, place), other._at(self, place)
        alone = other is self
        found = held_permissions(mine) | (set() if alone else held_permissions(others))
        held = sorted(found if among is None else found & among.permissions)
        classes: dict[object, list[str]] = defaultdict(list)
        keys = [self._what.keys(mine, held), *([] if alone else [other._what.keys(others, held)])]
        for several in zip(*keys, strict=True):
            classes[tuple(key for _, key in several)].append(several[0][0])
        for permissions in classes.values():
            first = _formula(mine.about(permissions[0]))
            second = first if alone else _formula(others.about(permissions[0]))
            yield first, second, permissions

    def _at(self, other: Effective, place: str) -> Request:
        return replace(self._asked, resource=self.lies(other, place), below=True)

    def lacking(self, other: Effective, place: str) -> tuple[str, ...]:
        """See `bulk.effective`."""
        return tuple(f"the permissions of {role}" for role in unknown_roles(self._at(other, place)))

    def answer(self, formula: Formula) -> Answer:
        """See `bulk.effective`."""
        solved = solver()
        verdict = solved.verdict(formula)
        state = STATES[verdict.outcome]
        undecided = state in (State.CONDITIONAL, State.UNKNOWN)
        return Answer(state, residual_of(verdict, solved) if undecided else (), tuple(sorted(verdict.gaps)))

    def written(self, permission: str) -> str:
        """See `bulk.effective`."""
        return written(permission)


def _formula(asked: Request) -> Formula:
    """When the caller of a question has access."""
    return False if asked.who.deleted else access(allow(asked), deny(asked), eligible(asked))
