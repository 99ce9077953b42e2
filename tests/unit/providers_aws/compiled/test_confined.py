"""Whom a condition confines: accounts and organizations that it surely asks for, and none that it only mentions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.decision import Confined, Needed
from leastwise.providers.aws.compiled.confined import confined
from leastwise.providers.aws.evaluate import policy
from leastwise.providers.aws.evaluate.arn import parse_arn
from leastwise.providers.aws.evaluate.facts import Facts
from leastwise.providers.aws.evaluate.operators import condition

A, B = "111111111111", "222222222222"
NAMED = Confined(frozenset({A}), frozenset())


def told(operator: str, key: str, *values: str, negated: bool = False) -> Confined | None:
    return confined(((Needed(key, operator, values, negated),),))


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:PrincipalAccount", A),
        ("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{A}:*"),
        ("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{A}:role/${{aws:PrincipalTag/team}}"),
        ("StringEquals", "aws:PrincipalArn", f"arn:aws:iam::{A}:role/app"),
        ("ArnLike", "aws:PrincipalArn", f"arn:*:*:*:{A}:*"),
        ("ArnEquals", "aws:SourceArn", f"arn:aws:sns:*:{A}:news"),
        ("ForAnyValue:ArnLike", "aws:PrincipalArn", f"arn:aws:*::{A}:user/*"),
    ],
)
def test_an_account_that_is_asked_for(operator: str, key: str, value: str) -> None:
    assert told(operator, key, value) == NAMED


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringLike", "aws:PrincipalArn", f"arn:aws:*:*:{A}:*"),
        ("StringLike", "aws:PrincipalArn", f"arn:aws:iam:*:{A}:*"),
        ("StringLike", "aws:PrincipalArn", f"arn:aws:iam:?:{A}:*"),
        ("StringLike", "aws:PrincipalArn", f"arn:*:iam::{A}:*"),
        ("StringLike", "aws:SourceArn", f"arn:aws:sns:*:{A}:news"),
        ("ForAnyValue:StringLike", "aws:PrincipalArn", f"arn:aws:*:*:{A}:*"),
        ("StringLike", "aws:PrincipalArn", f"*:{A}:*"),
        ("StringLike", "aws:PrincipalAccount", f"{A[:-1]}?"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:ResourceAccount}:role/app"),
        ("ArnLike", "aws:SourceArn", f"arn:aws:sns:${{aws:RequestedRegion}}:{A}:news"),
        ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
        ("StringEqualsIfExists", "aws:PrincipalAccount", A),
        ("StringNotLike", "aws:PrincipalArn", f"arn:aws:iam::{A}:*"),
    ],
)
def test_an_account_that_is_only_mentioned(operator: str, key: str, value: str) -> None:
    assert told(operator, key, value) is None


def test_one_value_that_may_be_of_any_account_opens_all() -> None:
    assert told("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{A}:*", f"arn:aws:*:*:{B}:*") is None


def test_another_condition_of_the_same_alternative_confines() -> None:
    wide = Needed("aws:PrincipalArn", "StringLike", (f"arn:aws:*:*:{A}:*",))
    assert confined(((wide, Needed("aws:PrincipalAccount", "StringEquals", (A,))),)) == NAMED
    assert confined(((wide,), (Needed("aws:PrincipalAccount", "StringEquals", (A,)),))) is None


PIECES = st.sampled_from(["aws", "iam", "", "*", "?", "user/", A, B, "x", ":"])
FIELDS = st.lists(st.lists(PIECES, max_size=3).map("".join), min_size=5, max_size=6).map(
    lambda f: ":".join(["arn", *f])
)
CALLERS = st.builds(
    "arn:aws:iam::{}:user/{}eve".format,
    st.sampled_from([A, B]),
    st.lists(st.sampled_from([A, B, ":", "/", "x", ":user/"]), max_size=5).map("".join),
)


@given(st.sampled_from(["StringLike", "StringEquals", "ArnLike", "ArnEquals"]), FIELDS, CALLERS)
def test_whoever_meets_a_condition_is_of_an_account_that_it_confines_to(operator: str, value: str, caller: str) -> None:
    """A path of IAM may hold colons, and whatever stands in fields."""
    found = told(operator, "aws:PrincipalArn", value)
    arn = parse_arn(caller)
    assert arn is not None
    met = condition(
        policy.Test(operator, "aws:PrincipalArn", (value,)), Facts({"aws:principalarn": (caller,)}), variables=False
    )
    assert met is not True or found is None or arn.account in found.accounts
