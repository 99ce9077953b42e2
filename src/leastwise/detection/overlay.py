"""Laying what only an estate knows (break-glass, owners, zone of trust …) over a read model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import arrow_schema
from leastwise.model.tables import TableSpec
from leastwise.rules.views import DEFAULTS, OVERLAYS, VIEWS

SUBJECT_OF: Mapping[str, str] = {spec.name: subject for subject, spec in VIEWS.items()}
"""Subject of rules that each view table is, by the table's name."""


def with_overlay(
    view_name: str, table: pa.Table, columns: Mapping[str, Sequence[Any] | pa.Array | pa.ChunkedArray] | None = None
) -> pa.Table:
    """The view with every overlay column: the ones given, those it has already, else the defaults.

    Args:
        view_name: name of the view table (`identities`, `credentials_view` …).
        table: its rows.
        columns: one value a row for some of the view's overlay columns.

    Raises:
        KeyError: there is no such view, or a column is not one of its overlay columns.
        ValueError: a column that is not optional holds a null, or has another number of rows.
    """
    overlays = OVERLAYS[SUBJECT_OF[view_name]]
    schema = arrow_schema(TableSpec(view_name, "", overlays))
    given = columns or {}
    unknown = set(given) - set(schema.names)
    if unknown:
        raise KeyError(f"{view_name}: undeclared overlay columns {sorted(unknown)}")
    for field in schema:
        has = table.schema.get_field_index(field.name)
        if field.name in given:
            values: Any = given[field.name]
            plain = not isinstance(values, pa.Array | pa.ChunkedArray)
            array = pa.array(values, field.type) if plain else values.cast(field.type)
        elif has >= 0:
            continue
        else:
            default, rows = pa.scalar(DEFAULTS[field.name], field.type), table.num_rows
            array = pa.repeat(default, rows) if rows else pa.array([], field.type)
        if len(array) != table.num_rows or (array.null_count and not field.nullable):
            raise ValueError(f"{view_name}.{field.name}: {len(array)} values with {array.null_count} nulls do not fit")
        table = table.set_column(has, field, array) if has >= 0 else table.append_column(field, array)
    return table
