"""What a server keeps open: the estate in force, shared by every request until there is a newer one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from .estate import OpenEstate, open_estate
from .listing import Listing
from .wiring import Workspace

EVERY = 1.0
"""Seconds between two looks for a newer estate."""


@dataclass(frozen=True)
class Opened:
    """An estate, and what tells it from others; a request holds the one that it began with."""

    key: str
    estate: OpenEstate


class Serving:
    """The estate in force of a workspace.

    Args:
        workspace: whose.
        tick: the clock that looks are spaced by.
    """

    def __init__(self, workspace: Workspace, tick: Callable[[], float] = time.monotonic) -> None:
        self.workspace = workspace
        self._tick = tick
        self._lock = Lock()
        self._opened: Opened | None = None
        self._looked = 0.0

    def opened(self) -> Opened:
        """The estate in force. Raises what `open_estate` does, where none was opened before or the store is gone."""
        held = self._opened
        if held is not None and self._tick() - self._looked < EVERY:
            return held
        # Others go on with the one before, while one looks.
        if not self._lock.acquire(blocking=held is None):
            assert held is not None
            return held
        try:
            return self._look()
        finally:
            self._lock.release()

    def prepare(self) -> None:
        """Writes the lists of the estate in force that were not written yet. Raises what `opened` does, StoreError."""
        Listing.open(self.opened().estate.afresh()).prepare()

    def _look(self) -> Opened:
        held = self._opened
        if held is not None and self._tick() - self._looked < EVERY:
            return held
        key = self._key()
        if held is None or held.key != key:
            held = Opened(key, open_estate(self.workspace))
        self._looked = self._tick()
        self._opened = held
        return held

    def _key(self) -> str:
        """The snapshots in force, what is stale of them, and estate.yaml, as one hash."""
        told = hashlib.sha256()
        for entry in self.workspace.index.estate(self.workspace.now()).entries:
            name = entry.manifest.id if entry.manifest else ""
            told.update(repr((entry.scope.key, name, entry.stale, entry.stale_reason)).encode())
        path = self.workspace.estate_path
        told.update(path.read_bytes() if path.is_file() else b"")
        return told.hexdigest()[:32]
