"""Selectors that changed: what each snapshot said, the calls that altered a trail, and what is known between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from test_observability import (
    ANY,
    END,
    GET,
    MANAGEMENT,
    OBJECTS,
    ROOT,
    UPDATE,
    A,
    B,
    data,
    scope,
    told_why,
    trail,
    whole,
)

from leastwise.model.gap import Kept
from leastwise.providers.base import Altered, ScopeTables, Told
from leastwise.providers.holding import ALWAYS, NEVER, holding

ON, OFF = trail(MANAGEMENT, data(OBJECTS)), trail(MANAGEMENT)
T = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/t"


def ago(days: float) -> datetime:
    return END - timedelta(days=days)


def at(days: float, one: dict[str, object] = ON) -> Told:
    return Told(ago(days), [scope(one)])


def alter(days: float, resource: str = T, account: str = A) -> Altered:
    return Altered(resource, account, ago(days), ago(days))


UNTIL = "trail t is known to record it until 2026-10-02"
SINCE = "trail t is known to record it since 2026-10-02"
CASES: dict[str, tuple[list[Told], list[Altered], str]] = {
    "one snapshot, and nobody altered a trail": ([at(0)], [], ""),
    "one snapshot, and it was altered in the window": ([at(0)], [alter(30)], SINCE),
    "one snapshot, and it was altered before the window": ([at(0)], [alter(100)], ""),
    "one snapshot, and another trail was altered": ([at(0)], [alter(30, f"{T}2")], ""),
    "one snapshot, and which trail was altered is not told": ([at(0)], [alter(30, "")], SINCE),
    "one snapshot, and some trail of another account was altered": ([at(0)], [alter(30, "", B)], ""),
    "one snapshot long ago, and it was altered since": ([at(200)], [alter(30)], UNTIL),
    "switched on between two snapshots": ([at(60, OFF), at(0)], [alter(30)], SINCE),
    "switched off between two snapshots": (
        [at(60), at(0, OFF)],
        [alter(30)],
        "trail t is known to record it until 2026-10-02",
    ),
    "on at both, off and on again between them": ([at(60), at(0)], [alter(40), alter(30)], "trail t"),
    "on at both, altered once between them": ([at(60), at(0)], [alter(30)], ""),
    "on, off, on, and only seen by snapshots": ([at(120), at(60, OFF), at(0)], [], "trail t"),
    "on at three": ([at(120), at(60), at(0)], [], ""),
}


@pytest.mark.parametrize("name", CASES)
def test_data_events(name: str) -> None:
    told, altered, expected = CASES[name]
    found = told_why(GET, ANY, told, altered=altered)
    assert found.startswith(expected)
    assert bool(found) is bool(expected)


@pytest.mark.parametrize("name", CASES)
def test_what_every_snapshot_shows_is_known_where_the_trail_was_not_altered_twice(name: str) -> None:
    told, altered, _ = CASES[name]
    found = told_why(UPDATE, "*", told, altered=altered)
    sure = len(told) > 1 and len(altered) < 2 and "only seen by snapshots" not in name
    if sure or not altered:
        assert (found == "") is ("only seen by snapshots" not in name)


def test_without_the_log_that_would_show_it_a_snapshot_tells_only_its_own_time() -> None:
    """The trail lives in another account, whose own log was not taken in."""
    above = trail(MANAGEMENT, data(OBJECTS), name="all", account=ROOT, IsOrganizationTrail="true")

    def told(days: float) -> Told:
        return Told(ago(days), [scope(above, account=ROOT, tenant="o-1"), scope(tenant="o-1", coverage="ok")])

    mine = whole(A)
    assert told_why(GET, ANY, [told(30)], kept=mine).startswith("trail all is known to record it since 2026-10-02")
    assert told_why(GET, ANY, [told(95), told(30)], kept=mine).startswith("trail all is known to record it until")
    assert told_why(GET, ANY, [told(95), told(0.5)], kept=mine) == ""
    assert told_why(GET, ANY, [told(30)], kept=whole(A, ROOT)) == ""


def test_a_log_with_a_hole_does_not_show_that_nobody_altered_a_trail() -> None:
    other = trail(data(OBJECTS), name="d")
    told = [Told(END, [scope(trail(MANAGEMENT), other)])]
    holed = [Kept(T, A, "*", ago(900), ago(50)), Kept(T, A, "*", ago(49), END)]
    kept = [*holed, Kept(T.replace("/t", "/d"), A, "*", ago(900), END)]
    assert told_why(GET, ANY, told, kept=kept).startswith("trail d is known to record it since 2026-09-13")


def test_rows_of_one_time_do_not_count_for_what_was_left_out_at_another() -> None:
    """Early, all but KMS was recorded, now all is: the early part of the window is not covered for KMS."""
    without = [*MANAGEMENT, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]
    told = [at(95, trail(without)), at(0, trail(MANAGEMENT))]
    assert told_why("kms:Decrypt", "*", told, altered=[alter(30)]) != ""
    assert told_why(UPDATE, "*", told, altered=[alter(30)]) == ""


def old(days: float, *scopes: ScopeTables) -> list[ScopeTables]:
    """Scopes as a snapshot of some days ago tells them."""
    return [replace(one, time=ago(days)) for one in scopes]


def test_a_snapshot_holds_from_its_own_time_not_from_that_of_the_estate() -> None:
    """The estate is of today because another account was read today; this one's trail was altered since it was read."""
    other = old(0, scope(trail(MANAGEMENT, account=B), account=B))
    told = [Told(END, [*old(60, scope(ON)), *other])]
    assert told_why(GET, ANY, told, altered=[alter(30)]).startswith(UNTIL)
    assert told_why(GET, ANY, told) == ""
    early = Told(ago(60), old(60, scope(ON)))
    twice = [early, Told(ago(10), old(60, scope(ON))), Told(END, [*old(60, scope(ON)), *other])]
    assert told_why(GET, ANY, twice, altered=[alter(30)]).startswith(UNTIL)


