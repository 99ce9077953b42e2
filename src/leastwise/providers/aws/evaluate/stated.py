"""Conditions of an earlier request, taken over as they were told: that of the way to a role."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap
from leastwise.model.decision import Needed, Residual


@dataclass(frozen=True, slots=True)
class Stated:
    """The atom of one condition of another request: it holds or not, whatever this request's keys are."""

    needed: Needed

    @property
    def variable(self) -> str:
        """One of its own."""
        return f"stated:{self.needed}"


def formula_of(residual: Residual | None, what: str) -> Formula:
    """A residual as a formula; `what` names it where its alternatives are too many to list, and so not known."""
    if residual is None:
        return Literal(Gap(f"condition of {what}: too many alternatives"))
    if not residual:
        return True
    return any_of(all_of(Literal(Stated(one)) for one in clause) for clause in residual)
