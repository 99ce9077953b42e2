"""Which snapshots have outlived their use."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from leastwise.model.scope import Scope
from leastwise.model.snapshot import SnapshotState

from .clock import utc
from .ledger import Entry


def held(scope: Scope, legal_hold: Collection[str]) -> bool:
    """Whether snapshots of the scope must not be deleted."""
    return "*" in legal_hold or scope.key in legal_hold


def expired(
    entries: Iterable[Entry],
    now: datetime,
    keep_days: int | None,
    keep_last: int | None,
    legal_hold: Collection[str] = (),
) -> list[str]:
    """Ids of complete snapshots to delete, oldest first.

    A snapshot goes when it is older than `keep_days` days, or when `keep_last` newer ones of its scope exist. The
    newest complete one of a scope always stays, so that no scope drops out of the estate; so does all under hold.

    Args:
        entries: standing entries (neither deleted nor tombstones).
        now: the present.
        keep_days: age limit, None for none.
        keep_last: number limit, None for none.
        legal_hold: scope keys, or `*`.
    """
    scopes: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.state is SnapshotState.COMPLETE and not held(entry.scope, legal_hold):
            scopes.setdefault(entry.scope.key, []).append(entry)
    limit = None if keep_days is None else utc(now) - timedelta(days=keep_days)
    going: list[Entry] = []
    for members in scopes.values():
        newest_first = sorted(members, key=lambda e: (e.time, e.sequence), reverse=True)
        for rank, entry in enumerate(newest_first):
            too_old = limit is not None and entry.time < limit
            too_many = keep_last is not None and rank >= keep_last
            if rank and (too_old or too_many):
                going.append(entry)
    return [entry.id for entry in sorted(going, key=lambda e: (e.time, e.id))]
