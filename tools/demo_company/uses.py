"""When roles, keys and passwords were last used, as the snapshots say it: from what happened, where that is told.

Before the first full day of logs the patterns of `clock` say it. Afterwards a role or key that is said to be in use
must have calls, else the demo would contradict itself: that raises ValueError.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

from demo_company.clock import last_use

_KNOWN_FROM = datetime(2026, 7, 6, tzinfo=UTC)


@cache
def _moments() -> dict[str, list[int]]:
    from demo_company.logs.everything import everything

    found: dict[str, list[int]] = defaultdict(list)
    for event in everything().events:
        session = event.session
        if session.kind == "AssumedRole":
            found[session.principal].append(event.when)
        elif session.kind == "IAMUser" and session.key.startswith("AKIA"):
            found[session.key].append(event.when)
        elif event.call.name == "ConsoleLogin" and not event.denied:
            found[f"password {session.principal}"].append(event.when)
    return {name: sorted(moments) for name, moments in found.items()}


def last(thing: str, pattern: str, day: datetime, since: str, *parts: str) -> datetime | None:
    """The last use of a role (by ARN), a key (by id) or a password (`password` and the user's ARN) before a day."""
    if pattern == "never" or day < _KNOWN_FROM:
        return last_use(pattern, day, since, *parts)
    moments = _moments().get(thing, [])
    at = bisect_left(moments, int(day.timestamp()))
    if at:
        return datetime.fromtimestamp(moments[at - 1], UTC)
    if not pattern[0].isdigit() and last_use(pattern, day, since, *parts) is not None:
        raise ValueError(f"{thing} is in use ({pattern}), but never called anything before {day:%Y-%m-%d}")
    return last_use(pattern, day, since, *parts)
