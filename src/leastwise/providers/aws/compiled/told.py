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
    asked = ((question.request.target.text,), ("*",))
    for part in parts(question):
        if part.residual is None or len(found) > _MOST:
            return None
        among = [part.resources, *((one,) for one in part.within)]
        where = [Needed("resource", "ArnLike", one) for one in among if one not in asked]
        but = (Needed("resource", "ArnLike", part.exceptions, negated=True),) if part.exceptions else ()
        # What is UNKNOWN without a residual is certain under no condition.
        clauses = part.residual if part.residual or part.state is State.UNKNOWN else ((),)
        found += [(*where, *but, *clause) for clause in clauses]
    return tuple(dict.fromkeys(found))
