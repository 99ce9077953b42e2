"""Permissions that a call needed besides: roles that were passed, tags, dependent actions."""

from __future__ import annotations

from typing import Any

import pytest
from events_support import LOGS, cases, corpus, record, values
from hypothesis import given

from leastwise.providers.aws.events.implied import PASS_ROLE, implied, passes
from leastwise.providers.aws.events.permissions import resolve


def of(source: str, name: str, request: Any) -> list[dict[str, Any]]:
    one = record(eventSource=source, eventName=name, requestParameters=request)
    found = implied(one, resolve(source, name))
    return [{part: getattr(told, part) for part in told.__slots__} for told in found]


@pytest.mark.parametrize("case", cases("implied"), ids=lambda case: case["id"])
def test_implied(case: dict[str, Any]) -> None:
    """What the request shows, and whether a role may have been passed; other dependent actions are never sure."""
    found = of(case["source"], case["name"], case["request"])
    assert [one for one in found if one["sure"] or one["permission"] == PASS_ROLE] == case["implied"]


def test_dependent_actions_are_possible_only() -> None:
    found = of("ec2.amazonaws.com", "RunInstances", {"instanceType": "t3.micro"})
    assert {"permission": "ssm:GetParameters", "sure": False, "resource": "", "named": "", "service": ""} in found
    assert not any(one["permission"] == "ec2:CreateTags" for one in found)


def test_tags_that_are_not_told_may_have_been_there() -> None:
    found = of("ec2.amazonaws.com", "RunInstances", None)
    assert {one["permission"]: one["sure"] for one in found}["ec2:CreateTags"] is False


def test_tags_of_another_service_are_not_shown_by_tags_of_this_one() -> None:
    found = of("rds.amazonaws.com", "CreateDBInstance", {"dBInstanceIdentifier": "a", "tags": [{"key": "a"}]})
    sure = {one["permission"] for one in found if one["sure"]}
    assert sure == {"rds:AddTagsToResource"}


def test_which_calls_can_pass_a_role() -> None:
    assert passes(resolve("lambda.amazonaws.com", "CreateFunction20150331"))
    assert passes(resolve("events.amazonaws.com", "PutTargets"))
    assert not passes(resolve("lambda.amazonaws.com", "GetFunction20150331"))
    assert not passes(resolve("sts.amazonaws.com", "AssumeRole"))


@given(values)
def test_any_request(request: Any) -> None:
    for source, name in (
        ("lambda", "CreateFunction20150331"),
        ("ecs", "RegisterTaskDefinition"),
        ("ec2", "RunInstances"),
    ):
        for one in of(
            f"{source}.amazonaws.com", name, {"role": request, "iamInstanceProfile": request, "tags": request}
        ):
            assert one["permission"]
            assert not (one["resource"] and one["named"])


def test_deep_requests() -> None:
    deep: Any = "arn:aws:iam::111122223333:role/app"
    for _ in range(300):
        deep = [deep]
    found = of("lambda.amazonaws.com", "CreateFunction20150331", {"role": deep})
    assert found[0]["resource"] == "arn:aws:iam::111122223333:role/app"


@pytest.mark.skipif(not LOGS.is_dir(), reason=f"{LOGS} (records written by others) is not here")
def test_roles_in_the_records_of_others() -> None:
    """Every call that a role's ARN stands in, under a name that says so, is told: as passed, or as the thing itself."""
    passed = {
        (one.name, told.resource or told.named)
        for _, one in corpus()
        for told in implied(one, resolve(one.source, one.name, one.type))
        if told.permission == PASS_ROLE and told.sure
    }
    names = {name for name, _ in passed}
    assert {"CreateFunction20150331", "RunInstances", "AddRoleToInstanceProfile", "PutBucketReplication"} <= names
    assert len(passed) >= 14
