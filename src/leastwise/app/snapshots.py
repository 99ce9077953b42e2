"""Snapshots for the command line: list, show, verify, delete, retention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.model.snapshot import Manifest

from .wiring import Workspace


def rows(workspace: Workspace, scope: str | None = None, deleted: bool = False) -> list[dict[str, Any]]:
    """Every snapshot, oldest first, as plain values."""
    return [_row(one) for one in workspace.store.list(scope, include_deleted=deleted)]


def _row(one: Manifest) -> dict[str, Any]:
    return {
        "id": one.id, "provider": one.scope.provider, "kind": one.scope.kind, "scope": one.scope.id,
        "time": one.time.isoformat(), "committed": one.committed.isoformat(), "state": str(one.state),
        "bytes": sum(file.size for file in one.files.values()), "engine_version": one.engine_version,
        "schema_version": one.schema_version, "reason": one.reason, "hash": one.hash,
    }  # fmt: skip


def show(workspace: Workspace, name: str) -> dict[str, Any]:
    """One snapshot with its files and coverage. Raises NotFoundError."""
    one = workspace.store.get(name)
    return _row(one) | {
        "previous": one.previous,
        "sequence": one.sequence,
        "tables": {key: file.rows for key, file in sorted(one.files.items()) if file.path.endswith(".parquet")},
        "files": [
            {"path": file.path, "sha256": file.sha256, "bytes": file.size} for _, file in sorted(one.files.items())
        ],
        "coverage": [
            {"service": c.service, "call": c.call, "status": str(c.status), "detail": c.detail, "affects": c.affects}
            for c in one.coverage
        ],
    }


def verify(workspace: Workspace, names: Sequence[str] = ()) -> list[dict[str, str]]:
    """What differs from what was recorded; empty when all is well."""
    ids = [workspace.store.get(name).id for name in names] or None
    return [{"snapshot": one.snapshot, "file": one.file, "cause": one.cause} for one in workspace.store.verify(ids)]


def delete(workspace: Workspace, name: str, reason: str) -> dict[str, Any]:
    """Delete a snapshot's files; its tombstone row stays in the chain."""
    return _row(workspace.store.delete(name, reason, workspace.now()))


def apply_retention(workspace: Workspace, days: int | None, last: int | None) -> list[dict[str, Any]]:
    """Delete what retention no longer covers; settings decide where nothing is given."""
    return [_row(one) for one in workspace.store.apply_retention(workspace.now(), days, last)]


def accept_database(workspace: Workspace) -> None:
    """After a wanted restore of the database: take its chains for true."""
    workspace.store.accept_database()
