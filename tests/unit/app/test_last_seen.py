"""When rows of the lake last saw somebody, as of a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.excess import last_seen

TIME = pa.timestamp("us", tz="UTC")


def at(hour: int) -> datetime:
    return datetime(2026, 11, 1, hour, tzinfo=UTC)


CASES: dict[str, tuple[list[tuple[int, int]], int | None]] = {
    "before": ([(2, 5)], 5),
    "at the time itself": ([(2, 12)], 12),
    "before and after on one day": ([(8, 18)], 8),
    "only after": ([(13, 18)], None),
    "several": ([(1, 3), (8, 18), (13, 14)], 8),
    "nothing": ([], None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_row_that_goes_on_after_the_time_was_seen_before_it(name: str) -> None:
    """Somebody whose only day is that of the snapshot is not idle."""
    spans, hour = CASES[name]
    rows: list[dict[str, Any]] = [{"who": "p", "first": at(first), "last": at(last)} for first, last in spans]
    schema = pa.schema([("who", pa.string()), ("first", TIME), ("last", TIME)])
    found = last_seen(pa.Table.from_pylist(rows, schema=schema), "who", at(12))
    assert found == ({} if hour is None else {"p": at(hour)})
