"""A verdict as an answer tells it."""

from __future__ import annotations

from leastwise.engine.solve import Outcome, Verdict
from leastwise.model.decision import Needed, Residual, State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES, residual_of
from ..evaluate.logic import Question
from .cubes import parts

_MOST = 64
"""Alternatives that are listed."""


def told(verdict: Verdict, question: Question) -> tuple[State, Residual | None, tuple[str, ...]]:
    """The state, the residual condition and what was not read."""
    state = STATES[verdict.outcome]
    if verdict.outcome not in (Outcome.DEPENDS, Outcome.UNKNOWN):
        return state, (), ()
    gaps = tuple(sorted(verdict.gaps))
    if verdict.certain is False:
        return state, (), gaps
    if question.request.target.pattern is None:
        return state, residual_of(verdict, solver(question)), gaps
    return state, _by_region(question), gaps


def _by_region(question: Question) -> Residual | None:
    """Alternatives of a question about many resources: where, but not where, and under which condition."""
    found: list[tuple[Needed, ...]] = []
    for resources, exceptions, state, residual, _ in parts(question):
        if residual is None or len(found) > _MOST:
            return None
        where = () if resources == ("*",) else (Needed("resource", "ArnLike", resources),)
        but = (Needed("resource", "ArnLike", exceptions, negated=True),) if exceptions else ()
        # What is UNKNOWN without a residual is certain under no condition.
        clauses = residual if residual or state is State.UNKNOWN else ((),)
        found += [(*where, *but, *clause) for clause in clauses]
    return tuple(dict.fromkeys(found))
