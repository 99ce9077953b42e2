"""From formula to decision: state, kind of denial, residual and reasons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from leastwise.engine.formula import Atom
from leastwise.engine.patterns import RESOURCE, Budget, Pattern, TooManyStatesError, example, regions
from leastwise.engine.prefixes import beginnings_of
from leastwise.engine.solve import Outcome, Solver, Verdict, World

from .facts import Facts
from .logic import Question
from .statements import Covers, Target
from .worlds import key_worlds

_STATES = 40_000
"""States that finding the worlds of all keys may take for one question to a solver."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdict on a question; `explicit` when a denial says so, and not only the want of an allow."""

    question: Question
    verdict: Verdict
    explicit: bool


def solver(question: Question, *, budget: int = 20_000) -> Solver:
    """A solver that knows the worlds of the question's keys and of its resource."""
    return solver_of(question.request.facts, question.request.target, budget=budget)


def solver_of(facts: Facts, target: Target, *, budget: int = 20_000) -> Solver:
    """A solver that knows the worlds of the keys of some facts, and of a target."""
    states = Budget(_STATES)

    def worlds(variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        if variable == RESOURCE:
            covers = [atom for atom in atoms if isinstance(atom, Covers)]
            assert target.pattern is not None
            try:
                found = regions([target.pattern, *(atom.pattern for atom in covers)], shared=states)
            except TooManyStatesError:
                return None
            return [
                frozenset(atom for atom, inside in zip(covers, region.matched[1:], strict=True) if inside)
                for region in found
                if region.matched[0]
            ]
        return key_worlds(atoms, facts, states)

    @cache
    def taken(pattern: Pattern, text: str) -> bool:
        return pattern.matches(text)

    def quick(variable: str, atoms: Collection[Atom]) -> Sequence[World] | None:
        if variable != RESOURCE or target.pattern is None:
            return None
        covers = [atom for atom in atoms if isinstance(atom, Covers)]
        texts = {example(target.pattern), *(example(atom.pattern) for atom in covers)}
        inside = [text for text in texts if target.pattern.matches(text)]
        near = beginnings_of([atom.pattern for atom in covers])
        found = ([covers[at] for at in near.may_match(text).tolist()] for text in inside)
        return list(
            {
                frozenset(atom for atom in some if taken(atom.pattern, text))
                for text, some in zip(inside, found, strict=True)
            }
        )

    return Solver(worlds, budget=budget, quick=quick, states=states)


def decide(question: Question) -> Decided:
    """The verdict on a question."""
    solved = solver(question)
    verdict = solved.verdict(question.formula)
    explicit = False
    if verdict.outcome is Outcome.NEVER and not question.fixed:
        denial = solved.verdict(question.deny)
        explicit = denial.outcome is Outcome.ALWAYS or (
            denial.outcome is not Outcome.NEVER and solved.verdict(question.allow).outcome is not Outcome.NEVER
        )
    return Decided(question, verdict, explicit)
