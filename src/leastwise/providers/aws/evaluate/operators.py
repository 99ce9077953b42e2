"""Condition operators: what one test says of the values of one key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.patterns import Pattern, Token, TooManyStatesError, regions, tokens_across
from leastwise.engine.solve import Gap

from . import scalars
from .arn import arn_like
from .facts import Facts, Instant, Look, Values, Within
from .policy import Test
from .variables import Open, Part, Unresolved, closed, has_variables, keys_of, resolve

Shown = tuple[str, str, tuple[str, ...]]
"""A test as written: operator, key, values."""
_NAME = re.compile(r"(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operator:
    """What an operator compares, and how; `negated` ones hold where the plain one does not."""

    name: str
    family: str
    negated: bool = False


_OPERATORS = {
    operator.name.lower(): operator
    for operator in (
        Operator("StringEquals", "text"),
        Operator("StringNotEquals", "text", negated=True),
        Operator("StringEqualsIgnoreCase", "folded"),
        Operator("StringNotEqualsIgnoreCase", "folded", negated=True),
        Operator("StringLike", "like"),
        Operator("StringNotLike", "like", negated=True),
        Operator("NumericEquals", "number ="),
        Operator("NumericNotEquals", "number =", negated=True),
        Operator("NumericLessThan", "number <"),
        Operator("NumericLessThanEquals", "number <="),
        Operator("NumericGreaterThan", "number >"),
        Operator("NumericGreaterThanEquals", "number >="),
        Operator("DateEquals", "date ="),
        Operator("DateNotEquals", "date =", negated=True),
        Operator("DateLessThan", "date <"),
        Operator("DateLessThanEquals", "date <="),
        Operator("DateGreaterThan", "date >"),
        Operator("DateGreaterThanEquals", "date >="),
        Operator("Bool", "flag"),
        Operator("BinaryEquals", "binary"),
        Operator("IpAddress", "address"),
        Operator("NotIpAddress", "address", negated=True),
        Operator("ArnEquals", "arn"),
        Operator("ArnLike", "arn"),
        Operator("ArnNotEquals", "arn", negated=True),
        Operator("ArnNotLike", "arn", negated=True),
        Operator("Null", "null"),
    )
}


@cache
def is_operator(text: str) -> bool:
    """Whether a condition operator, with its quantifier and IfExists, is one of the language."""
    named = _NAME.match(text)
    return named is not None and named[2].lower() in _OPERATORS


_WITH_VARIABLES = frozenset({"text", "folded", "like", "arn"})
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement"""
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True)
class Condition:
    """A test whose values are settled: an atom of formulas.

    Args:
        variable: lower-case name of the key.
        operator: the operator without quantifier and IfExists.
        quantifier: any, all, or empty for keys with one value.
        if_exists: holds when the key is absent.
        expected: the values to compare with, those that cannot be read left out.
        shown: the test as written, for explanations.
        unresolved: one of the values is a variable without a value, which no value is like.
    """

    variable: str
    operator: Operator
    quantifier: str
    if_exists: bool
    expected: tuple[Any, ...]
    shown: Shown
    unresolved: bool = False

    def holds(self, values: Values | None) -> bool:
        """Whether the test holds for a key with these values; None for an absent key.

        A key of which every value is empty counts as null.
        """
        if self.operator.family == "null":
            absent = values is None or not any(values)
            return any(expected is absent for expected in self.expected)
        if values is None:
            return self._holds_absent()
        if self.quantifier == "any":
            return any(self.meets(value) for value in values)
        if self.quantifier == "all":
            return not any(values) or all(self.meets(value) for value in values)
        return len(values) == 1 and self.meets(values[0])

    def _holds_absent(self) -> bool:
        if self.if_exists or self.quantifier == "all":
            return True
        return self.operator.negated and self.quantifier != "any" and (bool(self.expected) or self.unresolved)

    def meets(self, value: str) -> bool:
        """Whether one value passes; one that cannot be read passes no operator, negated or not.

        A variable without a value is null: no value is equal to it or like it, so that negated operators hold.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
        """
        if not self.expected and not self.unresolved:
            return False
        found = _matches(self.operator.family, value, self.expected)
        return found is not None and found != self.operator.negated


class Comparison(Enum):
    """How a key and a variable, both not known, can compare."""

    EQUAL = "equal"
    DIFFERENT = "different"
    KEY_ABSENT = "the key is absent"
    VARIABLE_ABSENT = "the variable has no value"
    BOTH_ABSENT = "both are absent"


