"""Principals of a tenant whose access is the same, or nearly; see `bulk.likeness`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.providers.bulk import elements, likeness
from leastwise.providers.bulk.everyone import Same
from leastwise.providers.bulk.likeness import Conditional

from .granting import Granting


class Likeness(likeness.Likeness[bool]):
    """Finds who is alike in one tenant; further arguments as in `bulk.likeness`."""

    places_named = "place.id"

    def __init__(self, granting: Granting, *more: Any) -> None:
        self._granting = granting
        self._limited_roles: dict[Conditional, BitMap] = {}
        super().__init__(granting.held, granting.numbers.names, *more)

    def said(self, number: int) -> tuple[list[elements.Given], frozenset[Conditional]]:
        """See `bulk.likeness`."""
        plain: list[elements.Given] = []
        conditions: list[Conditional] = []
        for one in self._granting.of(number):
            if not one.ends:
                plain.append((one.permissions, one.places))
                continue
            for place in one.places:
                key = one.policy, 0, place
                self._limited_roles[key] = one.permissions
                conditions.append(key)
        return plain, frozenset(conditions)

    def conditional(self, one: Conditional) -> elements.Given | None:
        """See `bulk.likeness`."""
        return self._limited_roles[one], (one[2],)

    def besides(self, same: Same[bool]) -> Iterator[tuple[Hashable, Array]]:
        """See `bulk.likeness`: what was not read may let in anybody alike."""
        yield frozenset(), same.members

    def pair(self, permissions: BitMap, place: int) -> tuple[str, str]:
        """See `bulk.likeness`."""
        return self._granting.numbers.names[permissions[0]], self._held.texts("place.id")[place]
