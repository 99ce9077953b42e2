"""Branches of a bucket: every key of a log lies in exactly one, whatever prefix is asked for, and days cut them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.collect.log_layout import Branch, Level, after, between, branches, past

A, B, WHOLE = "222222222222", "333333333333", "o-abcde12345"


def looking(keys: Sequence[str]) -> Any:
    """What S3 answers about a bucket with these keys."""

    def level(prefix: str) -> Level:
        folders, objects = set(), False
        for key in keys:
            if key.startswith(prefix):
                below, slash, _ = key[len(prefix) :].partition("/")
                folders |= {f"{prefix}{below}/"} if slash else set()
                objects |= not slash and not key.endswith("/")
        return Level(tuple(sorted(folders)), objects)

    return lambda prefixes: map(level, prefixes)


def holds(branch: Branch, key: str) -> bool:
    return key.startswith(branch.prefix) and not (branch.flat and "/" in key[len(branch.prefix) :])


def log(account: str, region: str, day: str = "2026/01/31", kind: str = "CloudTrail", top: str = "AWSLogs/") -> str:
    return f"{top}{account}/{kind}/{region}/{day}/{account}_{kind}_{region}_{day.replace('/', '')}T0000Z_x.json.gz"


@pytest.mark.parametrize(
    "prefix, wanted",
    [
        ("", {(A, "eu-west-1"), (A, "us-gov-west-1"), (B, "ap-southeast-2")}),
        ("AWSLogs", {(A, "eu-west-1"), (A, "us-gov-west-1"), (B, "ap-southeast-2")}),
        ("AWSLogs/", {(A, "eu-west-1"), (A, "us-gov-west-1"), (B, "ap-southeast-2")}),
        ("AWSLogs/2", {(A, "eu-west-1"), (A, "us-gov-west-1")}),
        (f"AWSLogs/{A}/", {(A, "eu-west-1"), (A, "us-gov-west-1")}),
        (f"AWSLogs/{A}/CloudTrail", {(A, "eu-west-1"), (A, "us-gov-west-1")}),
        (f"AWSLogs/{A}/CloudTrail/eu", {(A, "eu-west-1")}),
    ],
)
def test_a_branch_is_an_account_and_a_region(prefix: str, wanted: set[tuple[str, str]]) -> None:
    keys = [log(A, "eu-west-1"), log(A, "us-gov-west-1"), log(B, "ap-southeast-2"), log(A, "eu-west-1", "2026/02/01")]
    found, others = branches(prefix, looking(keys))
    assert set(found) == {Branch(f"AWSLogs/{one}/CloudTrail/{region}/", dated=True) for one, region in wanted}
    assert others == set()


def test_digests_are_not_listed_and_other_services_are_named() -> None:
    keys = [
        log(A, "eu-west-1", kind=kind)
        for kind in ("CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight", "Config", "vpcflowlogs")
    ]
    found, others = branches("", looking([*keys, "AWSLogs/aws-account-id=1/x/y.json"]))
    assert sorted(one.prefix.split("/")[2] for one in found) == ["CloudTrail", "CloudTrail-Insight"]
    assert others == {"Config", "vpcflowlogs", "aws-account-id=1"}


@pytest.mark.parametrize(
    "prefix", [f"AWSLogs/{A}/CloudTrail/eu-west-1/2026/01/", f"AWSLogs/{A}/CloudTrail/eu-west-1/20"]
)
def test_below_a_region_the_prefix_is_listed_as_it_is(prefix: str) -> None:
    assert branches(prefix, looking([log(A, "eu-west-1")]))[0] == [Branch(prefix)]


def test_a_wide_folder_is_not_opened_further() -> None:
    keys = [f"exports/{number:03}/deep/er/x.json" for number in range(100)]
    found, _ = branches("", looking(keys))
    assert {one.prefix for one in found} == {f"exports/{number:03}/" for number in range(100)}
    assert not any(one.dated or one.flat for one in found)


TOPS = st.sampled_from(["", "AWSLogs/", f"AWSLogs/{WHOLE}/", "team/AWSLogs/", f"a/b/c/AWSLogs/{WHOLE}/"])
LOGS = st.builds(
    log, st.sampled_from([A, B]), st.sampled_from(["eu-west-1", "us-east-1", "us-gov-west-1"]),
    st.dates(date(2025, 12, 1), date(2026, 2, 1)).map(lambda day: f"{day:%Y/%m/%d}"),
    st.sampled_from(["CloudTrail", "CloudTrail-Insight"]), TOPS.filter(bool),
)  # fmt: skip
FILES = st.lists(st.sampled_from(["a", "b", "x.json", "2026"]), min_size=1, max_size=7).map("/".join)


@given(st.lists(LOGS | FILES, max_size=12, unique=True), TOPS)
def test_every_key_below_a_prefix_is_in_exactly_one_branch(keys: list[str], prefix: str) -> None:
    found, _ = branches(prefix, looking(keys))
    for key in keys:
        assert sum(holds(one, key) for one in found) == key.startswith(prefix)


@given(LOGS, st.dates(date(2025, 12, 1), date(2026, 2, 1)), st.integers(0, 40))
def test_days_cut_as_names_tell(key: str, begin: date, days: int) -> None:
    end = begin + timedelta(days)
    branch = Branch("/".join(key.split("/")[:-4]) + "/", dated=True)
    day = date(*map(int, key.split("/")[-4:-1]))
    listed = key > after(branch, begin) and not past(branch, key, end)
    assert listed == (begin <= day <= end) == between(key, begin, end)


@pytest.mark.parametrize("key", ["exports/x.json", "a/2026/13/45/x.json", "AWSLogs/x_20261345T0000Z_y.json.gz"])
def test_what_tells_no_day_is_of_every_day(key: str) -> None:
    assert between(key, date(2026, 1, 1), date(2026, 1, 2))
    assert after(Branch("exports/"), date(2026, 1, 1)) == "" and not past(Branch("exports/"), key, date(1990, 1, 1))
