"""The verdict on one permission, as data: what was done, what would have been seen, and what is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from usage_support import (
    ACCOUNT,
    END,
    EVERYTHING,
    NAMES,
    P,
    attempt,
    data_off,
    everybody,
    facts,
    held,
    keeping,
    part,
    seen,
    use,
    window,
)

from leastwise.model.decision import State
from leastwise.model.gap import Item, Kept, Use
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import gap_of
from leastwise.usage.keeping import Logs

BUCKET = "arn:aws:s3:::labels/*"
GET = "s3:GetObject"
ON = [*EVERYTHING, seen(GET)]
OFF = [*EVERYTHING, *data_off(GET)]


def verdict(uses: list[dict[str, Any]], rows: list[dict[str, Any]], permission: str = GET, **more: Any) -> Item:
    found = gap_of(held(part([permission], BUCKET)), facts(uses, rows, **more))
    return next(item for item in found.items if item.permission == permission)


VERDICTS = {
    "used in the window": ([use(GET, 3)], OFF, Use.USED, ""),
    "used before it": ([use(GET, 100)], ON, Use.UNUSED, ""),
    "used on the window's first moment": ([use(GET, 90)], ON, Use.USED, ""),
    "never used": ([], ON, Use.UNUSED, ""),
    "denied only": ([use(GET, 3, count=0, denied=4)], ON, Use.UNUSED, ""),
    "implied": ([use(GET, 3, how="implied")], OFF, Use.IMPLIED, ""),
    "called and implied": ([use(GET, 3, how="implied"), use(GET, 9)], OFF, Use.USED, ""),
    "possible": ([use(GET, 3, how="possible")], ON, Use.UNOBSERVABLE, "a call of 2026-10-29 needed this or another"),
    "possible before the window": ([use(GET, 100, how="possible")], ON, Use.UNUSED, ""),
    "possible and called": ([use(GET, 3, how="possible"), use(GET, 3)], ON, Use.USED, ""),
    "data events off": ([], OFF, Use.UNOBSERVABLE, "S3 data events of labels are off in trail t"),
    "data events of another bucket": (
        [],
        [*EVERYTHING, seen(GET, "arn:aws:s3:::scans/*"), *data_off(GET)],
        Use.UNOBSERVABLE,
        "of labels are off",
    ),
    "data events of this bucket": (
        [],
        [*EVERYTHING, seen(GET, "arn:aws:s3:::labels/*"), *data_off(GET)],
        Use.UNUSED,
        "",
    ),
    "data events of a prefix of this bucket": (
        [],
        [*EVERYTHING, seen(GET, "arn:aws:s3:::labels/eu/*"), *data_off(GET)],
        Use.UNOBSERVABLE,
        "of labels are off",
    ),
    "somebody else used it": ([use(GET, 3, principal="arn:other")], ON, Use.UNUSED, ""),
    "the trail began late": (
        [],
        [seen(GET, begin=END - timedelta(days=10))],
        Use.UNOBSERVABLE,
        "trail t is known to record it since 2026-10-22",
    ),
    "the trail began late, another did not": (
        [],
        [seen(GET, begin=END - timedelta(days=10)), seen(GET)],
        Use.UNUSED,
        "",
    ),
    "another region is recorded": (
        [],
        [seen(GET, region="eu-west-1"), seen(GET, observed="part", reason="only there")],
        Use.UNOBSERVABLE,
        "only there",
    ),
    "nothing known of the account": (
        [],
        [],
        Use.UNOBSERVABLE,
        f"what the logs of account {ACCOUNT} record was not read",
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name: str) -> None:
    uses, rows, state, why = VERDICTS[name]
    item = verdict(uses, rows)
    assert item.state is state
    assert why in item.missing
    assert bool(item.missing) is (state is Use.UNOBSERVABLE)


def test_what_is_never_recorded_cannot_be_unused() -> None:
    item = verdict([], list(EVERYTHING), "iam:PassRole")
    assert (item.state, item.missing) == (Use.UNOBSERVABLE, "it is no operation")


def test_a_row_for_all_accounts_comes_before_the_accounts_own() -> None:
    rows = [*EVERYTHING, seen("iam:PassRole")]
    assert verdict([], rows, "iam:PassRole").state is Use.UNOBSERVABLE


@pytest.mark.parametrize(
    ("log_days", "state", "why"),
    [
        (89, Use.UNUSED, ""),
        (91, Use.UNUSED, ""),
        (
            88,
            Use.UNOBSERVABLE,
            "those parts of the log of trail t that were taken in begin on 2026-08-05, the window on",
        ),
    ],
)
def test_a_window_longer_than_the_logs(log_days: float, state: Use, why: str) -> None:
    item = verdict([], ON, log_days=log_days)
    assert item.state is state
    assert why in item.missing


def test_logs_of_another_account_do_not_count() -> None:
    item = verdict([], ON, kept=[keeping(account="333333333333")])
    assert item.state is Use.UNOBSERVABLE
    assert item.missing == "trail t records it, but its log of this account was not taken in"


def test_what_others_may_have_done_is_not_held_against_one() -> None:
    item = verdict([], ON, unattributed={P: "several act as it"})
    assert (item.state, item.missing) == (Use.UNOBSERVABLE, "several act as it")


def test_every_resource_of_every_part_must_be_recorded() -> None:
    rows = [*EVERYTHING, seen(GET, "arn:aws:s3:::labels/*"), *data_off(GET)]
    parts = part([GET], BUCKET), part([GET], "arn:aws:s3:::scans/*", state=State.CONDITIONAL)
    item = gap_of(held(*parts), facts([], rows)).items[0]
    assert item.state is Use.UNOBSERVABLE
    assert item.missing == "S3 data events of scans are off in trail t"
    assert item.access is State.ALLOWED
    assert item.resources == (BUCKET, "arn:aws:s3:::scans/*")


def test_what_is_granted_on_everything_is_told_so() -> None:
    found = gap_of(held(part([GET])), facts([], OFF)).items[0]
    assert found.missing == "S3 data events of all resources are off in trail t"
    rows = [*EVERYTHING, seen(GET, "arn:aws:s3:::labels/*"), *data_off(GET)]
    assert gap_of(held(part([GET])), facts([], rows)).items[0].missing.startswith("S3 data events of some resources")


def test_of_what_is_unknown_there_is_no_verdict() -> None:
    found = gap_of(held(part([GET], state=State.UNKNOWN), part(["s3:PutObject"])), facts())
    assert found.unknown == (GET,)
    assert [item.permission for item in found.items] == ["s3:PutObject"]


def test_known_in_one_part_is_known() -> None:
    found = gap_of(held(part([GET], state=State.UNKNOWN), part([GET], BUCKET, state=State.CONDITIONAL)), facts())
    assert found.unknown == ()
    assert (found.items[0].access, found.items[0].resources) == (State.CONDITIONAL, (BUCKET,))


def test_drift_and_wanted() -> None:
    uses = [use("s3:PutObject", 2), use("s3:DeleteObject", 2, count=0, denied=3), use("rds:DeleteDBInstance", 200)]
    found = gap_of(held(part([GET])), facts(uses))
    assert found.drift == ("s3:PutObject",)
    assert found.wanted == ("s3:DeleteObject",)


def test_what_was_done_is_told() -> None:
    uses = [
        use(GET, 2, count=5, bucket="arn:aws:s3:::labels", workload="w"),
        use(GET, 1, count=2, denied=1, bucket="arn:aws:s3:::b"),
        use(GET, 120, bucket="arn:aws:s3:::old"),
    ]
    done = verdict(uses, ON).done
    assert (done.count, done.denied) == (7, 1)
    assert (done.first, done.last) == (END - timedelta(days=120), END - timedelta(days=1))
    assert done.touched == ("arn:aws:s3:::b", "arn:aws:s3:::labels")
    assert done.workloads == ("w",)


def test_items_are_sorted_and_each_permission_stands_once() -> None:
    found = gap_of(held(part(NAMES), part(NAMES[:2], BUCKET)), facts())
    assert [item.permission for item in found.items] == sorted(NAMES)


KEPT: dict[str, tuple[list[dict[str, Any]], list[Kept], Use, str]] = {
    "another trail's log": ([seen(GET)], [keeping(log="u")], Use.UNOBSERVABLE, "its log of this account was not taken"),
    "nothing": ([seen(GET)], [], Use.UNOBSERVABLE, "its log of this account was not taken in"),
    "this one of two trails": ([seen(GET, log="u", reason="trail u"), seen(GET)], [keeping()], Use.UNUSED, ""),
    "its begin is missing": ([seen(GET)], [keeping(80)], Use.UNOBSERVABLE, "begin on 2026-08-13, the window on"),
    "its end is missing": ([seen(GET)], [keeping(90, 9)], Use.UNOBSERVABLE, "end on 2026-10-23, the window on"),
    "less than a day is missing at both ends": ([seen(GET)], [keeping(89.1, 0.9)], Use.UNUSED, ""),
    "all but a day in the middle": (
        [seen(GET)],
        [keeping(90, 40), keeping(39, 0)],
        Use.UNOBSERVABLE,
        "lack what lies between 2026-09-22 and 2026-09-23",
    ),
    "two trails, each what the other lacks": (
        [seen(GET), seen(GET, log="u", reason="trail u")],
        [keeping(90, 40), keeping(40.5, 0, log="u")],
        Use.UNUSED,
        "",
    ),
    "one region, granted in all": (
        [seen(GET)],
        [keeping(region="eu-west-1")],
        Use.UNOBSERVABLE,
        "the log of trail t was taken in of eu-west-1 only",
    ),
    "both logs that are needed": (
        [seen(GET, log="t u")],
        [keeping(), keeping(log="u")],
        Use.UNUSED,
        "",
    ),
    "one of two logs that are needed": ([seen(GET, log="t u")], [keeping()], Use.UNOBSERVABLE, "was not taken in"),
    "of two logs that are needed one in part": (
        [seen(GET, log="t u")],
        [keeping(), keeping(30, log="u")],
        Use.UNOBSERVABLE,
        "begin on 2026-10-02",
    ),
    "selectors that were switched on late": (
        [seen(GET, begin=END - timedelta(days=10))],
        [keeping()],
        Use.UNOBSERVABLE,
        "trail t is known to record it since 2026-10-22",
    ),
    "selectors that were switched off early": (
        [seen(GET, end=END - timedelta(days=10))],
        [keeping()],
        Use.UNOBSERVABLE,
        "trail t is known to record it until 2026-10-22",
    ),
    "selectors of two times that touch": (
        [seen(GET, end=END - timedelta(days=10)), seen(GET, begin=END - timedelta(days=10))],
        [keeping()],
        Use.UNUSED,
        "",
    ),
    "selectors of two times and a minute between them": (
        [seen(GET, end=END - timedelta(days=10, minutes=1)), seen(GET, begin=END - timedelta(days=10))],
        [keeping()],
        Use.UNOBSERVABLE,
        "trail t",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_of_the_logs_decides(name: str) -> None:
    rows, kept, state, why = KEPT[name]
    item = verdict([], rows, kept=kept)
    assert item.state is state
    assert why in item.missing
    assert bool(item.missing) is (state is Use.UNOBSERVABLE)


@pytest.mark.parametrize("name", KEPT)
def test_all_at_once_says_the_same_of_what_is_kept(name: str) -> None:
    rows, kept, state, _ = KEPT[name]
    parts = [part([GET], BUCKET)]
    one = next(Everyone(everybody(parts), facts([], rows, kept=kept)).summaries())
    assert (one.unused, one.unobservable) == ((1, 0) if state is Use.UNUSED else (0, 1))


def test_one_region_is_enough_for_what_lies_there() -> None:
    queue = "arn:aws:sqs:eu-west-1:222222222222:q"
    found = facts([], EVERYTHING, kept=[keeping(region="eu-west-1"), keeping(region="eu-west-2")])
    for resource, state in ((queue, Use.UNUSED), (queue.replace("west-1", "west-3"), Use.UNOBSERVABLE)):
        item = gap_of(held(part(["rds:DeleteDBInstance"], resource)), found).items[0]
        assert item.state is state


def test_what_counts_for_no_trail_is_told() -> None:
    why = "of which of its trails the files below logs/ are is not known"
    item = verdict([], ON, kept=[], unclear={ACCOUNT: why})
    assert item.missing == f"trail t records it, but its log of this account was not taken in: {why}"


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ([], f"no logs of account {ACCOUNT} have been read"),
        (
            [keeping(80)],
            f"the logs of account {ACCOUNT} that were taken in begin on 2026-08-13, the window on 2026-08-03",
        ),
        ([keeping(800, 700)], f"the logs of account {ACCOUNT} that were taken in do not reach into the window"),
        ([keeping(80), keeping(log="u")], ""),
    ],
)
def test_which_accounts_have_no_log_of_the_window(kept: list[Kept], why: str) -> None:
    assert Logs(kept).lacking(ACCOUNT, window()) == why


@pytest.mark.parametrize(
    ("days", "begin", "end", "state"),
    [
        (1, 30, 1, Use.UNOBSERVABLE),
        (1, 30, 0.5, Use.UNOBSERVABLE),
        (1, 0.5, 0, Use.UNOBSERVABLE),
        (1, 30, 0.1, Use.UNUSED),
        (2, 1.5, 0.5, Use.UNOBSERVABLE),
        (2, 30, 1, Use.UNOBSERVABLE),
        (7, 6.5, 0.5, Use.UNUSED),
        (7, 30, 1, Use.UNUSED),
        (90, 89.5, 0.5, Use.UNUSED),
    ],
)
def test_what_may_be_missing_at_the_ends_of_a_window_is_little_of_it(
    days: int, begin: float, end: float, state: Use
) -> None:
    """A window of a day is not covered by a log that ends as it begins."""
    told = facts(days=days, kept=[keeping(begin, end)])
    assert gap_of(held(part([GET])), told).items[0].state is state


@pytest.mark.parametrize(
    ("days", "taken", "state"), [(1, 0.9, Use.UNOBSERVABLE), (1, 0.1, Use.UNUSED), (7, 0.9, Use.UNUSED)]
)
def test_the_vendors_word_is_about_most_of_a_short_window(days: int, taken: float, state: Use) -> None:
    told = facts(rows=data_off(GET), days=days, attempts=[attempt("s3", None, taken=taken)])
    assert gap_of(held(part([GET])), told).items[0].state is state
