"""The cases of a rule: rows written by hand, with the columns left out filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from leastwise.model.tables import Column

from .fields import Fields
from .schema import CASE_CLOCK, Case, Cases
from .views import DEFAULTS

_EMPTY: Mapping[str, object] = {"string": "", "bool": False, "int": 0, "strings": (), "tags": ()}


def read_cases(fields: Fields, columns: Mapping[str, Column]) -> Cases:
    """The `cases` of a rule file.

    Raises:
        RuleFileError: there is no match or no near miss, or a row has a value that its column cannot hold.
    """
    section = fields.section("cases", ("match", "near_miss"), ("unknown",))
    read = {kind: _list(section, kind, columns) for kind in ("match", "near_miss", "unknown")}
    for kind in ("match", "near_miss"):
        if not read[kind]:
            raise section.error(kind, "has no case")
    return Cases(read["match"], read["near_miss"], read["unknown"])


def full_row(row: Mapping[str, object], columns: Mapping[str, Column], provider: str) -> dict[str, object]:
    """The row with every column: what it leaves out is null where that may be, else empty, false or zero."""
    filled: dict[str, object] = {}
    for name, column in columns.items():
        if name in row:
            filled[name] = row[name]
        elif name == "provider":
            filled[name] = provider
        elif name in DEFAULTS:
            filled[name] = DEFAULTS[name]
        else:
            filled[name] = None if column.optional else _EMPTY[column.kind]
    return filled


def _list(section: Fields, kind: str, columns: Mapping[str, Column]) -> tuple[Case, ...]:
    body = section.value(kind, [])
    if not isinstance(body, list):
        raise section.error(kind, "is not a list of cases")
    return tuple(_case(section, f"{kind}[{index}]", one, columns) for index, one in enumerate(body))


def _case(section: Fields, place: str, body: Any, columns: Mapping[str, Column]) -> Case:
    fields = Fields(section.file, f"{section.place}.{place}", body, ("why", "row"), ("clock",))
    row = fields.section("row", (), tuple(columns))
    values = {}
    for name, column in columns.items():
        value = row.value(name, _EMPTY)
        if value is _EMPTY:
            continue
        values[name] = _cell(row, column, value)
    clock = fields.value("clock")
    return Case(fields.text("why"), values, CASE_CLOCK if clock is None else _time(fields, "clock", clock))


def _cell(row: Fields, column: Column, value: Any) -> object:
    if value is None:
        if column.optional:
            return None
        raise row.error(column.name, "must have a value")
    if column.kind == "time":
        return _time(row, column.name, value)
    if column.kind == "strings":
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif column.kind == "tags":
        if isinstance(value, dict) and all(isinstance(item, str) for pair in value.items() for item in pair):
            return tuple(value.items())
    elif type(value) is {"string": str, "bool": bool, "int": int}[column.kind]:
        return value
    raise row.error(column.name, f"{value!r} is not of kind {column.kind}")


def _time(fields: Fields, key: str, value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise fields.error(key, f"{value!r} is not a time")
