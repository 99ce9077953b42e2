"""What may give a permission on an object, as marks: each is one thing that is given, and everybody who has it.

Of those with the same marks, and of the same standing, the reference says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of, any_of
from leastwise.engine.groups import parted

from ..evaluate.apps import value_of
from ..evaluate.everyone import by_default, by_owning
from ..evaluate.federation import written
from ..evaluate.graph import (
    BESIDE,
    allowing,
    directory_question,
    enough_alone,
    enough_for_user,
    of_graph,
)
from ..evaluate.request import Kind, Request
from ..evaluate.roles import closure, grant, grants
from ..evaluate.scoping import meanings, reads_hidden
from ..language.assignments import Assignment
from ..language.directory import SERVICE, USER
from ..language.grants import AppRole
from ..language.ids import At, Place
from .named import Granted, Named
from .view import STRANGER, Views

_NONE = BitMap()


@dataclass(frozen=True, slots=True)
class Marks:
    """What may give a permission on an object.

    Args:
        marked: who bears each mark, by number.
        apart: those of whom each is asked by itself, whatever the object.
        near: those who stand to the object itself in a way that may decide: itself, its owners, those in it.
        listed: those of these who stand in a list though they bear no mark.
    """

    marked: Sequence[BitMap]
    apart: BitMap
    near: BitMap
    listed: BitMap

    @property
    def alone(self) -> BitMap:
        """Who is asked by itself of this object."""
        return ((self.apart | self.near) & BitMap.union(_NONE, *self.marked)) | self.listed


class Marking:
    """Finds marks in one tenant."""

    def __init__(self, views: Views) -> None:
        self._views, self._held = views, views.held
        self._named = Named(views)
        self.whom = self._named.whom

    def stranger(self, asked: Request) -> Request:
        """The question, asked by an app that nothing names."""
        return self.seen(asked.by(STRANGER))

    def seen(self, asked: Request) -> Request:
        """The question, put to a view."""
        return replace(asked, estate=self._views.of(asked.who, asked.user, asked.resource))

    def of(self, asked: Request, *, wide: bool) -> Marks:
        """The marks of a question; `wide` where something that was not read may let in anybody."""
        held, stranger = self._held, self.stranger(asked)
        asked = replace(asked, estate=stranger.estate)
        number = held.member_number(asked.resource)
        if asked.kind is Kind.EXCHANGE:
            return Marks((), _NONE, _NONE, self._outside(number))
        near = self.near(asked, number)
        if asked.user:
            return Marks(self._delegated(stranger), self._choosy(asked), near, _NONE)
        given = list(self._given(stranger, wide=wide))
        apart = self.undescribed
        if any(limited for limited, _ in given):
            apart |= BitMap.union(_NONE, *(whom for limited, whom in given if limited)) & self.limited
        owners = _NONE if number is None else held.owners(number, asked.now)
        listed = owners | BitMap(one for one in near - owners if self._by_itself(asked, one))
        return Marks([whom for _, whom in given], apart, near, listed)

    def near(self, asked: Request, number: int | None) -> BitMap:
        """Who stands to an object in a way that may decide about a question."""
        if number is None:
            return _NONE
        found = self._held.owners(number, asked.now) | BitMap([number])
        if asked.kind is Kind.ACTION and reads_hidden(asked, asked.action):
            found |= self._held.inside(number, asked.now)
        return found

    def _given(self, asked: Request, *, wide: bool) -> Iterator[tuple[bool, BitMap]]:
        """Who has what may give it, and whether that is a role at a unit."""
        arrays = self._held.arrays
        doing = asked if asked.kind is Kind.ACTION else None
        if doing is None:
            yield from ((False, one) for one in self._granted(asked))
            doing = directory_question(asked) if asked.kind is Kind.REQUEST else None
            if wide:
                yield False, self.whom(np.arange(len(arrays["app_role.principal"])), "app_role", asked.now)
        if doing is not None:
            yield from self._assigned(doing, merge=asked.kind is Kind.ACTION)
        if asked.kind is Kind.REQUEST and wide:
            yield False, self.whom(np.arange(len(arrays["assignment.principal"])), "assignment", asked.now)

    def _by_itself(self, asked: Request, number: int) -> bool:
        """Whether one may do an action by what it is itself: as a user, as an owner, or under a role's condition."""
        seen = self.seen(asked.by(self._held.members[number]))
        if seen.kind is not Kind.ACTION:
            return False
        if by_default(seen) is not False or by_owning(seen) is not False:
            return True
        return any(one.has is not False and one.scope is not False for one in grants(seen))

    @cached_property
    def undescribed(self) -> BitMap:
        """Whom nothing describes, and users of whom it is not known whether they are guests."""
        held = self._held
        untold = np.array([one["kind"] == USER and one["guest"] is None for one in held.shapes], np.bool_)
        return BitMap(np.flatnonzero(held.of_kind("") | untold[held.arrays["member.shape"]]))

    @cached_property
    def limited(self) -> BitMap:
        """Service principals and guests: they must be able to read the directory to use a role at a unit."""
        held = self._held
        guests = np.array([one["kind"] == USER and one["guest"] is not False for one in held.shapes], np.bool_)
        return BitMap(np.flatnonzero(held.of_kind(SERVICE) | guests[held.arrays["member.shape"]]))

    def _outside(self, number: int | None) -> BitMap:
        """Whom federated credentials of an application name."""
        held = self._held
        if number is None:
            return _NONE
        found = map(held.credential, held.rows("by.trusted.application").row(number).tolist())
        return BitMap(one for each in found if (one := held.member_number(written(each))) is not None)

    # --- directory roles

    def _assigned(self, doing: Request, *, merge: bool) -> Iterator[tuple[bool, BitMap]]:
        """Who has assignments that may give the action, and whether these are at a unit.

        With `merge` those stand together of whose role and place the same comes.
        """
        arrays = self._held.arrays
        numbers = self.at_places(doing)
        if not len(numbers):
            return
        lasting = self._held.holding("assignment", doing.now, numbers)
        columns = [arrays["assignment.role"][numbers], arrays["assignment.place"][numbers], lasting]
        gathered: dict[Hashable, list[Array]] = {}
        for some in parted(columns, len(numbers)):
            first = int(numbers[some[0]])
            # A request may be made by some other action than the one that it is, too.
            found = self._gives(doing, first, lasts=bool(lasting[some[0]])) if merge else first
            if found is not None:
                limited = self._held.places_of("assignment")[int(columns[1][some[0]])].at is At.UNIT
                # What a stranger cannot use tells nothing of what roles at units give to others: each is a mark.
                key = limited, merge, first if limited else found
                gathered.setdefault(key, []).append(numbers[some])
        for (limited, *_), several in gathered.items():  # type: ignore[misc]
            yield limited, self._named.having(several, doing.now)

    def _gives(self, doing: Request, number: int, *, lasts: bool) -> Formula | None:
        """When an assignment gives the action to a stranger who has it; None where it cannot be about it."""
        one = self._held.assignment("assignment", number)
        made = grant(doing, Assignment("", one.role, doing.who, one.place))
        if made.has is False or made.scope is False:
            return None
        return all_of((lasts, made.formula))

    def named(self, asked: Request) -> BitMap | None:
        """Whom assignments name whose scope may hold the object, and whose role has, or may have, the action.

        None where others may be let in, too.
        """
        if asked.kind is not Kind.ACTION or asked.user:
            return None
        rows, held = self.at_places(asked), self._held
        roles = held.arrays["assignment.role"][rows]
        having = [code for code in np.unique(roles).tolist() if self.may_have(asked, held.roles_of("assignment")[code])]
        return self.whom(rows[np.isin(roles, having)], "assignment", asked.now)

    def may_have(self, asked: Request, role: str) -> bool:
        """Whether a role has, or may have, the action on objects of such a shape, under whatever condition."""
        number = self._held.member_number(asked.resource)
        shape = -1 if number is None else int(self._held.arrays["member.shape"][number])
        # Whether it may be role-assignable follows from the shape.
        key = asked.permission, shape, asked.estate.assignable(asked.resource), role
        if key not in self._having:
            names = [one for one, when in meanings(asked, asked.action) if when is not False]
            self._having[key] = any(
                isinstance(one, str) or any(entry.by(name) is not None for entry in one.entries for name in names)
                for one in closure(asked.estate, role)
            )
        return self._having[key]

    @cached_property
    def _having(self) -> dict[object, bool]:
        return {}

    def at_places(self, doing: Request) -> Array:
        """The assignments in whose scope the object may lie."""
        held = self._held
        number = held.member_number(doing.resource)
        around = {doing.resource, *held.unread_units}
        if number is not None:
            around |= set(held.members.many(held.units_of.row(number)))
        codes = [at for at, place in self._places if place.at is At.TENANT or place.id in around]
        codes += [at for at, place in self._places if place.at is At.APP and doing.resource in self._within(place.id)]
        values, _ = held.rows("place.assignments").gather(np.unique(np.array(codes, np.int64)))
        return np.asarray(values.astype(np.int64))

    @cached_property
    def _places(self) -> list[tuple[int, Place]]:
        return list(enumerate(self._held.places_of("assignment")))

    @staticmethod
    def _within(id: str) -> tuple[str, str]:
        return id.strip("/"), id.rpartition("/")[2]

    # --- app roles

    def _granted(self, asked: Request) -> Iterator[BitMap]:
        """Who has app roles that may be enough."""
        wanted, of = self._wanted(asked)
        gathered: dict[Hashable, list[BitMap]] = {}
        for one in self._app_roles(asked):
            found = self._enough(asked, one.first, wanted, of)
            if found is not False:
                gathered.setdefault(found, []).append(self._named.receiving(one, asked.now))
        yield from (BitMap.union(*several) for several in gathered.values())

    def _app_roles(self, asked: Request) -> Sequence[Granted]:
        """The app roles that were granted and that a question may be about."""
        if asked.kind is not Kind.VALUE:
            return self._named.of_graph
        rows = np.arange(len(self._held.arrays["app_role.role"]))
        if not asked.tenant:
            resource = self._held.member_number(asked.resource)
            rows = self._held.rows("by.app_role.resource").row(resource) if resource is not None else rows[:0]
        return self._named.app_roles(rows.astype(np.int64))

    def _enough(
        self, asked: Request, one: AppRole, wanted: Callable[[str], Formula], of: Callable[[str], Formula]
    ) -> Hashable:
        """What an app role comes to; False where it gives nothing. What is not known of it names it."""
        where, value = of(one.resource), value_of(asked.estate, one)
        if where is False:
            return False
        if value is None:
            return one.resource, one.role
        if value.lower() in BESIDE and asked.kind is Kind.REQUEST:
            return value.lower()
        return all_of((where, wanted(value)))

    def _wanted(self, asked: Request) -> tuple[Callable[[str], Formula], Callable[[str], Formula]]:
        """Which values are enough, of app roles or (for a user) of scopes, and of which resources."""
        if asked.kind is Kind.VALUE:
            low = asked.permission.lower()
            return lambda value: value.lower() == low, lambda of: asked.tenant or of == asked.resource
        if asked.kind is Kind.ACTION:
            return lambda value: True, of_graph(asked)
        known = allowing(asked)
        if known is None:
            return lambda value: False, of_graph(asked)
        return (enough_for_user if asked.user else enough_alone)(asked, known), of_graph(asked)

    # --- on behalf of a user

    def _delegated(self, asked: Request) -> list[BitMap]:
        """Apps with delegated grants for the user that may be enough."""
        held, arrays = self._held, self._held.arrays
        wanted, of = self._wanted(asked)
        user = held.member_number(asked.user)
        told = arrays["delegation.user"]
        numbers = np.flatnonzero((told == -1) | (told == (-2 if user is None else user)))
        columns = [arrays["delegation.resource"][numbers], arrays["delegation.scopes"][numbers]]
        enough = self._scopes(asked, wanted)
        gathered: dict[Hashable, list[Array]] = {}
        for some in parted(columns, len(numbers)):
            resource, scopes = (int(one[some[0]]) for one in columns)
            if enough(scopes):
                found = (of(held.members[resource]), *enough(scopes))
                if found[0] is not False:
                    gathered.setdefault(found, []).append(numbers[some])
        return [BitMap(arrays["delegation.client"][np.concatenate(one)]) for one in gathered.values()]

    def _scopes(self, asked: Request, wanted: Callable[[str], Formula]) -> Callable[[int], tuple[Hashable, ...]]:
        """What comes of each set of scopes, by code; empty for nothing."""
        known: dict[str, Formula] = {}
        made: dict[int, tuple[Hashable, ...]] = {}

        def of(code: int) -> tuple[Hashable, ...]:
            if code not in made:
                scopes = self._held.scopes[code]
                for one in scopes - known.keys():
                    known[one] = wanted(one)
                found = any_of(known[one] for one in sorted(scopes) if known[one] is not False)
                beside = scopes & BESIDE
                made[code] = (found, beside) if found is not False or beside else ()
            return made[code]

        return of

    def _choosy(self, asked: Request) -> BitMap:
        """Apps to which somebody, or perhaps anybody, was assigned: whether the user is, is asked of each."""
        held = self._held
        numbers = {*held.loose["app_role"]}
        for part in self._views.parts_of(asked.user):
            numbers |= set(part.given["app_role"])
        return BitMap(held.arrays["app_role.resource"][sorted(numbers)])
