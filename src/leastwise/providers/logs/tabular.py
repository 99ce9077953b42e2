"""Rows of tables, as answers of queries have them, and values of a record under one of several names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]


def rows_of(table: Row) -> Iterator[Row]:
    """The rows of a table as a query's answer has them: names of columns, then values."""
    columns, rows = table.get("columns"), table.get("rows")
    if isinstance(columns, list) and isinstance(rows, list):
        names = [one.get("name") if isinstance(one, dict) else one for one in columns]
        for row in rows:
            if isinstance(row, list) and len(row) == len(names):
                yield {str(name): value for name, value in zip(names, row, strict=True) if value not in (None, "")}


def table_rows(value: Row) -> Iterator[Row] | None:
    """The rows of a value that is a table; None when it is none."""
    return rows_of(value) if "columns" in value and "rows" in value else None


def first(row: Row, *names: str) -> Any:
    """The first value that is not empty; None where all are."""
    return next((found for name in names if (found := row.get(name)) not in (None, "")), None)


def word(value: Row, name: str) -> str:
    """A text, also where it stands as `{"value": …}` or under the name in lower case; a whole number as a text."""
    found = value.get(name)
    if type(found) is str:
        return found
    if found is None and (found := value.get(name.lower())) is None:
        return ""
    if isinstance(found, dict):
        found = found.get("value")
    if isinstance(found, str):
        return found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def address(written: str) -> str:
    """An address without its port."""
    if written.count(":") == 1:
        return written.partition(":")[0]
    return written[1:].partition("]")[0] if written.startswith("[") else written
