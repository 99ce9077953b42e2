"""Rows of the tables of events and changes as tuples, and the tables made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import empty, table
from leastwise.model.tables.usage import CHANGES, EVENTS

from .principals import Who
from .telling import Told

PROVIDER = "gcp"
LOG = "cloudaudit"
"""What usage names as its source."""
DATA = ("data_access",)
Row = tuple[Any, ...]

_OWN = ("id", "time", "account", "region", "source", "name", "ip", "agent", "data", "resource")
_BY = ("principal", "owner", "kind", "credential", "temporary", "workload", "origin", "via")
_TOLD = ("what", "permission", "", "bucket", "target", "outcome", "facts", "error")
_SAME = {"provider": PROVIDER, "session": "", "source_identity": "", "mfa": None, "read_only": None, "log": LOG, "grant_id": ""}
_CHANGED = (
    "provider", "account", "what", "subject", "object", "verb", "time", "principal", "session", "origin",
    "source_identity", "event",
)  # fmt: skip


def by_part(by: Who) -> Row:
    """What a row says of the caller."""
    return (by.id, by.owner, by.kind, by.credential, by.id != "" and not by.credential, by.workload, by.origin, by.via)


def told_part(tells: Told) -> Row:
    """What a row says of the call."""
    return (
        tells.what, tells.permission, tells.resource, tells.bucket, tells.target, tells.outcome, tells.facts,
        tells.error,
    )  # fmt: skip


def events(rows: list[Row]) -> pa.Table:
    """Rows of events as a table: ten own values, then `by_part` and `told_part`, most of which many rows share.

    The resource is one of the own values, not that of the part.
    """
    if not rows:
        return empty(EVENTS)
    *own, bys, tolds = zip(*rows, strict=True)
    columns: dict[str, Any] = dict(zip(_OWN, map(list, own), strict=True))
    columns |= {name: pa.repeat(pa.scalar(value), len(rows)) for name, value in _SAME.items()}
    columns |= {**_shared(_BY, bys), **_shared(_TOLD, tolds)}
    return table(EVENTS, columns)


def changes(rows: list[Row]) -> pa.Table:
    """Rows of changes as a table."""
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
