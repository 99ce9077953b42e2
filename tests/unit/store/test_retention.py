"""Which snapshots have outlived their use: by age, by number, never the newest, never under hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.scope import Scope
from leastwise.model.snapshot import SnapshotState
from leastwise.store.ledger import Entry
from leastwise.store.retention import expired, held

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
A, B = Scope("aws", "account", "a"), Scope("aws", "account", "b")


def entry(id: str, days: float, scope: Scope = A, state: SnapshotState = SnapshotState.COMPLETE, n: int = 0) -> Entry:
    return Entry(id, scope, n, NOW - timedelta(days=days), state, "", "")


FIVE = [entry("0", 0), entry("1", 1), entry("10", 10), entry("30", 30), entry("90", 90)]


@pytest.mark.parametrize(
    ("keep_days", "keep_last", "going"),
    [
        (None, None, []),
        (0, None, ["90", "30", "10", "1"]),
        (10, None, ["90", "30"]),
        (9, None, ["90", "30", "10"]),
        (365, None, []),
        (None, 1, ["90", "30", "10", "1"]),
        (None, 3, ["90", "30"]),
        (None, 5, []),
        (None, 0, ["90", "30", "10", "1"]),
        (30, 4, ["90"]),
        (5, 4, ["90", "30", "10"]),
        (365, 2, ["90", "30", "10"]),
    ],
)
def test_by_age_and_number(keep_days: int | None, keep_last: int | None, going: list[str]) -> None:
    assert expired(FIVE, NOW, keep_days, keep_last) == going
    assert expired(reversed(FIVE), NOW, keep_days, keep_last) == going


def test_the_newest_of_each_scope_stays_however_old() -> None:
    entries = [entry("a", 400), entry("a+", 300), entry("b", 900, B)]
    assert expired(entries, NOW, 1, 1) == ["a"]


def test_what_was_never_complete_neither_goes_nor_counts() -> None:
    unread = [entry(f"u{n}", n, state=SnapshotState.UNREADABLE) for n in range(3)]
    assert expired([*unread, entry("old", 50), entry("new", 20)], NOW, None, 2) == []
    assert expired([*unread, entry("old", 50)], NOW, 1, 1) == []


def test_of_two_at_one_time_the_later_written_is_the_newest() -> None:
    assert expired([entry("x", 5, n=1), entry("y", 5, n=2)], NOW, None, 1) == ["x"]


@pytest.mark.parametrize(
    ("hold", "going"),
    [((), ["a", "b"]), (("aws:a",), ["b"]), (("*",), []), (("aws:c",), ["a", "b"]), (("a",), ["a", "b"])],
)
def test_under_hold_nothing_goes(hold: tuple[str, ...], going: list[str]) -> None:
    entries = [entry("a", 50), entry("a+", 1), entry("b", 40, B), entry("b+", 1, B)]
    assert expired(entries, NOW, 10, None, hold) == going
    assert [held(scope, hold) for scope in (A, B)] == ["a" not in going, "b" not in going]


def test_a_time_without_a_zone_is_utc() -> None:
    assert expired(FIVE, NOW.replace(tzinfo=None), 10, None) == ["90", "30"]


@given(
    st.lists(st.tuples(st.sampled_from([A, B]), st.integers(0, 40)), max_size=12),
    st.none() | st.integers(0, 40),
    st.none() | st.integers(0, 6),
)
def test_what_goes_is_old_or_surplus_and_what_stays_is_neither(
    made: list[tuple[Scope, int]], keep_days: int | None, keep_last: int | None
) -> None:
    entries = [entry(f"{n:02}", days, scope, n=n) for n, (scope, days) in enumerate(made)]
    going = expired(entries, NOW, keep_days, keep_last)
    assert len(set(going)) == len(going)
    for scope in (A, B):
        own = [one for one in entries if one.scope == scope]
        for one in own:
            newer = sum((other.time, other.sequence) > (one.time, one.sequence) for other in own)
            old = keep_days is not None and NOW - one.time > timedelta(days=keep_days)
            surplus = keep_last is not None and newer >= keep_last
            assert (one.id in going) == (newer > 0 and (old or surplus))
