"""Many principals at once: those whom the same bindings, rules and boundaries reach are decided once.

What is decided is put together of what `evaluate` says of each binding, rule and boundary; only who is in a set that a
policy names comes from bitmaps and from classes, and not from asking everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.groups import Groups
from leastwise.engine.solve import Gap, Solver, Verdict
from leastwise.providers.bulk.grouping import among
from leastwise.providers.bulk.listing import Told

from ..evaluate.allow import unread as unread_grants
from ..evaluate.boundary import Bounded, Eligible, bounds, conditional, in_set
from ..evaluate.deny import rules
from ..evaluate.deny import unread as unread_denials
from ..evaluate.estate import Membership
from ..evaluate.explain import STATES, residual_of
from ..evaluate.membership import includes, lasting, untold
from ..evaluate.request import Request
from ..evaluate.worlds import solver
from ..language.members import Kind, Member
from ..language.policies import BoundaryBinding
from .estate import Compiled
from .expanding import Expanding, Expansion

_SOMEBODY = Member(Kind.EVERYONE, text="somebody")
_OF_QUESTION = frozenset({Kind.POOL_GROUP, Kind.POOL_ATTRIBUTE})
"""Sets of which the circumstances of the question say who is in them."""
Class = int | Member
"""A class of principals (see `classes`), or somebody whom the estate does not know, who is one alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Members to whom something is granted alike: when it is granted (`formula`), and to whom."""

    formula: Formula
    whom: Expansion


@dataclass(frozen=True, slots=True)
class Decided:
    """Principals of whom one verdict holds, by number."""

    numbers: Array
    verdict: Verdict


class Known:
    """What is found out about classes of principals, kept for further questions."""

    def __init__(self, held: Compiled) -> None:
        self.held = held
        self.expanding = Expanding(held)
        self._member: dict[tuple[Member, Class], Formula] = {}
        self._bound: dict[tuple[int, Class], Formula] = {}
        self._alone: dict[tuple[int, Member], Formula] = {}

    @cached_property
    def classes(self) -> Mapping[int, BitMap]:
        """The members of each class."""
        codes = self.held.arrays["member.class"]
        order = np.argsort(codes, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1) if len(order) else []
        return {int(codes[part[0]]): BitMap(part.astype(np.uint32)) for part in parts}

    def includes(self, listed: Member, group: Class, who: Member, asked: Request) -> Formula:
        """Whether a set takes in somebody of a class."""
        if listed.kind is Kind.GROUP:
            return untold(listed.id, who)  # of those who were read each is told by name
        if listed.kind in _OF_QUESTION:
            return includes(listed, replace(asked, who=who))
        key = listed, group
        if key not in self._member:
            self._member[key] = includes(listed, replace(asked, who=who))
        return self._member[key]

    def bound(self, number: int, binding: BoundaryBinding, group: Class, who: Member, asked: Request) -> Formula:
        """Whether a boundary's binding applies to somebody of a class, as far as its class tells."""
        key = number, group
        if key not in self._bound:
            told = replace(asked, who=who)
            named = True if _of_subject(binding) else conditional(told, binding)
            self._bound[key] = all_of((in_set(told, binding.target), named))
        return self._bound[key]

    def alone(self, number: int, binding: BoundaryBinding, who: Member, asked: Request) -> Formula:
        """Whether the condition of a binding that reads the principal's name lets it apply to somebody."""
        key = number, who
        if key not in self._alone:
            self._alone[key] = conditional(replace(asked, who=who), binding)
        return self._alone[key]


def _of_subject(binding: BoundaryBinding) -> bool:
    return "subject" in (binding.condition or "")


