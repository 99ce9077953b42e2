"""A verdict as an answer tells it."""

from __future__ import annotations

from leastwise.engine.solve import Outcome, Verdict
from leastwise.model.decision import Residual, State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES, residual_of
from ..evaluate.logic import Question


def told(verdict: Verdict, question: Question) -> tuple[State, Residual | None, tuple[str, ...]]:
    """The state, the residual condition and what was not read."""
    state = STATES[verdict.outcome]
    if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN):
        return state, residual_of(verdict, solver(question)), tuple(sorted(verdict.gaps))
    return state, (), ()
