"""What is said of a file besides its events."""

from __future__ import annotations

from collections import Counter
from typing import Any

from leastwise.providers.base import ReadLog

from .wrapped import Batch


def read_log(events: int, batch: Batch[Any]) -> ReadLog:
    """What is said of a file of which so many events were taken."""
    bad = tuple((one.place, one.why) for one in batch.bad)
    return ReadLog(events, bad, others(batch.others), batch.elsewhere)


def others(found: Counter[str]) -> str:
    """What else a file held, in words; empty where it held nothing else."""
    told = [f"{count} times {why}" for why, count in sorted(found.items())]
    return "; ".join(told[:3] + ([f"{len(told) - 3} other kinds"] if len(told) > 3 else []))
