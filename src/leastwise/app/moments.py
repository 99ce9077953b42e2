"""Times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

from leastwise.errors import UsageError


def moment(text: str | None, option: str, end_of_day: bool = False) -> datetime | None:
    """A time given as an ISO 8601 date or time; without an offset it is UTC. Raises UsageError.

    A bare date is its first moment, or with `end_of_day` its last: `--at 2026-03-01` asks for that day's end.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo:
            found.astimezone(UTC)  # with its offset it may be before the first year, or after the last
    except (ValueError, OverflowError):
        raise UsageError(f"{option}: {text!r} is no date or time, as in 2026-11-01 or 2026-11-01T08:00:00Z") from None
    if end_of_day and len(text) == 10:
        found = found.replace(hour=23, minute=59, second=59, microsecond=999999)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
