"""Snapshots: one scope at one time, immutable, chained by hashes; the estate: all scopes at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .scope import Coverage, Scope


class SnapshotState(StrEnum):
    """What a row of the chain stands for."""

    COMPLETE = "complete"
    UNREADABLE = "unreadable"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a snapshot: path relative to the home folder, SHA-256, size in bytes, rows (0 for raw)."""

    path: str
    sha256: str
    size: int
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """One row of a scope's chain.

    `hash` covers every other field and `previous`, the hash of the row before. A deleted snapshot keeps its row with
    its state DELETED recorded by a later tombstone row (`tombstone_of` names the id of the deleted one).
    `schema_version` and `engine_version` say what translated it. `coverage` repeats the coverage table, small.
    """

    id: str
    scope: Scope
    sequence: int
    time: datetime
    committed: datetime
    state: SnapshotState
    files: Mapping[str, StoredFile]
    schema_version: int
    engine_version: str
    coverage: tuple[Coverage, ...] = ()
    tombstone_of: str = ""
    reason: str = ""
    previous: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class EstateEntry:
    """A scope in an estate: the snapshot in force, and whether a newer attempt failed to read the scope."""

    manifest: Manifest | None
    scope: Scope
    stale: bool = False
    stale_reason: str = ""


@dataclass(frozen=True, slots=True)
class Estate:
    """The newest complete snapshot of every scope not later than `time` (UTC).

    `oldest` is the time of its oldest part, None when it is empty. An entry without a manifest is a scope that is
    known and was never readable. `later` counts the complete snapshots after `time`, which it leaves out.
    """

    time: datetime
    entries: tuple[EstateEntry, ...] = field(default_factory=tuple)
    later: int = 0

    @property
    def oldest(self) -> datetime | None:
        """Time of the oldest snapshot in force."""
        return min((entry.manifest.time for entry in self.entries if entry.manifest), default=None)

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Snapshots in force, by scope key."""
        return tuple(entry.manifest for entry in self.entries if entry.manifest)
