"""The tables of what is recorded, and of how much harm a permission can do, against the catalogue."""

from __future__ import annotations

import pytest

from leastwise.model.gap import SENSITIVITIES
from leastwise.providers.aws import catalog
from leastwise.providers.aws.events.permissions import resolve
from leastwise.providers.aws.observing.facts import _read, data_types, never, sort_of
from leastwise.providers.aws.sensitivity import sensitivity, table

FACTS = catalog.bundled()
PATTERNS = (
    [
        (one["type"], pattern)
        for one in _read("data_events")
        for key in ("permissions", "either", "holds")
        for pattern in one.get(key, ())
    ]
    + [("never", pattern) for one in _read("never") for pattern in one["permissions"]]
    + [(word, pattern) for word, said in table().items() for pattern in said["patterns"]]
)


@pytest.mark.parametrize(("where", "pattern"), PATTERNS)
def test_every_pattern_takes_some_permission_in(where: str, pattern: str) -> None:
    assert FACTS.known_actions(pattern), where


def test_a_permission_is_of_one_type_of_data_events() -> None:
    found = [name for one in data_types(FACTS) for name in (*one.permissions, *one.either)]
    assert len(found) == len(set(found))
    assert all(one.permissions or one.either for one in data_types(FACTS))


def test_types_are_resource_types_and_named_once() -> None:
    types = [one.type for one in data_types(FACTS)]
    assert len(types) == len(set(types))
    assert all(one.count("::") == 2 and one.startswith("AWS::") for one in types)


@pytest.mark.parametrize(
    "name", ["iam:PassRole", "rds-db:connect", "logs:PutLogEvents", "s3:ObjectOwnerOverrideToBucketOwner"]
)
def test_never_recorded(name: str) -> None:
    assert name in never(FACTS)


@pytest.mark.parametrize(
    "name",
    [
        "s3:ListBucket",
        "s3:GetObject",
        "iam:CreateUser",
        "lambda:InvokeFunction",
        "ec2:RunInstances",
        "kms:Decrypt",
        "sts:AssumeRole",
        "s3:ListAllMyBuckets",
    ],
)
def test_recorded_if_it_is_selected(name: str) -> None:
    assert name not in never(FACTS)


def test_what_an_event_of_its_name_needs_is_an_operation() -> None:
    """No permission on the list of those without operation is what an event of our own tables is told to need."""
    own = {"HeadBucket": "s3", "ListBuckets": "s3", "CreateBucket": "s3", "Invoke": "lambda", "AssumeRole": "sts"}
    for name, source in own.items():
        assert not set(resolve(f"{source}.amazonaws.com", name).permissions) & set(never(FACTS))


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("ec2:DescribeInstances", "read"),
        ("iam:CreateUser", "write"),
        ("sts:AssumeRole", "either"),
        ("kms:Decrypt", "either"),
        ("s3:PutBucketPolicy", "write"),
        ("iam:GenerateCredentialReport", "either"),
        ("ec2:RunInstances", "write"),
    ],
)
def test_sort(name: str, sort: str) -> None:
    action = FACTS.action(name)
    assert action is not None
    assert sort_of(action) == sort


SENSITIVE = {
    "s3:ListAllMyBuckets": "read",
    "ec2:DescribeInstances": "read",
    "s3:GetObject": "data read",
    "dynamodb:Scan": "data read",
    "s3:PutObject": "write",
    "s3:PutObjectTagging": "write",
    "s3:DeleteObject": "destructive",
    "rds:DeleteDBInstance": "destructive",
    "cloudtrail:StopLogging": "destructive",
    "secretsmanager:GetSecretValue": "credential exposure",
    "kms:Decrypt": "credential exposure",
    "s3:PutBucketPolicy": "permissions management",
    "iam:PassRole": "escalation",
    "iam:AttachUserPolicy": "escalation",
    "iam:CreateAccessKey": "escalation",
    "sts:AssumeRole": "escalation",
    "iam:DeleteRolePermissionsBoundary": "escalation",
    "iam:CreateUser": "write",
    "lambda:UpdateFunctionCode": "escalation",
    "iam:DeleteUser": "destructive",
    "s3:DeleteBucketPolicy": "permissions management",
}


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitivity_of(name: str) -> None:
    level = FACTS.action(name)
    assert level is not None
    assert sensitivity()[name] == SENSITIVE[name], level.level


def test_every_permission_has_a_word() -> None:
    words = sensitivity()
    assert set(words.values()) <= set(SENSITIVITIES)
    assert all(name in words for prefix in FACTS.prefixes for name in _names(prefix))


def _names(prefix: str) -> list[str]:
    service = FACTS.service(prefix)
    return [] if service is None else [f"{prefix}:{name}" for name in service.action_names]


def test_tables_name_no_permission_twice_in_one_list() -> None:
    for word, said in table().items():
        assert len(said["patterns"]) == len(set(said["patterns"])), word
