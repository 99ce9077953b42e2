"""Many principals at once: those whom the same assignments and deny assignments reach are decided once.

What is decided is put together of what `evaluate` says of each role, condition and deny assignment; only who is meant
by a principal that is named comes from bitmaps. What conditions ask of the principal itself is told by its class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.groups import Groups
from leastwise.engine.solve import Gap, Solver, Verdict
from leastwise.model.decision import Residual
from leastwise.providers.bulk.grouping import among
from leastwise.providers.bulk.listing import Told
from leastwise.providers.conditions import ConditionError

from ..evaluate.allow import grant
from ..evaluate.allow import unread as unread_grants
from ..evaluate.deny import denial, within
from ..evaluate.estate import GROUP, USER, kind_of
from ..evaluate.explain import STATES, residual_of
from ..evaluate.request import Request
from ..evaluate.systems import other_systems
from ..evaluate.vaults import policies, vault_of
from ..evaluate.worlds import solver
from ..language.assignments import DenyAssignment
from ..language.operations import Plane
from ..language.parse import parse_condition
from ..language.vaults import AccessPolicy, Vault
from .columns import KINDS
from .estate import Compiled
from .expanding import Expanding, Expansion, Naming

_ATTRIBUTE, _RESOURCE = "@principal[", "@resource["
STRANGER = "somebody"
"""Stands for anybody whom nothing names, where a formula is asked for that does not depend on who asks."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Assignments that give alike: one of them, by number, and whom they all name."""

    assignment: int
    whom: Expansion


@dataclass(frozen=True, slots=True)
class Decided:
    """Principals of whom one verdict holds, by number."""

    numbers: Array
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Rule:
    """A deny assignment that is about the request: whom it names, and whom it leaves out."""

    deny: DenyAssignment
    named: Expansion
    excluded: Expansion


class Known:
    """What is found out about an estate, kept for further questions."""

    def __init__(self, held: Compiled) -> None:
        self.held = held
        self.expanding = Expanding(held)
        self._named: dict[int, tuple[Expansion, Expansion]] = {}
        self._broken: dict[str, bool] = {}

    def named(self, number: int, deny: DenyAssignment) -> tuple[Expansion, Expansion]:
        """Whom a deny assignment of the estate names, by its place among them, and whom it leaves out."""
        if number not in self._named:
            expand, here = self.expanding.of_listed, self.held.estate.tenant(deny.scope.top)
            self._named[number] = expand(deny.principals, here), expand(deny.excluded, here)
        return self._named[number]

    @cached_property
    def spared(self) -> BitMap:
        """Everybody whom a deny assignment leaves out: what was not read may let them in where it denies all others."""
        excluded = [self.named(number, one)[1].sure for number, one in enumerate(self.held.estate.denies)]
        return BitMap.union(BitMap(), *excluded) - self.expanding.groups

    @cached_property
    def plain(self) -> Array:
        """The mask of those assignments whose principal is known to be no group."""
        given, types = self.held.assignments, self.held.arrays["member.type"]
        told = np.array([kind_of(one) not in ("", GROUP) for one in given.types], np.bool_)
        known = types[given.principal]
        return np.asarray((known > 1) | ((known == 0) & told[given.type]))

    @cached_property
    def denials_read(self) -> bool:
        """Whether the condition of a deny assignment asks something of the resource."""
        return any(_RESOURCE in text.lower() for one in self.held.estate.denies for text in one.conditions)

    def whom(self, assignments: Array) -> Expansion:
        """Whom some assignments name together."""
        given, plain = self.held.assignments, self.plain[assignments]
        sure = BitMap(given.principal[assignments[plain]].astype(np.uint32))
        if plain.all():
            return Expansion(sure)
        rest = assignments[~plain]
        columns = (one[rest].tolist() for one in (given.principal, given.type, given.tenant, given.here))
        inside = self.expanding.of(
            Naming(number, given.types[type], given.tenants[of], given.places_of_others[here])
            for number, type, of, here in dict.fromkeys(zip(*columns, strict=True))
        )
        return replace(inside, sure=inside.sure | sure)

    def broken(self, condition: str) -> bool:
        """Whether a condition does not parse: what is missing names whose it is."""
        if condition not in self._broken:
            self._broken[condition] = condition.strip() != "" and not _parses(condition)
        return self._broken[condition]


def _parses(condition: str) -> bool:
    try:
        parse_condition(condition)
    except ConditionError:
        return False
    return True


@dataclass(frozen=True)
class _Layer:
    """One plane: what denies on it, what gives on it, or the vault that decides instead."""

    asked: Request
    plane: Plane
    entries: Sequence[Entry]
    rules: Sequence[_Rule]
    unread: Formula
    undenied: Formula
    vault: Vault | None
    policies: Sequence[tuple[AccessPolicy, Expansion]]

    def expansions(self) -> Iterator[Expansion]:
        """Whom it names, in a fixed order."""
        for one in self.entries:
            yield one.whom
        for rule in self.rules:
            yield rule.named
            yield rule.excluded
        for _, whom in self.policies:
            yield whom


