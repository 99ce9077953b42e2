"""Rows of the tables of events and changes as tuples, and the tables made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import empty, table
from leastwise.model.tables.usage import CHANGES, EVENTS

Row = tuple[Any, ...]

_CHANGED = (
    "provider", "account", "what", "subject", "object", "verb", "time", "principal", "session", "origin",
    "source_identity", "event",
)  # fmt: skip


def events_of(
    rows: Sequence[Row], own: Sequence[str], shared: Sequence[Sequence[str]], same: Mapping[str, object]
) -> pa.Table:
    """Rows of events as a table.

    Args:
        rows: each has a value for every column of `own`, then a tuple for every one of `shared`.
        own: columns that differ from row to row.
        shared: columns of tuples that many rows have together; one without a name is left out.
        same: columns that say the same in every row.
    """
    if not rows:
        return empty(EVENTS)
    found = [list(column) for column in zip(*rows, strict=True)]
    columns: dict[str, Any] = dict(zip(own, found, strict=False))
    columns |= {name: pa.repeat(pa.scalar(value), len(rows)) for name, value in same.items()}
    for names, parts in zip(shared, found[len(own) :], strict=True):
        columns |= _shared(names, parts)
    return table(EVENTS, columns)


def changes_of(rows: Sequence[Row]) -> pa.Table:
    """Rows of changes as a table, each with the columns of it in their order."""
    if not rows:
        return empty(CHANGES)
    return table(CHANGES, dict(zip(_CHANGED, map(list, zip(*rows, strict=True)), strict=True)))


def _shared(names: Sequence[str], parts: Sequence[Row]) -> dict[str, pa.Array]:
    """Columns of parts that rows share: each part is looked at once."""
    numbers: dict[int, int] = {}
    places = pa.array([numbers.setdefault(id(part), len(numbers)) for part in parts], pa.int32())
    distinct = {id(part): part for part in parts}
    columns = zip(*(distinct[one] for one in numbers), strict=True)
    return {name: pa.array(list(column)).take(places) for name, column in zip(names, columns, strict=True) if name}
