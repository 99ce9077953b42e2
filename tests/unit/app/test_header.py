"""What every answer says of its estate: whose clock, how old, what is stale."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leastwise.app.estate_file import EstateFile
from leastwise.app.header import clock_of, header_of
from leastwise.model.scope import Scope
from leastwise.model.snapshot import Estate, EstateEntry, Manifest, SnapshotState

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def entry(id: str, days: float, *, stale: bool = False) -> EstateEntry:
    scope, time = Scope("aws", "account", id), NOW - timedelta(days=days)
    return EstateEntry(Manifest(id, scope, 1, time, time, SnapshotState.COMPLETE, {}, 3, "0"), scope, stale)


NEVER = EstateEntry(None, Scope("aws", "account", "never"), stale=True)


@pytest.mark.parametrize(
    ("snapshots", "clock", "expected"),
    [
        ((), None, 0),
        ((5, 2), None, 2),
        ((5, 2), 1, 1),
        ((5, 2), 2, 2),
        ((5, 2), 3, 2),  # The file's clock stood before the newest snapshot was taken.
        ((5, 2), -1, 2),  # It stands after the question.
        ((), 1, 1),
        ((), -1, 0),
    ],
)
def test_the_clock(snapshots: tuple[int, ...], clock: int | None, expected: int) -> None:
    estate = Estate(NOW, tuple(entry(str(days), days) for days in snapshots))
    file = EstateFile(version=1, clock=None if clock is None else NOW - timedelta(days=clock))
    assert clock_of(estate, file) == NOW - timedelta(days=expected)


def test_the_header_names_parts_age_and_what_is_stale() -> None:
    estate = Estate(NOW, (entry("a", 3), entry("b", 9, stale=True), NEVER), later=2)
    assert header_of(estate, EstateFile(version=1), ["owners"]) == {
        "time": "2026-10-29T12:00:00+00:00",
        "oldest": "2026-10-23T12:00:00+00:00",
        "snapshots": ["a", "b"],
        "later": 2,
        "stale": ["aws:b", "aws:never"],
        "estate_file": ["owners"],
    }
    assert header_of(Estate(NOW), EstateFile(version=1), [])["oldest"] is None
