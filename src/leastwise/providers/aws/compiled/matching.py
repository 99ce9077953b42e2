"""Which statements of the whole estate bear on an action and a resource: those that surely do, and cases to look into.

Everything here is a comparison of arrays; only what cannot be decided without the principal becomes a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.arn import resource_pattern
from ..evaluate.policy import Statement
from ..evaluate.statements import Target
from .estate import CompiledEstate

_NO, _YES, _MAYBE = 0, 1, 2


@dataclass
class Case:
    """Statements that say the same under the same condition: one of them, and the documents that have one."""

    statement: Statement
    documents: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Matched:
    """The documents that surely allow or deny, and the cases that may."""

    allows: Array
    denies: Array
    cases: Sequence[Case]


def match(estate: CompiledEstate, statements: Array, target: Target) -> Matched:
    """What statements (their numbers; all concern the action) say of a target."""
    arrays = estate.arrays
    outcome = outcomes(estate, statements, target)
    conditions = arrays["st_condition"][statements]
    sure = (outcome == _YES) & (conditions < 0)
    deny = arrays["st_deny"][statements]
    documents = arrays["st_doc"][statements]
    cases = _cases(estate, statements, outcome, (outcome != _NO) & ~sure)
    return Matched(np.unique(documents[sure & ~deny]), np.unique(documents[sure & deny]), cases)


def outcomes(estate: CompiledEstate, statements: Array, target: Target) -> Array:
    """For each statement, whether its Resource or NotResource takes the target in."""
    signs = estate.arrays["resource.sign"][statements]
    values, owner = estate.rows("st_resource").gather(statements)
    wanted, at = np.unique(values, return_inverse=True)
    found = _patterns(estate, wanted, target)[at]
    some = np.bincount(owner, found == _YES, minlength=len(statements)) > 0
    maybe = np.bincount(owner, found == _MAYBE, minlength=len(statements)) > 0
    inside = np.where(some, _YES, np.where(maybe, _MAYBE, _NO))
    outside = np.where(some, _NO, np.where(maybe, _MAYBE, _YES))
    result: Array = np.where(signs > 0, inside, np.where(signs < 0, outside, _YES))
    return result


def _patterns(estate: CompiledEstate, wanted: Array, target: Target) -> Array:
    """For each pattern (its number), whether it takes the target in."""
    prefixes, texts = estate.prefixes("resource"), estate.texts("resource.texts")
    if target.pattern is None:
        close = prefixes.may_match(target.text)
    elif target.pattern.everything:
        close = wanted
    else:
        close = prefixes.may_overlap(target.pattern.prefix)
    found = np.zeros(len(wanted), np.int8)
    places = np.searchsorted(wanted, close)
    here = (places < len(wanted)) & (wanted[np.minimum(places, len(wanted) - 1)] == close) if len(wanted) else []
    for place in places[here]:
        text = texts[int(wanted[place])]
        if "${" in text:
            found[place] = _MAYBE
            continue
        inside = target.inside(resource_pattern(text))
        found[place] = _YES if inside is True else _NO if inside is False else _MAYBE
    return found


def _cases(estate: CompiledEstate, statements: Array, outcome: Array, open_: Array) -> list[Case]:
    arrays = estate.arrays
    cases: dict[tuple[object, ...], Case] = {}
    numbers = statements[open_]
    rows = zip(
        numbers.tolist(),
        outcome[open_].tolist(),
        arrays["st_deny"][numbers].tolist(),
        arrays["st_condition"][numbers].tolist(),
        arrays["st_variables"][numbers].tolist(),
        arrays["st_doc"][numbers].tolist(),
        strict=True,
    )
    listed = estate.rows("st_resource")
    signs = arrays["resource.sign"]
    for number, way, deny, condition, variables, document in rows:
        resources = (signs[number], listed.row(number).tobytes()) if way == _MAYBE else None
        key = (deny, condition, variables, resources)
        case = cases.get(key)
        if case is None:
            case = cases[key] = Case(estate.statement(number))
        case.documents.append(document)
    return list(cases.values())
