"""Everything that a subject may do, as a value: for each group of permissions one formula, kept undecided.

What tells permissions apart is which statements concern them and which rules their service has; all that are alike
have one formula over the resource, the condition keys that are not known, and what was not read.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal, all_of
from leastwise.engine.groups import Groups
from leastwise.engine.solve import Gap, renamed
from leastwise.model.decision import Cube

from ..evaluate.facts import Facts, Look
from ..evaluate.logic import question
from ..evaluate.operators import condition
from ..evaluate.policy import Policy, Statement, Test
from ..evaluate.principals import Principal
from .access import AwsAccess, Circumstances
from .actions import Actions, Rules, actions
from .between import asked_of
from .cubes import Part
from .places import Place
from .undecided import Undecided

_REPRESENTATIVES = ("s3:GetObject", "sts:AssumeRole", "kms:Decrypt")
"""An action for each way of finding what lies on a resource: its policy, a role's trust policy, the key of an alias."""
_ACCOUNT = "aws:ResourceAccount"
Listed = Mapping[Part, Sequence[int]]
"""Numbers of permissions by what they are allowed alike."""


@dataclass(frozen=True)
class Standing:
    """One principal that a subject acts as, its own policies, and under which formula it can."""

    principal: Principal
    number: int | None
    own: tuple[Policy, ...]
    gaps: tuple[str, ...]
    open: Formula = True

    @classmethod
    def of(cls, access: AwsAccess, subject: str, open_: Formula = True) -> Standing:
        """The standing of a user, role or outsider. Raises UsageError."""
        principal, number = access.principal(subject)
        return cls(principal, number, *access.identity(principal, number), open_)


class Effective:
    """What some principals together may do on a resource, or, without one, as far as their own side decides.

    Args:
        access: the estate.
        standings: whom the subject acts as; it may do what one of them may.
        resource: what is acted on, or None for any.
        given: circumstances.
        missing: what else was not read, and might let the subject do anything.
        among: mask of the actions that are looked at; None for all.
        bare: as if nothing lay on the resource itself.
        accounts: whose resources are left out, but for those of the account that somebody acts from: of another one
            the own side is not enough. A condition on aws:ResourceAccount says so.
    """

    def __init__(
        self,
        access: AwsAccess,
        standings: Sequence[Standing],
        resource: str | None,
        given: Circumstances,
        *,
        missing: Sequence[str] = (),
        among: Array | None = None,
        bare: bool = False,
        accounts: Collection[str] = (),
    ) -> None:
        self._access, self._standings, self._given, self._among = access, standings, given, among
        self.resource, self._bare, self._accounts = resource, bare, frozenset(filter(None, accounts))
        self.table = actions()
        self._missing: tuple[Formula, ...] = tuple(Literal(Gap(one)) for one in missing)
        self._undecided: dict[int, Undecided] = {}
        self._parts: dict[Undecided, tuple[Part, ...]] = {}

    # --- permissions that are alike

    @cached_property
    def _places(self) -> list[Place]:
        return [self._place(action) for action in _REPRESENTATIVES]

    def _place(self, action: str) -> Place:
        place = self._access.place(action, self.resource)
        if not self._bare:
            return place
        place = replace(place, policies=(), grants=(), blocks_public=False, public=False, behind=None)
        return replace(place, gaps=(), giving=(), consent="")

    @cached_property
    def _unread(self) -> bool:
        """Whether something was not read that may allow anything."""
        gaps = [gap for one in self._standings for gap in one.gaps]
        gaps += [gap for p in self._places for gap in (*p.gaps, *(p.behind.gaps if p.behind else ()))]
        return bool(gaps or self._missing)

    @cached_property
    def groups(self) -> list[Array]:
        """Numbers of the actions that are alike, without those that nothing allows: root users need no statement."""
        rules = Rules(self._access, self.resource, self._given)
        unread = self._unread or any(one.principal.kind == "root" for one in self._standings)
        found = _groups(self.table, list(self._statements(rules)), rules, self._among, unread=unread)
        return sorted(found, key=lambda members: int(members[0]))

    @cached_property
    def group_of(self) -> Array:
        """The number of each action's group; -1 for actions that nothing allows."""
        found = np.full(len(self.table.names), -1, np.int32)
        for number, members in enumerate(self.groups):
            found[members] = number
        return found

    def undecided(self, group: int) -> Undecided:
        """What decides for the actions of a group."""
        known = self._undecided.get(group)
        if known is None:
            known = self._undecided[group] = self._asked(int(self.groups[group][0]))
        return known

    def _asked(self, action: int) -> Undecided:
        name = self.table.names[action]
        place = self._place(name)
        found = [self._of(one, action, name, place) for one in self._standings]
        return Undecided.either(found, place.target, self._missing)

    def _of(self, one: Standing, action: int, name: str, place: Place) -> Undecided:
        policies = self._access.policies(one.principal, one.number, name, place, self._given, identity=False)
        own = _concerned(self.table, one.own, action)
        policies = replace(policies, identity=own, gaps=replace(policies.gaps, identity=one.gaps))
        asked = question(self._access.request(one.principal, one.number, name, place, self._given), policies)
        behind = place.behind.gaps if place.behind else ()
        of = asked_of(one.principal, asked.request.account, policies, behind)
        formula = renamed(asked.formula, lambda gap: replace(gap, of=of.get(gap.name, ""))) if of else asked.formula
        facts, others = asked.request.facts, self._accounts - {one.principal.account}
        if not others or place.target.pattern is None:
            where = self._access.whereabouts if place.target.pattern is not None and self.resource is None else None
            return Undecided.of(all_of((formula, one.open)), facts, place.target, where)
        # Which resources are of one of these accounts is left open: some that nobody read may let others in.
        facts = _with_account(facts)
        theirs = condition(Test("StringNotEquals", _ACCOUNT, tuple(sorted(others))), facts, variables=False)
        return Undecided.of(all_of((formula, one.open, theirs)), facts, place.target)

    def _statements(self, rules: Rules) -> Iterator[Statement]:
        """Every statement that may take part, whichever the action."""
        access, places, policies = self._access, self._places, list[Policy]()
        for one in self._standings:
            policies += [*one.own, *(access.boundary(one.number)[0] or ())]
            for kind, account in (("scp", one.principal.account), ("rcp", places[0].account or one.principal.account)):
                for level in access.guardrails.levels(kind, account)[0] or ():
                    policies += level
        policies += self._given.session or ()
        for place in places:
            policies += [*place.policies, *place.grants]
            policies += [place.behind.policy] if place.behind and place.behind.policy else []
        for prefix in rules.services:
            policies += access.endpoint_for(self._given, f"{prefix}:")[0] or ()
        yield from dict.fromkeys(statement for policy in policies for statement in policy.statements)

    # --- readings

    @cached_property
    def permissions(self) -> BitMap:
        """The numbers of the permissions that are not denied everywhere and always."""
        found = BitMap()
        for number, members in enumerate(self.groups):
            if self.undecided(number).possible():
                found.update(members.tolist())
        return found

    def listed(self) -> Listed:
        """Numbers of permissions by what they are allowed alike."""
        found: dict[Part, list[int]] = {}
        for number, members in enumerate(self.groups):
            for part in self.parts(self.undecided(number)):
                found.setdefault(part, []).extend(members.tolist())
        return found

    def parts(self, undecided: Undecided) -> tuple[Part, ...]:
        """What a formula allows; what was decided once is kept."""
        known = self._parts.get(undecided)
        if known is None:
            known = self._parts[undecided] = tuple(undecided.parts())
        return known

    def cubes(self) -> tuple[Cube, ...]:
        """What is allowed, the widest first."""
        return cubes(self.table, self.listed())

    def of(self, action: int) -> Undecided:
        """What decides for an action."""
        group = int(self.group_of[action])
        if group >= 0:
            return self.undecided(group)
        return Undecided.never(self._place(self.table.names[action]).target)


