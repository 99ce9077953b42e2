"""What one question about many resources comes to: which resources, but not which, under which condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leastwise.engine.formula import All, Either, Formula, Literal, all_of, any_of, literals, negate
from leastwise.engine.solve import Gap, Outcome
from leastwise.model.decision import Residual, State

from ..evaluate.decide import solver
from ..evaluate.explain import STATES, residual_of
from ..evaluate.logic import Question
from ..evaluate.statements import Covers

Part = tuple[tuple[str, ...], tuple[str, ...], State, Residual | None, tuple[str, ...]]
"""Resources, exceptions, state, residual, gaps: what a Cube has besides its permissions."""


def parts(asked: Question) -> Iterator[Part]:
    """The parts of an answer; none when nothing is allowed.

    Each statement that allows gives the resources that it names under its own condition, less what denials take away.
    What a boundary or guardrail says of resources stays in the residual.
    """
    solved = solver(asked)
    if not solved.satisfiable(asked.formula):
        return
    if asked.request.target.pattern is None or not _regions(asked.formula):
        verdict = solved.verdict(asked.formula)
        residual = _residual(asked, verdict.certain) if verdict.outcome in (Outcome.DEPENDS, Outcome.UNKNOWN) else ()
        yield (asked.request.target.text,), (), STATES[verdict.outcome], residual, tuple(sorted(verdict.gaps))
        return
    own = [one for one in _alternatives(asked.layers["identity"].allow) if not _is_gap(one)]
    given = [match.formula for _, match in asked.resource.allows]
    told: dict[tuple[State, Residual | None, tuple[str, ...]], set[str]] = {}
    left = tuple(
        sorted({str(c.pattern) for c in _positive(asked.deny)} | {str(c.pattern) for c in _negative(asked.allow)})
    )
    sure = negate(_without(asked.deny, taken=False))
    guards = [layer.allow for name, layer in asked.layers.items() if name != "identity"]
    for formula in (*own, *given):
        inside = all_of((_without(formula, taken=True), *guards, sure))
        verdict = solved.verdict(inside)
        if verdict.outcome is Outcome.NEVER:
            continue
        residual = _residual(asked, verdict.certain) if verdict.outcome is not Outcome.ALWAYS else ()
        key = (STATES[verdict.outcome], residual, tuple(sorted(verdict.gaps)))
        told.setdefault(key, set()).update(str(c.pattern) for c in _positive(formula)) if _positive(
            formula
        ) else told.setdefault(key, set()).add("*")
    for (state, residual, gaps), taken in told.items():
        yield ("*",) if "*" in taken else tuple(sorted(taken)), left, state, residual, gaps


def _residual(asked: Question, certain: Formula) -> Residual | None:
    from leastwise.engine.solve import Verdict

    return residual_of(Verdict(Outcome.DEPENDS, certain), solver(asked))


def _alternatives(formula: Formula) -> Iterable[Formula]:
    return formula.parts if isinstance(formula, Either) else (formula,)


def _is_gap(formula: Formula) -> bool:
    return formula is False or (isinstance(formula, Literal) and isinstance(formula.atom, Gap))


def _regions(formula: Formula) -> bool:
    return any(isinstance(literal.atom, Covers) for literal in literals(formula))


def _positive(formula: Formula) -> set[Covers]:
    return {x.atom for x in literals(formula) if isinstance(x.atom, Covers) and x.positive}


def _negative(formula: Formula) -> set[Covers]:
    return {x.atom for x in literals(formula) if isinstance(x.atom, Covers) and not x.positive}


def _without(formula: Formula, *, taken: bool) -> Formula:
    """The formula with every test of the resource taken as passed (for what allows) or not passed (for what denies)."""
    if isinstance(formula, Literal):
        return taken if isinstance(formula.atom, Covers) else formula
    if isinstance(formula, bool):
        return formula
    build = all_of if isinstance(formula, All) else any_of
    return build(_without(part, taken=taken) for part in formula.parts)
