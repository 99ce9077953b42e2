"""Whose access is another one than in an earlier estate: of whom grants, or what they are given on, are others.

What is common to both is not decided anew: of whoever is given the same, under the same rules for everybody, only the
objects are looked at that are told otherwise, or that one of both estates alone has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.groups import combined
from leastwise.model.comparison import Change
from leastwise.providers.bulk.changing import change_between, number_of

from ..evaluate.apps import value_of
from ..evaluate.everyone import told_apart
from ..evaluate.roles import closure
from ..language.actions import parse_action
from ..language.directory import GRAPH, GROUP
from ..language.ids import At, Place
from .effective import Effective, Only
from .granting import Granting
from .lines import LINES
from .placing import Placing

_FACTS = ("unread", "all_groups")


class Effectives(Protocol):
    """Tells what somebody may do."""

    def __call__(self, id: str, only: Only | None = None) -> Effective:
        """By id; whole or in part."""


class Side:
    """One of two estates that are held against each other.

    Args:
        granting: the tenant.
        placing: its objects in classes.
        effective: what somebody may do in it.
    """

    def __init__(self, granting: Granting, placing: Placing, effective: Effectives) -> None:
        self._granting, self._placing, self.effective, self.held = granting, placing, effective, granting.held

    @cached_property
    def everybody(self) -> str:
        """What can tell everybody another thing: names of actions, what was not read and what that is given."""
        held, loose = self.held, self.held.loose
        facts = {name: held.facts[name] for name in _FACTS}
        named = sorted(held.whole.actions.keys() - held.whole.published.actions.keys())
        given = [sorted(map(self._assigned, loose["assignment"])), sorted(map(self._granted, loose["app_role"]))]
        unread = [
            held.members.many(np.flatnonzero(held.unread_groups & held.bound)),
            held.unread_assignable,
            held.unread_perhaps,
        ]
        units = [self._unit(one) for one in sorted(held.unread_units)]
        policy = held.whole.policy
        return json.dumps([facts, named, given, unread, units, None if policy is None else [policy.guest_role]])

    # --- what is told of objects

    @cached_property
    def objects(self) -> Mapping[str, int]:
        """A number for every object by id: equal where all is that may decide about what is done to it."""
        return dict(zip(self.held.members.all(), self._lying.tolist(), strict=True))

    @cached_property
    def _lying(self) -> Array:
        """The same by number."""
        held, placing = self.held, self._placing
        numbers = np.arange(len(held.members))
        shapes = held.arrays["member.shape"].astype(np.int64)
        locked = np.minimum(placing.locked, 2)
        columns = [shapes, held.units_of.codes(numbers), placing.protected, locked, self._graph.astype(np.int64)]
        codes = combined(columns, len(numbers))
        _, first, back = np.unique(codes, return_index=True, return_inverse=True)
        told = [self._told(number, int(locked[number])) for number in first.tolist()]
        return np.array([number_of(one) for one in told], np.uint64)[back]

    def _told(self, number: int, locked: int) -> str:
        units = [self._unit(one) for one in self.held.members.many(self.held.units_of.row(number))]
        shape = self.held.words_of("shape", np.array([number]))
        return json.dumps([shape, units, self._protected(number), locked, bool(self._graph[number])])

    @cached_property
    def _graph(self) -> Array:
        found = np.zeros(len(self.held.members), np.bool_)
        found[self.held.apps.get(GRAPH, [])] = True
        return found

    def _unit(self, id: str) -> list[object]:
        unit = self.held.whole.units.get(id)
        return [id, None if unit is None else unit.restricted]

    def _protected(self, number: int) -> list[object]:
        """What protects somebody: roles, and groups that may give some."""
        if not self._placing.protected[number]:
            return []
        (part,) = self._placing.views.parts_of(self.held.members[number])
        roles = sorted(set(map(self._guarding, part.given["assignment"])))
        enrolled = sorted(f"{one.group} {one.owner}" for one in part.enrolments)
        return [roles, bool(part.assignable), sorted(part.perhaps), enrolled]

    def _guarding(self, row: int) -> str:
        """A role that protects who holds it, and of where it is assigned what matters to that: see `Placing`."""
        one = self.held.assignment("assignment", row)
        id, restricted = self._unit(one.place.id) if one.place.at is At.UNIT else ("", False)
        return f"{self._role(one.role)} {one.place.at is At.UNIT} {id if restricted is None else restricted}"

    # --- what is given

    def _assigned(self, row: int) -> str:
        one = self.held.assignment("assignment", row)
        return f"{self._role(one.role)} {self._place(one.place)}"

    def _place(self, place: Place) -> str:
        return json.dumps(self._unit(place.id)) if place.at is At.UNIT else str(place)

    def _role(self, key: str) -> int:
        """A number of what a role is, with all that it inherits."""
        if key not in self._roles:
            self._roles[key] = number_of(f"{key} {self.held.whole.template(key)} {closure(self.held.whole, key)}")
        return self._roles[key]

    @cached_property
    def _roles(self) -> dict[str, int]:
        return {}

    def _granted(self, row: int) -> str:
        one, lying = self.held.app_role(row), self._lying[self.held.arrays["app_role.resource"][row]]
        return f"{one.role} {value_of(self.held.whole_with(one.resource), one)} {one.resource} {lying}"

    def _given(self, number: int) -> list[str]:
        """What is given to somebody by name."""
        if number not in self._known:
            held = self.held
            carries = not held.of_kind(GROUP)[number] or held.assignable[number]
            roles = held.rows("member.assignments").row(number).tolist() if carries else []
            apps = held.rows("by.app_role.principal").row(number).tolist()
            self._known[number] = sorted([*map(self._assigned, roles), *map(self._granted, apps)])
        return self._known[number]

    @cached_property
    def _known(self) -> dict[int, list[str]]:
        return {}

    @cached_property
    def traits(self) -> dict[str, int]:
        """A number for everybody to whom something is given, by id: of what that is, and on what; the lines beside."""
        held, granting, lying = self.held, self._granting, self._lying
        found = dict.fromkeys(LINES, 0)
        for number in granting.principals.tolist():
            through = sorted(each for one in granting.around.row(number).tolist() for each in self._given(one))
            owned = sorted((held.members[one], int(lying[one])) for one in granting.owned(number))
            told = (self._given(number), through, owned, int(lying[number]), self._hidden.get(number))
            found[held.members[number]] = number_of(repr(told))
        return found

    @cached_property
    def _hidden(self) -> dict[int, list[str]]:
        """The groups that tell their members alone, by who is in them."""
        held, found = self.held, dict[int, list[str]]()
        hidden = np.array([one["subtypes"].get("hidden") is True for one in held.shapes], np.bool_)
        for group in np.flatnonzero(hidden[held.arrays["member.shape"]]).tolist():
            for one in held.inside(group, None):
                found.setdefault(one, []).append(held.members[group])
        return found

    @cached_property
    def with_roles(self) -> frozenset[str]:
        """Who has directory roles, by name or through a group."""
        held, granting = self.held, self._granting
        having = np.diff(held.rows("member.assignments").starts) > 0
        around = granting.around
        through = np.zeros(len(held.members), np.bool_)
        through[np.repeat(np.arange(len(held.members)), np.diff(around.starts))[having[around.values]]] = True
        return frozenset(held.members.many(np.flatnonzero(having | through)))

    # --- who, and what was not read

    def who(self, id: str) -> tuple[str, str, str, bool] | None:
        """Name, kind and account of somebody, and whether they are one in particular; None where nothing names them."""
        number = self.held.member_number(id)
        if number is None:
            return None
        name, kind, account = (self.held.word(column, number) for column in ("name", "kind", "account"))
        return name, kind, account, id not in LINES

    @cached_property
    def unread(self) -> dict[str, list[str]]:
        """What was not read, by what it is."""
        held = self.held
        given = np.diff(self._granting.around.starts) > 0
        groups = np.flatnonzero(held.unread_groups & (held.bound | given) & held.of_kind(GROUP))
        roles = [key for key in held.roles_of("assignment") if self._granting.numbers.role(key) is None]
        return {
            "of the tenant": list(held.whole.unread),
            "the members of group": held.members.many(groups),
            "the role definition": roles,
        }


def changes(before: Side, now: Side) -> Iterator[Change]:
    """Whose access is another one, sorted by id."""
    everybody = before.everybody != now.everybody
    earlier, later = before.traits, now.traits
    others, names = _others(before, now), frozenset() if everybody else _names(before, now)
    only = [Only(_numbers(side, others), names) for side in (before, now)]
    for id in sorted(earlier.keys() | later.keys()):
        same = not everybody and earlier.get(id) == later.get(id)
        touched = others and (id in LINES or id in before.with_roles or id in now.with_roles)
        if same and not names and not touched:
            continue
        one, other = (
            side.effective(id, some if same else None) for side, some in zip((before, now), only, strict=True)
        )
        if same:
            other.shares(one)
        found = change_between(before, now, one, other)
        if found is not None:
            yield found


def _others(before: Side, now: Side) -> list[str]:
    """The objects that are told otherwise, or that one of both alone has."""
    earlier, later = before.objects, now.objects
    return [id for id in earlier.keys() | later.keys() if earlier.get(id) != later.get(id)]


def _numbers(side: Side, ids: list[str]) -> Array:
    numbers = (side.held.member_number(one) for one in ids)
    return np.array(sorted(one for one in numbers if one is not None), np.int64)


def _names(before: Side, now: Side) -> frozenset[str]:
    """The actions of which the policies may tell another thing."""
    earlier, later = (side.held.whole.policy for side in (before, now))
    if earlier is None or later is None or earlier == later:
        return frozenset()
    return frozenset(name for name in now.held.whole.actions.values() if told_apart(parse_action(name), earlier, later))
