"""What every answer says of the estate that it was asked of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from leastwise.model.snapshot import Estate

from .estate_file import EstateFile


def clock_of(estate: Estate, file: EstateFile) -> datetime:
    """The time that ages count from: the clock of estate.yaml, else the newest snapshot, else that of the question."""
    newest = max((manifest.time for manifest in estate.manifests), default=None)
    stated = file.clock
    if stated is not None and (newest is None or newest <= stated) and estate.time >= stated:
        return stated
    return newest or estate.time


def header_of(estate: Estate, file: EstateFile, used: Sequence[str]) -> dict[str, Any]:
    """The `estate` part of an answer: its time, the age of its oldest part, and what of estate.yaml was used."""
    return {
        "time": clock_of(estate, file).isoformat(),
        "oldest": estate.oldest.isoformat() if estate.oldest else None,
        "snapshots": [manifest.id for manifest in estate.manifests],
        "later": estate.later,
        "stale": [entry.scope.key for entry in estate.entries if entry.stale],
        "estate_file": list(used),
    }
