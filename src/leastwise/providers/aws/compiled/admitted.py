"""What one outsider is let in to: the verdict of a question under the assumption that who asks is none of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from leastwise.engine.formula import All, Formula, Literal, all_of, any_of, literals, negate
from leastwise.engine.patterns import Pattern
from leastwise.engine.solve import Clause, Outcome, OverBudgetError, Solver, Verdict
from leastwise.model.decision import Needed, Reason, Residual, State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES, letting_in, residual_of
from ..evaluate.facts import Facts, Look
from ..evaluate.logic import Question, question
from ..evaluate.operators import Condition
from ..evaluate.policy import Policy, parse_policy
from ..evaluate.principals import Principal
from ..evaluate.statements import Covers
from .access import AwsAccess, Circumstances
from .faces import Group
from .giving import lack_of
from .outside import SIGNED, Pin, beyond
from .places import Place

_OWN = ("user", "role", "session", "federated_user")
"""Kinds of outsiders with policies of their own."""
_Told = tuple[State, Residual | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """What an outsider is let in to; the fields are those of Exposure."""

    resources: tuple[str, ...]
    exceptions: tuple[str, ...]
    state: State
    residual: Residual | None
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...]
    subjects: tuple[str, ...]


def _own_policy() -> Policy:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, "policies of its own account")


class Verdicts:
    """Asks and decides; equal formulas of one principal are decided once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Principal, Formula, Formula], _Told | None] = {}
        self._everything = (_own_policy(),)

    def question(
        self, access: AwsAccess, principal: Principal, group: Group, given: Circumstances, known: Place
    ) -> Question:
        """The question of an outsider; what its own account allows it is taken to be everything.

        `known` is where the resource itself stands.
        """
        action = group.actions[0]
        place = known
        if group.face != known.target.text or lack_of(action):
            place = access.place(action, group.face)
        request = access.request(principal, None, action, place, given)
        policies = access.policies(principal, None, action, place, given, identity=False)
        own = self._everything if principal.kind in _OWN else ()
        gaps = replace(policies.gaps, scp=())
        return question(request, replace(policies, identity=own, scps=None, gaps=gaps))

    def admitted(self, asked: Question, face: str, pins: Sequence[Pin]) -> Iterator[Admitted]:
        """The parts of the answer: what it reaches, and under which condition; none when it is kept out.

        `face` is what was asked about; it stands where the answer does not tell resources apart.
        """
        formula = asked.formula
        if formula is False:
            return
        signed = asked.request.principal.kind == "account"
        outside = beyond([pin for pin in pins if pin != SIGNED or signed], asked.request.facts)
        if any(isinstance(one.atom, Covers) for one in literals(formula)):
            yield from _by_region(asked, outside, face)
            return
        key = (asked.request.principal, formula, outside)
        if key not in self._known:
            self._known[key] = _decided(asked, outside)
        told = self._known[key]
        if told is not None:
            yield _made(asked, (face,), (), told)


def _decided(asked: Question, outside: Formula) -> _Told | None:
    """State, condition and gaps for those outside; None when they are kept out."""
    if outside is True:
        needed = plainly(asked.formula, asked.request.facts)
        if needed is not None:
            return State.CONDITIONAL, (needed,), ()
    solved = solver(asked)
    verdict = solved.verdict(all_of((asked.formula, outside)))
    if verdict.outcome is Outcome.NEVER:
        return None
    gaps = tuple(sorted(verdict.gaps))
    if outside is True:
        if verdict.outcome is Outcome.ALWAYS:
            return State.ALLOWED, (), ()
        return STATES[verdict.outcome], residual_of(verdict, solved), gaps
    if solved.verdict(any_of((asked.formula, negate(outside)))).outcome is Outcome.ALWAYS:
        return State.ALLOWED, (), ()
    clauses = _clauses(solved, asked.formula, outside)
    return STATES[verdict.outcome], None if clauses is None else _residual(clauses, solved), gaps


def plainly(formula: Formula, facts: Facts) -> tuple[Needed, ...] | None:
    """The conditions that are all needed and can all be met, where that is plain without a solver; else None.

    So it is when each asks another key, which may be absent, for texts that some text is and another is not.
    """
    parts = formula.parts if isinstance(formula, All) else (formula,)
    found: dict[str, Needed] = {}
    for part in parts:
        if not (isinstance(part, Literal) and part.positive and isinstance(part.atom, Condition)):
            return None
        atom = part.atom
        one_of_several = atom.quantifier == "all" or atom.if_exists or atom.operator.negated
        if one_of_several or atom.variable in found or atom.operator.family not in ("text", "like"):
            return None
        if facts.look(atom.variable) is not Look.UNKNOWN or atom.variable in facts.choices or not atom.expected:
            return None
        if not all(isinstance(one, Pattern) and one.prefix for one in atom.expected):
            return None
        operator, key, values = atom.shown
        found[atom.variable] = Needed(key, operator, values)
    return tuple(sorted(found.values(), key=str))


