"""What one question about many resources comes to: which resources, but not which, under which condition."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leastwise.engine.formula import All, Formula, Node, literals
from leastwise.engine.patterns import Budget, Pattern, TooManyStatesError, Wild, outside
from leastwise.engine.solve import Outcome, Solver
from leastwise.model.decision import Residual, State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES, residual_of
from ..evaluate.logic import Question
from ..evaluate.statements import Covers, Target
from .clauses import Clause, clauses
from .overlap import apart, inside, widest

_ANY = Pattern((Wild.ANY,))
_STATES = 2_000
"""States that looking for a resource in one region may take."""


Placed = Callable[[Clause], tuple[Hashable, Solver] | None]


class Part(NamedTuple):
    """What a Cube has besides its permissions."""

    resources: tuple[str, ...]
    within: tuple[str, ...]
    exceptions: tuple[str, ...]
    state: State
    residual: Residual | None
    missing: tuple[str, ...]


def parts(asked: Question) -> Iterator[Part]:
    """The parts of the answer to a question; none when nothing is allowed."""
    return cubes_of(asked.formula, asked.request.target, solver(asked))


def cubes_of(formula: Formula, target: Target, solved: Solver, placed: Placed | None = None) -> Iterator[Part]:
    """The parts of a formula about a target; together they are the formula, exactly, but for what is not exact.

    Where its conditions are more than the solver's budget, a part is CONDITIONAL and its residual None. `placed` gives,
    for a clause of which more is known by where its resources stand, what that is and a solver that knows it.
    """
    if target.pattern is None:
        verdict = solved.verdict(formula)
        if verdict.outcome is not Outcome.NEVER:
            open_ = verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN)
            residual = residual_of(verdict, solved) if open_ else ()
            yield Part((target.text,), (), (), STATES[verdict.outcome], residual, tuple(sorted(verdict.gaps)))
        return
    yield from _grouped(_absorbed([one for one in clauses(formula, target.pattern) if _possible(one)]), solved, placed)


def _possible(clause: Clause) -> bool:
    """Whether some resource lies in the clause's region; what would take long to find out is possible."""
    if not clause.without and len(clause.among) < 2:
        return True
    if any(inside(one, other) for one in clause.among for other in clause.without):
        return False
    try:
        return outside(clause.among or (_ANY,), clause.without, Budget(_STATES)) is not None
    except TooManyStatesError:
        return True


@dataclass
class _Gathered:
    """Clauses under one condition, each with a region of its own: one of `among` and none of `without`."""

    clause: Clause
    solved: Solver
    among: list[Pattern]
    without: set[Pattern]

    def takes(self, clause: Clause) -> bool:
        """Whether what either side excludes takes nothing away from the other."""
        one, own = clause.among[0] if clause.among else _ANY, set(clause.without)
        return all(apart(one, other) for other in self.without - own) and all(
            apart(other, among) for other in own - self.without for among in self.among
        )


def _grouped(found: Sequence[Clause], solved: Solver, placed: Placed | None) -> Iterator[Part]:
    """Clauses that say the same of other resources as one part."""
    gathered: dict[tuple[object, ...], list[_Gathered]] = {}
    for clause in found:
        tested = any(isinstance(one.atom, Covers) for one in literals(clause.rest))
        where, solver_ = (placed(clause) if placed else None) or (None, solved)
        groups = gathered.setdefault((clause.rest, clause.among[1:], clause.among if tested else (), where), [])
        known = next((one for one in groups if not tested and one.takes(clause)), None)
        if known is None:
            known = _Gathered(clause, solver_, [], set())
            groups.append(known)
        known.among.append(clause.among[0] if clause.among else _ANY)
        known.without |= set(clause.without)
    for one in (one for groups in gathered.values() for one in groups):
        yield from _part(one)


def _part(one: _Gathered) -> Iterator[Part]:
    rest, solved = one.clause.rest, one.solved
    tested = any(isinstance(literal.atom, Covers) for literal in literals(rest))
    verdict = solved.verdict(rest, one.clause.region if tested else True)
    if verdict.outcome is Outcome.NEVER:
        return
    residual = residual_of(verdict, solved) if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN) else ()
    yield Part(
        tuple(map(str, widest(one.among))),
        tuple(sorted(map(str, one.clause.among[1:]))),
        tuple(map(str, widest(one.without))),
        STATES[verdict.outcome],
        residual,
        tuple(sorted(verdict.gaps)),
    )


def _absorbed(found: Sequence[Clause]) -> list[Clause]:
    """The clauses without those that another takes in, as far as that is seen without solving."""
    kept: list[Clause] = []
    for clause in sorted(found, key=lambda one: (len(one.among), len(_conjuncts(one.rest)), len(one.without))):
        if not any(_takes_in(other, clause) for other in kept):
            kept.append(clause)
    return kept


def _takes_in(wide: Clause, narrow: Clause) -> bool:
    return (
        (wide.rest is True or _conjuncts(wide.rest) <= _conjuncts(narrow.rest))
        and all(any(inside(one, other) for one in narrow.among) for other in wide.among)
        and all(
            any(inside(one, other) for other in narrow.without) or any(apart(one, other) for other in narrow.among)
            for one in wide.without
        )
    )


def _conjuncts(formula: Formula) -> frozenset[Node]:
    if isinstance(formula, bool):
        return frozenset()
    return formula.parts if isinstance(formula, All) else frozenset({formula})
