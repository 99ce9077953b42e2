"""What would have been recorded and is held: snapshots of the window, what altered the logs, and what was taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.errors import UsageError
from leastwise.model.gap import Kept, Window
from leastwise.model.snapshot import Estate, SnapshotState
from leastwise.providers.base import Altered, Folder, Provider, Told

from .asking import scope_tables
from .estate_file import KeptLog
from .fetching import folders
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.usage.watching import Watching

_MOST = 8
"""So many moments of the window are looked at. Of what happens between them the logs themselves tell."""


def watched(
    workspace: Workspace,
    provider: Provider,
    estate: Estate,
    names: Sequence[str],
    usage: pa.Table,
    window: Window,
    stated: Sequence[KeptLog] = (),
) -> Watching:
    """What the logs show of a window.

    `estate` is the one that is asked about, `names` are the provider's permissions by number, `usage` has rows of the
    table of that name, `stated` is what `estate.yaml` says of the logs.

    Raises:
        UsageError: what the provider's logs show is not known.
        IntegrityError, StoreError: a snapshot or the lake cannot be read.
    """
    from leastwise.usage.keeping import Logs
    from leastwise.usage.watching import Watching

    observing = provider.observing
    if observing is None:
        raise UsageError(f"{provider.title}: what its logs show is not known")
    told = [
        Told(time, scope_tables(workspace, one, provider.name, observing.reads))
        for time, one in _moments(workspace, provider.name, estate, window)
    ]
    held = [Folder(name, whole) for name, whole in folders(workspace, provider).items()]
    kept, unclear = observing.kept(told, held)
    kept += [Kept(one.log, account, "*", one.begin, one.end) for one in stated for account in one.accounts]
    rows = observing.observability(told, kept, list(altered(usage, observing.altering)))
    places = None if observing.places is None else observing.places(told[-1])
    return Watching(names, rows, Logs(kept, unclear), window, observing.naming(), places)


def _moments(workspace: Workspace, provider: str, estate: Estate, window: Window) -> Iterator[tuple[datetime, Estate]]:
    """The estates of the window, oldest first: that in force at its begin, some between, the one asked about."""
    scopes = {entry.scope for entry in estate.entries if entry.scope.provider == provider}
    now = max((one.time for one in estate.manifests if one.scope in scopes), default=estate.time)
    times = sorted(
        {
            one.time
            for one in workspace.store.list()
            if one.scope in scopes and one.state is SnapshotState.COMPLETE and one.time < now
        }
    )
    inside = [time for time in times if window.begin < time]
    chosen = [time for time in times if time <= window.begin][-1:]
    step = max(1, -(-len(inside) // _MOST))
    for time in [*chosen, *inside[::step]]:
        yield time, workspace.store.estate(time)
    yield now, estate


def altered(usage: pa.Table, permissions: frozenset[str]) -> Iterator[Altered]:
    """The authorised calls by which somebody may have altered what logs record."""
    chosen = pc.is_in(
        plain(usage.select(["permission"]))["permission"], value_set=pa.array(sorted(permissions), pa.string())
    )
    rows = plain(usage.filter(pc.and_(chosen, pc.greater(usage["count"], 0))))
    for row in rows.select(["bucket", "account", "target", "first_used", "last_used"]).to_pylist():
        first, last = (row[name].astimezone(UTC) for name in ("first_used", "last_used"))
        yield Altered(row["bucket"], row["target"] or row["account"], first, last)
