"""Conditions as trees: what `parse.parse_condition` makes, and how one is written again.

https://learn.microsoft.com/azure/role-based-access-control/conditions-format
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cached_property

from leastwise.engine.patterns import Pattern, Token, Wild, join

SOURCES = ("Request", "Resource", "Principal", "Environment")
SUBOPERATION = "@Request[subOperation]"
"""The older way to write the suboperation, and its name among the attributes of a request."""
_KEYED = re.compile(r"(?P<path>[^:]*):(?P<key>.*)<\$key_case_sensitive\$>", re.DOTALL | re.IGNORECASE)


class Family(StrEnum):
    """What kind of values an operator compares."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATETIME = "DateTime"
    BOOL = "Bool"
    GUID = "Guid"


class Relation(StrEnum):
    """How an operator compares, before it is negated."""

    EQUALS = "Equals"
    STARTS = "StartsWith"
    LIKE = "Like"
    LESS = "LessThan"
    LESS_EQUALS = "LessThanEquals"
    GREATER = "GreaterThan"
    GREATER_EQUALS = "GreaterThanEquals"


class Quantifier(Enum):
    """How many values of the left side must pass, against how many of the right."""

    ANY_ANY = "ForAnyOfAnyValues"
    ALL_ANY = "ForAllOfAnyValues"
    ANY_ALL = "ForAnyOfAllValues"
    ALL_ALL = "ForAllOfAllValues"

    @property
    def all_left(self) -> bool:
        """Whether every value of the left side must pass."""
        return self in (Quantifier.ALL_ANY, Quantifier.ALL_ALL)

    @property
    def all_right(self) -> bool:
        """Whether one must pass against every value of the right side."""
        return self in (Quantifier.ANY_ALL, Quantifier.ALL_ALL)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, in ten millionths of a second since the year 1."""

    ticks: int
    text: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Moment) and other.ticks == self.ticks

    def __hash__(self) -> int:
        return hash(self.ticks)


Value = str | int | bool | Moment
"""A value that a condition writes; a GUID is a text."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison, as `StringNotLikeIgnoreCase`.

    Args:
        family: of the values.
        relation: between them.
        negated: the relation must not hold.
        fold: without case.
    """

    family: Family
    relation: Relation
    negated: bool = False
    fold: bool = False

    def __str__(self) -> str:
        negation, fold = "Not" if self.negated else "", "IgnoreCase" if self.fold else ""
        return f"{self.family}{negation}{self.relation}{fold}"


@dataclass(frozen=True)
class Attribute:
    """An attribute of the request, the resource, the principal or the environment.

    Args:
        source: one of `SOURCES`.
        name: as it is written between the brackets.
    """

    source: str
    name: str

    @cached_property
    def key(self) -> str:
        """What it is compared by: without case, but for the key of a tag."""
        found = _KEYED.fullmatch(self.name)
        if found is None:
            return f"@{self.source}[{self.name}]".lower()
        return f"@{self.source}[{found['path']}:".lower() + found["key"] + "<$key_case_sensitive$>]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attribute) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return f"@{self.source}[{self.name}]"


@dataclass(frozen=True, slots=True)
class Values:
    """Values that the condition writes; `many` where they stand in braces."""

    values: tuple[Value, ...]
    many: bool = False

    def __str__(self) -> str:
        texts = ", ".join(map(written, self.values))
        return f"{{{texts}}}" if self.many else texts


Operand = Attribute | Values


def written(value: Value) -> str:
    """A value as conditions write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"'{value.text if isinstance(value, Moment) else value}'"


@dataclass(frozen=True, slots=True)
class _Matches:
    """Whether something is one of a pattern. A function of conditions: it is written with its own name."""

    pattern: str

    def __str__(self) -> str:
        return f"{type(self).__name__}{{'{self.pattern}'}}"


@dataclass(frozen=True, slots=True)
class ActionMatches(_Matches):
    """Whether the operation is one of a pattern."""


@dataclass(frozen=True, slots=True)
class SubOperationMatches(_Matches):
    """Whether the suboperation is one of a pattern."""


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether an attribute is there."""

    attribute: Attribute

    def __str__(self) -> str:
        return f"Exists {self.attribute}"


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two sides; without a quantifier each is one value."""

    left: Operand
    operator: Operator
    right: Operand
    quantifier: Quantifier | None = None

    def __str__(self) -> str:
        operator = f"{self.quantifier.value}:{self.operator}" if self.quantifier else str(self.operator)
        return f"{self.left} {operator} {self.right}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Node

    def __str__(self) -> str:
        return f"NOT ({self.part})"


@dataclass(frozen=True, slots=True)
class _Joined:
    """Several parts. An operator of conditions: it is written as its own name, in capitals."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return f" {type(self).__name__.upper()} ".join(_inner(one) for one in self.parts)


@dataclass(frozen=True, slots=True)
class And(_Joined):
    """Every part."""


@dataclass(frozen=True, slots=True)
class Or(_Joined):
    """One of the parts."""


Leaf = ActionMatches | SubOperationMatches | Exists | Compare
Node = Leaf | Not | And | Or


def _inner(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)


def like(text: str, *, fold: bool) -> Pattern:
    r"""The pattern of a `Like` value: `*` takes any letters, `?` one; `\*` and `\?` are the letters themselves."""
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == "\\" and text[place + 1 : place + 2] in ("*", "?"):
            tokens.append(text[place + 1])
            place += 2
            continue
        tokens.append({"*": Wild.ANY, "?": Wild.ONE}.get(letter, letter))
        place += 1
    return Pattern(join(tokens), fold)


def starting(text: str, *, fold: bool) -> Pattern:
    """The pattern of everything that begins with a text."""
    return Pattern(join((text, Wild.ANY)), fold)
