"""The tables of all scopes, as the compiler reads them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from leastwise.engine.columns import empty
from leastwise.model.tables import BY_NAME
from leastwise.providers.base import ScopeTables

__all__ = ["ScopeTables", "joined", "plain"]


def joined(scopes: Sequence[ScopeTables], name: str, columns: list[str] | None) -> pa.Table:
    """A table of all scopes, one behind the other, its columns as declared (see `plain`)."""
    wanted = list(BY_NAME[name].names()) if columns is None else columns
    parts = [plain(one.tables[name].select(wanted)) for one in scopes if name in one.tables]
    return pa.concat_tables(parts) if parts else empty(BY_NAME[name]).select(wanted)


def plain(table: pa.Table) -> pa.Table:
    """The table with texts themselves where it has positions in a list of words."""
    for index, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(index, field.name, table.column(index).cast(field.type.value_type))
    return table
