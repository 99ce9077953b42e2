"""Saved queries of `sql` and `activity`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.errors import UsageError
from leastwise.store.queries import Queries, Query

from .wiring import Workspace


def save(workspace: Workspace, name: str, kind: str, asks: Mapping[str, Any]) -> None:
    """Keep a query under a name; what it does not say is left out. Raises UsageError."""
    told = {key: value for key, value in asks.items() if value not in (None, [], {}, False)}
    Queries(workspace.engine).save(Query(name, kind, told, workspace.now()))


def recall(workspace: Workspace, name: str, kind: str) -> dict[str, Any]:
    """What a saved query asks. Raises NotFoundError, and UsageError where another command asks it."""
    found = Queries(workspace.engine).get(name)
    if found.kind != kind:
        raise UsageError(f"saved query {name}: is one of leastwise {found.kind}, not of {kind}")
    return dict(found.asks)


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every saved query as plain values."""
    return [
        {"name": one.name, "kind": one.kind, "asks": dict(one.asks), "saved": one.saved.isoformat()}
        for one in Queries(workspace.engine).all()
    ]


def remove(workspace: Workspace, name: str) -> None:
    """Forget a query. Raises NotFoundError."""
    Queries(workspace.engine).remove(name)
