"""Time in the demo: the nine snapshot days, and when a thing was last used as seen from one of them.

Nothing here reads the wall clock. A use pattern is a word (`office`, `daily`, `weekly`, `monthly`, `never`) or a
comma-separated list of times at which the thing was used.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from demo_company.ids import number

CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = tuple(datetime(2026, month, 1, tzinfo=UTC) for month in range(3, 12))
START = "2024-03-04"
"""When the company moved to this organization: the creation day of what says nothing else."""


def parse(text: str) -> datetime:
    """A day (midnight) or a moment, always UTC."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def moment(text: str, *parts: str) -> datetime:
    """The moment itself, or some moment of office hours on a day."""
    found = parse(text)
    if len(text) > 10:
        return found
    return found + timedelta(hours=7, seconds=number(9 * 3600, "moment", text, *parts))


def iso(when: datetime) -> str:
    """As the AWS CLI prints times."""
    return when.isoformat()


def alive(day: datetime, since: str, until: str) -> bool:
    """Whether something that exists from `since` to `until` (empty: for ever) exists at midnight of the day."""
    return (not since or parse(since) < day) and (not until or parse(until) >= day)


def last_use(pattern: str, day: datetime, since: str, *parts: str) -> datetime | None:
    """The last use before the snapshot day; None when there was none."""
    if pattern == "never":
        return None
    if pattern[0].isdigit():
        uses = [moment(text.strip(), *parts) for text in pattern.split(",")]
        return max((use for use in uses if use < day), default=None)
    back = {"office": 1, "daily": 1, "weekly": 1 + number(6, *parts), "monthly": 4 + number(22, *parts)}[pattern]
    use = day - timedelta(days=back)
    while pattern != "daily" and use.weekday() >= 5:
        use -= timedelta(days=1)
    hours = 24 if pattern == "daily" else 9
    start = 0 if pattern == "daily" else 7
    use += timedelta(hours=start, seconds=number(hours * 3600, "use", iso(day), *parts))
    return use if not since or use > moment(since) else None
