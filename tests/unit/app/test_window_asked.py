"""The window that `--window` asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leastwise.app.gap import DAYS, window_of
from leastwise.errors import UsageError

CLOCK = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(("text", "days"), [(None, DAYS), ("1d", 1), ("9999d", 9999)])
def test_it_ends_at_the_clock(text: str | None, days: int) -> None:
    found = window_of(text, CLOCK)
    assert (found.end, found.end - found.begin, found.days) == (CLOCK, timedelta(days=days), days)


@pytest.mark.parametrize("text", ["0d", "", "90", "-1d", "10000d", "1.5d", "90D"])
def test_what_is_no_number_of_days_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no number of days"):
        window_of(text, CLOCK)


def test_a_window_that_begins_before_all_dates_is_refused() -> None:
    with pytest.raises(UsageError, match="--window: 9999 days before 0010-01-01 there is no date"):
        window_of("9999d", datetime(10, 1, 1, tzinfo=UTC))
