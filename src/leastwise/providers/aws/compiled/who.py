"""Who can: every principal of the estate against one action and resource, decided once for each group of equals."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, any_of
from leastwise.engine.groups import Groups
from leastwise.engine.solve import Outcome, Solver, Verdict
from leastwise.model.decision import Residual, State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES
from ..evaluate.facts import Facts, Look
from ..evaluate.layers import Layer, with_gaps
from ..evaluate.logic import Question, other_layers, settle
from ..evaluate.operators import condition
from ..evaluate.policy import Statement, Test
from ..evaluate.principals import Principal
from ..evaluate.services import assumes, begins_root_session, fixed
from ..evaluate.statements import Request, applies
from .access import AwsAccess, Circumstances
from .context import Known, principal_facts
from .estate import NONE
from .listing import rank
from .matching import Case, Kind, Matched, match
from .outside import ANY_SERVICE, let_in, outsiders
from .people import People
from .spread import Ask, Deciding, Naming, Scattered
from .told import told
from .traits import Trait, traits_of

_USER_ID = "aws:userid"
_ACCOUNT = re.compile(r"(?=(\d{12}))")
_Kind = tuple[str, bool, Known | None]


@dataclass(frozen=True)
class Holders:
    """Principals for whom one verdict holds, and the question of one of them."""

    verdict: Verdict
    members: Array
    question: Question

    @property
    def told(self) -> tuple[State, Residual | None, tuple[str, ...]]:
        """The state, the residual condition and what was not read."""
        return told(self.verdict, self.question)


Group = Holders | Scattered
Decided = dict[Hashable, tuple[Verdict, Question]]
"""What was decided of principals, by what is said of them."""


@dataclass(frozen=True)
class Who:
    """An answer: groups of principals of the estate, and principals outside it that the resource's side names."""

    groups: Sequence[Group]
    outsiders: Sequence[tuple[Principal, Verdict, Question]]
    missing: tuple[str, ...]


