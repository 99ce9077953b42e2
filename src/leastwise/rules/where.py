"""The `where` of a rule file as a tree of tests, each checked against its column."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.model.tables import Column

from .fields import Fields
from .schema import LARGEST, OPERATORS, AllOf, AnyOf, Node, Not, Test, Value

_DEPTH = 20


def read_where(fields: Fields, columns: Mapping[str, Column], parameters: Collection[str]) -> Node:
    """The tree under `where`.

    Raises:
        RuleFileError: a test names no column, does not suit its column, or has a value of the wrong form.
    """
    return _node(fields, fields.value("where"), "where", columns, parameters)


def _node(fields: Fields, body: Any, place: str, columns: Mapping[str, Column], parameters: Collection[str]) -> Node:
    if not isinstance(body, dict):
        raise fields.error(place, "is not a test, nor all, any or not")
    if place.count(".") + place.count("[") > _DEPTH:
        raise fields.error(place, f"lies deeper than {_DEPTH} levels")
    word = next((word for word in ("all", "any", "not") if word in body), "")
    if not word:
        return _test(fields, body, place, columns, parameters)
    if len(body) != 1:
        raise fields.error(place, f"{word} stands beside other keys")
    if word == "not":
        return Not(_node(fields, body["not"], f"{place}.not", columns, parameters))
    parts = body[word]
    if not isinstance(parts, list) or not parts:
        raise fields.error(f"{place}.{word}", "is not a list of tests")
    nodes = tuple(
        _node(fields, part, f"{place}.{word}[{index}]", columns, parameters) for index, part in enumerate(parts)
    )
    return AllOf(nodes) if word == "all" else AnyOf(nodes)


def _test(
    fields: Fields, body: dict[Any, Any], place: str, columns: Mapping[str, Column], parameters: Collection[str]
) -> Test:
    name = body.get("column")
    if not isinstance(name, str) or name not in columns:
        raise fields.error(f"{place}.column", f"{name!r} is none of {', '.join(columns)}")
    operators = [key for key in body if key != "column"]
    if len(operators) != 1 or operators[0] not in OPERATORS:
        raise fields.error(place, f"needs exactly one of {', '.join(OPERATORS)} beside column")
    operator = operators[0]
    kinds, form = OPERATORS[operator]
    kind = columns[name].kind
    if kind not in kinds:
        raise fields.error(f"{place}.{operator}", f"cannot test {name}, a column of kind {kind}")
    value = _value(body[operator], form, kind, parameters)
    if form == "column" and (value not in columns or columns[str(value)].kind != kind):
        value = None
    if value is None:
        raise fields.error(f"{place}.{operator}", f"{body[operator]!r} is not what it needs ({form})")
    return Test(name, operator, value)


def _value(value: Any, form: str, kind: str, parameters: Collection[str]) -> Value | None:
    """The value in the form that its test needs, or None."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
    named = isinstance(value, str) and value.startswith("$") and value[1:] in parameters
    if form == "bool":
        return value if isinstance(value, bool) else None
    if form == "number" or (form == "scalar" and kind == "int"):
        return value if whole or named else None
    if form in ("scalar", "column"):
        return value if isinstance(value, str) else None
    if form == "regex":
        return value if isinstance(value, str) and _compiles(value) else None
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and items and all(isinstance(item, str) for item in items):
        return tuple(items)
    return None


def _compiles(pattern: str) -> bool:
    """Whether the engine that will search with the expression (RE2) takes it."""
    try:
        pc.match_substring_regex(pa.scalar(""), pattern)
    except pa.ArrowInvalid:
        return False
    return True
