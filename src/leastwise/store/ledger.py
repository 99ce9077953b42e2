"""Chain rows in the state database: read and appended, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, Select, select

from leastwise.errors import IntegrityError
from leastwise.model.scope import Scope
from leastwise.model.snapshot import Manifest, SnapshotState

from . import chain
from .clock import from_text
from .database import reading, transaction
from .schema import SNAPSHOTS

_BATCH = 500


class Entry(NamedTuple):
    """The few columns of a row that say which snapshots are in force."""

    id: str
    scope: Scope
    sequence: int
    time: datetime
    state: SnapshotState
    tombstone_of: str
    reason: str


class Ledger:
    """The `snapshots` table of a state database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def entries(self, scope_key: str | None = None) -> list[Entry]:
        """Every row (of one scope), ordered by scope and sequence. IntegrityError when a row makes no sense."""
        c = SNAPSHOTS.c
        query = select(
            c.id, c.provider, c.scope_kind, c.scope_id, c.sequence, c.time, c.state, c.tombstone_of, c.reason
        ).order_by(c.scope_key, c.sequence)
        if scope_key is not None:
            query = query.where(c.scope_key == scope_key)
        return [_entry(row) for row in self._rows(query)]

    def manifests(self, ids: Iterable[str]) -> dict[str, Manifest]:
        """Manifests by id, as they were committed; ids that do not exist are left out."""
        wanted = sorted(set(ids))
        found: dict[str, Manifest] = {}
        for start in range(0, len(wanted), _BATCH):
            query = select(SNAPSHOTS).where(SNAPSHOTS.c.id.in_(wanted[start : start + _BATCH]))
            found.update((row["id"], chain.decode(row)) for row in self._rows(query))
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Every row as it stands, ordered by scope and sequence."""
        query = select(SNAPSHOTS).order_by(SNAPSHOTS.c.scope_key, SNAPSHOTS.c.sequence)
        return self._rows(query)

    def ids(self) -> set[str]:
        """Ids of all rows."""
        return {row["id"] for row in self._rows(select(SNAPSHOTS.c.id))}

    def heads(self) -> dict[str, tuple[int, str, str]]:
        """Scope key → sequence, hash and previous hash of its newest row."""
        c = SNAPSHOTS.c
        query = select(c.scope_key, c.sequence, c.hash, c.previous).order_by(c.scope_key, c.sequence)
        return {row["scope_key"]: (row["sequence"], row["hash"], row["previous"]) for row in self._rows(query)}

    def append(self, manifests: Sequence[Manifest], heads: Mapping[str, tuple[int, str]]) -> tuple[Manifest, ...]:
        """Adds manifests, one a scope, as the rows that follow `heads` (by scope key), all or none.

        Returns them with sequence, previous and hash.

        Raises:
            StorageFullError: the database cannot grow.
            StoreError: the database refuses, or another writer added a row.
        """
        sealed = tuple(chain.seal(manifest, heads.get(manifest.scope.key, (0, ""))) for manifest in manifests)
        if sealed:
            with transaction(self.engine) as connection:
                connection.execute(SNAPSHOTS.insert(), [chain.encode(one) for one in sealed])
        return sealed

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def deletions(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Id of every deleted snapshot → its tombstone."""
    return {entry.tombstone_of: entry for entry in entries if entry.state is SnapshotState.DELETED}


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """The entries without tombstones and without what they delete, in order."""
    known = list(entries)
    gone = deletions(known)
    return [entry for entry in known if entry.state is not SnapshotState.DELETED and entry.id not in gone]


def _entry(row: Mapping[str, Any]) -> Entry:
    try:
        return Entry(
            row["id"],
            Scope(row["provider"], row["scope_kind"], row["scope_id"]),
            row["sequence"],
            from_text(row["time"]),
            SnapshotState(row["state"]),
            row["tombstone_of"],
            row["reason"],
        )
    except (ValueError, TypeError) as error:
        raise IntegrityError(f"state database: snapshot {row['id']}: the row cannot be read: {error}") from error
