"""Principals of Azure whose access is the same, or nearly; see `bulk.likeness`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.providers.bulk import likeness
from leastwise.providers.bulk.elements import Given
from leastwise.providers.bulk.everyone import SURE, Same
from leastwise.providers.bulk.likeness import Conditional

from .belonging import Belonging, content
from .everyone import Standing
from .what import What

_POLICY = "access policy"


class Likeness(likeness.Likeness[Standing]):
    """Finds who is alike in one estate; further arguments as in `bulk.likeness`."""

    places_named = "place.id"

    def __init__(self, what: What, belonging: Belonging, *more: Any) -> None:
        self._what, self._belonging = what, belonging
        super().__init__(what.held, what.numbers.names, *more)

    def said(self, number: int) -> tuple[list[Given], frozenset[Conditional]]:
        """See `bulk.likeness`."""
        given = self._what.held.assignments
        plain: list[Given] = []
        conditions: list[Conditional] = []
        for one in given.by_member.row(number).tolist():
            key, place = given.roles[int(given.role[one])], int(given.place[one])
            role, code = self._what.held.estate.role(key), int(given.condition[one])
            limited = given.conditions[code] or given.until[one]
            if role is None or limited or any(entry.condition for entry in role.entries):
                # What is missing of a condition that does not parse names the assignment.
                name = one if self._what.known.broken(given.conditions[code]) else ""
                conditions.append((f"{key} {int(given.until[one])} {name}", code, place))
            else:
                plain.append((self._role(key), (place,)))
        # What roles give above a vault they do not give in it: its access policies are told by themselves.
        for place, policy in self._belonging.policies.get(number, ()):
            conditions.append((f"{_POLICY} {content(policy)}", -1, place))
        return plain, frozenset(conditions)

    def _role(self, key: str) -> BitMap:
        return BitMap.union(BitMap(), *(self._what.numbers.role(key) or ()))

    def conditional(self, one: Conditional) -> Given | None:
        """See `bulk.likeness`."""
        key = one[0].partition(" ")[0]
        if one[0].startswith(_POLICY) or self._what.held.estate.role(key) is None:
            return None
        return self._role(key), (one[2],)

    def besides(self, same: Same[Standing]) -> Iterator[tuple[Hashable, Array]]:
        """See `bulk.likeness`: what was not read may let in anybody alike."""
        yield frozenset(one for one, how in same.told if how != SURE), same.members

    def pair(self, permissions: BitMap, place: int) -> tuple[str, str]:
        """See `bulk.likeness`."""
        return self._what.numbers.names[permissions[0]], self._what.held.places[place]
