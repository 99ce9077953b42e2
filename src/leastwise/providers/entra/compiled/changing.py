"""Whose access is another one than in an earlier estate: of whom grants, or what they are given on, are others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import blake2b

import numpy as np

from leastwise.model.comparison import Change
from leastwise.providers.bulk.changing import change_of

from ..language.directory import GROUP
from .effective import Effective
from .granting import Granting
from .lines import LINES

_FACTS = ("roles", "units", "policy", "unread", "all_groups")


class Side:
    """One of two estates that are held against each other.

    Args:
        granting: the tenant.
        effective: what somebody may do in it, by id.
    """

    def __init__(self, granting: Granting, effective: Callable[[str], Effective]) -> None:
        self._granting, self.effective, self.held = granting, effective, granting.held

    @cached_property
    def everybody(self) -> str:
        """What can tell everybody another thing: roles, policy, units, what was not read, who sees hidden members."""
        held = self.held
        hidden = [one["subtypes"].get("hidden") is True for one in held.shapes]
        groups = np.flatnonzero(np.array(hidden, np.bool_)[held.arrays["member.shape"]])
        inside = [
            [held.members[one], held.members.many(np.array([*held.inside(one, None)], np.int64))]
            for one in groups.tolist()
        ]
        facts = {name: held.facts[name] for name in _FACTS}
        return json.dumps([facts, inside, held.members.many(np.flatnonzero(held.unread_groups & held.bound))])

    @cached_property
    def objects(self) -> str:
        """What can tell those who have directory roles another thing: the objects, and in which units they are."""
        held, digest = self.held, blake2b(digest_size=16)
        for name in ("member.id.blob", "unit.inside.starts", "unit.inside.values", "unit.read"):
            digest.update(np.ascontiguousarray(held.arrays[name]).tobytes())
        for column in ("shape", "app"):
            digest.update("\x1f".join(held.words_of(column, np.arange(len(held.members)))).encode())
        return digest.hexdigest()

    @cached_property
    def protection(self) -> str:
        """What protects users: who has roles, and who is in role-assignable groups or owns them."""
        return json.dumps([sorted(self._of_roles.items()), self._assignable])

    @cached_property
    def _assignable(self) -> list[list[str]]:
        held = self.held
        groups = np.flatnonzero(held.assignable)
        return [
            [
                held.members[one],
                *sorted(held.members.many(np.array([*held.inside(one, None), *held.owners(one, None)], np.int64))),
            ]
            for one in groups.tolist()
        ]

    @cached_property
    def _of_roles(self) -> dict[str, list[str]]:
        """The assignments of everybody who has some, by id."""
        held, found = self.held, dict[str, list[str]]()
        for row in range(len(held.arrays["assignment.principal"])):
            one = held.assignment("assignment", row)
            found.setdefault(one.principal, []).append(f"{one.role} {one.place} {one.span}")
        return {id: sorted(told) for id, told in found.items()}

    @cached_property
    def with_roles(self) -> frozenset[str]:
        """Who has directory roles, by name or through a group."""
        held, granting = self.held, self._granting
        found = set(self._of_roles)
        for number in granting.principals.tolist():
            if any(held.members[one] in self._of_roles for one in granting.around.row(number).tolist()):
                found.add(held.members[number])
        return frozenset(found)

    @cached_property
    def traits(self) -> dict[str, str]:
        """What everybody is given, and through what, by id; every user as one of all."""
        held, granting = self.held, self._granting
        found, places = dict.fromkeys(LINES, self.objects), held.texts("place.id")
        own: dict[int, str] = {}

        def told(number: int) -> str:
            if number not in own:
                own[number] = repr([
                    (one.layer, one.source, sorted(one.permissions), places.many(np.array(one.places, np.int64)),
                     one.ends) for one in granting.of(number)
                ])  # fmt: skip
            return own[number]

        for number in granting.principals.tolist():
            through = [(held.members[one], told(one)) for one in granting.around.row(number).tolist()]
            near = [number, *granting.owned(number)]
            lies = [
                (held.words_of("shape", np.array([one])), held.members.many(held.units_of.row(one))) for one in near
            ]
            found[held.members[number]] = repr((told(number), through, lies))
        return found

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
    roles = before.protection != now.protection or before.objects != now.objects
    earlier, later = before.traits, now.traits
    for id in sorted(earlier.keys() | later.keys()):
        touched = roles and (id in before.with_roles or id in now.with_roles)
        if everybody or touched or earlier.get(id) != later.get(id):
            found = change_of(before, now, id)
            if found is not None:
                yield found