class Deciding:
    """One permission on one resource, for many.

    Args:
        known: what is kept.
        asked: the question; who asks does not matter.
        entries: what is granted to whom.
        somewhere: what is asked is whether there is a resource: policies that were not read are told elsewhere.
    """

    def __init__(self, known: Known, asked: Request, entries: Sequence[Entry], *, somewhere: bool = False) -> None:
        self._known, self._asked, self._entries = known, asked, entries
        self.solver: Solver = solver()
        self._verdicts: dict[Formula, Verdict] = {}
        unread = () if somewhere else unread_grants(asked)
        self._unread = any_of(Literal(Gap(one)) for one in unread)
        self._undenied = any_of(Literal(Gap(one, denies=True)) for one in unread_denials(asked))
        self._rules = [one for one in rules(asked) if one.formula is not False]
        self._bounds: list[Bounded] = list(bounds(asked)) if asked.estate.bound else []

    @cached_property
    def _named(self) -> list[tuple[Expansion, Expansion]]:
        """Whom each rule names, and whom it excepts."""
        expand = self._known.expanding.of_members
        return [
            (expand(one.rule.principals, self._asked), expand(one.rule.exceptions, self._asked)) for one in self._rules
        ]

    @cached_property
    def _sets(self) -> list[Member]:
        """Every set whose members are told by class."""
        return list(dict.fromkeys(one for each in self._expansions() for one in each.sets))

    def decide(self, numbers: Array) -> Iterator[Decided]:
        """The verdicts on some principals, by number."""
        for members, formula in self._parts(numbers):
            yield Decided(members, self.verdict(formula))

    def _parts(self, numbers: Array, *, named: bool = True) -> Iterator[tuple[Array, Formula]]:
        """When some principals have access, by number; if they are not `named`, no entry and no rule marks them."""
        if not len(numbers):
            return
        groups = Groups(len(numbers))
        for one in self._expansions() if named else ():
            groups.mark(among(numbers, one.sure))
        classes = self._known.held.arrays["member.class"][numbers]
        columns = [self._standing(numbers, classes), *self._alone(numbers)]
        for marks, members in groups.parts(np.arange(len(numbers)), columns):
            who = self._known.held.member(int(numbers[members[0]]))
            yield numbers[members], self._formula(marks, who, int(classes[members[0]]))

    def formulas(self, whom: BitMap) -> Iterator[tuple[BitMap, Formula]]:
        """When each of some principals, by number, has access, where most may be named by nothing."""
        marked = whom & BitMap.union(BitMap(), *(one.sure for one in self._expansions()))
        for members, formula in self._parts(np.array(marked.to_array(), np.int64)):
            yield BitMap(members.astype(np.uint32)), formula
        rest = whom - marked
        if rest and not self._sets and not self._bounds:
            who = self._known.held.member(rest[0])
            yield rest, self._formula(frozenset(), who, who)
            return
        for members, formula in self._parts(np.array(rest.to_array(), np.int64), named=False):
            yield BitMap(members.astype(np.uint32)), formula

    def with_more(self, entries: Sequence[Entry]) -> Deciding:
        """The same, where more is granted; what denies and bounds is not worked out again."""
        # Expanded here, it is shared.
        assert len(self._named) == len(self._rules)
        found = copy(self)
        found.__dict__.pop("_sets", None)
        found._entries = [*self._entries, *entries]
        return found

    @property
    def granted(self) -> BitMap:
        """Those to whom something is granted by name."""
        return BitMap.union(BitMap(), *(one.whom.everybody for one in self._entries))

    def taken_in(self, listed: Member) -> BitMap:
        """Everybody, by number, whom a set takes in, or may."""
        found = BitMap()
        for group, members in self._known.classes.items():
            if self._known.includes(listed, group, self._known.held.member(members[0]), self._asked) is not False:
                found |= members
        return found

    @property
    def lets_in_others(self) -> bool:
        """Whether somebody whom the estate does not know may be let in, as one of many."""
        parts = (part for one in self._entries for part in one.whom.parts)
        return self._unread is not False or any(part.sets or part.gaps for part in parts)

    def of(self, who: Member) -> Verdict:
        """The verdict on one, whom the estate need not know."""
        held = self._known.held
        number = held.member_number(who.text)
        if number is None:
            return self.verdict(self._formula(frozenset(), who, who))
        marks = frozenset(mark for mark, one in enumerate(self._expansions()) if number in one.sure)
        return self.verdict(self._formula(marks, who, int(held.arrays["member.class"][number])))

    def verdict(self, formula: Formula) -> Verdict:
        """The verdict on a formula; each is solved once."""
        if formula not in self._verdicts:
            self._verdicts[formula] = self.solver.verdict(formula)
        return self._verdicts[formula]

    def told(self, one: Decided) -> Told:
        """What those are told of whom one verdict holds."""
        verdict = one.verdict
        return Told(STATES[verdict.outcome], tuple(sorted(verdict.gaps)), lambda: residual_of(verdict, self.solver))

    def _expansions(self) -> list[Expansion]:
        """What is marked, in the order of the marks."""
        whole = [one.whom for one in self._entries] + [each for pair in self._named for each in pair]
        return [part for one in whole for part in one.parts]

    def _standing(self, numbers: Array, classes: Array) -> Array:
        """A number for each principal: equal where all sets and boundaries take in the classes alike."""
        if not self._sets and not self._bounds:
            return np.zeros(len(numbers), np.int64)
        distinct, first, inverse = np.unique(classes, return_index=True, return_inverse=True)
        codes: dict[tuple[Formula, ...], int] = {}
        found = np.empty(len(distinct), np.int64)
        for place, (group, at) in enumerate(zip(distinct.tolist(), first.tolist(), strict=True)):
            who = self._known.held.member(int(numbers[at]))
            told = (*self._of_sets(group, who).values(), *self._of_bounds(group, who))
            found[place] = codes.setdefault(told, len(codes))
        return found[inverse]

    def _of_sets(self, group: Class, who: Member) -> Mapping[Member, Formula]:
        return {one: self._known.includes(one, group, who, self._asked) for one in self._sets}

    def _of_bounds(self, group: Class, who: Member) -> list[Formula]:
        return [
            self._known.bound(number, one.binding, group, who, self._asked) for number, one in enumerate(self._bounds)
        ]

    def _alone(self, numbers: Array) -> Iterator[Array]:
        """For each boundary whose condition reads the principal's name, a number for what it says of each."""
        for number, one in enumerate(self._bounds):
            if _of_subject(one.binding):
                codes: dict[Formula, int] = {}
                told = (self._alone_of(number, one.binding, who) for who in numbers.tolist())
                yield np.array([codes.setdefault(formula, len(codes)) for formula in told], np.int64)

    def _alone_of(self, number: int, binding: BoundaryBinding, who: int) -> Formula:
        return self._known.alone(number, binding, self._known.held.member(who), self._asked)

    def _formula(self, marks: frozenset[int], who: Member, group: Class) -> Formula:
        """When somebody has access, for one who stands for all of a group."""
        if who.deleted:
            return False
        within = self._within(marks, self._of_sets(group, who))
        granted = [all_of((entry.formula, next(within))) for entry in self._entries]
        denied = [replace(rule, principal=next(within), excepted=next(within)).formula for rule in self._rules]
        allowed = any_of((*granted, self._unread))
        return all_of((self._eligible(group, who), negate(any_of((*denied, self._undenied))), allowed))

    def _within(self, marks: frozenset[int], sets: Mapping[Member, Formula]) -> Iterator[Formula]:
        """Whether somebody is among whom each entry, and each rule, names, in their order."""
        mark = 0
        for one in (*(entry.whom for entry in self._entries), *(each for pair in self._named for each in pair)):
            found: list[Formula] = [_in(mark in marks, one, sets)]
            for place, (ends, part) in enumerate(one.timed, mark + 1):
                last = [lasting(Membership(_SOMEBODY, end), self._asked) for end in sorted(ends)]
                found.append(all_of((*last, _in(place in marks, part, sets))))
            yield any_of(found)
            mark += len(one.parts)

    def _eligible(self, group: Class, who: Member) -> Formula:
        found = []
        for place, (one, applies) in enumerate(zip(self._bounds, self._of_bounds(group, who), strict=True)):
            named = self._known.alone(place, one.binding, who, self._asked) if _of_subject(one.binding) else True
            found.append(replace(one, applies=all_of((applies, named))))
        return Eligible(tuple(found)).formula


def _in(sure: bool, whom: Expansion, sets: Mapping[Member, Formula]) -> Formula:
    return True if sure else any_of((*(sets[one] for one in whom.sets), *whom.anybody))
