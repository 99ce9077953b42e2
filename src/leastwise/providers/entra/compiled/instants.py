"""Moments as numbers, where no library of tables is loaded."""

from __future__ import annotations

from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """A moment in microseconds since 1970."""
    found = moment.astimezone(UTC) - _EPOCH
    return (found.days * 86_400 + found.seconds) * 1_000_000 + found.microseconds
