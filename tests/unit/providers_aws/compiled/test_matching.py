"""Which statements of an estate bear on a target, and which of them are told apart only by the resources they name."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.compiled.matching import Matched, match
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import request_pattern
from leastwise.providers.aws.evaluate.statements import Target

ACCOUNT = "111111111111"
BUCKET = "arn:aws:s3:::data"
SECURE: dict[str, Any] = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
OLD, NEW = "2008-10-17", "2012-10-17"


def access_of(*statements: dict[str, Any], version: str = NEW) -> AwsAccess:
    policies = [
        {"PolicyName": f"p{number}", "PolicyDocument": {"Version": version, "Statement": [one]}}
        for number, one in enumerate(statements)
    ]
    user = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/ada",
        "UserName": "ada",
        "UserId": "AIDAADA",
        "UserPolicyList": policies,
    }
    body = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    return access_to(collected([{"kind": "account_authorization_details", "body": body}]))


def statement(*resources: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "s3:GetObject", "Resource": list(resources), **more}


def matched(access: AwsAccess, resource: str, *, spread: bool = False) -> Matched:
    target = Target(resource, request_pattern(resource) if "*" in resource else None)
    return match(access.estate, access.concerned("s3:GetObject"), target, spread=spread)


def test_statements_of_one_content_are_one_case() -> None:
    access = access_of(statement(f"{BUCKET}/*", **SECURE), statement(f"{BUCKET}/*", **SECURE, Sid="again"))
    found = matched(access, f"{BUCKET}/x")
    assert len(found.cases) == 1
    assert len(found.cases[0].documents) == 2
    assert found.spread is None


@pytest.mark.parametrize(
    "other",
    [
        statement(f"{BUCKET}/*", effect="Deny", **SECURE),
        statement(f"{BUCKET}/*"),
        statement(f"{BUCKET}/x*", **SECURE),
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": [f"{BUCKET}/*"], **SECURE},
    ],
)
def test_other_effects_conditions_and_resources_are_other_cases(other: dict[str, Any]) -> None:
    found = matched(access_of(statement(f"{BUCKET}/*", **SECURE), other), "*")
    assert len(found.cases) == 2


def test_spread_statements_of_one_condition_are_one_kind() -> None:
    access = access_of(
        statement(f"{BUCKET}/*"), statement("arn:aws:s3:::b", "arn:aws:s3:::a"), statement("arn:aws:s3:::a", **SECURE)
    )
    found = matched(access, "*", spread=True)
    assert not found.cases
    assert found.spread is not None
    assert sorted(len(kind.documents) for kind in found.spread.kinds) == [1, 2]
    assert [kind.place for kind in found.spread.kinds] == [0, 1]
    assert all(kind.statement.resources is None for kind in found.spread.kinds)


@pytest.mark.parametrize(
    "other",
    [
        statement(f"{BUCKET}/*", effect="Deny"),
        statement("*", **SECURE),
        {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": [f"{BUCKET}/*"]},
        statement(f"{BUCKET}/${{aws:username}}/*"),
        statement("?*"),
        statement(""),
    ],
    ids=["denies", "everything", "all but", "variable", "bare", "empty"],
)
def test_what_does_more_than_name_resources_stays_a_case(other: dict[str, Any]) -> None:
    found = matched(access_of(other), "*", spread=True)
    assert len(found.cases) == 1
    assert found.spread is not None
    assert not found.spread.kinds


def test_a_variable_that_is_not_in_force_is_text() -> None:
    found = matched(access_of(statement(f"{BUCKET}/${{aws:username}}/*"), version=OLD), "*", spread=True)
    assert not found.cases
    assert found.spread is not None
    assert len(found.spread.kinds) == 1
