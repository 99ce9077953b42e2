"""Chain rows: manifests as rows of the state database, their hashes and their links."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from leastwise.errors import IntegrityError
from leastwise.model.scope import Coverage, CoverageStatus, Scope
from leastwise.model.snapshot import Manifest, SnapshotState, StoredFile

from .clock import from_text, to_text
from .files import canonical


def encode(manifest: Manifest) -> dict[str, Any]:
    """The row of the `snapshots` table that stands for the manifest."""
    return {
        "id": manifest.id,
        "scope_key": manifest.scope.key,
        "provider": manifest.scope.provider,
        "scope_kind": manifest.scope.kind,
        "scope_id": manifest.scope.id,
        "sequence": manifest.sequence,
        "time": to_text(manifest.time),
        "committed": to_text(manifest.committed),
        "state": manifest.state.value,
        "files": canonical({key: [f.path, f.sha256, f.size, f.rows] for key, f in manifest.files.items()}),
        "schema_version": manifest.schema_version,
        "engine_version": manifest.engine_version,
        "coverage": canonical([_told(one) for one in manifest.coverage]),
        "tombstone_of": manifest.tombstone_of,
        "reason": manifest.reason,
        "previous": manifest.previous,
        "hash": manifest.hash,
    }


def decode(row: Mapping[str, Any]) -> Manifest:
    """The manifest that a row stands for; does not check its hash.

    Raises:
        IntegrityError: a column does not hold what `encode` writes.
    """
    try:
        return Manifest(
            id=row["id"],
            scope=Scope(row["provider"], row["scope_kind"], row["scope_id"]),
            sequence=row["sequence"],
            time=from_text(row["time"]),
            committed=from_text(row["committed"]),
            state=SnapshotState(row["state"]),
            files={key: StoredFile(*value) for key, value in json.loads(row["files"]).items()},
            schema_version=row["schema_version"],
            engine_version=row["engine_version"],
            coverage=tuple(_coverage(*entry) for entry in json.loads(row["coverage"])),
            tombstone_of=row["tombstone_of"],
            reason=row["reason"],
            previous=row["previous"],
            hash=row["hash"],
        )
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        cause = " ".join(str(error).split())
        raise IntegrityError(f"state database: snapshot {row['id']}: the row cannot be read: {cause}") from error


def digest(manifest: Manifest) -> str:
    """SHA-256 over every field of the row but the hash itself."""
    row = encode(manifest)
    del row["hash"]
    return hashlib.sha256(canonical(row).encode()).hexdigest()


def seal(manifest: Manifest, head: tuple[int, str]) -> Manifest:
    """The manifest as the link that follows `head` (sequence and hash of the newest row; 0 and "" for none)."""
    sequence, previous = head
    linked = replace(manifest, sequence=sequence + 1, previous=previous, hash="")
    return replace(linked, hash=digest(linked))


def row_fault(row: Mapping[str, Any], before: tuple[int, str]) -> str | None:
    """What is wrong with a row that should follow `before`, in one clause; None when it is sound."""
    try:
        manifest = decode(row)
        if encode(manifest) != dict(row) or not isinstance(row["sequence"], int):
            return "the row was changed (not as it was written)"
        if digest(manifest) != row["hash"]:
            return "the row was changed (its hash differs)"
    except (IntegrityError, ValueError, TypeError, AttributeError) as error:
        return f"the row was changed ({' '.join(str(error).split())})"
    if manifest.sequence != before[0] + 1:
        return f"the chain has a gap (row {manifest.sequence} follows row {before[0]})"
    if manifest.previous != before[1]:
        return "the chain is broken (the row before it is not the one it was linked to)"
    return None


def _told(one: Coverage) -> list[str]:
    """What is written of it; without an account as rows were before there was one, so that their hashes stay."""
    return [one.service, one.call, one.status.value, one.detail, one.affects, *([one.account] if one.account else [])]


def _coverage(service: str, call: str, status: str, detail: str, affects: str, account: str = "") -> Coverage:
    return Coverage(service, call, CoverageStatus(status), detail, affects, account)