def _by_region(asked: Question, outside: Formula, face: str) -> Iterator[Admitted]:
    """A question about a pattern of resources: each region of them with its condition."""
    solved = solver(asked)
    verdict = solved.verdict(all_of((asked.formula, outside)))
    if verdict.outcome is Outcome.NEVER:
        return
    state, gaps = STATES[verdict.outcome], tuple(sorted(verdict.gaps))
    if solved.verdict(any_of((asked.formula, negate(outside)))).outcome is Outcome.ALWAYS:
        yield _made(asked, (face,), (), (State.ALLOWED, (), ()))
        return
    clauses = _clauses(solved, asked.formula, outside)
    if not clauses:
        yield _made(asked, (face,), (), (state, None if clauses is None else (), gaps))
        return
    regions: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Clause]] = {}
    for clause in clauses:
        covers = [one for one in clause if isinstance(one.atom, Covers)]
        inside, but = (
            tuple(sorted(str(one.atom.pattern) for one in covers if one.positive is sign))  # type: ignore[attr-defined]
            for sign in (True, False)
        )
        regions.setdefault((inside, but), []).append(frozenset(clause - frozenset(covers)))
    alone: dict[tuple[tuple[str, ...], frozenset[Clause]], list[str]] = {}
    for (inside, but), rest in regions.items():
        if len(inside) < 2:
            alone.setdefault((but, frozenset(rest)), []).append(inside[0] if inside else face)
        else:
            # Inside several patterns at once: no list of patterns says it, so that it stays a condition.
            where = tuple(Needed("resource", "ArnLike", (text,)) for text in inside)
            told = [(*where, *one) for one in _residual(rest, solved) or ((),)]
            yield _made(asked, (face,), but, (_at_most(State.CONDITIONAL, state), tuple(told), gaps))
    for (but, rest_), texts in alone.items():
        sure = frozenset() in rest_ and state is not State.UNKNOWN
        told_: _Told = (State.ALLOWED, (), ()) if sure else (
            _at_most(State.CONDITIONAL, state), _residual(sorted(rest_, key=repr), solved), gaps,
        )  # fmt: skip
        yield _made(asked, tuple(sorted(texts)), but, told_)


def _at_most(state: State, whole: State) -> State:
    return State.UNKNOWN if whole is State.UNKNOWN else state


def _clauses(solved: Solver, formula: Formula, outside: Formula) -> list[Clause] | None:
    """The alternatives that somebody outside can meet, without what everybody outside meets; None when too many."""
    certain = solved.verdict(formula).certain
    found = solved.alternatives(certain)
    if found is None:
        return None
    against = all_of((negate(certain), outside))
    kept: list[Clause] = []
    try:
        for clause in found:
            if not solved.satisfiable(all_of((*clause, outside))):
                continue
            for literal in sorted(clause, key=repr):
                fewer = clause - {literal}
                if not solved.satisfiable(all_of((*fewer, against))):
                    clause = fewer
            if clause not in kept:
                kept.append(clause)
    except OverBudgetError:
        return None
    return [one for one in kept if not any(other < one for other in kept)]


def _residual(clauses: Sequence[Clause], solved: Solver) -> Residual | None:
    certain = any_of(all_of(clause) for clause in clauses)
    if isinstance(certain, bool):
        return ()
    return residual_of(Verdict(Outcome.DEPENDS, certain), solved)


def _made(asked: Question, resources: tuple[str, ...], exceptions: tuple[str, ...], told: _Told) -> Admitted:
    state, residual, missing = told
    federated = asked.request.principal.kind == "federated"
    subjects = _subjects(residual) if federated else ()
    return Admitted(resources, exceptions, state, residual, missing, letting_in(asked), subjects)


def _subjects(residual: Residual | None) -> tuple[str, ...]:
    """The subjects of an identity provider that a condition lets in; empty where one alternative asks for none."""
    found: dict[str, None] = {}
    for clause in residual or ():
        named = [text for one in clause for text in _claims(one)]
        if not named:
            return ()
        found |= dict.fromkeys(named)
    return tuple(found)


def _claims(one: Needed) -> Iterator[str]:
    """What a condition asks of the subject: values of its own claim, and of others by name."""
    provider, _, claim = one.key.lower().rpartition(":")
    operator = one.operator.lower().rpartition(":")[2]
    if not provider or provider in ("aws", "sts") or claim == "aud" or one.negated:
        return
    if operator.startswith(("string", "arn")) and "not" not in operator:
        yield from one.values if claim == "sub" else (f"{claim}={value}" for value in one.values)
