"""The tables of one scope as the compiler is given them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from leastwise.engine.columns import empty
from leastwise.model.tables import BY_NAME


@dataclass(frozen=True, slots=True)
class ScopeTables:
    """One snapshot: its scope, and its fact tables by name."""

    kind: str
    id: str
    tables: Mapping[str, pa.Table]
    readable: bool = True


def joined(scopes: Sequence[ScopeTables], name: str, columns: list[str] | None) -> pa.Table:
    """A table of all scopes, one behind the other."""
    parts = [one.tables[name] for one in scopes if name in one.tables]
    table = pa.concat_tables(parts) if parts else empty(BY_NAME[name])
    return table if columns is None else table.select(columns)
