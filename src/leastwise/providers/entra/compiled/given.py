"""Which roles are assigned where, and to whom: kept for all questions that are asked of one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.groups import parted

from ..language.ids import At, Place
from .marking import Marking
from .view import Views


@dataclass(frozen=True, slots=True)
class Given:
    """A role that is assigned at a place.

    Args:
        role: its id.
        place: where.
        whom: everybody who has it so.
    """

    role: str
    place: Place
    whom: BitMap


class Assigned:
    """The assignments of one tenant that hold at one moment.

    Args:
        views: the tenant.
        marking: tells whom rows name.
        now: the moment; None where that is not told.
    """

    def __init__(self, views: Views, marking: Marking, now: datetime | None) -> None:
        self._held, self._marking, self.now = views.held, marking, now
        self._known: dict[int, Sequence[Given]] = {}

    def on(self, number: int) -> list[Given]:
        """The assignments in whose scope an object may lie; the tenant's first."""
        codes = [*self._tenant, *self._by_id.get(self._held.members[number], ())]
        for unit in self._held.members.many(self._held.units_of.row(number)):
            codes += self._by_id.get(unit, ())
        return [one for code in dict.fromkeys(codes) for one in self._at(code)]

    @cached_property
    def roles(self) -> dict[str, BitMap]:
        """Whom assignments of each role name, wherever."""
        rows = self._lasting(np.arange(len(self._held.arrays["assignment.role"])))
        return {key: self._marking.whom(some, "assignment", self.now) for key, some in self._by_role(rows)}

    @property
    def named(self) -> Collection[str]:
        """The ids of what is a place itself."""
        return self._by_id.keys()

    @cached_property
    def _tenant(self) -> list[int]:
        return [code for code, place in enumerate(self._held.places_of("assignment")) if place.at is At.TENANT]

    @cached_property
    def _by_id(self) -> dict[str, list[int]]:
        """The places by the ids of what lies in them, or what they are."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for code, place in enumerate(self._held.places_of("assignment")):
            texts = (place.id.strip("/"), place.id.rpartition("/")[2]) if place.at is At.APP else (place.id,)
            for text in dict.fromkeys(texts):
                found[text].append(code)
        return found

    def _at(self, code: int) -> Sequence[Given]:
        if code not in self._known:
            rows = self._lasting(self._held.rows("place.assignments").row(code).astype(np.int64))
            place = self._held.places_of("assignment")[code]
            self._known[code] = [
                Given(key, place, self._marking.whom(some, "assignment", self.now)) for key, some in self._by_role(rows)
            ]
        return self._known[code]

    def _lasting(self, rows: Array) -> Array:
        return rows[self._held.holding("assignment", self.now, rows)]

    def _by_role(self, rows: Array) -> list[tuple[str, Array]]:
        codes = self._held.arrays["assignment.role"][rows]
        keys = self._held.roles_of("assignment")
        return [(keys[int(codes[some[0]])], rows[some]) for some in parted([codes], len(rows))]
