"""Who can: the assignments at a resource's scope and above whose role has the operation, and whom they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.engine.groups import parted
from leastwise.model.decision import State
from leastwise.providers.bulk.listing import Found, Told

from ..evaluate.allow import grant, unread
from ..evaluate.explain import STATES
from ..evaluate.request import NOW, Request
from ..evaluate.systems import other_systems
from ..language.operations import Plane
from .columns import UNREAD
from .deciding import STRANGER, Deciding, Entry, Known


class Who:
    """Answers who can; one for one estate."""

    def __init__(self, known: Known) -> None:
        self.known, self.held = known, known.held

    def find(self, asked: Request, found: Found) -> tuple[str, ...]:
        """Everybody who can do something on a resource goes into `found`; returns what might add others."""
        for numbers, told in self.let_in(asked):
            found.add(numbers, told)
        return self.unread(asked)

    def let_in(self, asked: Request) -> Iterator[tuple[Array, Told]]:
        """Everybody who can do something on a resource, by number, in parts of whom one thing is told."""
        deciding = self.deciding(asked)
        numbers = np.array((deciding.candidates | self.known.spared).to_array(), np.int64)
        for one in deciding.decide(numbers):
            if STATES[one.verdict.outcome] is not State.DENIED:
                yield one.numbers, deciding.told(one)

    def deciding(self, asked: Request) -> Deciding:
        """What decides about everybody on a resource."""
        return Deciding(self.known, asked, {plane: self.entries(asked, plane) for plane in planes_of(asked)})

    def unread(self, asked: Request) -> tuple[str, ...]:
        """What was not read and may let in others on a resource."""
        told = [one for plane in planes_of(asked) for one in (*unread(asked), *other_systems(asked, plane))]
        return tuple(dict.fromkeys(told))

    def entries(self, asked: Request, plane: Plane) -> list[Entry]:
        """What assignments at the resource and above give, and to whom; those that give alike together.

        One whose condition is not met gives nothing, but whom it names is asked: something unread may let them in.
        """
        numbers = self.above(asked)
        numbers = numbers[np.isin(self.held.assignments.role[numbers], self.having(asked, plane, numbers))]
        if not len(numbers):
            return []
        places = self.held.assignments.place[numbers]
        sure = np.array([asked.chain.within(self.held.place(one)) is True for one in places.tolist()], np.bool_)
        return list(self.gathered(asked, numbers, np.where(sure, -1, places)))

    def gathered(self, asked: Request, numbers: Array, beside: Array) -> Iterator[Entry]:
        """Assignments together that have role, condition and end alike, and what a column says `beside`."""
        given = self.held.assignments
        columns = [given.role[numbers], given.condition[numbers], beside, self.broken(numbers)]
        if NOW.key in asked.context:
            columns.append(given.until[numbers])
        for at in parted(columns, len(numbers)):
            yield Entry(int(numbers[at[0]]), self.known.whom(numbers[at]))

    def broken(self, numbers: Array) -> Array:
        """The number of each assignment of which a condition or the end does not parse; else -1.

        What is missing names whose these are, and everything that it could come through.
        """
        return np.where(self._broken[numbers], numbers, -1)

    @cached_property
    def _broken(self) -> Array:
        """The mask of such assignments."""
        given = self.held.assignments
        bad = [code for code, text in enumerate(given.conditions) if self.known.broken(text)]
        unread = np.isin(given.condition, bad) | (given.until == UNREAD)
        return np.asarray(unread | np.isin(given.role, self._broken_roles))

    @cached_property
    def _broken_roles(self) -> list[int]:
        """The codes of roles with an entry whose condition does not parse."""
        roles = (self.held.estate.role(key) for key in self.held.assignments.roles)
        return [
            code
            for code, role in enumerate(roles)
            if role is not None and any(self.known.broken(one.condition) for one in role.entries)
        ]

    def above(self, asked: Request) -> Array:
        """The assignments in whose scope the resource is, or may be."""
        keys = [*asked.chain.keys]
        if asked.chain.open:
            keys += [key for key in asked.estate.above if key not in asked.chain.keys]
        found = [number for key in keys if (number := self.held.place_number(key)) is not None]
        values, _ = self.held.assignments.by_place.gather(np.array(found, np.int64))
        return np.asarray(values.astype(np.int64))

    def having(self, asked: Request, plane: Plane, numbers: Array) -> list[int]:
        """The codes of those roles of some assignments that have the operation, or may."""
        given = self.held.assignments
        codes, first = np.unique(given.role[numbers], return_index=True)
        pairs = zip(codes.tolist(), first.tolist(), strict=True)
        return [code for code, at in pairs if self.has(asked, plane, int(numbers[at])) is not False]

    def has(self, asked: Request, plane: Plane, number: int) -> Formula:
        """When the role of an assignment has the operation: whatever the resource, where no entry has a condition."""
        key = asked.operation, plane, int(self.held.assignments.role[number])
        if self._plain[key[-1]]:
            if key not in self._has:
                self._has[key] = self._having(asked, plane, number)
            return self._has[key]
        return self._having(asked, plane, number)

    @cached_property
    def _has(self) -> dict[tuple[str, Plane, int], Formula]:
        return {}

    @cached_property
    def _plain(self) -> list[bool]:
        """Of each role whether none of its entries has a condition."""
        roles = (self.held.estate.role(key) for key in self.held.assignments.roles)
        return [role is None or not any(one.condition for one in role.entries) for role in roles]

    def _having(self, asked: Request, plane: Plane, number: int) -> Formula:
        return grant(replace(asked, who=STRANGER), plane, self.held.assignments.one(number), True).has


def planes_of(asked: Request) -> tuple[Plane, ...]:
    """The plane of a question, or both where it is not known which is meant."""
    return (asked.plane,) if asked.plane is not None else tuple(Plane)