def test_a_log_that_ends_does_not_show_that_nobody_altered_a_trail_later() -> None:
    """The trail with data events is taken in to the end; the one that would tell that it was altered is not."""
    told = [Told(END, old(60, scope(trail(MANAGEMENT), trail(data(OBJECTS), name="d"))))]
    whole_d = Kept(T.replace("/t", "/d"), A, "*", ago(900), END)

    def why(end: float) -> str:
        return told_why(GET, ANY, told, kept=[Kept(T, A, "*", ago(900), ago(end)), whole_d])

    assert why(30).startswith("trail d is known to record it until 2026-10-0")
    assert why(0.5) == ""


@pytest.mark.parametrize(
    ("altered", "known"), [([], True), ([alter(30, "", ROOT)], False), ([alter(100, "", ROOT)], True)]
)
def test_an_organization_s_trail_that_was_read_before_its_member(altered: list[Altered], known: bool) -> None:
    """What was read of the two at two times goes together only where nobody altered a trail between them."""
    above = trail(MANAGEMENT, data(OBJECTS), name="all", account=ROOT, IsOrganizationTrail="true")
    told = [
        Told(
            END,
            [*old(60, scope(above, account=ROOT, tenant="o-1")), *old(0, scope(tenant="o-1", coverage="ok"))],
        )
    ]
    found = told_why(GET, ANY, told, altered=altered, kept=whole(A, ROOT))
    assert (found == "") is known


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "said", "altered", "known", "expected"),
    [
        ([5], "a", [], ALWAYS, [(ALWAYS, NEVER)]),
        ([5], "a", [], (ALWAYS, day(8)), [(ALWAYS, 8)]),
        ([5], "a", [(7, 7)], (ALWAYS, day(8)), [(ALWAYS, 7)]),
        ([5, 9], "aa", [], (ALWAYS, day(12)), [(ALWAYS, 9), (5, 12)]),
        ([5], "a", [], NEVER, [(5, NEVER)]),
        ([5], "a", [(3, 3)], ALWAYS, [(3, NEVER)]),
        ([5], "a", [(7, 7)], ALWAYS, [(ALWAYS, 7)]),
        ([5], "a", [(3, 7)], ALWAYS, [(5, 5)]),
        ([5, 9], "aa", [], NEVER, [(5, 9), (5, NEVER)]),
        ([5, 9], "ab", [], NEVER, [(5, 5), (9, NEVER)]),
        ([5, 9], "ab", [(6, 6), (8, 8)], ALWAYS, [(ALWAYS, 6), (8, NEVER)]),
        ([5, 9], "aa", [(4, 6)], ALWAYS, [(5, 5), (6, NEVER)]),
        ([5, 9], "aa", [(6, 11)], ALWAYS, [(ALWAYS, 6), (9, 9)]),
    ],
)
def test_for_how_long_what_is_said_holds(
    times: list[int],
    said: str,
    altered: list[tuple[int, int]],
    known: datetime | tuple[datetime, datetime],
    expected: list[tuple[object, object]],
) -> None:
    clean, until = known if isinstance(known, tuple) else (known, NEVER)
    found = holding([day(one) for one in times], said, [(day(a), day(b)) for a, b in altered], clean, until)
    wanted = [tuple(day(one) if isinstance(one, int) else one for one in pair) for pair in expected]
    assert found == wanted
