"""Where a resource stands: the one that holds it, its account, and what of its policy is not known."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.conform.ask import estate_of

ACCOUNT = "111111111111"
OWN = f"eu-west-1:{ACCOUNT}"
THINGS = {
    "arn:aws:s3:::data": "s3:GetObject",
    f"arn:aws:dynamodb:{OWN}:table/orders": "dynamodb:Query",
    f"arn:aws:lambda:{OWN}:function:run": "lambda:InvokeFunction",
    f"arn:aws:secretsmanager:{OWN}:secret:db-AbCdEf": "secretsmanager:GetSecretValue",
    f"arn:aws:sns:{OWN}:news": "sns:Publish",
    f"arn:aws:sqs:{OWN}:jobs": "sqs:SendMessage",
}


def policy(action: str, resource: str) -> dict[str, Any]:
    statement = {"Sid": "Own", "Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture(scope="module")
def access() -> AwsAccess:
    details = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    laid = [
        {"kind": "resource_policy", "body": {"resource": id, "account": ACCOUNT, "policy": policy(action, id)}}
        for id, action in THINGS.items()
    ]
    return estate_of({"documents": [{"kind": "account_authorization_details", "body": details}, *laid]})


HELD = {
    "arn:aws:s3:::data/2026/report.csv": "arn:aws:s3:::data",
    "arn:aws:s3:::data/*": "arn:aws:s3:::data",
    "arn:aws:s3:::data/2026/rep*": "arn:aws:s3:::data",
    "arn:aws:s3:::data": "arn:aws:s3:::data",
    f"arn:aws:dynamodb:{OWN}:table/orders/index/by-day": f"arn:aws:dynamodb:{OWN}:table/orders",
    f"arn:aws:dynamodb:{OWN}:table/orders/stream/2026-01-01T00:00:00.000": f"arn:aws:dynamodb:{OWN}:table/orders",
    f"arn:aws:lambda:{OWN}:function:run": f"arn:aws:lambda:{OWN}:function:run",
    f"arn:aws:secretsmanager:{OWN}:secret:db-AbCdEf": f"arn:aws:secretsmanager:{OWN}:secret:db-AbCdEf",
    f"arn:aws:sns:{OWN}:news:8a21d249-4329-4871-acc6-7be709c6ea7f": f"arn:aws:sns:{OWN}:news",
    f"arn:aws:sqs:{OWN}:jobs": f"arn:aws:sqs:{OWN}:jobs",
}


@pytest.mark.parametrize("resource", HELD)
def test_a_part_has_the_policy_and_the_account_of_what_holds_it(resource: str, access: AwsAccess) -> None:
    holder = HELD[resource]
    place = access.place(THINGS[holder], resource)
    assert place.thing == access.estate.thing(holder)
    assert place.account == ACCOUNT
    assert [[s.sid for s in one.statements] for one in place.policies] == [["Own"]]
    assert place.gaps == ()
    assert place.target.text == resource


OTHERS = ["arn:aws:s3:::database/key", "arn:aws:s3:::dat/key", "arn:aws:s3:::dat*", "arn:aws:s3:::other/data/x"]


@pytest.mark.parametrize("resource", OTHERS)
def test_a_name_that_only_begins_alike_is_another(resource: str, access: AwsAccess) -> None:
    place = access.place("s3:GetObject", resource)
    assert place.policies == () and place.account == ""
    assert place.gaps == (f"policy of {resource}: the resource is not in the estate",)


def test_a_service_without_policies_of_its_own_has_no_gap(access: AwsAccess) -> None:
    place = access.place("ec2:StopInstances", f"arn:aws:ec2:{OWN}:instance/i-1")
    assert (place.gaps, place.account) == ((), ACCOUNT)


def test_an_action_that_takes_no_resource_stands_nowhere(access: AwsAccess) -> None:
    place = access.place("s3:ListAllMyBuckets", "arn:aws:s3:::data")
    assert (place.target.text, place.account, place.policies) == ("*", "", ())


def test_a_role_that_is_assumed_and_is_not_there_has_a_gap(access: AwsAccess) -> None:
    role = "arn:aws:iam::222222222222:role/x"
    assert access.place("sts:AssumeRole", role).gaps == (f"trust policy of {role}: the role is not in the estate",)
    assert access.place("iam:PassRole", role).gaps == ()
