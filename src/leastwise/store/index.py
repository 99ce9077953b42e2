"""Which snapshots there are, and the estate they make; reads the state database only, and no snapshot."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Engine

from leastwise.errors import NotFoundError
from leastwise.model.scope import Scope
from leastwise.model.snapshot import Estate, EstateEntry, Manifest, SnapshotState

from .clock import utc
from .ledger import Entry, Ledger, deletions, standing


class SnapshotIndex:
    """The chain rows of a state database that is already upgraded."""

    def __init__(self, engine: Engine) -> None:
        self._ledger = Ledger(engine)

    def list(self, scope: Scope | str | None = None, include_deleted: bool = False) -> tuple[Manifest, ...]:
        """Snapshots and failed attempts (of one scope or its key), oldest first.

        With `include_deleted` also the deleted ones, with state DELETED and the reason of their deletion.
        """
        entries = self._ledger.entries(scope.key if isinstance(scope, Scope) else scope)
        wanted = _snapshots(entries) if include_deleted else standing(entries)
        found = self._load(wanted, deletions(entries))
        return tuple(sorted(found, key=lambda m: (m.time, m.scope.key, m.sequence)))

    def chain(self, scope: Scope | str | None = None) -> tuple[Manifest, ...]:
        """Every row of the chains as it was written, tombstones too, by scope and sequence."""
        entries = self._ledger.entries(scope.key if isinstance(scope, Scope) else scope)
        manifests = self._ledger.manifests(entry.id for entry in entries)
        return tuple(manifests[entry.id] for entry in entries if entry.id in manifests)

    def get(self, name: str) -> Manifest:
        """The snapshot of that id, or of the only id that starts so; a deleted one has state DELETED.

        Raises:
            NotFoundError: none or several; the message names those that come near.
        """
        entries = self._ledger.entries()
        candidates = {entry.id: entry for entry in _snapshots(entries)}
        matches = [name] if name in candidates else sorted(i for i in candidates if name and i.startswith(name))
        if len(matches) != 1:
            near = matches or difflib.get_close_matches(name, candidates, n=3, cutoff=0.5)
            hint = f"; {'one of' if matches else 'near'}: {', '.join(near[:5])}" if near else ""
            raise NotFoundError(f"snapshot {name}: {'is not unique' if matches else 'not found'}{hint}")
        return self._load([candidates[matches[0]]], deletions(entries))[0]

    def estate(self, at: datetime | None = None) -> Estate:
        """The newest complete snapshot of every scope not later than `at` (None: of all), by scope key."""
        scopes: dict[str, list[Entry]] = {}
        beyond = 0
        for entry in standing(self._ledger.entries()):
            if at is None or entry.time <= utc(at):
                scopes.setdefault(entry.scope.key, []).append(entry)
            else:
                beyond += entry.state is SnapshotState.COMPLETE
        chosen: list[tuple[Entry | None, Entry | None]] = []
        for _, members in sorted(scopes.items()):
            best, failed = _newest(members, SnapshotState.COMPLETE), _newest(members, SnapshotState.UNREADABLE)
            later = best is None or failed is None or (failed.time, failed.sequence) > (best.time, best.sequence)
            chosen.append((best, failed if later else None))
        manifests = self._ledger.manifests(best.id for best, _ in chosen if best)
        entries = tuple(
            EstateEntry(
                manifest=manifests[best.id] if best else None,
                scope=(best or failed).scope,  # type: ignore[union-attr]
                stale=failed is not None,
                stale_reason=failed.reason if failed else "",
            )
            for best, failed in chosen
        )
        return Estate(time=datetime.now(UTC) if at is None else utc(at), entries=entries, later=beyond)

    def _load(self, wanted: Collection[Entry], gone: Mapping[str, Entry]) -> tuple[Manifest, ...]:
        manifests = self._ledger.manifests(entry.id for entry in wanted)
        return tuple(
            replace(manifests[entry.id], state=SnapshotState.DELETED, reason=gone[entry.id].reason)
            if entry.id in gone
            else manifests[entry.id]
            for entry in wanted
            if entry.id in manifests
        )


def _snapshots(entries: Collection[Entry]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if not entry.tombstone_of)


def _newest(entries: Collection[Entry], state: SnapshotState) -> Entry | None:
    return max((e for e in entries if e.state is state), key=lambda e: (e.time, e.sequence), default=None)
