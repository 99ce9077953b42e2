"""Of a question about a pattern of resources: which patterns of the policies, within it, are allowed."""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.engine.formula import Formula, Literal, all_of
from leastwise.engine.patterns import Pattern, TooManyStatesError, regions
from leastwise.engine.solve import OverBudgetError

from ..evaluate.arn import resource_pattern
from ..evaluate.decide import Decided, solver
from ..evaluate.policy import Statement
from ..evaluate.statements import Covers
from ..evaluate.variables import has_variables


def allowed_patterns(decided: Decided) -> set[str] | None:
    """The patterns within which something is allowed; None where none was asked for, or the budget does not suffice.

    They are those that an Allow of the identity's or the resource's policies names, as far as they lie within the
    question; where such a pattern takes in all that is asked for, it is the question's own.
    """
    question = decided.question
    asked = question.request.target
    if asked.pattern is None:
        return None
    solved = solver(question)
    try:
        return {
            text or asked.text
            for text, inside in _candidates(decided, asked.pattern)
            if solved.satisfiable(all_of((question.formula, inside)))
        }
    except (OverBudgetError, TooManyStatesError):
        return None


def _candidates(decided: Decided, asked: Pattern) -> Iterator[tuple[str, Formula]]:
    """Texts of patterns, empty for the question's own, each with the formula of lying in it."""
    question = decided.question
    statements = [match.statement for match in question.layers["identity"].allows]
    statements += [match.statement for _, match in question.resource.allows]
    for text in dict.fromkeys(text for one in statements for text in _texts(one)):
        if not text:
            yield "", True
            continue
        pattern = resource_pattern(text)
        together = {region.matched for region in regions([pattern, asked])}
        if (False, True) not in together:
            yield "", True
        elif (True, True) in together:
            yield text, Literal(Covers(pattern))


def _texts(statement: Statement) -> Iterator[str]:
    """What a statement names, empty for what is no plain pattern: NotResource, or a value with variables."""
    for text in statement.resources or ("",):
        yield "" if statement.variables and has_variables(text) else text
