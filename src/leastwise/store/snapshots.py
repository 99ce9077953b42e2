"""The snapshot store: commit, find, open, delete and verify snapshots; the estate."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
from sqlalchemy import Engine

from leastwise.errors import StoreError
from leastwise.model.scope import Collected
from leastwise.model.snapshot import Manifest, SnapshotState

from . import anchor
from .binding import adopt, bind, check_owner
from .clock import utc
from .files import storage_errors, undoing
from .home import Home
from .index import SnapshotIndex
from .key import accept_key, redaction_key
from .ledger import standing
from .lock import database_lock, writer_lock
from .reading import OpenSnapshot
from .recovery import recover
from .retention import expired, held
from .settings import Settings
from .unit import Unit, append
from .verify import Problem, verify
from .writing import discard, raw_folder


class SnapshotStore(SnapshotIndex):
    """Snapshots of a home folder, with their chain rows in a state database that is already upgraded."""

    def __init__(self, home: Home, engine: Engine) -> None:
        super().__init__(engine)
        self.home = home
        self._settings = Settings(engine)
        self._mutex = threading.RLock()
        self._depth = 0

    @contextmanager
    def writing(self, what: str) -> Iterator[None]:
        """Holds the writer lock during the block, after repairing what a killed writer left.

        `commit`, `delete` and `apply_retention` take it themselves; hold it around several of them to write them
        undisturbed and to pay for the repair once.

        Raises:
            HomeLockedError: another process writes.
            IntegrityError: database and home folder contradict each other.
            StoreError: the database belongs to another home folder.
        """
        with self._mutex:
            if self._depth:
                yield
                return
            with writer_lock(self.home, what), database_lock(self._ledger.engine):
                check_owner(self.home, self._ledger.engine)
                recover(self.home, self._ledger)
                bind(self.home, self._ledger.engine)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1

    def commit(
        self, collected: Collected, tables: Mapping[str, pa.Table], engine_version: str, now: datetime
    ) -> Manifest:
        """Stores what was collected with the tables made of it; visible at once and whole when this returns.

        Returns:
            The new manifest, or the scope's newest one when it has the same time, content and versions. An unreadable
            scope gives a row without files.

        Raises:
            ValueError: a table is not declared, or differs from its declaration.
            StorageFullError: no room; nothing of it is kept.
            HomeLockedError, IntegrityError, StoreError: see `writing`.
        """
        with self.together(f"commit of {collected.scope.key}") as unit:
            unit.add(collected, tables, engine_version, now)
        return unit.finished[0][0]

    @contextmanager
    def together(self, what: str) -> Iterator[Unit]:
        """A unit of snapshots, at most one a scope, that are visible at once and whole when the block has ended.

        Nothing of it is kept when the block raises. `Unit.finished` then holds the manifests.

        Raises:
            StorageFullError: no room; nothing of it is kept.
            HomeLockedError, IntegrityError, StoreError: see `writing`.
        """
        with self.writing(what):
            unit = Unit(self.home, self._ledger)
            with undoing(unit.discard):
                yield unit
                unit.finish()

    def open(self, manifest: Manifest) -> OpenSnapshot:
        """The snapshot for reading.

        Raises:
            StoreError: it was deleted, or the scope could not be read then.
        """
        if manifest.state is not SnapshotState.COMPLETE:
            why = f": {manifest.reason}" if manifest.reason else ""
            raise StoreError(f"snapshot {manifest.id}: is {manifest.state.value}{why}")
        return OpenSnapshot(self.home, manifest)

    def delete(self, name: str, reason: str, now: datetime) -> Manifest:
        """Deletes a snapshot's files and returns the tombstone that its scope's chain keeps.

        Raises:
            NotFoundError: see `get`.
            StoreError: it is deleted already, or its scope is under legal hold.
        """
        with self.writing(f"deletion of {name}"):
            manifest = self.get(name)
            if manifest.state is SnapshotState.DELETED:
                raise StoreError(f"snapshot {manifest.id}: is deleted already")
            if held(manifest.scope, self._settings.get("legal_hold")):
                raise StoreError(f"snapshot {manifest.id}: {manifest.scope.key} is under legal hold")
            draft = replace(
                manifest,
                id=f"tombstone-{manifest.id}",
                time=utc(now),
                committed=utc(now),
                state=SnapshotState.DELETED,
                files={},
                coverage=(),
                tombstone_of=manifest.id,
                reason=" ".join(reason.split()),
            )
            (tombstone,) = append(self.home, self._ledger, [draft])
            with storage_errors(f"snapshot {manifest.id}: deleted, but its files are still there until the next write"):
                discard(self.home, manifest.id, raw_folder(self.home, manifest.scope, manifest.id))
            return tombstone

    def outlived(
        self, now: datetime, keep_days: int | None = None, keep_last: int | None = None
    ) -> tuple[Manifest, ...]:
        """What retention no longer covers, oldest first.

        Without arguments the settings `retention_days` and `retention_last` decide. The newest complete snapshot of a
        scope and everything under legal hold stay (see `retention.expired`).
        """
        if keep_days is None and keep_last is None:
            keep_days, keep_last = self._settings.get("retention_days"), self._settings.get("retention_last")
        entries = standing(self._ledger.entries())
        going = expired(entries, now, keep_days, keep_last, self._settings.get("legal_hold"))
        manifests = self._ledger.manifests(going)
        return tuple(manifests[name] for name in going)

    def apply_retention(
        self, now: datetime, keep_days: int | None = None, keep_last: int | None = None
    ) -> tuple[Manifest, ...]:
        """Deletes what retention no longer covers (see `outlived`) and returns the tombstones."""
        with self.writing("retention"):
            going = self.outlived(now, keep_days, keep_last)
            return tuple(self.delete(one.id, "retention", now) for one in going)

    def redaction_key(self) -> bytes:
        """The key of this home's hashes of secret values (see `key.redaction_key`); takes the writer lock."""
        with self.writing("use of the redaction key"):
            return redaction_key(self.home, self._ledger.engine)

    def accept_key(self) -> None:
        """Gives up the redaction key that was lost or exchanged (see `key.accept_key`); takes the writer lock."""
        with self.writing("acceptance of the redaction key"):
            accept_key(self.home, self._ledger.engine)

    def verify(self, ids: Collection[str] | None = None) -> tuple[Problem, ...]:
        """Everything that is not as it was recorded (see `verify.verify`); takes no lock."""
        return verify(self.home, self._ledger, ids)

    def accept_database(self) -> str | None:
        """Takes the chains of the database for true after a wanted restore: rewrites the anchor from them.

        The next writer then removes the files of snapshots that the database does not know. A database of another home
        becomes this one's; returns the name of that home.
        """
        with writer_lock(self.home, "acceptance of the database"), database_lock(self._ledger.engine):
            newest = self._ledger.heads()
            with storage_errors(f"snapshots/{anchor.FILE}"):
                anchor.write(self.home, {scope: (sequence, sha) for scope, (sequence, sha, _) in newest.items()})
            return adopt(self.home, self._ledger.engine)
