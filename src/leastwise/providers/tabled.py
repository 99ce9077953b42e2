"""Rows of the tables of several scopes, a few columns at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from leastwise.engine.columns import plain

if TYPE_CHECKING:
    from .base import ScopeTables


def rows_of(scopes: Sequence[ScopeTables], name: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in every scope that has it, as plain values of some columns."""
    for one in scopes:
        if name in one.tables:
            part = plain(one.tables[name].select(list(columns)))
            yield from zip(*(part[column].to_pylist() for column in columns), strict=True)