@dataclass(frozen=True, slots=True)
class Join:
    """A test that compares a key with another key, one of them not known: an atom of all of these.

    Args:
        shown: the test as written.
        operator: the operator without quantifier and IfExists.
        quantifier: any, all, or empty for keys with one value.
        if_exists: holds when the key is absent.
        keys: lower-case names of the keys that are not known.
        located: it compares the resource, not a key.
        given: what its request knows of the other keys that it reads, so that equal tests of requests that know
            different things (of two principals with different tags) are two atoms.
    """

    shown: Shown
    operator: Operator
    quantifier: str = ""
    if_exists: bool = False
    keys: tuple[str, ...] = ()
    located: bool = False
    given: tuple[tuple[str, Values | Look | Within], ...] = ()

    @property
    def variable(self) -> str:
        """One of the keys."""
        return self.keys[0] if self.keys else f"= {self.alike}"

    @property
    def others(self) -> tuple[str, ...]:
        """The other keys: what is tested of them is decided together."""
        return self.keys[1:]

    @property
    def alike(self) -> str:
        """The same for all tests that compare the same alike; of its own for tests of several values."""
        alike = f"{self.shown[0]} {self.if_exists}" if self.quantifier else self.operator.family
        given = f" {self.given}" if self.given else ""
        return f"{alike} {self.shown[1].lower()} {' '.join(self.shown[2])}{given}"

    @property
    def reads(self) -> frozenset[str]:
        """Lower-case names of all keys that it reads, known or not."""
        return frozenset((*self.keys, *(key for key, _ in self.given)))

    @classmethod
    def of(
        cls, shown: Shown, operator: Operator, keys: tuple[str, ...], facts: Facts, *, quantifier: str = "",
        if_exists: bool = False, located: bool = False,
    ) -> Join:  # fmt: skip
        """The atom, with what the facts know of the keys that are none of `keys`."""
        named = () if located else (shown[1].lower(),)
        read = {*named, *(one for value in shown[2] for one in keys_of(value))}
        given = tuple((key, facts.look(key)) for key in sorted(read.difference(keys)))
        return cls(shown, operator, quantifier, if_exists, keys, located, given)

    def holds(self, how: Comparison) -> bool:
        """Whether it holds when the comparison comes out so; a variable without a value is like nothing."""
        if how is Comparison.KEY_ABSENT or how is Comparison.BOTH_ABSENT:
            return self.if_exists or self.quantifier == "all" or (self.operator.negated and self.quantifier != "any")
        return (how is Comparison.EQUAL) is not self.operator.negated


def condition(test: Test, facts: Facts, *, variables: bool) -> Formula:
    """A test as a formula: decided when the key is known, an atom when it is not.

    A malformed operator holds never; AWS accepts no policy that has one.
    """
    named = _NAME.match(test.operator)
    operator = _OPERATORS.get(named[2].lower()) if named else None
    if named is None or operator is None:
        return False
    quantifier = {"foranyvalue": "any", "forallvalues": "all"}.get((named[1] or "").lower(), "")
    shown = (test.operator, test.key, test.values)
    read = _expected(operator, test.values, facts, variables and operator.family in _WITH_VARIABLES)
    atom = Condition(
        test.key.lower(), operator, quantifier, bool(named[3]), read.values, shown, read.unresolved or bool(read.open)
    )
    return _doubted(_settled(atom, facts, read), test, atom, facts)


def _doubted(formula: Formula, test: Test, atom: Condition, facts: Facts) -> Formula:
    """A test with what it rests on besides where the page does not say how AWS reads one of its values.

    A request without the key has no value to compare.
    """
    kind, _, sign = atom.operator.family.partition(" ")
    looked = facts.look(test.key) if sign else Look.ABSENT
    if looked is Look.ABSENT:
        return formula
    given = looked if isinstance(looked, tuple) else ()
    doubted = [value for value in (*test.values, *given) if scalars.doubtful(kind, value)]
    if not doubted:
        return formula
    # What holds of one value of the key need not hold of another: each is a gap of its own.
    where = f" for {', '.join(given)}" if given else ""
    gap = Literal(Gap(f"{test.operator} {test.key} = {', '.join(doubted)}{where}: how AWS reads that as a {kind}"))
    if any(scalars.doubtful(kind, value) for value in given):
        return gap
    # Another value to compare with lets operators hold for more, and negated ones for less.
    return all_of((formula, gap)) if atom.operator.negated and atom.expected else any_of((formula, gap))


