"""Rows of the table of events as tuples, and the table made of them."""

from __future__ import annotations

import pyarrow as pa

from leastwise.providers.logs.rows import Row, events_of

from .principals import Who
from .telling import Told

PROVIDER = "gcp"
LOG = "cloudaudit"
"""What usage names as its source."""
DATA = ("data_access",)

_OWN = ("id", "time", "account", "region", "source", "name", "ip", "agent", "data", "resource")
_BY = ("principal", "owner", "kind", "credential", "temporary", "workload", "origin", "via")
_TOLD = ("what", "permission", "", "bucket", "target", "outcome", "facts", "error")
_SAME = {
    "provider": PROVIDER,
    "session": "",
    "source_identity": "",
    "mfa": None,
    "read_only": None,
    "log": LOG,
    "grant_id": "",
}


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
    return events_of(rows, _OWN, (_BY, _TOLD), _SAME)
