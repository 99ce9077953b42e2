"""Rows of the tables of several scopes, a few columns at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain

if TYPE_CHECKING:
    from .base import ScopeTables


def rows_of(scopes: Sequence[ScopeTables], name: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in every scope that has it, as plain values of some columns."""
    for one in scopes:
        if name in one.tables:
            part = plain(one.tables[name].select(list(columns)))
            yield from zip(*(part[column].to_pylist() for column in columns), strict=True)


def rows_with(
    scopes: Sequence[ScopeTables], name: str, where: tuple[str, str], *columns: str
) -> Iterator[tuple[Any, ...]]:
    """The same of those rows of which one column has a value; nothing of the others is written out."""
    for one in scopes:
        if name in one.tables:
            table = one.tables[name]
            yield from rows_of([replace(one, tables={name: table.filter(_has(table, *where))})], name, *columns)


def _has(table: pa.Table, column: str, value: str) -> pa.ChunkedArray:
    return pc.equal(table[column].cast(pa.string()), value)
