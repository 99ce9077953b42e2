"""Who is in each group, domain and set that bindings name: surely, under a condition, or perhaps.

Bindings name groups and sets far more often than these differ; so each is expanded once, and who holds what is told by
the groups and sets that somebody is in, and never written out for each binding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.sparse import Rows, rows_of
from leastwise.model.decision import State
from leastwise.providers.bulk.everyone import CONDITIONAL, PERHAPS, SURE

from ..evaluate.explain import STATES
from ..evaluate.worlds import solver
from ..language.members import SINGLES, Kind, Member
from .deciding import Known
from .expanding import Expansion
from .kinds import DELETED, KINDS
from .numbers import Numbers

_STANDING = {State.ALLOWED: SURE, State.CONDITIONAL: CONDITIONAL, State.UNKNOWN: PERHAPS}
_POOLED = (Kind.SUBJECT, Kind.KUBERNETES, Kind.AGENT)
_WITHIN = {
    Kind.GROUP: (Kind.USER, Kind.SERVICE_ACCOUNT), Kind.DOMAIN: (Kind.USER,), Kind.CUSTOMER: (Kind.USER,),
    Kind.SERVICE_ACCOUNTS: (Kind.SERVICE_ACCOUNT,), Kind.SERVICE_AGENTS: (Kind.SERVICE_ACCOUNT,),
    Kind.AUTHENTICATED: (Kind.USER, Kind.SERVICE_ACCOUNT), Kind.POOL: _POOLED, Kind.POOL_GROUP: _POOLED,
    Kind.POOL_ATTRIBUTE: _POOLED, Kind.NAMESPACE: _POOLED,
}  # fmt: skip
"""The kinds of identities that can be in a set; of a set that is not here any can."""


def state_of(formula: Formula) -> State:
    """What is known of a formula."""
    if isinstance(formula, bool):
        return State.ALLOWED if formula else State.DENIED
    return STATES[solver().verdict(formula).outcome]


class Belonging:
    """Who is in what, in one estate."""

    def __init__(self, known: Known, numbers: Numbers) -> None:
        self._known, self._held, self._asked = known, known.held, numbers.asked()
        self._kinds: Array = known.held.arrays["member.kind_of"]
        self._sets: dict[Member, dict[int, BitMap]] = {}

    @cached_property
    def principals(self) -> Array:
        """The numbers of everybody who can act, ascending."""
        single = np.array([kind in SINGLES for kind in KINDS])
        return np.flatnonzero((self._kinds != DELETED) & single[self._kinds])

    @cached_property
    def _acting(self) -> BitMap:
        return BitMap(self.principals.astype(np.uint32))

    @cached_property
    def collectives(self) -> Array:
        """The groups and sets that bindings name, ascending."""
        named = np.diff(self._held.rows("member.bindings").starts) > 0
        single = np.array([kind in SINGLES for kind in KINDS])
        return np.flatnonzero(named & (self._kinds != DELETED) & ~single[self._kinds])

    @cached_property
    def _rows(self) -> tuple[Rows, Array]:
        """For each member the collectives that it is in, and how."""
        who, where, how = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int8)]
        for number in self.collectives.tolist():
            for standing, members in self._inside(number).items():
                found = np.array(members.to_array(), np.int64)
                who.append(found)
                where.append(np.full(len(found), number, np.int64))
                how.append(np.full(len(found), standing, np.int8))
        keys, count = np.concatenate(who), len(self._held.members)
        rows = rows_of(keys, np.concatenate(where), count)
        return rows, rows_of(keys, np.concatenate(how), count).values

    def of(self, number: int) -> list[tuple[int, int]]:
        """The collectives that a member is in, or may be, each with how."""
        rows, how = self._rows
        begin, end = int(rows.starts[number]), int(rows.starts[number + 1])
        return list(zip(rows.values[begin:end].tolist(), how[begin:end].tolist(), strict=True))

    def codes(self, members: Array) -> Array:
        """A number for each of some members: equal where they are in the same collectives in the same way."""
        rows, how = self._rows
        return Rows(rows.starts, rows.values * 3 + how).codes(members)

    def _inside(self, number: int) -> dict[int, BitMap]:
        """Who is in a collective, by how; each once, by the surest way."""
        found = {standing: BitMap() for standing in (SURE, CONDITIONAL, PERHAPS)}
        whole = self._known.expanding.of(np.array([number]), self._asked)
        for place, part in enumerate(whole.parts):
            for standing, members in self._of_part(part):
                # Whoever is in it until some moment is in it under a condition.
                found[max(standing, CONDITIONAL) if place else standing] |= members
        found[CONDITIONAL] -= found[SURE]
        found[PERHAPS] -= found[SURE] | found[CONDITIONAL]
        return found

    def _of_part(self, part: Expansion) -> Iterator[tuple[int, BitMap]]:
        yield SURE, part.sure & self._acting
        for one in part.sets:
            yield from self._of_set(one).items()
        if part.gaps:
            yield PERHAPS, self._acting

    def _of_set(self, listed: Member) -> dict[int, BitMap]:
        """Whom a set takes in, by how: asked once for each class of principals."""
        if listed not in self._sets:
            self._sets[listed] = self._asked_by_class(listed)
        return self._sets[listed]

    def _asked_by_class(self, listed: Member) -> dict[int, BitMap]:
        if listed.kind is Kind.EVERYONE:
            return {SURE: self._acting}
        found: dict[int, BitMap] = {}
        states: dict[Formula, State] = {}
        for group, members in self._candidates(listed):
            who = self._held.member(members[0])
            formula = self._known.includes(listed, group, who, replace(self._asked, who=who))
            if formula is False:
                continue
            if formula not in states:
                states[formula] = state_of(formula)
            if states[formula] in _STANDING:
                found.setdefault(_STANDING[states[formula]], BitMap()).update(members)
        return found

    def _candidates(self, listed: Member) -> Iterator[tuple[int, BitMap]]:
        """The classes of which somebody may be in a set, each with its members."""
        for kind in _WITHIN.get(listed.kind, tuple(SINGLES)):
            yield from self._classes.get(KINDS.index(kind), ())

    @cached_property
    def _classes(self) -> dict[int, list[tuple[int, BitMap]]]:
        """Classes with their members, by kind."""
        members = self.principals
        classes = self._held.arrays["member.class"][members]
        order = np.argsort(classes, kind="stable")
        found: dict[int, list[tuple[int, BitMap]]] = {}
        for part in np.split(order, np.flatnonzero(np.diff(classes[order])) + 1) if len(order) else ():
            some = members[part]
            told = int(classes[part[0]]), BitMap(some.astype(np.uint32))
            found.setdefault(int(self._kinds[some[0]]), []).append(told)
        return found