class Deciding:
    """One operation on one resource, for many.

    Args:
        known: what is kept.
        asked: the question; who asks does not matter.
        entries: what is given to whom, on each plane that is asked.
        somewhere: what is asked is whether there is a resource: what was not read of assignments is told elsewhere.
    """

    def __init__(
        self, known: Known, asked: Request, entries: Mapping[Plane, Sequence[Entry]], *, somewhere: bool = False
    ) -> None:
        self._known, self._asked = known, asked
        self.solver: Solver = solver()
        self._verdicts: dict[Formula, Verdict] = {}
        self._layers = [self._layer(plane, some, somewhere=somewhere) for plane, some in entries.items()]
        self._formulas: dict[tuple[int, int, int], Formula] = {}

    def _layer(self, plane: Plane, entries: Sequence[Entry], *, somewhere: bool) -> _Layer:
        asked, held = replace(self._asked, who=STRANGER), self._known.held
        unread = () if somewhere else (*unread_grants(asked), *other_systems(asked, plane))
        denied = (f"the deny assignments of {key}" for key in asked.chain.keys if key in asked.estate.unread_denies)
        vault = vault_of(asked, plane)
        rules = [
            _Rule(one, *self._known.named(number, one))
            for number, one in enumerate(asked.estate.denies)
            if within(asked, one) is not False and any(entry.has(asked.operation, plane) for entry in one.entries)
        ]
        given = []
        for policy in (vault.policies or ()) if vault is not None else ():
            number = held.member_number(policy.principal)
            assert number is not None
            given.append((policy, self._known.expanding.of([Naming(number)])))
        return _Layer(
            asked, plane, entries, rules, any_of(Literal(Gap(one)) for one in unread),
            any_of(Literal(Gap(one, denies=True)) for one in denied), vault, given,
        )  # fmt: skip

    # --- who is told what

    def decide(self, numbers: Array) -> Iterator[Decided]:
        """The verdicts on some principals, by number, ascending."""
        for members, formula in self.formulas(numbers):
            yield Decided(members, self.verdict(formula))

    def formulas(self, numbers: Array) -> Iterator[tuple[Array, Formula]]:
        """When each of some principals, by number, ascending, has access; those alike together."""
        if not len(numbers):
            return
        groups = Groups(len(numbers))
        for one in self._expansions:
            groups.mark(among(numbers, one.sure))
        classes = self._classes(numbers)
        for marks, members in groups.parts(np.arange(len(numbers)), [classes]):
            yield numbers[members], self._formula(marks, *self._apart(int(classes[members[0]])))

    def of(self, number: int | None) -> Verdict:
        """The verdict on one by number; None stands for anybody whom nothing names."""
        if number is None:
            return self.verdict(self._formula(frozenset(), 0, 0, False))
        marks = frozenset(mark for mark, one in enumerate(self._expansions) if number in one.sure)
        return self.verdict(self._formula(marks, *self._apart(int(self._classes(np.array([number]))[0]))))

    def verdict(self, formula: Formula) -> Verdict:
        """The verdict on a formula; each is solved once."""
        if formula not in self._verdicts:
            self._verdicts[formula] = self.solver.verdict(formula)
        return self._verdicts[formula]

    def told(self, one: Decided) -> Told:
        """What those are told of whom one verdict holds."""
        verdict = one.verdict
        return Told(STATES[verdict.outcome], tuple(sorted(verdict.gaps)), lambda: self._residual(verdict))

    def _residual(self, verdict: Verdict) -> Residual | None:
        found = self.solver.alternatives(verdict.certain)
        return None if found is None else residual_of(found)

    @property
    def candidates(self) -> BitMap:
        """Everybody who may be listed: whom something is given, and whom a denial leaves out."""
        given = [one.whom.sure for layer in self._layers for one in layer.entries]
        given += [whom.sure for layer in self._layers for _, whom in layer.policies]
        return BitMap.union(BitMap(), *given) - self._known.expanding.groups

    @property
    def wide(self) -> bool:
        """Whether somebody may be let in whom nothing names."""
        unread = any(one.vault is not None and one.vault.policies is None for one in self._layers)
        return unread or any(one.gaps for one in self._expansions)

    @property
    def free(self) -> bool:
        """Whether whoever is surely given it has access: nothing may deny it, roles decide, and its plane is known."""
        plain = all(not one.rules and one.undenied is False and one.vault is None for one in self._layers)
        return plain and len(self._layers) == 1

    # --- formulas

    @cached_property
    def _expansions(self) -> list[Expansion]:
        """What is marked, in the order of the marks."""
        return [one for layer in self._layers for one in layer.expansions()]

    @cached_property
    def _of_principal(self) -> bool:
        """Whether a condition that matters asks something of the principal."""
        return any(_ATTRIBUTE in text.lower() for text in self._conditions())

    def _conditions(self) -> Iterator[str]:
        given = self._known.held.assignments
        for layer in self._layers:
            for entry in layer.entries:
                one = given.one(entry.assignment)
                role = layer.asked.estate.role(one.role)
                yield one.condition
                yield from (each.condition for each in (role.entries if role is not None else ()))
            for rule in layer.rules:
                yield from rule.deny.conditions

    def _classes(self, numbers: Array) -> Array:
        """What tells principals apart besides who names them, as one number: see `_apart`."""
        arrays = self._known.held.arrays
        found = np.zeros(len(numbers), np.int64)
        if self._of_principal:
            found += len(self._known.held.homes) * arrays["member.class"][numbers].astype(np.int64)
        if any(one.foreign for one in self._expansions):
            found += arrays["member.home"][numbers]
        found *= 2
        if any(one.services for one in self._expansions):
            found += np.isin(arrays["member.type"][numbers], _PEOPLE)
        return found

    def _apart(self, number: int) -> tuple[int, int, bool]:
        """The class of attributes of those whom a number tells apart, the code of their home, if they are people."""
        rest, person = divmod(number, 2)
        return *divmod(rest, len(self._known.held.homes)), bool(person)

    def _formula(self, marks: frozenset[int], group: int, home: int, person: bool) -> Formula:
        """When somebody has access who bears these marks, of a class, of whom the directory of their home told."""
        mark, who = iter(range(len(self._expansions))), (marks, self._known.held.homes[home], person)
        found = [self._on(number, layer, who, mark, group) for number, layer in enumerate(self._layers)]
        control, *data = found
        plane = Literal(Gap(f"the plane of {self._asked.operation}"))
        return any_of((control, *(all_of((one, plane)) for one in data)))

    def _on(self, number: int, layer: _Layer, who: _Who, mark: Iterator[int], group: int) -> Formula:
        granted = []
        for place, entry in enumerate(layer.entries):
            member = _in(next(mark), who, entry.whom)
            if member is not False:
                granted.append(all_of((member, self._gives(number, layer, place, group))))
        denied = []
        for place, rule in enumerate(layer.rules):
            listed, excluded = (_in(next(mark), who, one) for one in (rule.named, rule.excluded))
            meant = all_of((listed, negate(excluded)))
            if meant is not False:
                denied.append(all_of((meant, self._denies(number, layer, place, group))))
        named = [(policy, _in(next(mark), who, whom)) for policy, whom in layer.policies]
        if layer.vault is not None:
            return _of_vault(layer, named)
        return all_of((negate(any_of((*denied, layer.undenied))), any_of((*granted, layer.unread))))

    def _asking(self, layer: _Layer, group: int) -> Request:
        """The question, asked by somebody of a class."""
        if not group:
            return layer.asked
        number = int(np.flatnonzero(self._known.held.arrays["member.class"] == group)[0])
        return replace(layer.asked, who=self._known.held.members[number])

    def _gives(self, number: int, layer: _Layer, place: int, group: int) -> Formula:
        """When an entry gives to whom it names, of a class."""
        key = number, place, group
        if key not in self._formulas:
            one = self._known.held.assignments.one(layer.entries[place].assignment)
            made = grant(self._asking(layer, group), layer.plane, one, True)
            self._formulas[key] = made.formula
        return self._formulas[key]

    def _denies(self, number: int, layer: _Layer, place: int, group: int) -> Formula:
        """When a deny assignment denies to whom it means, of a class."""
        key = number, -place - 1, group
        if key not in self._formulas:
            made = denial(self._asking(layer, group), layer.plane, layer.rules[place].deny)
            self._formulas[key] = replace(made, listed=True, excluded=False).formula
        return self._formulas[key]


_Who = tuple[frozenset[int], str, bool]
"""The marks of somebody, the tenant whose directory told of them, or empty, and whether they are a user or group."""
_PEOPLE = [KINDS.index(USER), KINDS.index(GROUP)]


def _in(mark: int, who: _Who, whom: Expansion) -> Formula:
    marks, home, person = who
    return True if mark in marks else whom.others_of(home, person=person) if home or person else whom.others


def _of_vault(layer: _Layer, named: Sequence[tuple[AccessPolicy, Formula]]) -> Formula:
    """What the access policies of a vault give, of which it is known when each names somebody."""
    assert layer.vault is not None
    if layer.vault.policies is None:
        return policies(layer.asked, layer.vault)
    found = []
    for policy, member in named:
        # Asked as the principal itself, a policy says what it gives.
        own = replace(layer.asked, who=policy.principal)
        found.append(all_of((member, policies(own, replace(layer.vault, policies=(policy,))))))
    return any_of(found)
