"""When people and apps last signed in, as the snapshots say it: from what happened, where that is told.

Before the logs patterns say it (`clock`). Who is said to come afterwards must have signed in, else the demo would
contradict itself: that raises ValueError.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, datetime
from functools import cache

from demo_company.clock import last_use
from demo_company.entra.acts import SERVICES, SIGN_INS

_KNOWN_FROM = datetime(2026, 7, 6, tzinfo=UTC)


@cache
def _moments() -> dict[str, list[int]]:
    from demo_company.entra.happened import happened

    found: dict[str, list[int]] = defaultdict(list)
    for act in happened():
        if act.log in (SIGN_INS, SERVICES) and not act.denied:
            found[f"app {act.app}"].append(act.when)
            if act.who:
                found[act.who].append(act.when)
    return {name: sorted(moments) for name, moments in found.items()}


def _last(name: str, day: datetime) -> datetime | None:
    if day < _KNOWN_FROM:
        return None
    moments = _moments().get(name, [])
    at = bisect_left(moments, int(day.timestamp()))
    return datetime.fromtimestamp(moments[at - 1], UTC) if at else None


def last_of_person(who: str, pattern: str, day: datetime, since: str) -> datetime | None:
    """When somebody last signed in before a day."""
    found = _last(who, day) or last_use(pattern, day, since, "entra", who)
    if day >= _KNOWN_FROM and not pattern[0].isdigit() and found is not None and _last(who, day) is None:
        raise ValueError(f"{who} is said to come ({pattern}), but never signed in before {day:%Y-%m-%d}")
    return found


def last_of_app(name: str, day: datetime) -> datetime | None:
    """When somebody last signed in to an app, or it signed in itself, before a day; None where the logs do not say."""
    return _last(f"app {name}", day)
