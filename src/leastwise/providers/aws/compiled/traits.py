"""What conditions ask of principals, as columns of numbers: principals with equal numbers decide alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula, Literal
from leastwise.engine.patterns import Pattern, matching_lines

from ..evaluate.facts import Facts, Look
from ..evaluate.operators import Condition, condition
from ..evaluate.policy import Statement, Test
from ..evaluate.principals import SESSION_NAME
from ..evaluate.variables import has_variables
from .context import MFA, TAGS, Known, of_principal, principal_facts
from .estate import CompiledEstate
from .places import Guardrails

_VARIABLE = re.compile(r"\$\{\s*([^,}]*?)\s*(?:,[^}]*)?\}")
_SELF = ("aws:principalarn", "aws:username", "aws:userid", SESSION_NAME)
_ACCOUNT = ("aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount")
_MOST_COLUMNS = 64
Trait = tuple[str, object]
"""A column: `value` of a key, or `test` and the test."""


def traits_of(statements: Iterable[Statement]) -> set[Trait]:
    """The columns on which what statements say of a principal depends."""
    return {trait for statement in statements for trait in _traits(statement)}


def _traits(statement: Statement) -> Iterator[Trait]:
    for test in statement.tests:
        inside = [key for value in test.values for key in _inside(value, statement)]
        if inside:
            yield from (("value", key) for key in (test.key.lower(), *inside) if of_principal(key))
        elif of_principal(test.key):
            yield "test", test
        elif test.key.lower().startswith(MFA):
            yield "value", MFA
    for value in (*(statement.resources or ()), *(statement.not_resources or ())):
        yield from (("value", key) for key in _inside(value, statement) if of_principal(key))


def _inside(value: str, statement: Statement) -> list[str]:
    if not (statement.variables and has_variables(value)):
        return []
    return variables(value)


def variables(value: str) -> list[str]:
    """The keys of the variables in a value, in lower case."""
    return [key.lower() for key in _VARIABLE.findall(value)]


class Columns:
    """Computes columns over the principals of an estate; what a test says of every ARN is kept.

    Args:
        estate: where the principals stand.
        guardrails: where their organizations stand.
    """

    def __init__(self, estate: CompiledEstate, guardrails: Guardrails) -> None:
        self._estate, self._guardrails = estate, guardrails
        self._arns = lru_cache(maxsize=_MOST_COLUMNS)(self._of_arns)
        self._told: dict[Test, dict[Formula, int]] = {}
        self._tags = lru_cache(maxsize=_MOST_COLUMNS)(self._of_tag)

    def column(self, trait: Trait, among: Array, bring: Array) -> Array:
        """One number for each of some principals; principals of one number are alike also in different questions.

        Args:
            trait: what is asked.
            among: the numbers of the principals.
            bring: mask of the roles whose sessions can bring tags of their own; they have no tags that are known.
        """
        kind, what = trait
        if kind == "value":
            return self._codes(str(what), among, bring)
        assert isinstance(what, Test)
        if what.key.lower() == "aws:principalarn":
            return self._arns(what)[among]
        return self._outcomes(what, among, bring)

    def _codes(self, key: str, among: Array, bring: Array) -> Array:
        arrays = self._estate.arrays
        if key in _SELF:
            return among
        if key == MFA:
            return np.asarray(arrays["principal.mfa"][among])
        if key in _ACCOUNT:
            return np.asarray(arrays["principal.account"][among])
        if key.startswith(TAGS):
            return np.where(bring[among], -2, self._tags(key.removeprefix(TAGS))[among])
        return np.asarray(arrays["principal.native"][among])

    def _of_tag(self, name: str) -> Array:
        """The value of a tag of every principal as a number; -1 where it is missing."""
        arrays, keys = self._estate.arrays, self._estate.texts("principal.tag.key")
        wanted = [number for number, key in enumerate(keys.all()) if key.lower() == name]
        column = np.full(self._estate.principals, -1, np.int64)
        starts = arrays["principal.tag.starts"]
        for number in wanted:
            rows = np.flatnonzero(arrays["principal.tag.keys"] == number)
            owner = np.searchsorted(starts, rows, side="right") - 1
            column[owner] = arrays["principal.tag.values"][rows]
        return column

    def _of_arns(self, test: Test) -> Array:
        """Whether a test of aws:PrincipalArn holds for every user and role."""
        count = self._estate.principals
        atom = _atom(condition(test, Facts({test.key.lower(): Look.PRESENT}), variables=False))
        if atom is None or not all(isinstance(one, Pattern) for one in atom.expected) or atom.operator.family == "null":
            return self._outcomes(test, np.arange(count), np.zeros(count, bool))
        found = np.zeros(count, bool)
        for pattern in atom.expected:
            begins = np.fromiter(matching_lines(pattern, self._lines), np.int64)
            found[np.searchsorted(self._starts, begins)] = True
        # All of them are ARNs, so that a negated operator holds exactly where the plain one does not.
        holds = found != atom.operator.negated if atom.expected else np.zeros(count, bool)
        return np.asarray(holds.astype(np.int8))

    @cached_property
    def _lines(self) -> str:
        # An id with a line break is none of AWS; it must not move the others.
        return "\n".join(id.replace("\n", "\0") for id in self._estate.principal_ids.all())

    @cached_property
    def _starts(self) -> Array:
        lengths = np.fromiter(map(len, self._lines.split("\n")), np.int64)
        starts: Array = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
        return starts

    def _outcomes(self, test: Test, among: Array, bring: Array) -> Array:
        """How a test ends for each principal: 0 and 1, or 2 where its key is not known."""
        key = test.key.lower()
        asked = condition(test, Facts({key: Look.PRESENT}), variables=False)
        if isinstance(asked, bool):
            return np.zeros(len(among), np.int64)
        atom = _atom(asked)
        told = self._told.setdefault(test, {})
        codes = self._codes(key, among, bring)
        distinct, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        ends = np.empty(len(distinct), np.int64)
        for place, row in enumerate(first.tolist()):
            values = self._values(key, int(codes[row]), int(among[row]))
            if atom is None:
                # How AWS reads a value of the test is not known: alike are those of whom it says the same.
                formula = condition(test, Facts({key: values}), variables=False)
                ends[place] = told.setdefault(formula, len(told))
            elif isinstance(values, tuple) or values is Look.ABSENT:
                ends[place] = atom.holds(values if isinstance(values, tuple) else None)
            elif isinstance(values, Look):
                ends[place] = 2 + (values is Look.PRESENT)
            else:
                formula = condition(test, Facts({key: values}), variables=False)
                # What is left of the test depends on the pattern of the principal's own.
                ends[place] = formula if isinstance(formula, bool) else 4 + int(among[row])
        return np.asarray(ends[inverse])

    def _values(self, key: str, code: int, number: int) -> Known:
        if key == "aws:principalarn":
            return (self._estate.principal_ids[number],)
        if key.startswith(TAGS):
            if code == -2:
                return Look.UNKNOWN
            return Look.ABSENT if code == -1 else (self._estate.texts("principal.tag.value")[code],)
        principal = self._estate.principal(number)
        facts = principal_facts(self._estate, self._guardrails, principal, None, tag_sessions=False)
        return facts.get(key, Look.UNKNOWN)


def _atom(found: Formula) -> Condition | None:
    """A test of a key that is known to be there, or None for one that is settled, or rests on more than the key."""
    return found.atom if isinstance(found, Literal) and isinstance(found.atom, Condition) else None
