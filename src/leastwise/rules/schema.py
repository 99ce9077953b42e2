"""A posture rule as a value: the tree of tests, the message, the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from leastwise.model.finding import Severity

SCHEMA = 1
"""The rule schema that this version reads."""

CASE_CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
"""The clock of a case that names none."""

LARGEST = 100_000
"""No number of a rule or parameter goes beyond this: days before the year 1752 are no dates."""

Value = str | int | bool | tuple[str, ...]
"""What a test compares with; a text that starts with $ names a parameter where a number is wanted."""

OPERATORS: Mapping[str, tuple[frozenset[str], str]] = {
    "equals": (frozenset({"string", "int"}), "scalar"),
    "not_equals": (frozenset({"string", "int"}), "scalar"),
    "in": (frozenset({"string"}), "texts"),
    "not_in": (frozenset({"string"}), "texts"),
    "is": (frozenset({"bool"}), "bool"),
    "is_null": (frozenset({"string", "bool", "int", "time", "strings"}), "bool"),
    "matches": (frozenset({"string"}), "texts"),
    "regex": (frozenset({"string"}), "regex"),
    "contains": (frozenset({"strings"}), "texts"),
    "contains_regex": (frozenset({"strings"}), "regex"),
    "tagged": (frozenset({"tags"}), "texts"),
    "older_than": (frozenset({"time"}), "number"),
    "newer_than": (frozenset({"time"}), "number"),
    "differs_from": (frozenset({"string"}), "column"),
    "greater": (frozenset({"int"}), "number"),
    "less": (frozenset({"int"}), "number"),
    "size_over": (frozenset({"strings"}), "number"),
    "size_under": (frozenset({"strings"}), "number"),
}
"""Each test: the kinds of columns it reads, and the form of its value.

`equals` and `in` compare whole values; `is` asks a yes-or-no column; `is_null: true` asks whether a value is missing,
and is the only test that a missing value answers; `matches` and `contains` take globs (`*`, `?`), for a text and for
any element of a list, `tagged` for NAME=VALUE of any tag; `regex` and `contains_regex` search (RE2); `older_than` and
`newer_than` count days back from the clock, a negative number forward; `differs_from` compares with another column of
the row; `size_over` and `size_under` count the elements of a list.
"""


@dataclass(frozen=True, slots=True)
class Test:
    """One column compared with one value."""

    column: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds where every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where some part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where its part does not."""

    part: Node


Node = Test | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a user may set."""

    default: int
    doc: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message: literal text, then a field (a column, or a parameter if it starts with $).

    `form` is empty, `date` (the day of a time) or `days` (days from a time to the clock); `otherwise` is what a
    missing value reads as.
    """

    text: str
    name: str = ""
    form: str = ""
    otherwise: str = "not known"


@dataclass(frozen=True, slots=True)
class Case:
    """A row that the rule must or must not match, with what it shows."""

    why: str
    row: Mapping[str, object]
    clock: datetime = CASE_CLOCK


@dataclass(frozen=True, slots=True)
class Cases:
    """Rows that match, near misses that stay silent, rows about which the rule cannot tell."""

    match: tuple[Case, ...]
    near_miss: tuple[Case, ...]
    unknown: tuple[Case, ...] = ()


CUTS = ("unused", "actions", "bundles")
"""What a smaller grant takes away so that a finding goes: all that is unused (of `sensitive`, where the evidence names
it), the patterns of the evidence `actions` in the document, or the bundles of the evidence `admin_via`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A posture rule: which rows of a read model are findings, and what to say of them.

    `subject` names the read model; `key_subject` and `key_resource` the columns that make the finding's key (no
    resource when empty). `supersedes` are the rules that stay silent about a subject when this one speaks of it.
    `removes`: the remediation takes the subject away with everything that it may do. `cut`: one of `CUTS`.
    """

    id: str
    version: int
    title: str
    provider: str
    subject: str
    severity: Severity
    where: Node
    key_subject: str
    key_resource: str
    message: tuple[Piece, ...]
    evidence: tuple[str, ...]
    remediation: str
    cases: Cases
    file: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    limits: str = ""
    supersedes: tuple[str, ...] = ()
    removes: bool = False
    cut: str = ""


def tests_of(node: Node) -> Iterator[Test]:
    """Every test of a tree, in order."""
    match node:
        case Test():
            yield node
        case Not(part):
            yield from tests_of(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from tests_of(part)
