"""Assignments as arrays, and each as `evaluate` has it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows

from ..language.assignments import Assignment
from .columns import UNREAD

if TYPE_CHECKING:
    from .estate import Compiled


class Given:
    """Assignments, or eligible ones, by number, sorted by place.

    Args:
        held: where they stand.
        name: `assignment` or `offer`.
    """

    def __init__(self, held: Compiled, name: str) -> None:
        self._held, self.name = held, name
        self.place: Array = held.arrays[f"{name}.place"]
        self.principal: Array = held.arrays[f"{name}.principal"]
        self.role: Array = held.arrays[f"{name}.role"]
        self.type: Array = held.arrays[f"{name}.type"]
        self.condition: Array = held.arrays[f"{name}.condition"]
        self.until: Array = held.arrays[f"{name}.until"]
        self.tenant: Array = held.arrays[f"{name}.tenant"]
        self.here: Array = held.arrays[f"{name}.here"]
        self._made: dict[int, Assignment] = {}

    @cached_property
    def roles(self) -> list[str]:
        """Keys of roles, by code."""
        return self._held.texts(f"{self.name}.role.texts").all()

    @cached_property
    def types(self) -> list[str]:
        """Types of principals as assignments tell them, by code."""
        return self._held.texts(f"{self.name}.type.texts").all()

    @cached_property
    def tenants(self) -> list[str]:
        """The other tenants whose principals they name, by code; one is empty where that is not told."""
        return self._held.texts(f"{self.name}.tenant.texts").all()

    @cached_property
    def places_of_others(self) -> list[str]:
        """The tenants in which groups of other tenants are named, by code; one is empty where that is not told."""
        return self._held.texts(f"{self.name}.here.texts").all()

    @cached_property
    def conditions(self) -> list[str]:
        """Conditions, by code; one is empty where some assignment has none."""
        return self._held.texts(f"{self.name}.condition.texts").all()

    @cached_property
    def pairs(self) -> tuple[Array, Array]:
        """The number of the role and condition of each together; by such a number the first assignment of it."""
        both = self.role.astype(np.int64) * max(len(self.conditions), 1) + self.condition
        _, first, found = np.unique(both, return_index=True, return_inverse=True)
        return found.ravel(), first

    @cached_property
    def by_place(self) -> Rows:
        """Those of each place."""
        return self._held.rows(f"place.{self.name}s")

    @cached_property
    def by_member(self) -> Rows:
        """Those of each principal."""
        return self._held.rows(f"member.{self.name}s")

    @cached_property
    def ids(self) -> list[str]:
        """Their ids."""
        return self._held.texts(f"{self.name}.id").all()

    @cached_property
    def _ids(self) -> Any:
        return self._held.texts(f"{self.name}.id")

    def one(self, number: int) -> Assignment:
        """One of them."""
        found = self._made.get(number)
        if found is None:
            until, held = int(self.until[number]), self._held
            found = self._made[number] = Assignment(
                id=self._ids[number],
                role=self.roles[int(self.role[number])],
                principal=held.members[int(self.principal[number])],
                type=self.types[int(self.type[number])],
                scope=held.place(int(self.place[number])),
                condition=self.conditions[int(self.condition[number])],
                activated=bool(held.arrays[f"{self.name}.activated"][number]),
                until=_ends(until),
                tenant=self.tenants[int(self.tenant[number])],
            )
        return found


@lru_cache(maxsize=4096)
def _ends(until: int) -> str:
    """When an assignment ends, as `evaluate` reads it: what is no time is no time to it either."""
    if until in (0, UNREAD):
        return "a time that cannot be read" if until else ""
    return f"{datetime.fromtimestamp(until / 1_000_000, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
