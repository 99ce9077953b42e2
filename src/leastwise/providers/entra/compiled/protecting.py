"""What protects members from administrators, as numbers: members with the same are protected from the same."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from ..catalog.tables import Upon, tables
from ..language.actions import Action
from ..language.ids import At
from .view import Views


@dataclass(frozen=True, slots=True)
class _Protection:
    """What protects a member.

    Args:
        given: the assignments by which it holds roles, one of those that are alike.
        of_group: whether it is in a role-assignable group, or owns one.
        perhaps: groups that may be such; what is missing names them.
        alone: its number, where it is in groups for a time; else -1.
    """

    given: tuple[int, ...]
    of_group: bool
    perhaps: tuple[str, ...]
    alone: int = -1


class Protecting:
    """What protects the members of one tenant."""

    def __init__(self, views: Views) -> None:
        self._views, self._held = views, views.held
        self._coarse: dict[tuple[int, datetime | None], Array] = {}

    @cached_property
    def every(self) -> Array:
        """For each member a number of the roles that it has, and that groups may give it some; zero for nothing."""
        return self._found[0]

    def upon(self, action: Action | None, now: datetime | None) -> Array:
        """The same as far as it decides about an action: by whom those may be acted upon who hold such roles."""
        table = next((at for at, one in enumerate(tables().upon) if action in one.actions), -1)
        if table < 0:
            return self.every
        if (table, now) not in self._coarse:
            known: dict[Hashable, int] = {(frozenset(), False, (), -1): 0}
            told = (self._told(one, tables().upon[table], now) for one in self._found[1])
            codes = np.array([0, *(known.setdefault(one, len(known)) for one in told)], np.int64)
            self._coarse[table, now] = codes[self.every]
        return self._coarse[table, now]

    def _told(self, one: _Protection, table: Upon, now: datetime | None) -> Hashable:
        held, estate = self._held, self._held.whole
        rows = np.array(one.given, np.int64)
        found = set()
        for row in rows[held.holding("assignment", now, rows)].tolist():
            role = estate.template(held.roles_of("assignment")[int(held.arrays["assignment.role"][row])])
            yields = tuple(role in listed for listed in table.actors.values())
            found.add((yields, self._restricting_of(row) if any(yields) else 0))
        return frozenset(found), one.of_group, one.perhaps, one.alone

    @cached_property
    def _found(self) -> tuple[Array, tuple[_Protection, ...]]:
        """The numbers, and what each but zero stands for, from one on."""
        held, arrays = self._held, self._held.arrays
        groups = np.flatnonzero(held.assignable | held.perhaps_assignable)
        near = [np.flatnonzero(held.bound), held.members_of.gather(groups)[0], held.owners_of.gather(groups)[0]]
        near.append(arrays["timed.member"])
        found, known = np.zeros(len(held.members), np.int64), dict[Hashable, int]()
        told: list[_Protection] = []
        columns = [arrays[f"assignment.{name}"] for name in ("role", "since", "until")]
        columns.append(self._restricting[arrays["assignment.place"]])
        for number in np.unique(np.concatenate(near)).tolist():
            (part,) = self._views.parts_of(held.members[number])
            given = {tuple(int(one[at]) for one in columns): at for at in part.given["assignment"]}
            # What is missing names the group that may protect.
            perhaps, of_group = tuple(sorted(part.perhaps)), bool(part.assignable)
            alone = number if part.enrolments else -1
            key = alone if part.enrolments else (tuple(sorted(given)), of_group, perhaps)
            if key not in known:
                known[key] = len(known) + 1
                told.append(_Protection(tuple(given.values()), of_group, perhaps, alone))
            found[number] = known[key]
        return found, tuple(told)

    def _restricting_of(self, row: int) -> int:
        return int(self._restricting[self._held.arrays["assignment.place"][row]])

    @cached_property
    def _restricting(self) -> Array:
        """For each place of assignments what of it decides whether a role there protects who holds it.

        Nothing, or whether it is a unit that is restricted; where that is not known, what is missing names the unit.
        """
        units = self._held.whole.units
        found = []
        for code, place in enumerate(self._held.places_of("assignment")):
            unit = units.get(place.id)
            restricted = None if unit is None else unit.restricted
            told = code + 3 if restricted is None else 1 + int(restricted)
            found.append(told if place.at is At.UNIT else 0)
        return np.array(found, np.int64)
