"""Who gains or loses on resources whose own side changed: policies, grants, settings, tags, and the trust of roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Change

from ..evaluate.logic import Question
from ..evaluate.principals import Principal
from ..evaluate.statements import Target
from .access import Circumstances
from .actions import Rules, actions
from .altered import Altered
from .cubes import Part
from .effective import cubes
from .leads import alias
from .rooted import root_change
from .side import Side
from .undecided import Undecided
from .who import Who, WhoCan

_NAMED = {"anonymous": "everyone", "account": "other_account"}
_Gathered = tuple[dict[Part, list[int]], dict[Part, list[int]]]
_FEW = 16
"""Principals of whom each is asked by itself, rather than all that the policies of an estate reach."""


@dataclass
class Meeting:
    """What a resource reads facts for that differ: a mask of the permissions, and the numbers of the principals."""

    mask: Array
    groups: list[Array]


class Gaining:
    """The changes on the resources' side.

    Args:
        old: the estate before.
        new: the estate now.
        old_of_new: the number before of each user and role; -1 for none.
        met: resources that did not change, but read facts of principals that did.
    """

    def __init__(self, old: Side, new: Side, old_of_new: Array, met: Mapping[str, Meeting]) -> None:
        self._met = dict(met)
        self._old, self._new, self._old_of_new = old, new, old_of_new
        self._inside: dict[int, _Gathered] = {}
        self._outside: dict[str, tuple[Principal, _Gathered]] = {}
        self._roots: dict[str, tuple[Principal, _Gathered]] = {}
        self.touched: dict[str, dict[str, Array]] = {}
        """By id of a role, the resources on which it gained or lost, with the masks of the permissions."""

    def changes(self) -> Iterator[Change]:
        """What users and roles of both estates, and those outside of them, gained and lost."""
        for resource, mask, absent in Altered(self._old, self._new, self._old_of_new).all():
            meeting = self._met.pop(resource, None)
            for members in self._classes(resource, mask if meeting is None else mask | meeting.mask):
                self._action(resource, members, absent)
        for resource, meeting in self._met.items():
            only = np.unique(np.concatenate(meeting.groups))
            for members in self._classes(resource, meeting.mask):
                self._action(resource, members, None, only)
        table, ids = actions(), self._new.estate.principal_ids
        for number, (gained, lost) in self._inside.items():
            kind, account = (self._new.estate.word(f"principal.{one}", number) or "" for one in ("kind", "account"))
            name = ids[number].rsplit("/", 1)[-1]
            told = cubes(table, gained), cubes(table, lost)
            yield Change(ids[number], name, kind, account, True, "both", *told)
        for id, (principal, (gained, lost)) in self._outside.items():
            kind, told = _NAMED.get(principal.kind, principal.kind), (cubes(table, gained), cubes(table, lost))
            yield Change(id, id.rsplit("/", 1)[-1], kind, principal.account, False, "both", *told)

        for principal, (gained, lost) in self._roots.values():
            yield root_change(principal, "both", cubes(table, gained), cubes(table, lost))

    # --- which permissions

    def _classes(self, resource: str, mask: Array) -> Iterator[Array]:
        """The permissions that the same statements of both estates concern, as far as they may name the resource."""
        table, given = actions(), Circumstances()
        numbers = np.flatnonzero(mask)
        kinds = [Rules(side.access, resource, given) for side in (self._old, self._new)]
        told: dict[object, list[int]] = {}
        for number in numbers.tolist():
            name = table.names[number]
            key = tuple(side.concerning(name, resource) for side in (self._old, self._new))
            rules = tuple(rule.of(name) for rule in kinds)
            told.setdefault((key, rules, bool(table.wildcard_only[number])), []).append(number)
        return (np.array(found, np.int64) for found in told.values())

    # --- who

    def _action(self, resource: str, members: Array, absent: Side | None, only: Array | None = None) -> None:
        """Decides one class of permissions on one resource in both estates; with `only`, for these principals."""
        name = actions().names[int(members[0])]
        asked = [WhoCan(side.access, name, resource, Circumstances()) for side in (self._old, self._new)]
        if only is not None and len(only) <= _FEW:
            self._each(resource, members, asked, only)
            return
        among = (None, None) if only is None else (self._old_of_new[only], only)
        found = [
            Who((), (), ()) if side is absent else one.answer(numbers)
            for side, one, numbers in zip((self._old, self._new), asked, among, strict=True)
        ]
        target = next(one for side, one in zip((self._old, self._new), asked, strict=True) if side is not absent)
        none = Undecided.never(target.place.target)
        count = len(self._old_of_new)
        columns = [np.zeros(count, np.int64), np.zeros(count, np.int64)]
        undecided: list[list[Undecided]] = [[none], [none]]
        new_of_old = self._new_of_old
        for place, answer in enumerate(found):
            for group in answer.groups:
                numbers = group.members if place else new_of_old[group.members]
                undecided[place].append(_undecided(group.question, resource))
                columns[place][numbers[numbers >= 0]] = len(undecided[place]) - 1
        for column in columns:
            column[self._old_of_new < 0] = 0
        for place, one in enumerate(asked):
            if one.place.lacking and (self._old, self._new)[place] is not absent:
                numbers = np.flatnonzero((columns[place] == 0) & (columns[1 - place] > 0))
                those = numbers if place else self._old_of_new[numbers]
                columns[place][numbers] = self._perhaps(resource, one, those, undecided[place])
        wanted = np.flatnonzero((columns[0] > 0) | (columns[1] > 0))
        code = columns[0][wanted] * len(undecided[1]) + columns[1][wanted]
        for one in np.unique(code).tolist():
            first, second = undecided[0][one // len(undecided[1])], undecided[1][one % len(undecided[1])]
            parts = tuple(second.minus(first).parts()), tuple(first.minus(second).parts())
            if any(parts):
                for number in wanted[code == one].tolist():
                    self._note(number, resource, members, parts)
        self._outsiders(resource, asked, found, members, absent, none)

    def _each(self, resource: str, members: Array, asked: Sequence[WhoCan], only: Array) -> None:
        """Decides for a few principals, each by itself."""
        for number in only.tolist():
            numbers = int(self._old_of_new[number]), number
            first, second = (
                _undecided(
                    one.access.question_of(one.estate.principal(n), n, one.action, one.place, one.given), resource
                )
                for one, n in zip(asked, numbers, strict=True)
            )
            parts = tuple(second.minus(first).parts()), tuple(first.minus(second).parts())
            if any(parts):
                self._note(number, resource, members, parts)

    @staticmethod
    def _perhaps(resource: str, asked: WhoCan, numbers: Array, undecided: list[Undecided]) -> list[int]:
        """The places of the answers for principals who are not found, but may be let in by what was not read."""
        places = {one: place for place, one in enumerate(undecided)}
        found = []
        for number in numbers.tolist():
            principal = asked.estate.principal(number)
            question = asked.access.question_of(principal, number, asked.action, asked.place, asked.given)
            one = _undecided(question, resource)
            if one not in places:
                places[one] = len(undecided)
                undecided.append(one)
            found.append(places[one])
        return found

    def _note(self, number: int, resource: str, members: Array, parts: Sequence[Sequence[Part]]) -> None:
        _gather(self._inside.setdefault(number, ({}, {})), parts, members)
        masks = self.touched.setdefault(self._new.estate.principal_ids[number], {})
        mask = masks.setdefault(resource, np.zeros(len(actions().names), bool))
        mask[members] = True

    def _outsiders(
        self,
        resource: str,
        asked: Sequence[WhoCan],
        found: Sequence[Who],
        members: Array,
        absent: Side | None,
        none: Undecided,
    ) -> None:
        named = {principal.id: principal for answer in found for principal, _, _ in answer.outsiders}
        kept = self._old.access.roots.keys() & self._new.access.roots.keys()
        roots = {one.id: one for each in asked for one, _, _ in each.roots() if one.account in kept}
        for id, principal in {**named, **roots}.items():
            sides = []
            for side, one in zip((self._old, self._new), asked, strict=True):
                question = one.access.question_of(principal, None, one.action, one.place, one.given)
                sides.append(none if side is absent else _undecided(question, resource))
            parts = tuple(sides[1].minus(sides[0]).parts()), tuple(sides[0].minus(sides[1]).parts())
            if any(parts):
                gathered = self._roots if id in roots else self._outside
                known = gathered.setdefault(id or "*", (replace(principal, id=id or "*"), ({}, {})))
                _gather(known[1], parts, members)

    @cached_property
    def _new_of_old(self) -> Array:
        found = np.full(self._old.estate.principals, -1, np.int64)
        numbers = np.flatnonzero(self._old_of_new >= 0)
        found[self._old_of_new[numbers]] = numbers
        return found


def _undecided(question: Question, resource: str) -> Undecided:
    """What decides, told of the resource as it is named: by an alias of a key also where that leads to a key."""
    target = question.request.target
    if target.pattern is None and alias(question.request.action, resource):
        target = Target(resource)
    return Undecided.of(question.formula, question.request.facts, target)


def _gather(known: _Gathered, parts: Sequence[Sequence[Part]], members: Array) -> None:
    for gathered, those in zip(known, parts, strict=True):
        for part in those:
            gathered.setdefault(part, []).extend(members.tolist())
