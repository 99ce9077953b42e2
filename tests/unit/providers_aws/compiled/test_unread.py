"""Without a word which resource is meant, one of which something was not read leaves open whom it lets in."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

A, B = "111111111111", "222222222222"
ADA, BOB, EVE = f"arn:aws:iam::{A}:user/ada", f"arn:aws:iam::{A}:user/bob", f"arn:aws:iam::{B}:user/eve"
BUCKET, QUEUE = "arn:aws:s3:::data", f"arn:aws:sqs:eu-west-1:{A}:jobs"
NOTHING = {"Version": "2012-10-17", "Statement": []}
BAD = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Principal": "*", "Action": "*", "Resource": "*"}]}
WHOLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ALLOWED, DENIED, UNKNOWN = State.ALLOWED, State.DENIED, State.UNKNOWN


def user(arn: str, *policies: dict[str, Any]) -> dict[str, Any]:
    name = arn.rsplit("/", 1)[1]
    held = [{"PolicyName": str(number), "PolicyDocument": one} for number, one in enumerate(policies)]
    return {"Arn": arn, "UserName": name, "UserId": f"AIDA{name.upper()}", "Path": "/", "UserPolicyList": held}


def port(resource: str, policy: object) -> AwsPort:
    """Ada may do anything, Bob and Eve, of another account, nothing, as far as it lies with them."""
    users = [user(ADA, WHOLE), user(BOB), user(EVE)]
    body = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    documents: list[dict[str, Any]] = [
        {"kind": "account_authorization_details", "body": body},
        {"kind": "resource_policy", "body": {"resource": resource, "account": A, "policy": policy}},
    ]
    return AwsPort(access_to(collected(documents)).estate.arrays, (A, B))


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("resource", "policy", "action", "wanted"),
    [
        (QUEUE, NOTHING, "sqs:SendMessage", {ADA: ALLOWED, BOB: DENIED, EVE: DENIED}),
        (QUEUE, BAD, "sqs:SendMessage", {ADA: ALLOWED, BOB: UNKNOWN, EVE: DENIED}),
        (QUEUE, BAD, "sns:Publish", {ADA: ALLOWED, BOB: DENIED, EVE: DENIED}),
        (BUCKET, BAD, "s3:GetObject", {ADA: ALLOWED, BOB: UNKNOWN, EVE: DENIED}),
        (BUCKET, BAD, "s3:ListBucket", {ADA: ALLOWED, BOB: UNKNOWN, EVE: DENIED}),
        (BUCKET, BAD, "s3:ListAllMyBuckets", {ADA: ALLOWED, BOB: DENIED, EVE: DENIED}),
    ],
)
def test_in_every_direction(resource: str, policy: object, action: str, wanted: dict[str, State], strict: bool) -> None:
    asked, given = port(resource, policy), Circumstances(strict=strict)
    answer = asked.who_can(action, None, given)
    listed = {one.principal: one.state for one in answer.holders}
    for who, state in wanted.items():
        found = asked.can(who, action, None, given)
        assert found.state is state, who
        assert listed.get(who, DENIED) is state, who
        named = resource in " ".join(found.missing)
        assert named == (state is UNKNOWN)
    unread = UNKNOWN in wanted.values()
    assert (resource in " ".join(answer.missing)) == unread


@pytest.mark.parametrize("transitive", [False, True])
def test_a_role_whose_trust_was_not_read_leaves_open_who_becomes_it(transitive: bool) -> None:
    role = {
        "Arn": f"arn:aws:iam::{A}:role/app", "RoleName": "app", "RoleId": "AROAAPP", "Path": "/",
        "AssumeRolePolicyDocument": BAD, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": WHOLE}],
    }  # fmt: skip
    body = {"UserDetailList": [user(BOB)], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
    documents: list[dict[str, Any]] = [{"kind": "account_authorization_details", "body": body}]
    asked = AwsPort(access_to(collected(documents)).estate.arrays, (A, B))
    answer = asked.who_can("iam:CreateUser", None, Circumstances(), transitive=transitive)
    states = {one.principal: one.state for one in answer.holders}
    assert states[role["Arn"]] is ALLOWED
    assert (states.get(BOB, DENIED), any("role/app" in one for one in answer.missing)) == (
        (UNKNOWN, True) if transitive else (DENIED, False)
    )
