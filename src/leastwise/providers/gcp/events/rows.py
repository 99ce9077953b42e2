"""Rows of a BigQuery sink as `tabledata.list` gives them, as the entries that an export of the table has.

https://docs.cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list (cells)
https://docs.cloud.google.com/logging/docs/export/bigquery (columns)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

COLUMNS = (
    "logName", "resource", "protopayload_auditlog", "timestamp", "receiveTimestamp", "insertId", "operation",
)  # fmt: skip
"""The columns that an entry is read from."""
Field = Mapping[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RECORDS, _WHOLE = ("RECORD", "STRUCT"), ("INTEGER", "INT64")


def columns(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of a table's schema that are needed, in its order."""
    fields = schema.get("fields")
    return [one for one in fields if isinstance(one, dict) and one.get("name") in COLUMNS] if fields else []


def entries(page: Mapping[str, Any], fields: Sequence[Field]) -> Iterator[dict[str, Any]]:
    """The entries of a page of rows that holds these fields, without what is null. ValueError when it holds others."""
    for row in page.get("rows") or ():
        yield _record(row, fields)


def _record(row: Any, fields: Sequence[Field]) -> dict[str, Any]:
    cells = row.get("f") if isinstance(row, dict) else None
    if not isinstance(cells, list) or len(cells) != len(fields):
        raise ValueError("a row has other cells than its table has columns")
    found = {}
    for cell, field in zip(cells, fields, strict=True):
        value = cell.get("v") if isinstance(cell, dict) else None
        if field.get("mode") == "REPEATED":
            told: Any = [_value(one.get("v"), field) for one in value or () if isinstance(one, dict)]
        else:
            told = None if value is None else _value(value, field)
        if told not in (None, [], {}):
            found[str(field["name"])] = told
    return found


def _value(value: Any, field: Field) -> Any:
    """A cell's value; ValueError when it is none of its type."""
    type = str(field.get("type", "")).upper()
    if type in _RECORDS:
        return _record(value, field.get("fields") or ())
    if value is None or not isinstance(value, str):
        return value
    if type in ("BOOLEAN", "BOOL"):
        return value.lower() == "true"
    if type in _WHOLE:
        return int(value)
    if type == "TIMESTAMP":
        return _time(value)
    return value


def _time(value: str) -> str:
    """Microseconds since 1970, or seconds with a fraction, as the API of Logging writes a time."""
    micro = int(value) if value.lstrip("-").isdigit() else round(float(value) * 1_000_000)
    return (_EPOCH + timedelta(microseconds=micro)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
