"""Which statements of the whole estate bear on an action and a resource: those that surely do, and cases to look into.

Everything here is a comparison of arrays; only what cannot be decided without the principal becomes a case.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.groups import parted

from ..evaluate.arn import resource_pattern
from ..evaluate.policy import Statement
from ..evaluate.statements import Target
from .estate import CompiledEstate

NO, YES, MAYBE = 0, 1, 2


@dataclass(frozen=True)
class Case:
    """Statements that say the same under the same condition.

    Args:
        statement: one of them.
        documents: those that have one.
        said: equal for cases of other questions about the same action that say the same, whatever they are asked of;
            None where that depends on the resource.
    """

    statement: Statement
    documents: Array
    said: Hashable


@dataclass(frozen=True)
class Kind(Case):
    """Statements that allow under the same condition on resources that they name, whichever: the one is without them.

    `place` is its own among the kinds.
    """

    place: int


@dataclass(frozen=True)
class Spread:
    """Statements that allow on resources that they name, for a question that leaves open which.

    Args:
        kinds: one for each condition.
        statements: the statements (their numbers).
        kind: for each of them, the place of its kind.
    """

    kinds: Sequence[Kind]
    statements: Array
    kind: Array


@dataclass(frozen=True)
class Matched:
    """The documents that surely allow or deny, the cases that may, and what may on resources that are left open."""

    allows: Array
    denies: Array
    cases: Sequence[Case]
    spread: Spread | None = None


def match(estate: CompiledEstate, statements: Array, target: Target, *, spread: bool = False) -> Matched:
    """What statements (their numbers; all concern the action) say of a target.

    Args:
        estate: where they stand.
        statements: their numbers, ascending.
        target: what is acted on.
        spread: take those that allow on resources that they name for one, if they have the same condition. The target
            must be everything.
    """
    arrays = estate.arrays
    outcome = outcomes(estate, statements, target)
    conditions = arrays["st_condition"][statements]
    sure = (outcome == YES) & (conditions < 0)
    deny = arrays["st_deny"][statements]
    documents = arrays["st_doc"][statements]
    open_ = (outcome != NO) & ~sure
    plain = np.zeros(len(statements), bool)
    if spread:
        plain = (outcome == MAYBE) & ~deny & _plain(estate, statements)
    cases = _cases(estate, statements[open_ & ~plain], outcome[open_ & ~plain] == MAYBE)
    return Matched(
        np.unique(documents[sure & ~deny]),
        np.unique(documents[sure & deny]),
        cases,
        _spread(estate, statements[plain]) if spread else None,
    )


def outcomes(estate: CompiledEstate, statements: Array, target: Target) -> Array:
    """For each statement, whether its Resource or NotResource takes the target in."""
    signs = estate.arrays["resource.sign"][statements]
    values, owner = estate.rows("st_resource").gather(statements)
    found = _patterns(estate, values, target)
    some = np.bincount(owner, found == YES, minlength=len(statements)) > 0
    maybe = np.bincount(owner, found == MAYBE, minlength=len(statements)) > 0
    inside = np.where(some, YES, np.where(maybe, MAYBE, NO))
    outside = np.where(some, NO, np.where(maybe, MAYBE, YES))
    result: Array = np.where(signs > 0, inside, np.where(signs < 0, outside, YES))
    return result


def _patterns(estate: CompiledEstate, values: Array, target: Target) -> Array:
    """For each of some patterns (numbers, also several times), whether it takes the target in."""
    prefixes, texts = estate.prefixes("resource"), estate.texts("resource.texts")
    wanted = np.zeros(len(texts), bool)
    wanted[values] = True
    if target.pattern is None:
        close = prefixes.may_match(target.text)
    elif target.pattern.everything:
        # Whatever is not everything itself takes in a part of it.
        wide = (prefixes.lengths == 0) & ~prefixes.whole & ~estate.arrays["resource.variable"]
        close = np.flatnonzero(wide)
    else:
        close = prefixes.may_overlap(target.pattern.prefix)
    everything = target.pattern is not None and target.pattern.everything
    found = np.full(len(texts), MAYBE if everything else NO, np.int8)
    for number in close[wanted[close]].tolist():
        text = texts[number]
        if "${" in text:
            found[number] = MAYBE
            continue
        inside = target.inside(resource_pattern(text))
        found[number] = YES if inside is True else NO if inside is False else MAYBE
    return np.asarray(found[values])


def _cases(estate: CompiledEstate, numbers: Array, named: Array) -> list[Case]:
    """The cases among statements; `named` tells of which it matters what resources they name."""
    arrays = estate.arrays
    columns = [arrays["st_deny"][numbers], arrays["st_condition"][numbers], arrays["st_variables"][numbers]]
    if named.any():
        contents = estate.rows("st_resource").codes(numbers)
        columns += [np.where(named, arrays["resource.sign"][numbers], 0), np.where(named, contents, -1)]
    own = named | estate.telling[columns[1]]
    return [
        Case(
            estate.statement(int(numbers[places[0]])), arrays["st_doc"][numbers[places]],
            None if own[places[0]] else tuple(int(column[places[0]]) for column in columns[:3]),
        )
        for places in _alike(columns, len(numbers))
    ]  # fmt: skip


def _spread(estate: CompiledEstate, numbers: Array) -> Spread:
    arrays = estate.arrays
    kinds: list[Kind] = []
    kind = np.zeros(len(numbers), np.int64)
    columns = [arrays["st_condition"][numbers], arrays["st_variables"][numbers]]
    for place, places in enumerate(_alike(columns, len(numbers))):
        kind[places] = place
        one = replace(estate.statement(int(numbers[places[0]])), resources=None)
        kinds.append(Kind(one, arrays["st_doc"][numbers[places]], None, place))
    return Spread(kinds, numbers, kind)


def _alike(columns: Sequence[Array], count: int) -> list[Array]:
    """The places of rows that are equal in all columns, each group ascending, by the first of each group."""
    if not count:
        return []
    return sorted(parted(columns, count), key=lambda places: int(places[0]))


def _plain(estate: CompiledEstate, statements: Array) -> Array:
    """Which statements name resources by patterns each of which has a letter, and none a variable in force.

    There is always a text that lies in none of such patterns, and one that lies in any of them.
    """
    arrays = estate.arrays
    values, owner = estate.rows("st_resource").gather(statements)
    wanted, at = np.unique(values, return_inverse=True)
    texts = estate.texts("resource.texts")
    bare = np.zeros(len(wanted), bool)
    for place in np.flatnonzero(estate.prefixes("resource").lengths[wanted] == 0).tolist():
        bare[place] = not texts[int(wanted[place])].strip("*?")
    variable = arrays["resource.variable"][values] & arrays["st_variables"][statements][owner]
    strange = np.bincount(owner, bare[at] | variable, minlength=len(statements)) > 0
    plain: Array = (arrays["resource.sign"][statements] > 0) & ~strange
    return plain
