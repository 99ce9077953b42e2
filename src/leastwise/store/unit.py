"""Snapshots that become visible together: first the files of all, then their chain rows in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from leastwise.errors import StoreError
from leastwise.model.scope import Collected, CoverageStatus
from leastwise.model.snapshot import Manifest, SnapshotState, StoredFile
from leastwise.model.tables import SCHEMA_VERSION

from . import anchor
from .clock import utc
from .files import storage_errors
from .home import Home
from .ledger import Entry, Ledger, standing
from .parquet import check_declared
from .raw import digests
from .recovery import reconcile
from .writing import discard, raw_folder, snapshot_id, write_raw, write_tables


class Unit:
    """What is stored between two looks at the store: all of it becomes visible, or none.

    The files of a snapshot lie in their place as soon as it is added, but nothing shows them before its chain row is
    there; without one the next writer removes them. The caller holds the writer lock, and calls `finish` or `discard`.
    """

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home = home
        self._ledger = ledger
        self._known: list[Manifest] = []
        self._drafts: list[Manifest] = []
        self._order: list[str] = []
        self._begun: tuple[dict[str, StoredFile], Mapping[str, StoredFile]] | None = None
        self.finished: tuple[tuple[Manifest, bool], ...] = ()
        """After `finish`: for everything added, in order, its manifest and whether it is new."""

    def add(self, collected: Collected, tables: Mapping[str, pa.Table], engine_version: str, now: datetime) -> None:
        """Writes the files of what was collected, with the tables made of it; see `SnapshotStore.commit`.

        Raises:
            ValueError: a table is not declared or differs from its declaration, or the scope was added before.
            StorageFullError, StoreError: the files cannot be written.
        """
        if self.begin(collected, engine_version, now):
            self.complete(tables)

    def begin(self, collected: Collected, engine_version: str, now: datetime) -> bool:
        """Writes the raw documents, which need not be held then; `complete` has to follow if this returns true.

        False: the snapshot is there already, or the scope could not be read and has no files.

        Raises:
            ValueError: the scope was added before, or the one begun before is not complete.
            StorageFullError, StoreError: the files cannot be written.
        """
        self._refuse_incomplete()
        scope = collected.scope
        if any(one.scope.key == scope.key for one in (*self._known, *self._drafts)):
            raise ValueError(f"{scope.key}: added twice")
        hashes = digests(collected.documents)
        entries = self._ledger.entries(scope.key)
        name = snapshot_id(collected, hashes, engine_version)
        if same := _same_as_newest(name, entries):
            self._known += self._ledger.manifests([same]).values()
            self._order.append(same)
            return False
        draft = Manifest(
            id=_unused(name, {entry.id for entry in entries}),
            scope=scope,
            sequence=0,
            time=utc(collected.time),
            committed=utc(now),
            state=SnapshotState.COMPLETE if collected.readable else SnapshotState.UNREADABLE,
            files={},
            schema_version=SCHEMA_VERSION,
            engine_version=engine_version,
            coverage=collected.coverage,
            reason="" if collected.readable else _why_unreadable(collected),
        )
        self._drafts.append(draft)
        self._order.append(draft.id)
        if collected.readable:
            with storage_errors(f"snapshot of {scope.key}"):
                self._begun = write_raw(self._home, draft.id, collected, hashes), self._earlier(entries)
        return collected.readable

    def complete(self, tables: Mapping[str, pa.Table]) -> None:
        """Writes the tables of the snapshot that was begun last.

        Raises:
            ValueError: none was begun; a table is not declared or differs from its declaration.
            StorageFullError, StoreError: the files cannot be written.
        """
        if self._begun is None:
            raise ValueError("no snapshot was begun")
        for name, table in tables.items():
            check_declared(name, table)
        draft = self._drafts[-1]
        with storage_errors(f"snapshot of {draft.scope.key}"):
            files = write_tables(self._home, draft.id, draft.scope, tables, *self._begun)
        self._drafts[-1], self._begun = replace(draft, files=files), None

    def _refuse_incomplete(self) -> None:
        if self._begun is not None:
            raise ValueError(f"{self._drafts[-1].scope.key}: begun without its tables")

    def _earlier(self, entries: Collection[Entry]) -> Mapping[str, StoredFile]:
        """Files of the scope's newest complete snapshot."""
        complete = [one for one in standing(entries) if one.state is SnapshotState.COMPLETE]
        newest = max(complete, key=lambda entry: entry.sequence, default=None)
        return self._ledger.manifests([newest.id])[newest.id].files if newest else {}

    def finish(self) -> None:
        """Appends the chain rows.

        Raises:
            ValueError: a snapshot was begun and not completed.
            IntegrityError: anchor and database contradict each other.
            StorageFullError, StoreError: the database refuses; nothing of the unit is visible then.
        """
        self._refuse_incomplete()
        done = {one.id: (one, False) for one in self._known}
        done |= {one.id: (one, True) for one in append(self._home, self._ledger, self._drafts)}
        self.finished = tuple(done[identifier] for identifier in self._order)

    def discard(self) -> None:
        """Removes the files of everything that was added and is not recorded."""
        # A lost connection can hide a commit that succeeded: when in doubt the files stay, and `recover` decides.
        with suppress(StoreError, OSError):
            recorded = self._ledger.ids()
            for draft in self._drafts:
                if draft.id not in recorded:
                    discard(self._home, draft.id, raw_folder(self._home, draft.scope, draft.id))


def append(home: Home, ledger: Ledger, drafts: Sequence[Manifest]) -> tuple[Manifest, ...]:
    """Appends chain rows, at most one a scope, in one transaction, and moves the anchor on; returns them sealed.

    Raises:
        IntegrityError: anchor and database contradict each other.
        StorageFullError, StoreError: the database refuses; no row was appended then.
    """
    heads = reconcile(home, ledger)
    sealed = ledger.append(drafts, heads)
    # The rows are committed: an anchor that cannot be written now lags by one a scope, which the next writer repairs.
    with suppress(OSError):
        anchor.write(home, {**heads, **{one.scope.key: (one.sequence, one.hash) for one in sealed}})
    return sealed


def _same_as_newest(name: str, known: Collection[Entry]) -> str | None:
    newest = max(standing(known), key=lambda entry: entry.sequence, default=None)
    return newest.id if newest and (newest.id == name or newest.id.startswith(f"{name}-")) else None


def _unused(name: str, taken: Collection[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _why_unreadable(collected: Collected) -> str:
    for call in collected.coverage:
        if call.status is not CoverageStatus.OK:
            detail = f": {call.detail}" if call.detail else ""
            return " ".join(f"{call.service} {call.call} {call.status.value}{detail}".split())
    return "the scope could not be read"
