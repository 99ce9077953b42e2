"""Shadows of those who may assign some roles and not others: whoever holds, at a place, all that can be assigned there.

An assignment's condition, or that of an entry of its role, says which roles may be assigned. Roles that the same
conditions let through are asked as one.
https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import NAMESPACE_URL, uuid5

from leastwise.engine.formula import all_of
from leastwise.model.decision import State
from leastwise.providers.microsoft.shadows import Added, holding

from .compiled.assigned import Assigned
from .compiled.placing import Placed
from .evaluate.comparing import Given
from .evaluate.conditions import condition
from .evaluate.delegation import Limited, delegated
from .evaluate.request import WRITES, always
from .evaluate.worlds import solver
from .language.ids import ROOT, named
from .language.operations import Patterns, Plane
from .language.roles import Entry
from .language.tree import Attribute
from .shadow_roles import Roles, digest, written

PRIVILEGED = frozenset(
    {"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
     "f58310d9-a9f6-439a-9e8d-f62e7b41a168"}
)  # fmt: skip
"""Owner, User Access Administrator, Role Based Access Control Administrator: who may assign these has everything."""
_ASSIGNING = ("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete")
_SHOWN = 3
_Conditions = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Assigning:
    """The writing of a role assignment of which nothing is known."""

    operation: str = WRITES

    def look(self, attribute: Attribute) -> Given | None:
        """See `conditions.Facts`."""
        return None

    def always(self, attribute: Attribute) -> bool:
        """See `conditions.Facts`."""
        return always(self.operation, attribute)


class Delegating:
    """What can be assigned where, and the shadow of whoever has all of that.

    Args:
        roles: of the estate.
        assigned: who is given what, eligible assignments included.
        places: of the estate.
        added: to what shadows are added.
    """

    def __init__(self, roles: Roles, assigned: Assigned, places: Placed, added: Added) -> None:
        self._roles, self._places, self._added = roles, places, added
        self._solver, self._asked = solver(), _Assigning()
        self._found: dict[_Conditions, tuple[Limited, ...] | None] = {}
        self._sets: dict[Limited, frozenset[str]] = {}
        self._writes: dict[str, tuple[str, ...]] = {}
        wanted = dict.fromkeys(
            (limited, number)
            for row in (*assigned.given, *assigned.offered)
            if (number := places.numbers.get(row.key)) is not None
            for one in self._conditions(row.role)
            for limited in self._limits((row.condition, one))
        )
        # What tells roles apart: conditions of assignments that there are, and of shadows that have more by them.
        self._telling = {limited for found in self._found.values() for limited in found or ()}
        self._wanted = self._closed([(self._set(one), number) for one, number in wanted])
        self.pairs: list[tuple[str, str]] = []
        self.titles: dict[str, str] = {}
        self.place: dict[str, str] = {}
        self.roles: dict[str, list[str]] = {}
        self.so: dict[str, State] = {}
        for several, number in self._wanted:
            self._add(several, number)

    @property
    def missing(self) -> tuple[str, ...]:
        """What may be assigned and is not known: by conditions that are too wide, and roles that were not read."""
        lost = (" and ".join(filter(None, one)) for one, found in self._found.items() if found is None)
        limits = (one for found in self._found.values() for one in found or ())
        unread = sorted({named(role) for one in limits for role in one.only or ()} - self._all)
        return (
            *(f"which roles may be assigned where {text}" for text in lost),
            *(f"what {role} gives, which some may assign" for role in unread),
        )

    # --- which roles

    def _conditions(self, role: str) -> tuple[str, ...]:
        """The conditions of those entries of a role that may write role assignments."""
        if role not in self._writes:
            having = (one for one in self._roles.entries(role) if one.has(WRITES, Plane.CONTROL))
            self._writes[role] = tuple(dict.fromkeys(one.condition for one in having))
        return self._writes[role]

    def _limits(self, conditions: _Conditions) -> tuple[Limited, ...]:
        """Which roles can be assigned under some conditions, in each way; none where everything can."""
        if conditions not in self._found:
            when = all_of(condition(text, self._asked, "a role assignment") for text in conditions)
            alternatives = [] if when is True else self._solver.alternatives(when)
            ways = None if alternatives is None else delegated(self._asked, alternatives)
            self._found[conditions] = None if ways is None else tuple(dict.fromkeys(one.roles for one in ways))
        return self._found[conditions] or ()

    def _set(self, limited: Limited) -> frozenset[str]:
        """The roles that are let through; none where privileged ones are: who assigns these has everything."""
        if limited not in self._sets:
            only = self._let(limited)
            self._sets[limited] = frozenset() if only & PRIVILEGED else only & self._all
        return self._sets[limited]

    def _let(self, limited: Limited) -> frozenset[str]:
        """All roles that are let through, also those that were not read."""
        if limited.only is None:
            return self._all - frozenset(map(named, limited.but))
        return frozenset(map(named, limited.only))

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self._roles.keys())

    def _closed(self, first: Iterable[tuple[frozenset[str], int]]) -> list[tuple[frozenset[str], int]]:
        """With what roles let assign that can be assigned, where that is more than these."""
        found = dict.fromkeys(one for one in first if one[0])
        waiting = list(found)
        while waiting:
            several, number = waiting.pop()
            limits = {limited for role in several for one in self._conditions(role) if one
                      for limited in self._limits(("", one))}  # fmt: skip
            for limited in sorted(limits, key=str):
                more = (self._set(limited), number)
                if not more[0] <= several:
                    self._telling.add(limited)
                    waiting += [more] if more not in found else []
                    found[more] = None
        return list(found)

    @cached_property
    def _alike(self) -> Mapping[str, str]:
        """Of each role one that every condition lets through as it does: the first of them."""
        sets = [frozenset(map(named, one.but if one.only is None else one.only)) for one in self._telling]
        first: dict[tuple[bool, ...], str] = {}
        return {
            role: first.setdefault(tuple(role in one for one in sets), role) for role in sorted(self._all)
        }  # fmt: skip

    # --- who has them

    def _add(self, several: frozenset[str], number: int) -> None:
        place, titles = self._places.ids[number], sorted(map(self._roles.title, several))
        more = f" and {len(titles) - _SHOWN} more" if len(titles) > _SHOWN else ""
        told = f"{', '.join(titles[:_SHOWN])}{more}"
        thing, shadow = f"{place} ({told})", holding(digest(several), place)
        top = self._places.ids[self._places.tops[number]]
        self._added.user(shadow, top.rstrip("/").rpartition("/")[2] or ROOT)
        here, below = self._assignable(several, number)
        for at, those in [(place, here), *below]:
            if those:
                self._added.assigned(at, {"roleDefinitionId": self._together(those), "principalId": shadow})
        self.titles[shadow] = f"whoever holds {told} at {place}"
        self.pairs.append((thing, shadow))
        self.place[thing] = place
        self.roles[thing] = sorted({self._alike[one] for one in several})
        untold = any(one in self._roles.custom and not self._roles.custom[one].scopes for one in several)
        self.so[thing] = State.CONDITIONAL if untold else State.ALLOWED

    def _assignable(self, several: frozenset[str], number: int) -> tuple[list[str], list[tuple[str, list[str]]]]:
        """Of some roles those that can be assigned at a place, and others with a place below it."""
        here: list[str] = []
        below: list[tuple[str, list[str]]] = []
        for role in sorted(several):
            custom = self._roles.custom.get(role)
            scopes = () if custom is None else custom.scopes
            told = (self._places.numbers.get(one.lower().rstrip("/") or ROOT) for one in scopes)
            numbers = [one for one in told if one is not None]
            if not scopes or any(self._within(number, one) for one in numbers):
                here.append(role)
            else:
                below += [(self._places.ids[one], [role]) for one in numbers if self._within(one, number)]
        return here, below

    def _within(self, one: int, other: int) -> bool:
        """Whether a place is another, or lies in it."""
        return other <= one < self._places.ends[other]

    def _together(self, roles: Sequence[str]) -> str:
        """A role of ours that gives what some roles give."""
        key = str(uuid5(NAMESPACE_URL, "leastwise:" + ",".join(roles)))
        if key not in self._made:
            name = ", ".join(map(self._roles.title, roles[:_SHOWN]))
            entries = written(self._given(frozenset(roles)))
            document = self._added.document(
                {"id": key, "roleName": name, "roleType": "CustomRole", "permissions": entries}
            )
            self._added.add(
                "policies", id=key, name=name, kind="custom_role", version="", default=True, document=document
            )
            self._made.add(key)
        return key

    def _given(self, roles: frozenset[str]) -> Iterator[Entry]:
        """What some roles give together, without letting assign what is among them."""
        for role in sorted(roles):
            for one in self._roles.entries(role):
                idle = one.condition and one.has(WRITES, Plane.CONTROL) and self._adds_nothing(one.condition, roles)
                if not idle:
                    yield one
                    continue
                left_out = Patterns((*one.not_actions.texts, *_ASSIGNING))
                yield replace(one, not_actions=left_out, condition="")

    def _adds_nothing(self, text: str, roles: frozenset[str]) -> bool:
        """Whether a condition lets assign nothing but some roles, and says nothing of other operations."""
        if condition(text, _Assigning("any/other/operation"), "a role") is not True:
            return False
        limits = self._limits(("", text))
        return self._found["", text] is not None and all(
            not (PRIVILEGED & self._let(one)) and self._let(one) <= roles for one in limits
        )

    @cached_property
    def _made(self) -> set[str]:
        return set()