def _with_account(facts: Facts) -> Facts:
    """The facts, with a resource of which some account is the owner."""
    if isinstance(facts.look(_ACCOUNT), tuple):
        return facts
    return replace(facts, known={**facts.known, _ACCOUNT.lower(): Look.PRESENT})


def together(columns: Sequence[Array], among: Array) -> Iterator[Array]:
    """The actions of a mask that lie in the same group of each of several partitions."""
    numbers = np.flatnonzero(among)
    if not len(numbers):
        return
    code = np.zeros(len(numbers), np.int64)
    for column in columns:
        # One number for each combination so far: neither product nor sum of many can overflow.
        _, code = np.unique(code * (int(column.max()) + 2) + column[numbers] + 1, return_inverse=True)
    order = np.argsort(code, kind="stable")
    for members in np.split(numbers[order], np.flatnonzero(np.diff(code[order])) + 1):
        yield np.sort(members)


def cubes(table: Actions, found: Listed) -> tuple[Cube, ...]:
    """Parts with their permissions as cubes, the widest first."""
    made = [
        Cube(
            tuple(sorted(table.names[number] for number in numbers)),
            part.resources,
            part.exceptions,
            part.state,
            part.residual,
            part.missing,
            part.within,
        )
        for part, numbers in found.items()
    ]
    return tuple(sorted(made, key=lambda cube: (-len(cube.permissions), cube.permissions[0], repr(cube))))


def _concerned(table: Actions, policies: Sequence[Policy], action: int) -> tuple[Policy, ...]:
    """The policies, with those of their statements that concern an action."""
    kept = ((policy, tuple(s for s in policy.statements if table.mask(s)[action])) for policy in policies)
    return tuple(Policy(policy.name, statements, policy.source) for policy, statements in kept if statements)


def _groups(
    table: Actions, statements: Sequence[Statement], rules: Rules, among: Array | None, *, unread: bool
) -> Iterator[Array]:
    """Actions that the same statements concern and that are alike otherwise; without those that nothing allows.

    Where something is `unread`, it may allow any.
    """
    marked, masks = Groups(len(table.names)), dict[Hashable, Array]()
    some = np.zeros(len(table.names), bool)
    for statement in statements:
        mask = table.mask(statement)
        if statement.effect == "Allow":
            some |= mask
        # Statements of the same actions tell none of them apart.
        masks.setdefault((statement.actions, statement.not_actions), mask)
    for mask in (*masks.values(), table.wildcard_only):
        marked.mark(mask)
    some[[*rules.free(table), *rules.lacking(table)]] = True
    wanted = np.flatnonzero((some | unread) if among is None else (some | unread) & among)
    keys = {test.key.lower() for statement in statements for test in statement.tests}
    for _, members in marked.parts(wanted, [table.kinds(keys, rules)[wanted]]):
        yield members
