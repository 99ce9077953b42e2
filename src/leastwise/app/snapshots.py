"""Snapshots for the command line: list, show, verify, delete, retention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.errors import UsageError
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


def delete(workspace: Workspace, name: str, reason: str, newest: bool = False) -> dict[str, Any]:
    """Delete a snapshot's files; its tombstone row stays in the chain.

    Raises:
        UsageError: there is no reason, or it is the newest complete snapshot of its scope and `newest` is not given.
        NotFoundError, StoreError: see `SnapshotStore.delete`.
    """
    if not reason.strip():
        raise UsageError("a deletion needs a reason")
    with workspace.store.writing(f"deletion of {name}"):
        one = workspace.store.get(name)
        if not newest and one.id in {manifest.id for manifest in workspace.store.estate().manifests}:
            raise UsageError(
                f"snapshot {one.id}: is the newest of {one.scope.key}, so answers would fall back to an older one or "
                "lose the scope; give --newest if you want that"
            )
        return _row(workspace.store.delete(one.id, reason, workspace.now()))


def apply_retention(
    workspace: Workspace, days: int | None, last: int | None, dry_run: bool = False
) -> list[dict[str, Any]]:
    """Delete what retention no longer covers and give the tombstones; settings decide where nothing is given.

    With `dry_run` nothing is deleted: the snapshots that would go.
    """
    act = workspace.store.outlived if dry_run else workspace.store.apply_retention
    return [_row(one) for one in act(workspace.now(), days, last)]


def accept_database(workspace: Workspace) -> str | None:
    """After a wanted restore or move of the database: take its chains for true, and the database for this home's.

    Returns the name of the home that it belonged to, if that was another.
    """
    from leastwise.store.snapshots import SnapshotStore

    return SnapshotStore(workspace.home, workspace.database).accept_database()


def accept_key(workspace: Workspace) -> None:
    """After a wanted loss or exchange of the redaction key: take the one that is there, or a new one."""
    workspace.store.accept_key()
