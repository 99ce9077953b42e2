"""Who can do something on some object: an action of the directory, in a tenant of which is known what may give it.

Assignments are looked at instead of principals, each role once for all objects that stand to its place and are
protected alike; of those to whom no role is given, one is asked of each group of pairs with what they own or are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, all_of

from ..evaluate.decide import access
from ..evaluate.everyone import feasible, may_invite, unknown
from ..evaluate.request import Kind, Request
from ..evaluate.roles import grant, usable
from ..language.assignments import Assignment
from ..language.ids import TENANT, At
from .given import Assigned, Given
from .lines import MEMBERS
from .owning import Near, Owning
from .placing import Class
from .who import Who

Doubt = tuple[Class, BitMap]
"""Of whom it is told for a class of objects when they are let in."""


class NotPlainError(Exception):
    """Something hangs on what was not read of single objects: each class is asked of by itself."""


class Anywhere:
    """One question; made anew for each.

    Args:
        who: of the tenant.
        owning: who is something to which objects.
        assigned: which roles are given where.
        asked: the question.
        settled: who is surely let in anyway.
    """

    def __init__(self, who: Who, owning: Owning, assigned: Assigned, asked: Request, settled: BitMap) -> None:
        self._who, self._held, self._owning, self._assigned, self._asked = who, who.held, owning, assigned, asked
        self._settled = settled | owning.barred
        self.allowed = BitMap()
        """Who is surely let in to some object."""
        self.doubts: list[Doubt] = []
        """Who may be let in, and to which objects, in the order of these."""
        self._made: dict[object, Formula] = {}
        self._able: dict[int, Formula] = {}
        self._arounds: dict[tuple[int, int], tuple[Sequence[Given], BitMap]] = {}
        self._classes: Sequence[Class] = ()

    def look(self, classes: Sequence[Class]) -> None:
        """Find who is let in to objects of some classes. Raises NotPlainError."""
        self._classes = classes
        for one in classes:
            self._by_roles(one)
            self._by_being(one)
        # For whom a line stands is not listed for what is everybody's.
        self._settled |= self._who.standing_in(self._settled)
        firsts = {int(self._owning.coarse[one.objects[0]]) for one in classes}
        for near in (*self._owning.always, *self._timed()):
            if int(self._owning.coarse[near.objects[0]]) in firsts:
                self._near(near)
        self.doubts = [(one, left) for one, some in self.doubts if (left := some - self.allowed)]

    def _allow(self, whom: BitMap) -> None:
        self.allowed |= whom
        self._settled |= whom

    @property
    def _limited(self) -> BitMap:
        return self._who.marking.limited

    def _at(self, number: int, who: str) -> Request:
        return self._who.marking.seen(replace(self._asked, who=who, resource=self._held.members[number]))

    # --- by a role

    def _by_roles(self, one: Class) -> None:
        first = int(one.objects[0])
        given, whom = self._around(first)
        if whom.issubset(self._settled):
            return
        doubt = BitMap()
        for each in given:
            left = each.whom - self._settled
            if not left:
                continue
            found = self._gives(first, each)
            sure = left - self._limited if each.place.at is At.UNIT else left
            if found is True:
                self._allow(sure)
            else:
                # Of whom nothing describes, more than the assignment is asked.
                doubt |= sure & self._who.marking.undescribed if found is False else sure
            if found is not False:
                doubt |= self._reading(left - sure, found, first, each)
        doubt -= self._settled
        if doubt:
            self.doubts.append((one, doubt))

    def _around(self, number: int) -> tuple[Sequence[Given], BitMap]:
        """The assignments of roles that may have the action, in whose scope an object may lie; and whom they name."""
        owning, own = self._owning, self._held.members[number] in self._assigned.named
        key = int(owning.coarse[number]), (number if own else -1 - int(owning.units[number]))
        if key not in self._arounds:
            given = [one for one in self._assigned.on(number) if self._may_have(number, one.role)]
            self._arounds[key] = given, BitMap.union(BitMap(), *(one.whom for one in given))
        return self._arounds[key]

    def _may_have(self, number: int, role: str) -> bool:
        key = int(self._owning.coarse[number]), role
        if key not in self._made:
            self._made[key] = self._who.marking.may_have(self._at(number, MEMBERS), role)
        return bool(self._made[key])

    def _gives(self, number: int, one: Given) -> Formula:
        """When a member to whom nothing else is given may do it to an object by an assignment."""
        held, place = self._held, one.place
        unit = held.whole.units.get(place.id) if place.at is At.UNIT else None
        told = unit is not None and unit.restricted
        own = held.members[number] == place.id
        protected = int(self._owning.protected(self._asked)[number])
        key = one.role, place.at, told, own, int(self._owning.coarse[number]), protected
        if key not in self._made:
            doing = self._at(number, MEMBERS)
            made = grant(doing, Assignment("", one.role, MEMBERS, place)).formula
            found = all_of((made, may_invite(doing, member=None), feasible(doing)))
            if not isinstance(found, bool):
                return found
            self._made[key] = found
        return self._made[key]

    def _reading(self, whom: BitMap, found: Formula, number: int, one: Given) -> BitMap:
        """Of those who must be able to read the directory to use a role at a unit, of whom it is not sure."""
        doubt = BitMap()
        for member in whom:
            if member not in self._able:
                asked = self._at(number, self._held.members[member])
                self._able[member] = usable(asked, Assignment("", one.role, asked.who, one.place))
            able = self._able[member]
            if able is True and found is True:
                self._allow(BitMap([member]))
            elif able is not False:
                doubt.add(member)
        return doubt

    # --- without

    def _by_being(self, one: Class) -> None:
        """The lines of all users of a kind, as far as they are let in by being users."""
        first = int(one.objects[0])
        for id in self._who.lines:
            number = self._held.member_number(id)
            if number is None or number in self._settled:
                continue
            found = self._plainly((id, int(self._owning.coarse[first])), first, id)
            if found is True:
                self._allow(BitMap([number]))

    def _near(self, near: Near) -> None:
        """Those who own some objects, or are them."""
        left = near.whom - self._settled
        others = left - self._given
        if others:
            member = others.min()
            found = self._plainly(None, int(near.of(member)[0]), self._held.members[member])
            if found is True:
                self._allow(others)
        for member in left & self._given:
            for number in self._distinct(near.of(member)):
                if self._plainly(None, number, self._held.members[member]) is True:
                    self._allow(BitMap([member]))
                    break

    def _plainly(self, key: object, number: int, who: str) -> bool:
        """Whether somebody is let in to an object. Raises NotPlainError."""
        if key is None or key not in self._made:
            found = access(self._at(number, who))
            if not isinstance(found, bool):
                raise NotPlainError(who)
            if key is None:
                return found
            self._made[key] = found
        return self._made[key] is True

    @cached_property
    def _given(self) -> BitMap:
        """To whom some role is given that may have the action."""
        firsts = {int(self._owning.coarse[one.objects[0]]): int(one.objects[0]) for one in self._classes}
        roles = self._assigned.roles.items()
        return BitMap.union(
            BitMap(), *(whom for key, whom in roles if any(self._may_have(one, key) for one in firsts.values()))
        )

    def _distinct(self, objects: Array) -> Iterator[int]:
        """One object of each class."""
        known = objects[self._class_of[objects] >= 0]
        yield from known[np.unique(self._class_of[known], return_index=True)[1]].tolist()

    @cached_property
    def _class_of(self) -> Array:
        found = np.full(len(self._held.members), -1, np.int64)
        for code, one in enumerate(self._classes):
            found[one.objects] = code
        return found

    def _timed(self) -> list[Near]:
        """Owners for a time."""
        arrays, held = self._held.arrays, self._held
        rows = np.flatnonzero(arrays["timed.owner"])
        rows = rows[held.holding("timed", self._asked.now, rows)]
        groups, members = (arrays[f"timed.{name}"][rows].astype(np.int64) for name in ("group", "member"))
        return self._owning.groups(groups, members)


def fits(who: Who, asked: Request) -> bool:
    """Whether a question can be answered so: nothing that was not read may let in anybody, or hold any object."""
    held = who.held
    if asked.kind is not Kind.ACTION or asked.user or held.whole.unread or held.unread_units:
        return False
    action = asked.action
    hidden = action.base == "groups" and action.properties == ("members",) and action.reads
    loose = bool(held.loose["assignment"]) or bool(held.undescribed.any())
    return not hidden and not loose and unknown(replace(asked, estate=held.whole, resource=TENANT)) is False
