"""Whether a schedule of EventBridge was due between two times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leastwise.providers.aws.shrinking.schedules import due

CASES = {
    "quarterly, not due since": ("cron(0 6 1 2,5,8,11 ? *)", "2026-08-02", "2026-11-01T00:00", False),
    "quarterly, due in a moment": ("cron(0 6 1 2,5,8,11 ? *)", "2026-08-02", "2026-11-01T06:01", True),
    "the moment itself is left out": ("cron(0 6 1 11 ? *)", "2026-10-02", "2026-11-01T06:00", False),
    "daily": ("cron(15 3 * * ? *)", "2026-08-02", "2026-08-04", True),
    "months by name, steps": ("cron(0/15 0 1 JAN/3 ? *)", "2026-01-02", "2026-04-01T00:01", True),
    "last day of the month": ("cron(0 12 L * ? *)", "2026-02-27", "2026-03-01", True),
    "last day not reached": ("cron(0 12 L * ? *)", "2026-02-01", "2026-02-28", False),
    "nearest working day": ("cron(0 9 1W 8 ? *)", "2026-08-02", "2026-08-04", True),
    "last working day": ("cron(0 9 LW 10 ? *)", "2026-10-30", "2026-10-31", True),
    "second Tuesday": ("cron(0 9 ? * 3#2 *)", "2026-11-09", "2026-11-11", True),
    "not the first Tuesday": ("cron(0 9 ? * 3#2 *)", "2026-11-01", "2026-11-09", False),
    "last Friday": ("cron(0 9 ? * 6L *)", "2026-10-26", "2026-11-01", True),
    "weekdays": ("cron(0 9 ? * MON-FRI *)", "2026-10-31", "2026-11-02T08:00", False),
    "a range around the end": ("cron(0 9 ? * FRI-SUN *)", "2026-11-01T10:00", "2026-11-06T08:00", False),
    "years": ("cron(0 6 1 1 ? 2027)", "2026-01-01", "2026-12-31", False),
    "rate, longer than the time": ("rate(30 days)", "2026-10-02", "2026-11-01", False),
    "rate": ("rate(1 day)", "2026-10-02", "2026-11-01", True),
    "once, before": ("at(2026-09-01T00:00:00)", "2026-10-02", "2026-11-01", False),
    "once": ("at(2026-10-10T00:00:00)", "2026-10-02", "2026-11-01", True),
    "no time": ("rate(1 day)", "2026-11-01", "2026-10-01", False),
    "nothing that is known": ("every full moon", "2026-10-02", "2026-11-01", None),
    "a field that is none": ("cron(0 6 1 XYZ ? *)", "2026-10-02", "2026-11-01", None),
    "a number that is none": ("cron(61 6 1 1 ? *)", "2026-10-02", "2026-11-01", None),
}


@pytest.mark.parametrize(("expression", "after", "before", "expected"), CASES.values(), ids=CASES)
def test_due(expression: str, after: str, before: str, expected: bool | None) -> None:
    begin, end = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (after, before))
    assert due(expression, begin, end) is expected
