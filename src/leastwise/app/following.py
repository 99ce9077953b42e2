"""Take in what a source announces, round by round, until it is stopped: between rounds others may write to the home."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.errors import HomeLockedError, InputError
from leastwise.providers.fetching import EndlessSource, Wanted

from .events import Report
from .fetching import Fetched, fetcher_of, take_from
from .log_reading import Taken

if TYPE_CHECKING:
    from .wiring import Workspace

_AGAIN, _LOCKED = 15.0, 2.0
"""Seconds until a source that failed is asked again, and until a home that another process writes to is tried again."""


def follow(
    workspace: Workspace, wanted: Wanted, stop: threading.Event, told: Callable[[Fetched], None],
    provider: str = "aws", report: Report | None = None,
) -> Taken:  # fmt: skip
    """What was taken in until `stop` was set, without places; `told` is given each round with its places and notes.

    A source that could be read once is asked again when it fails.

    Raises:
        UsageError, InputError: the source cannot be read at all.
        StorageFullError, StoreError: batches that were written count; what was not is announced again.
    """
    total, noted, worked = Taken(), 0, False
    with closing(fetcher_of(workspace, provider).follow(wanted)) as source:
        while not stop.is_set():
            try:
                found, worked = source.wait(stop), True
                round = _round(workspace, source, provider, report, stop) if found else Fetched()
            except InputError as error:
                if not worked:
                    raise
                round = Fetched(failed=error)
            total.add(replace(round.taken, set_aside=[]))
            fresh = source.notes[noted:]
            noted += len(fresh)
            if round.failed:
                fresh.append(str(round.failed))
            if round.taken.files or fresh:
                told(Fetched(round.taken, fresh))
            if round.failed:
                stop.wait(_AGAIN)
    return total


def _round(
    workspace: Workspace, source: EndlessSource, provider: str, report: Report | None, stop: threading.Event
) -> Fetched:
    """One round, as soon as no other process writes; nothing when `stop` is set before."""
    while not stop.is_set():
        try:
            return take_from(workspace, source, provider, report, stop)
        except HomeLockedError:
            stop.wait(_LOCKED)
    return Fetched()