def _settled(atom: Condition, facts: Facts, read: _Expected) -> Formula:
    """A test whose values are settled, or wait for keys that are not known."""
    operator, shown, quantifier = atom.operator, atom.shown, atom.quantifier
    looked = facts.look(shown[1])
    if isinstance(looked, Instant) and operator.family.split()[0] in looked.families:
        return atom.holds((looked.value,))
    if read.open and looked is not Look.ABSENT:
        keys = (*(() if isinstance(looked, tuple) else (atom.variable,)), *sorted(read.open))
        keys = tuple(dict.fromkeys(keys))
        return Literal(Join.of(shown, operator, keys, facts, quantifier=quantifier, if_exists=atom.if_exists))
    if isinstance(looked, Within):
        return _within(atom, looked.pattern)
    if looked is Look.UNKNOWN or looked is Look.PRESENT:
        return Literal(atom)
    return atom.holds(looked if isinstance(looked, tuple) else None)


def _within(atom: Condition, known: Pattern) -> Formula:
    """A test of a key whose value lies in a pattern: decided when all of those values, or none, pass."""
    patterns = [one for one in atom.expected if isinstance(one, Pattern)]
    if atom.operator.family != "null" and len(patterns) < len(atom.expected):
        return Literal(atom)
    try:
        found = {atom.holds((one.witness,)) for one in regions([known, *patterns]) if one.matched[0]}
    except TooManyStatesError:
        return Literal(atom)
    return Literal(atom) if len(found) > 1 else found == {True}


class _Expected(NamedTuple):
    """Values to compare with; keys that are not known and stand in others; whether one is a variable without value."""

    values: tuple[Any, ...]
    open: frozenset[str]
    unresolved: bool


def _expected(operator: Operator, values: Values, facts: Facts, variables: bool) -> _Expected:
    """The values as what the operator compares with; without those of which it is not known how AWS reads them."""
    kind, _, sign = operator.family.partition(" ")
    values = tuple(one for one in values if not scalars.doubtful(kind, one)) if sign else values
    read: list[Any] = []
    waiting: set[str] = set()
    unresolved = False
    for value in values:
        if variables and has_variables(value):
            parts = resolve(value, facts, wildcards=operator.family in ("like", "arn"))
            if isinstance(parts, Unresolved):
                unresolved = True
                continue
        else:
            parts = _written(operator.family, value)
        tokens = closed(parts)
        if tokens is None:
            waiting |= {part.key for part in parts if isinstance(part, Open)}
            continue
        one = read_value(operator.family, tokens)
        if one is not None:
            read.append(one)
    return _Expected(tuple(read), frozenset(waiting), unresolved)


def _written(family: str, value: str) -> tuple[Part, ...]:
    return tuple(tokens_across(value)) if family in ("like", "arn") else (value,) if value else ()


_READERS: dict[str, Callable[[str], Any]] = {
    "number": scalars.number,
    "date": scalars.moment,
    "flag": scalars.flag,
    "null": scalars.flag,
    "binary": scalars.binary,
    "address": scalars.network,
}


def read_value(family: str, tokens: tuple[Token, ...]) -> Any:
    """A value as what operators of a family compare with; None when it cannot be read."""
    if family in ("text", "like"):
        return Pattern(tokens)
    if family == "folded":
        return Pattern(tokens, fold=True)
    if family == "arn":
        return arn_like(tokens)
    return _READERS[family.split()[0]]("".join(str(token) for token in tokens))


def _matches(family: str, value: str, expected: tuple[Any, ...]) -> bool | None:
    """Whether the value is one of those expected; None when it cannot be read."""
    if family in ("text", "folded", "like"):
        return any(pattern.matches(value) for pattern in expected)
    if family == "arn":
        if value.count(":") < 5 or not value.startswith("arn:"):
            return None
        return any(pattern.matches(value) for pattern in expected)
    if family == "address":
        given = scalars.address(value)
        return None if given is None else any(given.version == n.version and given in n for n in expected)
    kind, _, sign = family.partition(" ")
    read = _READERS[kind](value)
    if read is None:
        return None
    return any(_COMPARE[sign or "="](read, one) if sign else read == one for one in expected)
