"""Rows of the table `observability`, as tuples, and the table made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from leastwise.engine.columns import arrow_schema
from leastwise.model.tables.usage import OBSERVABILITY
from leastwise.providers.holding import ALWAYS, NEVER

EVERYWHERE = "*"


class Row(NamedTuple):
    """What one row says of an account, see the table."""

    permission: str
    resource: str
    observed: str
    reason: str
    log: str = ""
    begin: datetime = ALWAYS
    end: datetime = NEVER


def table_of(provider: str, source: str, rows: Sequence[tuple[str, Row]]) -> pa.Table:
    """Rows, each with its account, as the table."""
    size = len(rows)
    columns: dict[str, list[object]] = {
        "provider": [provider] * size, "account": [account for account, _ in rows], "region": [EVERYWHERE] * size,
        "source": [source] * size,
    }  # fmt: skip
    for name in Row._fields:
        columns[name] = [getattr(row, name) for _, row in rows]
    schema = arrow_schema(OBSERVABILITY)
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)
