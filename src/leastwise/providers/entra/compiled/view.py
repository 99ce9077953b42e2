"""The estate as a question about few ids sees it: of every list what bears on these, and what may bear on anybody.

The reference decides over it as over the whole one, and says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..evaluate.estate import Estate, Member
from ..language.actions import Action
from ..language.assignments import Enrolment
from ..language.directory import SERVICE, Object, Unit
from ..language.roles import Entry, Role
from .held import Compiled

STRANGER = "somebody"
"""Stands for an app that nothing names, where a formula is asked for that does not depend on who asks."""
_STRANGER = Object(STRANGER, SERVICE)


class Views:
    """Makes views of one tenant, and keeps what all of them read.

    Args:
        held: the tenant.
    """

    def __init__(self, held: Compiled) -> None:
        self.held = held
        self._parts: dict[int, Part] = {}
        self.offered: dict[str, frozenset[str]] = {}
        self.roles: dict[str, Role | None] = {}
        held.whole._by_template  # noqa: B018 - made once, for all views

    def of(self, *ids: str) -> Estate:
        """The estate for questions about some ids; empty ones are none."""
        held, whole = self.held, self.held.whole
        about = tuple(dict.fromkeys(one for one in ids if one))
        parts = [part for one in about for part in self.parts_of(one)]
        chosen = {name: sorted({*held.loose[name], *(one for part in parts for one in part.given[name])})
                  for name in ("assignment", "offer", "app_role")}  # fmt: skip
        rows = [held.rows(f"by.{name}") for name in ("delegation.client", "trusted.application")]
        grants, trusted = (sorted(one for part in parts for one in row.row(part.number).tolist()) for row in rows)
        return View(
            published=whole.published, roles=whole.roles, policy=whole.policy, all_groups=whole.all_groups,
            people_told=whole.people_told,
            unread=whole.unread, units=_Described(whole.units),
            objects=_Objects(held, about),
            assignments=tuple(held.assignment("assignment", one) for one in chosen["assignment"]),
            eligible=tuple(held.assignment("offer", one) for one in chosen["offer"]),
            groups=_Groups(held, parts, "groups", held.arrays["group.read"]),
            enrolments=tuple(one for part in parts for one in part.enrolments),
            unit_members=_Units(held, parts),
            owners=_Groups(held, parts, "owned", None),
            app_roles=tuple(map(held.app_role, chosen["app_role"])),
            delegations=tuple(map(held.delegation, grants)),
            trusted=tuple(map(held.credential, trusted)),
            untold=frozenset(part.id for part in parts if held.arrays["trusted.untold"][part.number]),
            views=self, parts=tuple(parts),
        )  # fmt: skip

    def parts_of(self, id: str) -> list[Part]:
        """What bears on a member; nothing for one that nothing names."""
        number = self.held.member_number(id) if id else None
        return [] if number is None else [self._part(number)]

    def _part(self, number: int) -> Part:
        # Those who are asked about again and again are few; of all others there is one at a time.
        if number not in self._parts:
            if len(self._parts) > _KEPT:
                self._parts.clear()
            self._parts[number] = Part(self.held, number)
        return self._parts[number]


_KEPT = 4096


class Part:
    """What bears on one member."""

    def __init__(self, held: Compiled, number: int) -> None:
        self._held, self.number, self.id = held, number, held.members[number]
        arrays, timed = held.arrays, held.timed_by_member.row(number)
        self._timed = timed.tolist()
        self.groups = frozenset(held.groups.row(number).tolist())
        self.owned = frozenset(held.owned.row(number).tolist())
        self.units = frozenset(held.units_of.row(number).tolist())
        around = np.union1d(held.groups.row(number), arrays["timed.group"][timed]).astype(np.int64)
        named = np.append(around, number)
        # Directory roles come through role-assignable groups alone.
        carrying = np.append(around[held.assignable[around]], number)
        self.given: Mapping[str, list[int]] = {
            "assignment": held.rows("member.assignments").gather(carrying)[0].tolist(),
            "offer": held.rows("member.offers").gather(carrying)[0].tolist(),
            "app_role": held.rows("by.app_role.principal").gather(named)[0].tolist(),
        }
        near = {*around.tolist(), *self.owned, *arrays["timed.group"][timed].tolist()}
        self.assignable = frozenset(held.members[one] for one in near if held.assignable[one])
        self.perhaps = frozenset(held.members[one] for one in near if held.perhaps_assignable[one])

    @cached_property
    def enrolments(self) -> tuple[Enrolment, ...]:
        """Memberships and ownerships with times."""
        held, arrays = self._held, self._held.arrays
        return tuple(
            Enrolment(self.id, held.members[int(arrays["timed.group"][one])], bool(arrays["timed.owner"][one]),
                      held.span("timed", one))
            for one in self._timed
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class View(Estate):
    """An estate of some members."""

    views: Views = field(kw_only=True)
    parts: tuple[Part, ...] = field(kw_only=True)

    @property
    def _told(self) -> Mapping[str, str]:
        return _Kinds(self.views.held)

    @property
    def _by_template(self) -> Any:
        return self.views.held.whole._by_template

    @property
    def actions(self) -> Mapping[str, str]:
        """See `Estate`."""
        return self.views.held.whole.actions

    @property
    def _bound(self) -> Any:
        return _Bound(self.views.held)

    @property
    def assignable_groups(self) -> tuple[str, ...]:
        """See `Estate`: those that one of the members is in or owns, and those of whose members nothing was read."""
        found = {one for part in self.parts for one in part.assignable}
        return tuple(sorted(found.union(self.views.held.unread_assignable)))

    @property
    def perhaps_assignable(self) -> tuple[str, ...]:
        """See `Estate`: of the same groups."""
        found = {one for part in self.parts for one in part.perhaps}
        return tuple(sorted(found.union(self.views.held.unread_perhaps)))

    @property
    def any_assignable(self) -> bool:
        """See `Estate`."""
        return bool(self.views.held.assignable.any())

    @property
    def by_app(self) -> Mapping[str, Object]:
        """See `Estate`."""
        return _Applications(self.views.held)

    def role(self, key: str) -> Role | None:
        """See `Estate`; its entries remember what they have said."""
        known = self.views.roles
        if key not in known:
            found = super().role(key)
            known[key] = found and replace(found, entries=tuple(map(_remembering, found.entries)))
        return known[key]

    def offered(self, resource: str) -> frozenset[str]:
        """See `Estate`."""
        known = self.views.offered
        if resource not in known:
            known[resource] = super().offered(resource)
        return known[resource]


@dataclass(frozen=True, slots=True)
class _Remembering(Entry):
    """An entry of which the same is asked of many objects and principals."""

    known: dict[Action, Action | None] = field(default_factory=dict, compare=False, repr=False)

    def by(self, action: Action) -> Action | None:
        """See `Entry`."""
        if action not in self.known:
            self.known[action] = Entry.by(self, action)
        return self.known[action]


def _remembering(one: Entry) -> Entry:
    return _Remembering(one.actions, one.left_out, one.condition)


class _Objects(Mapping[str, Object]):
    """All objects that were read by id; in a row stand only some, and those of the same apps."""

    def __init__(self, held: Compiled, about: tuple[str, ...]) -> None:
        self._held, self._about = held, about
        self._found: dict[str, Object | None] = {STRANGER: _STRANGER}

    def __getitem__(self, id: str) -> Object:
        if id not in self._found:
            number = self._held.member_number(id)
            read = number is not None and (self._held.known(number) or bool(self._held.nobody[number]))
            self._found[id] = self._held.object(number) if number is not None and read else None
        found = self._found[id]
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        held = self._held
        numbers = [number for one in self._about if (number := held.member_number(one)) is not None]
        same = (each for number in numbers if (app := held.word("app", number)) for each in held.apps.get(app, ()))
        found = dict.fromkeys((*numbers, *same))
        return (held.members[one] for one in found if held.known(one))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Kinds(Mapping[str, str]):
    """The kinds of objects, as others tell."""

    def __init__(self, held: Compiled) -> None:
        self._held = held

    def __getitem__(self, id: str) -> str:
        number = self._held.member_number(id)
        if number is None:
            raise KeyError(id)
        return self._held.object(number).kind

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.members.all())

    def __len__(self) -> int:
        return len(self._held.members)


class _Bound:
    """Who has an assignment, or an eligible one."""

    def __init__(self, held: Compiled) -> None:
        self._held = held

    def __contains__(self, id: str) -> bool:
        number = self._held.member_number(id)
        return number is not None and bool(self._held.bound[number])


class _Groups(Mapping[str, tuple[Member, ...]]):
    """Of groups (or of what is owned) those of some members that are in them (or own them)."""

    def __init__(self, held: Compiled, parts: list[Part], column: str, read: Any) -> None:
        self._held, self._parts, self._column, self._read = held, parts, column, read

    def __getitem__(self, id: str) -> tuple[Member, ...]:
        number = self._held.member_number(id)
        if number is None or (self._read is not None and not self._read[number]):
            raise KeyError(id)
        return tuple(Member(part.id) for part in self._parts if number in getattr(part, self._column))

    def __iter__(self) -> Iterator[str]:
        numbers = sorted({one for part in self._parts for one in getattr(part, self._column)})
        return (self._held.members[one] for one in numbers)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Described(Mapping[str, Unit]):
    """Units that were read, by id; which of them matter is told by their members."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units

    def __getitem__(self, id: str) -> Unit:
        return self._units[id]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _Applications(Mapping[str, Object]):
    """Applications by app id."""

    def __init__(self, held: Compiled) -> None:
        self._held = held

    def __getitem__(self, app: str) -> Object:
        return self._held.object(self._held.applications[app])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held.applications)

    def __len__(self) -> int:
        return len(self._held.applications)


class _Units(Mapping[str, frozenset[str]]):
    """Of units those of some members that are in them; in a row stand these units, and those that were not read."""

    def __init__(self, held: Compiled, parts: list[Part]) -> None:
        self._held, self._parts = held, parts

    def __getitem__(self, id: str) -> frozenset[str]:
        number = self._held.member_number(id)
        if number is None or not self._held.arrays["unit.read"][number]:
            raise KeyError(id)
        return frozenset(part.id for part in self._parts if number in part.units)

    def __iter__(self) -> Iterator[str]:
        held = self._held
        inside = {held.members[one] for part in self._parts for one in part.units}
        return iter(sorted(inside | held.unread_units))

    def __len__(self) -> int:
        return sum(1 for _ in self)
