"""What those outside can: everything that a resource of the estate lets them, as `can` says of each."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of
from leastwise.providers.aws.evaluate.arn import request_pattern

A, B, X, Y = "111111111111", "222222222222", "999999999999", "888888888888"
BUCKET = "arn:aws:s3:::data"
QUEUE, OPEN, SHUT, WHEN, BUT = (f"arn:aws:sqs:eu-west-1:{A}:{name}" for name in ("jobs", "open", "shut", "when", "but"))
APP, WEB = f"arn:aws:iam::{A}:role/app", f"arn:aws:iam::{A}:role/web"
FILES = f"arn:aws:elasticfilesystem:eu-west-1:{A}:file-system/fs-1"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CORP = f"arn:aws:iam::{A}:saml-provider/corp"
ORIGIN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
SECURE = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
GIVEN = Circumstances()

Json = dict[str, Any]


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal: Any, action: str, resource: str = "*", **more: Any) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}


def laid(resource: str, *statements: Json) -> Json:
    policy = document(*statements) if statements else None
    return {"kind": "resource_policy", "body": {"resource": resource, "account": A, "policy": policy}}


def role(arn: str, principal: Any, action: str = "sts:AssumeRole") -> Json:
    trust = document({"Effect": "Allow", "Principal": principal, "Action": action})
    return {"Arn": arn, "RoleName": arn.rsplit("/")[-1], "AssumeRolePolicyDocument": trust}


def estate() -> AwsPort:
    them = {"AWS": [X, f"arn:aws:iam::{Y}:root"], "Service": "lambda.amazonaws.com"}
    roles = [role(APP, them), role(WEB, {"Federated": CORP}, "sts:AssumeRoleWithSAML")]
    body = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []}
    enforced = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    deny = {"Effect": "Deny", "Principal": {"AWS": X}, "Action": "*", "Resource": "*"}
    documents = [
        {"kind": "account_authorization_details", "body": body},
        laid(BUCKET, allow(them | {"AWS": [X, ORIGIN]}, "s3:GetObject", f"{BUCKET}/in/*")),
        {"kind": "s3api.get-bucket-ownership-controls", "account": A, "subject": BUCKET, "body": enforced},
        laid(QUEUE, allow({"AWS": X}, "sqs:SendMessage")),
        laid(OPEN, allow("*", "sqs:SendMessage")),
        laid(SHUT, allow("*", "sqs:SendMessage"), deny),
        laid(WHEN, allow({"AWS": Y}, "sqs:SendMessage", **SECURE)),
        laid(BUT, {"Effect": "Allow", "NotPrincipal": {"AWS": X}, "Action": "sqs:SendMessage", "Resource": "*"}),
        laid(KEY, allow({"AWS": f"arn:aws:iam::{Y}:root"}, "kms:Decrypt")),
        laid(FILES),
    ]
    return AwsPort(estate_of({"documents": documents}).estate.arrays, {A})


PORT = estate()
ASKED = [
    *((action, f"{BUCKET}/{key}") for action in ("s3:GetObject", "s3:PutObject") for key in ("in/x", "out/x")),
    *((action, one) for action in ("sqs:SendMessage", "sqs:PurgeQueue") for one in (QUEUE, OPEN, SHUT, WHEN, BUT)),
    *(("sts:AssumeRole", one) for one in (APP, WEB)), ("sts:AssumeRoleWithSAML", WEB), ("kms:Decrypt", KEY),
    ("elasticfilesystem:ClientMount", FILES),
]  # fmt: skip
OUTSIDERS = [X, Y, "777777777777", "*", "lambda.amazonaws.com", "sns.amazonaws.com", CORP, ORIGIN]


@pytest.mark.parametrize("outsider", OUTSIDERS)
def test_what_an_outsider_can_is_what_can_says_of_each(outsider: str) -> None:
    cubes = PORT.what_can(outsider, None, GIVEN)
    for action, resource in ASKED:
        told = {
            cube.state
            for cube in cubes
            if action in cube.permissions
            and any(request_pattern(one).matches(resource) for one in cube.resources)
            and not any(request_pattern(one).matches(resource) for one in cube.exceptions)
        }
        alone = PORT.can(outsider, action, resource, GIVEN).state
        assert told == ({alone} - {State.DENIED}), (action, resource, cubes)


@pytest.mark.parametrize("outsider", OUTSIDERS)
def test_what_an_outsider_can_on_one_resource(outsider: str) -> None:
    for action, resource in ASKED:
        told = {cube.state for cube in PORT.what_can(outsider, resource, GIVEN) if action in cube.permissions}
        assert told == ({PORT.can(outsider, action, resource, GIVEN).state} - {State.DENIED}), (action, resource)


def test_outsiders_are_compared_by_what_resources_give_them() -> None:
    one, other = (PORT.effective(account, GIVEN) for account in (X, Y))
    only = {(name, cube.resources) for cube in one.minus(other) for name in cube.permissions}
    assert ("sqs:SendMessage", (QUEUE,)) in only
    assert ("s3:GetObject", (f"{BUCKET}/in/*",)) in only
    assert not any(OPEN in resources for _, resources in only)
    back = {(name, cube.resources) for cube in other.minus(one) for name in cube.permissions}
    assert ("kms:Decrypt", (KEY,)) in back and ("sqs:SendMessage", (WHEN,)) in back


def test_an_outsider_with_an_identity_of_its_own_needs_it_too() -> None:
    """A role of another account: what its own policies allow was not read."""
    cubes = PORT.what_can(f"arn:aws:iam::{X}:role/r", None, GIVEN)
    (told,) = {cube.state for cube in cubes if "sqs:SendMessage" in cube.permissions and QUEUE in cube.resources}
    assert told is State.UNKNOWN
