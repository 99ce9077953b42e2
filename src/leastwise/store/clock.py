"""Times as the store writes them: UTC, microseconds, one spelling."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(time: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is taken as UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def to_text(time: datetime) -> str:
    """`2026-11-01T00:00:00.000000Z`: sorts as text in time order."""
    return utc(time).strftime("%Y-%m-%dT%H:%M:%S.%f").zfill(26) + "Z"


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote; ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def compact(time: datetime) -> str:
    """`20261101T000000Z`, for names."""
    return utc(time).strftime("%Y%m%dT%H%M%SZ")
