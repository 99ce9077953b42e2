"""What conditions ask of principals, as columns of numbers: principals with equal numbers decide alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Literal

from ..evaluate.facts import Facts, Look, Values
from ..evaluate.operators import Condition, condition
from ..evaluate.policy import Statement, Test
from ..evaluate.principals import SESSION_NAME
from ..evaluate.variables import has_variables
from .context import TAGS, of_principal, principal_facts
from .estate import CompiledEstate
from .places import Guardrails

_VARIABLE = re.compile(r"\$\{\s*([^,}]*?)\s*(?:,[^}]*)?\}")
_SELF = ("aws:principalarn", "aws:username", "aws:userid", SESSION_NAME)
_ACCOUNT = ("aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount")
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
    for value in (*(statement.resources or ()), *(statement.not_resources or ())):
        yield from (("value", key) for key in _inside(value, statement) if of_principal(key))


def _inside(value: str, statement: Statement) -> list[str]:
    if not (statement.variables and has_variables(value)):
        return []
    return [key.lower() for key in _VARIABLE.findall(value)]


class Columns:
    """Computes columns over some principals.

    Args:
        estate: where the principals stand.
        guardrails: where their organizations stand.
        among: the numbers of the principals.
        bring: mask of the roles whose sessions can bring tags of their own; they then have no tags that are known.
    """

    def __init__(self, estate: CompiledEstate, guardrails: Guardrails, among: Array, bring: Array) -> None:
        self._estate, self._guardrails, self._among, self._bring = estate, guardrails, among, bring

    def column(self, trait: Trait) -> Array:
        """One number for each principal."""
        kind, what = trait
        if kind == "value":
            return self._codes(str(what))
        assert isinstance(what, Test)
        return self._outcomes(what)

    def _codes(self, key: str) -> Array:
        arrays = self._estate.arrays
        if key in _SELF:
            return self._among
        if key in _ACCOUNT:
            return np.asarray(arrays["principal.account"][self._among])
        if key.startswith(TAGS):
            return self._tag(key.removeprefix(TAGS))
        return np.asarray(arrays["principal.native"][self._among])

    def _tag(self, name: str) -> Array:
        """The value of a tag as a number; -1 where it is missing, -2 where a session can bring it."""
        arrays, keys = self._estate.arrays, self._estate.texts("principal.tag.key")
        wanted = [number for number, key in enumerate(keys.all()) if key.lower() == name]
        column = np.full(self._estate.principals, -1, np.int64)
        starts = arrays["principal.tag.starts"]
        owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        for number in wanted:
            rows = np.flatnonzero(arrays["principal.tag.keys"] == number)
            column[owner[rows]] = arrays["principal.tag.values"][rows]
        column[self._bring] = -2
        return column[self._among]

    def _outcomes(self, test: Test) -> Array:
        """How a test ends for each principal: 0 and 1, or 2 where its key is not known."""
        atom = condition(test, Facts({test.key.lower(): Look.PRESENT}), variables=False)
        if not isinstance(atom, Literal) or not isinstance(atom.atom, Condition):
            return np.zeros(len(self._among), np.int64)
        key = test.key.lower()
        codes = self._codes(key)
        distinct, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        ends = np.empty(len(distinct), np.int64)
        for place, row in enumerate(first.tolist()):
            values = self._values(key, int(codes[row]), int(self._among[row]))
            ends[place] = (
                2 if values is Look.UNKNOWN else atom.atom.holds(values if isinstance(values, tuple) else None)
            )
        return np.asarray(ends[inverse])

    def _values(self, key: str, code: int, number: int) -> Values | Look:
        if key == "aws:principalarn":
            return (self._estate.principal_ids[number],)
        if key.startswith(TAGS):
            if code == -2:
                return Look.UNKNOWN
            return Look.ABSENT if code == -1 else (self._estate.texts("principal.tag.value")[code],)
        principal = self._estate.principal(number)
        facts = principal_facts(self._estate, self._guardrails, principal, None, tag_sessions=False)
        return facts.get(key, Look.UNKNOWN)
