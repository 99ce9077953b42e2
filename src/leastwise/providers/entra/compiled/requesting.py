"""Objects in classes as a request to Graph sees them: only what apps are given, or the user for whom one acts, counts.

Users make no requests themselves, so where they administer tells no objects apart; and who holds a role lets nobody in
whom somebody without one keeps out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import parted
from leastwise.engine.sparse import Rows, rows_of

from ..evaluate.decide import described
from ..evaluate.graph import allowing, directory_question, narrowed, own_right
from ..evaluate.membership import owner_of
from ..evaluate.request import Request
from ..evaluate.scoping import about, creates, reads_hidden
from ..language.actions import Action
from ..language.directory import GROUP, SERVICE, USER
from ..language.ids import At, Place
from .marking import Marking
from .placing import Class, Placing, action_of, of_credentials, of_members

_Place = tuple[int, Place]
_KEPT = 64
"""Of so many questions the classes are kept."""


class Requesting:
    """What is so of one tenant whatever request is asked about.

    Args:
        placing: the tenant.
        marking: tells whom rows name.
    """

    def __init__(self, placing: Placing, marking: Marking) -> None:
        self._placing, self._marking, self._held = placing, marking, placing.views.held
        self._units: dict[frozenset[int], Array] = {}
        self._kept: dict[object, Sequence[Class]] = {}

    @cached_property
    def users(self) -> BitMap:
        """Who makes no request."""
        return BitMap(np.flatnonzero(self._held.of_kind(USER)))

    def classes(self, asked: Request) -> Sequence[Class]:
        """The objects that a request can be about, for whom a question without an object asks; the largest first."""
        action = action_of(asked)
        if action is None:
            return list(self._placing.classes(asked, self._placing.about(asked)))
        key = asked.user, about(action), creates(action), self._placing.guards(asked), of_credentials(action)
        if key not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            objects = self._placing.about(asked)
            self._kept[key] = sorted(self._classes(asked, action, objects), key=lambda one: -len(one.objects))
        found = self._kept[key]
        return list(self._distinct(asked, found)) if asked.user else found

    def every(self, asked: Request, objects: Array) -> Iterator[Class]:
        """Classes of all of some objects, for whom a question about each of them asks."""
        action = action_of(asked)
        if action is None or asked.user or not len(objects):
            yield from self._placing.classes(asked, objects)
            return
        *columns, named = self._columns(asked, action, objects)
        if self._placing.guards(asked):
            columns.append(self._placing.guarding(asked)[objects])
        at = self._placing.at(creates(action))
        for some in parted([*columns, named], len(objects)):
            told = None if of_members(action) else tuple(int(one[some[0]]) for one in columns)
            yield Class(objects[some], told, at.get(int(objects[some[0]]), frozenset()))

    def _classes(self, asked: Request, action: Action, objects: Array) -> Iterator[Class]:
        for some in parted(self._columns(asked, action, objects), len(objects)):
            yield from self._parts(asked, objects[some])

    def _columns(self, asked: Request, action: Action, objects: Array) -> list[Array]:
        """What tells objects apart for a request; last whether an object is a place itself."""
        held, places = self._held, self._places(asked)
        columns = [self._placing.shapes[held.arrays["member.shape"][objects]], self._around(places)[objects]]
        if asked.user:
            columns.append(self._placing.mine(asked.user, objects))
        columns += [held.assignable[objects].astype(np.int64), self._closed[objects].astype(np.int64)]
        if of_credentials(action):
            columns.append(self._placing.locked[objects])
        return [*columns, self._named(places, objects, created=creates(action))]

    def _parts(self, asked: Request, objects: Array) -> Iterator[Class]:
        """Objects that differ by what protects them alone: who is kept out of what is free is so of all."""
        if not self._placing.guards(asked):
            yield Class(objects)
            return
        guards = self._placing.protected[objects]
        free = objects[guards == 0]
        if len(free):
            yield Class(free)
            guards, objects = guards[guards != 0], objects[guards != 0]
            kept = self.near[objects]
            guards, objects = guards[kept], objects[kept]
        yield from (Class(objects[some]) for some in parted([guards], len(objects)))

    @cached_property
    def near(self) -> Array:
        """Of each object whether somebody is something to it who makes requests: itself, or an owner."""
        held = self._held
        near, acting = held.of_kind(SERVICE, "") | held.unread_groups, ~held.of_kind(USER)
        owners, at = held.owners_of.gather(np.arange(len(near)))
        near[at[acting[owners.astype(np.int64)]]] = True
        timed = acting[held.arrays["timed.member"].astype(np.int64)]
        near[held.arrays["timed.group"][timed].astype(np.int64)] = True
        return near

    # --- where somebody who counts has a role

    def _acting(self, asked: Request) -> Array:
        """Of each member whether what is given to it counts: to the user, or to apps, and to whom nothing describes."""
        if not asked.user:
            return np.asarray(~self._held.of_kind(USER))
        found = self._held.of_kind(GROUP, "")
        number = self._held.member_number(asked.user)
        if number is not None:
            found[number] = True
        return found

    def _places(self, asked: Request) -> list[_Place]:
        """The places below the tenant at which somebody who counts has a role."""
        held, acting = self._held, BitMap(np.flatnonzero(self._acting(asked)))
        rows = held.rows("place.assignments")
        below = [(at, one) for at, one in enumerate(held.places_of("assignment")) if one.at is not At.TENANT]
        return [
            (at, one)
            for at, one in below
            if not acting.isdisjoint(self._marking.whom(rows.row(at).astype(np.int64), "assignment", None))
        ]

    def _around(self, places: Collection[_Place]) -> Array:
        """For each member a number of those of its units that may be restricted, or in which somebody has a role."""
        held = self._held
        several = (held.member_number(one.id) for _, one in places if one.at is At.UNIT)
        kept = frozenset(number for number in several if number is not None) | self._restricted[None]
        if kept not in self._units:
            self._units[kept] = self._inside(kept).codes(np.arange(len(held.members)))
        return self._units[kept]

    @cached_property
    def _closed(self) -> Array:
        """Of each member whether it is in a unit that is surely restricted: in which one does not matter."""
        return np.diff(self._inside(self._restricted[True]).starts) > 0

    def _inside(self, kept: Collection[int]) -> Rows:
        """Those of some units that each member is in."""
        held, units = self._held, self._held.units_of
        mask = np.isin(units.values, np.array(sorted(kept), np.int64))
        owner = np.repeat(np.arange(len(held.members)), np.diff(units.starts))[mask]
        return rows_of(owner, units.values[mask], len(held.members))

    @cached_property
    def _restricted(self) -> Mapping[bool | None, frozenset[int]]:
        """The units that are restricted, that are not, and (None) of which that is not known."""
        held, told = self._held, self._held.whole.units
        codes = np.unique(held.units_of.values).astype(np.int64)
        known = zip(codes.tolist(), held.members.many(codes), strict=True)
        by_number = {number: told[id].restricted if id in told else None for number, id in known}
        return {state: frozenset(one for one, told in by_number.items() if told is state)
                for state in (True, False, None)}  # fmt: skip

    def _named(self, places: Collection[_Place], objects: Array, *, created: bool) -> Array:
        """Zero, and a number of its own for each object that is a place itself."""
        kinds = (At.OBJECT, At.APP, At.UNIT) if created else (At.OBJECT, At.APP)
        several = (one.id for _, one in places if one.at in kinds)
        ids = {text for id in several for text in (id, id.strip("/"), id.rpartition("/")[2])}
        numbers = [number for one in ids if (number := self._held.member_number(one)) is not None]
        return np.where(np.isin(objects, np.array(numbers, np.int64)), objects + 1, 0)

    # --- on behalf of a user

    def _distinct(self, asked: Request, classes: Collection[Class]) -> Iterator[Class]:
        """One class of all of which the same comes, whatever the app; none of which the user may nothing."""
        found: dict[object, Class] = {}
        for one in classes:
            seen = self._marking.seen(replace(asked, resource=self._held.members[int(one.objects[0])]))
            may = own_right(seen.by(asked.user))
            if may is not False or seen.estate.unread:
                found.setdefault(_seen_alike(seen, may), one)
        yield from found.values()


def _seen_alike(seen: Request, may: Formula) -> object:
    """What of an object decides which apps make a request for a user."""
    known, doing, user = allowing(seen), directory_question(seen), seen.user
    enough = () if known is None else tuple(narrowed(seen, known.delegated))
    hidden = doing is not None and reads_hidden(doing, doing.action)
    return may, enough, seen.resource == user, owner_of(seen, seen.resource, user), hidden, described(seen)