class WhoCan:
    """One question; made anew for each."""

    def __init__(self, access: AwsAccess, action: str, resource: str | None, given: Circumstances) -> None:
        self.access, self.action, self.given = access, action, given
        self.place = access.place(action, resource)
        self.estate = access.estate
        self.people, self.groups = access.people(None), Groups(0)
        self._solvers: dict[_Kind, Solver] = {}
        self._verdicts: dict[tuple[_Kind, Formula], Verdict] = {}
        self._by_id = False
        self._spread = False
        self._borne: dict[Trait, list[int]] = {}
        self._common: set[Trait] = set()

    def answer(self, only: Array | None = None) -> Who:
        """The answer; with `only`, among these principals, whose numbers ascend."""
        pattern = self.place.target.pattern
        self._spread = pattern is not None and pattern.everything
        people = self.access.people(self.let_in)
        self._among(people if only is None else people.only(only))
        allow_marks = self._mark_allows()
        among = self._candidates(allow_marks, only)
        self._mark_named()
        deny_marks = self._mark_cases([case for case in self.matched.cases if case.statement.effect == "Deny"])
        groups = list(self._decided(among, allow_marks | deny_marks))
        outsiders = list(self.outsiders()) if only is None else []
        return Who(groups, outsiders, (*self.gaps(), *(one.text for one in self.place.lacking)))

    def alike(self, besides: Array, only: Array | None = None) -> list[tuple[Hashable, Array]]:
        """Principals who decide alike as long as the resource's side names none of them by itself; not decided yet.

        With each group what is said of them: where that and what they are to the account are equal, resources that
        differ in their account alone decide alike, too. None where it depends on the resource.

        Those are whom something may allow (with `only`, among these), and those `besides`; without those whom something
        surely denies.
        """
        people = self.access.people(self.let_in).besides(besides)
        self._among(people if only is None else people.only(np.union1d(only, besides)))
        marks: dict[int, Case | None] = self._mark_allows()
        among = self._candidates(marks, only, named=False)
        marks |= self._mark_cases([case for case in self.matched.cases if case.statement.effect == "Deny"])
        mask = np.zeros(len(self.people), bool)
        mask[among] = mask[self.people.places(besides)] = True
        mask &= ~self.denied
        among = np.flatnonzero(mask)
        columns = self._columns(among)
        return [
            (self._said(held, marks, columns, int(np.searchsorted(among, members[0]))), self.people.numbers[members])
            for held, members in self.groups.parts(among, [column for _, column in columns])
        ]

    def _said(
        self,
        held: frozenset[int],
        marks: Mapping[int, Case | None],
        columns: Sequence[tuple[Hashable, Array]],
        row: int,
    ) -> Hashable:
        """What is said of a group by its marks, and by the columns that its marks, or everybody, are asked for."""
        cases = [None if case is None else case.said or "" for case in (marks[mark] for mark in held)]
        if "" in cases:
            return None
        left_out = {trait for trait, bearing in self._borne.items() if held.isdisjoint(bearing)} - self._common
        facts = tuple((name, int(one[row])) for name, one in columns if name != "account" and name not in left_out)
        return frozenset(cases), facts

    def _among(self, people: People) -> None:
        """Ask about these alone: groups and masks are of their places."""
        self.people, self.groups = people, Groups(len(people))

    # --- marks

    @cached_property
    def matched(self) -> Matched:
        """What identity policies say of the action and the resource."""
        statements = self.people.concerned(self.access.concerned(self.action))
        return match(self.estate, statements, self.place.target, spread=self._spread)

    def _members(self, documents: Sequence[int] | Array) -> Array:
        return self.people.bearing(np.asarray(documents, np.int64))

    def _mark_allows(self) -> dict[int, Case | None]:
        """Marks of the principals that identity policies may allow; None for those that surely do."""
        sure = np.zeros(len(self.people), bool)
        sure[self._members(self.matched.allows)] = True
        self.denied = np.zeros(len(self.people), bool)
        self.denied[self._members(self.matched.denies)] = True
        marks: dict[int, Case | None] = {self.groups.mark(sure): None}
        # Where an allow is sure, the conditional ones add nothing.
        allows = [case for case in self.matched.cases if case.statement.effect == "Allow"]
        marks |= self._mark_cases(allows, besides=sure)
        if self.matched.spread is not None:
            marks |= self._mark_cases(self.matched.spread.kinds, besides=sure)
        return marks

    def _mark_cases(self, cases: Iterable[Case], besides: Array | None = None) -> dict[int, Case]:
        marks = {}
        for case in cases:
            members = self._members(case.documents)
            if besides is not None:
                members = members[~besides[members]]
            if len(members):
                mark = self.groups.mark(members)
                marks[mark] = case
                for trait in traits_of([case.statement]):
                    self._borne.setdefault(trait, []).append(mark)
        return marks

    def _mark_named(self) -> None:
        """A mark for each principal that the resource's side names by itself: nobody else decides as it does."""
        for number in sorted(self._named_numbers()):
            self.groups.mark(self.people.places([number]))

    def _named_numbers(self) -> set[int]:
        return self._numbers(self._statements())

    def _numbers(self, statements: Iterable[Statement]) -> set[int]:
        """The users and roles that statements name."""
        subjects = (s for one in statements for s in (*(one.principals or ()), *(one.not_principals or ())))
        found = (self.access.number_of(subject.value) for subject in subjects if subject.type == "AWS")
        return {number for number in found if number is not None}

    def _statements(self) -> Iterator[Statement]:
        """The statements on the resource's side that concern the action."""
        behind = self.place.behind
        beside = (behind.policy,) if behind is not None and behind.policy is not None else ()
        for policy in (*self.place.policies, *self.place.grants, *beside):
            yield from (s for s in policy.statements if s.concerns(self.action))

    def gaps(self) -> tuple[str, ...]:
        """What of the resource's side was not read."""
        return (*self.place.gaps, *(self.place.behind.gaps if self.place.behind else ()))

    # --- candidates and groups

    def _candidates(self, allow_marks: Iterable[int], only: Array | None, *, named: bool = True) -> Array:
        """Principals for whom something may allow and nothing surely denies; all where no policy decides.

        Without `named`, those are left out whom the resource's side names by itself and nothing else allows.
        """
        mask = np.asarray(self.estate.arrays["principal.unread"])[self.people.numbers]
        mask |= self.groups.bears_any(allow_marks)
        if self._names_everyone() or self.gaps():
            mask |= self._of_account(self.place.account)
        if named:
            mask[self.people.places(sorted(self._named_numbers()))] = True
        mask &= ~self.denied
        if fixed(self.action, self.place.target) is not None:
            mask[:] = True
        if only is not None:
            chosen = np.zeros(len(self.people), bool)
            chosen[self.people.places(only)] = True
            mask &= chosen
        return np.flatnonzero(mask)

    @cached_property
    def let_in(self) -> frozenset[str] | None:
        """The account that holds the resource, and those that what lies on it may let in; None for any.

        Of another account nobody gets in whom the resource's side does not let in, whatever own policies say.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
        """
        unsure = self.gaps() or self.place.lacking or not self.place.account
        ruled = begins_root_session(self.action) or fixed(self.action, self.place.target) is not None
        if unsure or ruled or self._names_everyone():
            return None
        found = {self.place.account}
        for statement in self._statements():
            for subject in statement.principals or ():
                if subject.type == "CanonicalUser":
                    return None
                found.update(_ACCOUNT.findall(subject.value))
        codes = self.estate.arrays["principal.account"]
        accounts = self.estate.texts("principal.account.texts")
        found.update(accounts[int(codes[number])] for number in self._named_numbers() if codes[number] >= 0)
        return frozenset(found)

    def _names_everyone(self) -> bool:
        return any(
            statement.effect == "Allow"
            and (statement.not_principals is not None or any(s.type == "*" for s in statement.principals or ()))
            for statement in self._statements()
        )

    def _of_account(self, account: str) -> Array:
        """The mask of an account's principals; all where a resource does not tell its account."""
        if not account:
            return np.ones(len(self.people), bool)
        accounts = self.estate.texts("principal.account.texts").all()
        wanted = accounts.index(account) if account in accounts else NONE - 1
        mask: Array = self.estate.arrays["principal.account"][self.people.numbers] == wanted
        return mask

    def _decided(self, among: Array, marks: dict[int, Case | None] | dict[int, Case]) -> Iterator[Group]:
        for held, members in self.groups.parts(among, [column for _, column in self._columns(among)]):
            yield from self._group(held, self.people.numbers[members], marks)

    def _columns(self, places: Array) -> list[tuple[Hashable, Array]]:
        """What tells the people of some places apart, besides the marks that they bear: numbers, one for each, by name.

        Where the resource tells no account it is taken for one of the principal's own.
        """
        arrays, access, among = self.estate.arrays, self.access, self.people.numbers[places]
        bring = np.zeros(self.estate.principals, bool) if self.given.strict else access.bringing
        facts: dict[Hashable, Array] = {name: arrays[f"principal.{name}"] for name in ("boundary", "native", "unread")}
        facts |= {"account": arrays["principal.account"] if self.place.account else access.likenesses}
        columns = [(name, column[among]) for name, column in (*facts.items(), ("linked", access.linked))]
        guards = self._guards(among)
        common = self._common = traits_of([*self._statements(), *guards])
        for trait in sorted(self._traits(common), key=repr):
            everybody = np.ones(len(among), bool)
            bearers = everybody if trait in common else self.groups.bears_any(self._borne[trait])[places]
            column = np.zeros(len(among), np.int64)
            column[bearers] = access.columns.column(trait, among[bearers], bring)
            columns.append((trait, column))
        columns.append(("alone", self._alone(self._numbers(guards))[places]))
        return [(name, column.astype(np.int64)) for name, column in columns]

    def _alone(self, numbers: Iterable[int]) -> Array:
        """A column in which each of some principals stands by itself: whom a guardrail names decides as nobody else."""
        column = np.zeros(len(self.people), np.int64)
        here = self.people.places(sorted(numbers))
        column[here] = self.people.numbers[here] + 1
        return column

    def _traits(self, common: set[Trait]) -> set[Trait]:
        """What tells some principals apart: all of them, or only those who bear a case that asks for it."""
        found = common | self._borne.keys()
        asked = {what.key.lower() if isinstance(what, Test) else what for _, what in found}
        self._by_id = _USER_ID in asked
        return found

    def _guards(self, among: Array) -> list[Statement]:
        """The statements of guardrails, endpoints and boundaries that concern the action for some principals."""
        arrays = self.estate.arrays
        accounts = self.estate.texts("principal.account.texts")
        found: list[Statement] = []
        _, some = np.unique(self.access.likenesses[among], return_index=True)
        for code in np.unique(arrays["principal.account"][among[some]]).tolist():
            found += self._guardrails(accounts[code])
        documents = np.unique(arrays["principal.boundary"][among])
        policies = [self.estate.policy(one, "", "") for one in documents.tolist() if one >= 0]
        policies += self.access.endpoint_for(self.given, self.action)[0] or ()
        return [*found, *(s for policy in policies for s in policy.statements if s.concerns(self.action))]

    def _guardrails(self, account: str) -> list[Statement]:
        """The statements of guardrails above an account that concern the action."""
        levels = [
            *(self.access.guardrails.levels("scp", account)[0] or ()),
            *(self.access.rcps(self.place, account, self.action)[0] or ()),
        ]
        return [s for level in levels for policy in level for s in policy.statements if s.concerns(self.action)]

    def _group(
        self,
        held: frozenset[int],
        members: Array,
        marks: dict[int, Case | None] | dict[int, Case],
    ) -> Iterator[Group]:
        number = int(members[0])
        principal = self.estate.principal(number)
        request = self.access.request(principal, number, self.action, self.place, self.given)
        cases = [marks[mark] for mark in sorted(held) if mark in marks]
        kinds = {case.place: applies(case.statement, request) for case in cases if isinstance(case, Kind)}
        kinds = {place: formula for place, formula in kinds.items() if formula is not False}
        ask = self._asking(request, number, [case for case in cases if not isinstance(case, Kind)])
        if kinds:
            yield from self._scattered(members, kinds, ask, self._alike(request))
            return
        asked = ask({})
        verdict = self._verdict(asked)
        if verdict.outcome is not Outcome.NEVER:
            yield Holders(verdict, members, asked)

    def _scattered(self, members: Array, kinds: dict[int, Formula], ask: Ask, alike: _Kind) -> Iterator[Scattered]:
        """A group whose statements allow on named resources, in parts that are told the same."""
        for verdict, part, reached in self._deciding.decided(members, kinds, ask, alike):
            if verdict is None:
                found = ((self._verdict(reached.question(int(one[0]))), one) for one in self._naming.classes(part))
                yield from (Scattered(*one, reached) for one in found if one[0].outcome is not Outcome.NEVER)
            elif verdict.outcome is Outcome.ALWAYS:
                yield Scattered(verdict, part, reached)
            elif verdict.outcome is not Outcome.NEVER:
                yield from (Scattered(verdict, one, reached) for one in self._naming.classes(part))

    @cached_property
    def _naming(self) -> Naming:
        assert self.matched.spread is not None
        return Naming(self.estate, self.matched.spread)

    @cached_property
    def _deciding(self) -> Deciding:
        return Deciding(self._naming)

    def _asking(self, request: Request, number: int, cases: Sequence[Case | None]) -> Ask:
        """The question of a principal, given what else its identity policies allow."""
        policies = self.access.policies(request.principal, number, self.action, self.place, self.given, identity=False)
        others = other_layers(request, policies)
        allows, denies = _said(request, cases)
        gaps = self.access.identity_gaps(number)

        def ask(allowed: Mapping[int, Formula]) -> Question:
            identity = with_gaps(Layer("identity", any_of((allows, *allowed.values())), denies), gaps)
            return settle(request, policies, others | {"identity": identity})

        return ask

    def _alike(self, request: Request) -> _Kind:
        """What tells what keys can be: kinds of principals, those without MFA, and unique ids."""
        own = request.facts.look(_USER_ID) if self._by_id else None
        return request.principal.kind, bool(request.facts.choices), own

    def _verdict(self, asked: Question) -> Verdict:
        kind = self._alike(asked.request)
        known = self._verdicts.get((kind, asked.formula))
        if known is None:
            solved = self._solvers.setdefault(kind, solver(asked))
            known = self._verdicts[kind, asked.formula] = solved.verdict(asked.formula)
        return known

    # --- outside the estate

    def outsiders(
        self, known: Decided | None = None, about: Hashable = ()
    ) -> Iterator[tuple[Principal, Verdict, Question]]:
        """Who is named on the resource's side and stands in no account of the estate; everyone; services; federated.

        Whoever lets everyone in lets the services of AWS in: they are told where they have more than everyone, but of
        roles, which services use for those who pass them.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html

        Args:
            known: see `roots`.
            about: see `roots`.
        """
        known = {} if known is None else known
        seen: set[str] = set()
        for principal in self._named_outside():
            if principal.id in seen:
                continue
            seen.add(principal.id)
            said = None if about is None else (principal.kind, principal.id, principal.account == self.place.account)
            verdict, asked = self._known(principal, known, about, said)
            if verdict.outcome is not Outcome.NEVER:
                yield principal, verdict, asked
            if principal.kind == "anonymous" and not assumes(self.action):
                service, asked = self._of_outsider(ANY_SERVICE)
                if rank(STATES[service.outcome]) < rank(STATES[verdict.outcome]):
                    yield ANY_SERVICE, service, asked

    def _of_outsider(self, principal: Principal) -> tuple[Verdict, Question]:
        asked = self.access.question_of(principal, None, self.action, self.place, self.given)
        return solver(asked).verdict(asked.formula), asked

    def roots(
        self, known: Decided | None = None, about: Hashable = ()
    ) -> Iterator[tuple[Principal, Verdict, Question]]:
        """The root users of the estate's accounts who can; no policy of their own says so.

        They are none of the groups: what bears on a root user is its account alone, and those of accounts that are
        alike are decided once.

        Args:
            known: what was decided before.
            about: equal for resources that differ at most in their account; None where that is not known.
        """
        if (ruled := fixed(self.action, self.place.target, "root")) is not None and not ruled.allowed:
            return
        known = {} if known is None else known
        accounts = self.let_in
        roots = self.access.roots
        for account in sorted(roots if accounts is None else accounts & roots.keys()):
            root = roots[account]
            said = None if about is None else self._said_of_root(root)
            verdict, asked = self._known(root, known, about, said)
            if verdict.outcome is not Outcome.NEVER:
                yield root, verdict, asked

    def _known(self, principal: Principal, known: Decided, about: Hashable, said: Hashable) -> tuple[Verdict, Question]:
        """What is decided of somebody; once for all of whom the same is said."""
        if said is None:
            return self._of_outsider(principal)
        found = known.get((about, said))
        if found is None:
            found = known[about, said] = self._of_outsider(principal)
        return found

    def _said_of_root(self, root: Principal) -> Hashable:
        """Equal for root users of whom everything says the same; None where that is not known."""
        own = not self.place.account or self.place.account == root.account
        traits = traits_of([*self._statements(), *self._guardrails(root.account)])
        if not traits:
            return self.access.likeness(root.account) if own else root.account
        facts = principal_facts(self.estate, self.access.guardrails, root, None, tag_sessions=False)
        tests = [what for kind, what in sorted(traits, key=repr) if kind == "test" and isinstance(what, Test)]
        ends = [condition(one, Facts({one.key.lower(): facts.get(one.key.lower(), Look.UNKNOWN)}), variables=False)
                for one in tests]  # fmt: skip
        if len(tests) < len(traits) or not all(isinstance(end, bool) for end in ends):
            return None
        return self.access.likeness(root.account) if own else root.account, tuple(zip(tests, ends, strict=True))

    def _named_outside(self) -> Iterator[Principal]:
        """Whom an Allow names, and whom a Deny for everybody else spares: their account may be let in, or everyone."""
        for statement in self._statements():
            if statement.effect == "Allow":
                yield from let_in(self.access, statement)
            for subject in statement.not_principals or () if statement.effect == "Deny" else ():
                yield from outsiders(self.access, subject) if subject.type != "*" else ()


def _said(request: Request, cases: Iterable[Case | None]) -> tuple[Formula, Formula]:
    """What identity policies allow and deny besides what names resources. None is a statement that allows all."""
    allows: list[Formula] = []
    denies: list[Formula] = []
    for case in cases:
        if case is None:
            allows.append(True)
        else:
            formula = applies(case.statement, request)
            (allows if case.statement.effect == "Allow" else denies).append(formula)
    return any_of(allows), any_of(denies)
