"""Laws of spans of time: what is held and what lacks are the whole, cuts lose nothing, names say what they held."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from leastwise.providers.logs.spans import (
    SHORTEST,
    Asked,
    Span,
    cut,
    lacking,
    midnight,
    missing,
    runs,
    settled,
    spans,
    stamp,
    whole_days,
)

NOW = datetime(2026, 11, 22, 17, 31, 5, tzinfo=UTC)
SCHEME = "logs://"
hours = some.integers(0, 24 * 40).map(lambda count: NOW.replace(minute=0, second=0) - timedelta(hours=count))
pairs = some.tuples(hours, hours).map(sorted).filter(lambda pair: pair[0] < pair[1])
several = some.lists(pairs, max_size=6)


def covered(times: list[list[datetime]] | list[tuple[datetime, datetime]], at: datetime) -> bool:
    return any(begin <= at < end for begin, end in times)


@given(pairs, several)
def test_what_is_held_and_what_is_missing_are_the_whole(window: list[datetime], held: list[list[datetime]]) -> None:
    begin, end = window
    lacks = missing(begin, end, [(one[0], one[1]) for one in held])
    assert lacks == sorted(lacks) and all(begin <= first < last <= end for first, last in lacks)
    for count in range(int((end - begin).total_seconds() // 3600)):
        at = begin + timedelta(hours=count)
        assert covered(lacks, at) is not covered(held, at)


@given(pairs, some.integers(1, 3 * 24 * 60))
def test_a_cut_loses_nothing_and_overlaps_nowhere(window: list[datetime], minutes: int) -> None:
    whole = Asked("c", window[0], window[1], ("a",))
    parts = list(cut(whole, timedelta(minutes=minutes)))
    assert parts[0].begin == whole.begin and parts[-1].end == whole.end
    assert all(one.end == other.begin for one, other in pairwise(parts))
    assert all(one.end - one.begin >= SHORTEST / 2 or len(parts) == 1 for one in parts)


@given(several, pairs)
def test_a_run_asks_for_what_no_run_held_and_the_next_for_nothing_but_the_last_hours(
    held: list[list[datetime]], window: list[datetime]
) -> None:
    begin, end = window
    complete = max(begin, settled(NOW, end))
    before = [Span("c", frozenset("ab"), one[0], one[1]) for one in held]
    asked = list(lacking("c", ((begin, complete, ("a",)),), before, complete, end))
    names = {one.name(SCHEME, "f").rpartition("/")[0] + "/": True for one in asked}
    now_held = [*before, *spans(SCHEME, names)]
    again = list(lacking("c", ((begin, complete, ("a",)),), now_held, complete, end))
    assert all(one.recent for one in again) and len(again) <= 1
    assert [one.recent for one in asked].count(True) == len(again)
    assert list(lacking("other", ((begin, complete, ("a",)),), now_held, complete, end))


def test_names_tell_what_they_held_and_nothing_else_does() -> None:
    one = Asked("a/b", NOW - timedelta(days=2), NOW - timedelta(days=1), ("x", "y"))
    name = one.name(SCHEME, "f.json").rpartition("/")[0]
    assert spans(SCHEME, {f"{name}/": True}) == [Span("a/b", frozenset("xy"), one.begin, one.end)]
    for other, whole in ((name, False), (name.replace("logs://", "log://"), True), (name.replace("Z_", "_"), True),
                         (name.replace("T17:", "T99:"), True), (name.replace("/x+y/", "//"), True)):  # fmt: skip
        assert spans(SCHEME, {other: whole}) == [], other
    recent = Asked("a/b", NOW, NOW, (), recent=True)
    assert spans(SCHEME, {recent.name(SCHEME, "f").rpartition("/")[0]: True}) == []
    assert stamp(NOW) in recent.name(SCHEME, "f")


@given(some.sets(some.integers(0, 40), max_size=20))
def test_days_are_runs_and_runs_are_days(numbers: set[int]) -> None:
    days = [date(2026, 10, 1) + timedelta(number) for number in sorted(numbers)]
    found = runs(days)
    assert list(whole_days(found)) == days
    assert all(end < begin for (_, end), (begin, _) in pairwise(found))
    shifted = [(begin + timedelta(hours=1), end) for begin, end in found]
    assert set(whole_days(shifted)) == set(days) - {begin.date() for begin, _ in found}
    assert midnight(date(2026, 10, 1)) == datetime(2026, 10, 1, tzinfo=UTC)
