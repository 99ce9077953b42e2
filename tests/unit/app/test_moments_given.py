"""Times as people write them: dates, offsets, and what is no time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leastwise.app.moments import moment
from leastwise.errors import UsageError


@pytest.mark.parametrize(
    ("text", "end_of_day", "expected"),
    [
        (None, True, None),
        ("2026-11-01", False, datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01", True, datetime(2026, 11, 1, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-11-01T08:00:00+02:00", True, datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("0001-01-01", False, datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31", True, datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_time_is_of_utc_unless_it_says_otherwise(
    text: str | None, end_of_day: bool, expected: datetime | None
) -> None:
    assert moment(text, "--at", end_of_day) == expected


@pytest.mark.parametrize("text", ["", "now", "2026-13-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_is_no_time_or_none_in_utc_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"--at: .* is no date or time"):
        moment(text, "--at")
