"""What the vendor says of the last attempt, beside what logs tell: when it makes a permission unused, and when not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from usage_support import END, EVERYTHING, P, attempt, data_off, everybody, facts, held, part, seen, use, window

from leastwise.model.gap import Item, Use
from leastwise.usage.attempts import Attempts
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import gap_of

GET, PASS = "s3:GetObject", "iam:PassRole"
ON = [*EVERYTHING, seen(GET)]
OFF = [*EVERYTHING, *data_off(GET)]
NO_ATTEMPT = "the vendor saw no attempt"
Case = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], Use]
CASES: dict[str, Case] = {
    "nothing told": ([], OFF, [], Use.UNOBSERVABLE),
    "the service was never tried": ([], OFF, [attempt("s3", None)], Use.UNUSED),
    "the service was tried before the window": ([], OFF, [attempt("s3", 91)], Use.UNUSED),
    "the service was tried in the window": ([], OFF, [attempt("s3", 3)], Use.UNOBSERVABLE),
    "the service was tried on the window's first moment": ([], OFF, [attempt("s3", 90)], Use.UNOBSERVABLE),
    "another service was never tried": ([], OFF, [attempt("sqs", None)], Use.UNOBSERVABLE),
    "another principal never tried it": ([], OFF, [attempt("s3", None, principal="arn:other")], Use.UNOBSERVABLE),
    "told for less than the window": ([], OFF, [attempt("s3", None, since=80)], Use.UNOBSERVABLE),
    "told some hours ago": ([], OFF, [attempt("s3", None, taken=0.5)], Use.UNUSED),
    "told some days ago": ([], OFF, [attempt("s3", None, taken=3)], Use.UNOBSERVABLE),
    "told twice, the newest counts": ([], OFF, [attempt("s3", 2), attempt("s3", None, taken=0.5)], Use.UNOBSERVABLE),
    "the action was never tried": ([], OFF, [attempt("s3", 3), attempt("s3", None, permission=GET)], Use.UNUSED),
    "another action was never tried": (
        [],
        OFF,
        [attempt("s3", 3), attempt("s3", None, permission="s3:PutObject")],
        Use.UNOBSERVABLE,
    ),
    "the action was tried, and no log shows it": (
        [],
        ON,
        [attempt("s3", 3), attempt("s3", 3, permission=GET)],
        Use.UNOBSERVABLE,
    ),
    "the action was tried before the window": ([], ON, [attempt("s3", 100, permission=GET)], Use.UNUSED),
    "the service was tried, the log shows nothing of this": ([], ON, [attempt("s3", 3)], Use.UNUSED),
    "the action was tried some time up to now": (
        [],
        ON,
        [attempt("s3", 0, permission=GET, since=90, inexact=True)],
        Use.UNOBSERVABLE,
    ),
    "the action was tried some time, perhaps in the window": (
        [],
        ON,
        [attempt("s3", 80, permission=GET, since=170, taken=80, inexact=True)],
        Use.UNOBSERVABLE,
    ),
    "the action was tried some time before the window": (
        [],
        ON,
        [attempt("s3", 100, permission=GET, since=190, taken=100, inexact=True)],
        Use.UNUSED,
    ),
    "of an attempt some time no log can be asked": (
        [],
        OFF,
        [attempt("s3", 100, permission=GET, since=190, taken=100, inexact=True)],
        Use.UNOBSERVABLE,
    ),
    "used, whatever the vendor says": ([use(GET, 3)], OFF, [attempt("s3", None)], Use.USED),
    "perhaps used, whatever the vendor says": (
        [use(GET, 3, how="possible")],
        OFF,
        [attempt("s3", None)],
        Use.UNOBSERVABLE,
    ),
}


def item(case: Case, **more: Any) -> Item:
    uses, rows, attempts, _ = case
    return gap_of(held(part([GET], "arn:aws:s3:::b/*")), facts(uses, rows, attempts=attempts, **more)).items[0]


@pytest.mark.parametrize("name", CASES)
def test_the_vendors_word(name: str) -> None:
    found = item(CASES[name])
    assert found.state is CASES[name][3]
    assert bool(found.missing) is (found.state is Use.UNOBSERVABLE)
    second = found.state is Use.UNUSED and CASES[name][1] is OFF
    assert found.because.startswith(NO_ATTEMPT) is second


@pytest.mark.parametrize("name", CASES)
def test_all_at_once_says_the_same(name: str) -> None:
    uses, rows, attempts, state = CASES[name]
    found = next(
        Everyone(everybody([part([GET], "arn:aws:s3:::b/*")]), facts(uses, rows, attempts=attempts)).summaries()
    )
    assert {Use.USED: found.used, Use.UNUSED: found.unused, Use.UNOBSERVABLE: found.unobservable}[state] == 1
    one = gap_of(held(part([GET], "arn:aws:s3:::b/*")), facts(uses, rows, attempts=attempts))
    assert found.creep.index == pytest.approx(one.creep.index)
    assert found.creep.at_most == pytest.approx(one.creep.at_most)


def test_what_is_no_call_the_vendor_does_not_see() -> None:
    found = gap_of(held(part([PASS])), facts([], EVERYTHING, attempts=[attempt("iam", None)])).items[0]
    assert (found.state, found.because) == (Use.UNOBSERVABLE, "")
    every = next(
        Everyone(everybody([part([PASS])]), facts([], EVERYTHING, attempts=[attempt("iam", None)])).summaries()
    )
    assert (every.unused, every.unobservable) == (0, 1)


def test_what_a_role_never_tried_says_nothing_of_who_acts_as_it() -> None:
    case = [], OFF, [attempt("s3", None)], Use.UNOBSERVABLE
    assert item(case, unattributed={P: "several act as it"}).state is Use.UNOBSERVABLE


def test_without_any_log_the_vendors_word_stands_alone() -> None:
    case = [], ON, [attempt("s3", None)], Use.UNUSED
    found = item(case, kept=[])
    assert (found.state, found.missing) == (Use.UNUSED, "")
    assert found.because == f"{NO_ATTEMPT} from 2025-09-27 to 2026-11-01 at s3"


def test_both_last_attempts_are_told() -> None:
    case = [], OFF, [attempt("s3", 2), attempt("s3", 5, permission=GET)], Use.UNOBSERVABLE
    found = item(case)
    assert (found.service_used, found.action_used) == (END - timedelta(days=2), END - timedelta(days=5))


def test_nothing_is_told_of_anybody_by_none() -> None:
    none = Attempts.none(window())
    assert (none.tells(P), none.untouched(P, GET), none.tried(P, GET), none.service(P, GET)) == (False, "", "", None)


def test_an_attempt_without_its_time_is_told_as_a_span() -> None:
    one = [attempt("s3", 0, permission=GET, since=90, inexact=True)]
    found = gap_of(held(part([GET], "arn:aws:s3:::b/*")), facts([], ON, attempts=one)).items[0]
    begin, end = ((END - timedelta(days=days)).date() for days in (90, 0))
    assert found.missing == f"the vendor saw an attempt between {begin} and {end} that no log shows that was taken in"
    assert (found.action_used, found.service_used) == (None, None)
