"""Values of which the page does not say how AWS reads them: a gap, in every answer that rests on them."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.engine.containment import NotProven, Proved
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

A = "111111111111"
NAMES = {"low": "5", "high": "5000", "same": "5", "none": None}
LEVEL = "aws:PrincipalTag/level"
GIVEN = Circumstances()
ACTION = "s3:ListAllMyBuckets"

Json = dict[str, Any]


def document(condition: Json, effect: str = "Allow") -> Json:
    statements = [{"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}]
    if effect == "Deny":
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}})
    return {"Version": "2012-10-17", "Statement": statements}


def port(condition: Json, effect: str = "Allow") -> AwsPort:
    """An account whose users have one policy, and tags that tell them apart."""
    users = [
        {
            "Arn": f"arn:aws:iam::{A}:user/{name}", "UserName": name, "UserId": f"AIDA{name.upper()}",
            "Tags": [{"Key": "level", "Value": level}] if level else [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(condition, effect)}],
        }
        for name, level in NAMES.items()
    ]  # fmt: skip
    body = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    access = estate_of({"documents": [{"kind": "account_authorization_details", "body": body}]})
    return AwsPort(access.estate.arrays, {A})


def states(asked: AwsPort) -> dict[str, State]:
    found = {
        one.name: one.state
        for one in asked.who_can(ACTION, None, GIVEN).holders
        if one.kind == "user" or one.name in NAMES
    }
    return {name: found.get(name, State.DENIED) for name in NAMES}


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    "condition",
    [
        {"NumericLessThan": {LEVEL: "1e3"}},
        {"NumericLessThan": {LEVEL: ["1e3", "10"]}},
        {"NumericNotEquals": {LEVEL: ["1e3", "5"]}},
        {"NumericLessThanIfExists": {LEVEL: "1e3"}},
        {"ForAllValues:NumericLessThan": {LEVEL: ["1e3", "10"]}},
    ],
)
def test_principals_are_told_apart_by_what_is_known(condition: Json, effect: str) -> None:
    asked = port(condition, effect)
    alone = {name: asked.can(f"arn:aws:iam::{A}:user/{name}", ACTION, None, GIVEN).state for name in NAMES}
    assert states(asked) == alone
    assert State.UNKNOWN in alone.values()


def test_the_value_is_named() -> None:
    found = port({"NumericLessThan": {LEVEL: "1e3"}}).can(f"arn:aws:iam::{A}:user/low", ACTION, None, GIVEN)
    assert found.missing == (f"NumericLessThan {LEVEL} = 1e3 for 5: how AWS reads that as a number",)


def test_what_is_not_known_of_both_is_no_equality() -> None:
    asked = port({"NumericLessThan": {LEVEL: "1e3"}})
    low, high, same = (asked.effective(f"arn:aws:iam::{A}:user/{name}", GIVEN) for name in ("low", "high", "same"))
    assert {cube.state for cube in low.minus(high)} == {State.UNKNOWN}
    assert low.minus(same) == ()


def contains(inner: Json, outer: Json) -> object:
    return port({}).contains([document(inner)], [document(outer)])


def test_documents_are_held_against_each_other() -> None:
    doubted = {"NumericLessThan": {"s3:max-keys": "1e3"}}
    assert isinstance(contains(doubted, doubted), NotProven)
    assert isinstance(contains(doubted, {}), Proved)
    assert isinstance(contains({}, doubted), NotProven)
    assert isinstance(contains(doubted, {"NumericLessThan": {"s3:max-keys": "2e3"}}), NotProven)
    assert isinstance(contains({"NumericLessThan": {"s3:other": "1e3"}}, doubted), NotProven)
    both = {"NumericLessThan": {"s3:max-keys": ["1e3", "2e3"]}}
    assert isinstance(contains(both, doubted), NotProven)
