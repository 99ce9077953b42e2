"""What is likely needed next: learned from months that are over, measured on a month held out, told with reasons."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leastwise.model.kin import Kin
from leastwise.providers.aws.kin import kin
from leastwise.rightsizing.backtesting import EXACT, LIKELY, SERVICE, Measured, measured, proposals
from leastwise.rightsizing.doings import Doings, Kinship, related
from leastwise.rightsizing.foreseeing import Foresight, worth
from leastwise.rightsizing.reasons import reasons

TRAINED, DAYS = 90, 120


@pytest.fixture(scope="module")
def company() -> Any:
    """A small company of the simulator that the bench uses."""
    bench = str(Path(__file__).parents[3] / "bench")
    sys.path.insert(0, bench)
    try:
        from simulated_uses import simulated
    finally:
        sys.path.remove(bench)
    return simulated(7, 60, DAYS)


@pytest.fixture(scope="module")
def known(company: Any) -> Doings:
    early = company.day < TRAINED
    rows = (company.principal[early], company.permission[early], company.day[early])
    return Doings(company.granted.shape, *rows, TRAINED, Kinship.of(company.permissions, kin))


@pytest.fixture(scope="module")
def results(company: Any, known: Doings) -> dict[str, Measured]:
    level = np.unique([f"{kin(one).service} {kin(one).reads}" for one in company.permissions], return_inverse=True)[1]
    later = company.used(TRAINED, DAYS)
    offered = proposals(known, company.granted, level, np.zeros(len(company.permissions), bool))
    return {name: measured(given, known.used, later, known.kinship) for name, given in offered.items()}


def test_likely_ones_spare_denials_for_little(results: dict[str, Measured]) -> None:
    exact, service, likely = (results[one] for one in (EXACT, SERVICE, LIKELY))
    assert exact.under > 0.04, "the month held out has something new"
    assert likely.under < 0.75 * exact.under
    assert likely.hindered < exact.hindered
    assert likely.over < 0.5 < service.over
    assert likely.reduction > 0.88 > service.reduction


def test_the_same_each_time(company: Any, known: Doings) -> None:
    careful = np.zeros(known.shape[1], bool)
    first, second = (Foresight(known, company.granted, careful).chances(3)[1] for _ in range(2))
    assert (first == second).all()


def test_nobody_is_advised_what_is_not_granted_or_used_already(company: Any, known: Doings) -> None:
    chosen = Foresight(known, company.granted, np.zeros(known.shape[1], bool)).chosen
    assert chosen.any()
    assert not (chosen & ~company.granted).any()
    assert not (chosen & known.used).any()


def test_what_does_harm_is_advised_less(company: Any, known: Doings) -> None:
    free = Foresight(known, company.granted, np.zeros(known.shape[1], bool))
    careful = Foresight(known, company.granted, np.ones(known.shape[1], bool))
    assert (careful.chosen <= free.chosen).all()
    assert careful.chosen.sum() < free.chosen.sum()


def test_the_end_of_the_logs_is_what_counts(known: Doings) -> None:
    past = known.before(30)
    assert past.day.max() < 30
    assert (past.used <= known.used).all()


def test_worth_counts_that_somebody_is_spared_every_denial() -> None:
    assert worth(np.zeros(0)).size == 0
    chances = np.array([0.5, 0.1])
    # One who will be denied anyway gains less by the same permission.
    alone, among = worth(chances), worth(np.r_[chances, np.full(40, 0.09)])
    assert (alone >= chances).all()
    assert alone[1] > among[1]


READ, WRITE, TAG, OTHER, FAR = NAMES = ("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:ListBucket", "sqs:Z")
KIN = {
    READ: Kin("s3", "object", True), WRITE: Kin("s3", "object", False), TAG: Kin("s3", "tagging", False),
    OTHER: Kin("s3", "bucket", True), FAR: Kin("sqs", "z", False, (TAG,)),
}  # fmt: skip
HAND = [
    # Who, what: each on ten days.
    *((who, READ) for who in range(4)), *((who, WRITE) for who in range(1, 4)), *((who, OTHER) for who in range(4)),
    (0, FAR),
]  # fmt: skip


@pytest.fixture(scope="module")
def hand() -> Doings:
    rows = np.array([(who, NAMES.index(what), day) for who, what in HAND for day in range(10)])
    return Doings((5, 5), rows[:, 0], rows[:, 1], rows[:, 2], 10, Kinship.of(NAMES, KIN.__getitem__))


def test_reasons_are_told_in_words(hand: Doings) -> None:
    assert list(reasons(hand, 0, NAMES.index(WRITE), NAMES)) == [
        "it writes what s3:GetObject, which it uses, reads",
        "3 of 3 nearest peers use it",
        "others use it on 70% of the days on which they use s3:GetObject",
    ]
    assert list(reasons(hand, 0, NAMES.index(TAG), NAMES)) == ["a call of sqs:Z, which it uses, needs it besides"]
    assert list(reasons(hand, 4, NAMES.index(READ), NAMES)) == [], "who did nothing is like nobody"


def test_without_a_past_nothing_is_advised(hand: Doings) -> None:
    seen = Foresight(hand, np.ones((5, 5), bool), np.zeros(5, bool))
    open_, chances, _, advised = seen.worths(0)
    assert not seen.learned
    assert dict(zip(open_.tolist(), chances.tolist(), strict=True))[NAMES.index(TAG)] == 0.0, "nobody ever used it"
    assert not advised.any()
    assert not seen.chosen.any()


def test_what_goes_with_what_is_used() -> None:
    kinship = Kinship.of(NAMES, KIN.__getitem__)
    assert [NAMES[one] for one in related(kinship, np.array([NAMES.index(FAR)]))] == [TAG, FAR]
    assert [NAMES[one] for one in related(kinship, np.array([NAMES.index(READ)]))] == [READ, WRITE]
    assert related(kinship, np.zeros(0, np.int64)).tolist() == []


def test_measures_by_hand() -> None:
    before = np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 1]], bool)
    later = np.array([[3, 2, 0, 0, 0], [5, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
    found = measured(before, before, later, Kinship.of(NAMES, KIN.__getitem__))
    assert (found.principals, found.granted, found.used, found.denied) == (2, 3, 3, 1), "the third did nothing later"
    assert (found.calls, found.calls_denied, found.hindered, found.whole) == (10, 2, 1, 8)
    assert (found.under, found.over, found.hindered_share) == (1 / 3, 1 / 3, 0.5)
    assert (found.denied_share, found.reduction) == (0.2, 1 - 3 / 8)


def test_measures_of_nobody() -> None:
    nothing = np.zeros((2, 5))
    found = measured(nothing > 0, nothing > 0, nothing.astype(int), Kinship.of(NAMES, KIN.__getitem__))
    assert (found.principals, found.under, found.over, found.hindered_share, found.reduction) == (0, 0.0, 0.0, 0.0, 0.0)
