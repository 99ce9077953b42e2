"""What conditions leave of everyone: which narrow, to whom, and which anybody meets."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.aws.translate.grammar import Statement
from leastwise.providers.aws.translate.narrowing import (
    NAMED,
    NETWORK,
    OPEN,
    SOURCE,
    UNSURE,
    narrowed,
    remaining,
    spared,
)

X = "999999999999"
ROLE = f"arn:aws:iam::{X}:role/r"
ORG = "o-abcdefghij"
LIKE, EQUALS = "StringLike", "StringEquals"

GRADES: list[tuple[int, str, str, Any]] = [
    (OPEN, "Bool", "aws:SecureTransport", "true"),
    (OPEN, LIKE, "aws:Referer", "https://example/*"),
    (OPEN, "IpAddress", "aws:SourceIp", "0.0.0.0/0"),
    (OPEN, "IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]),
    (OPEN, "IpAddress", "aws:SourceIp", ["203.0.113.0/24", "::/0"]),
    (OPEN, "IpAddressIfExists", "aws:SourceIp", "203.0.113.0/24"),
    (OPEN, "NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
    (NETWORK, "IpAddress", "aws:SourceIp", ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32"]),
    (UNSURE, "IpAddress", "aws:SourceIp", "here"),
    (OPEN, LIKE, "aws:PrincipalOrgID", "*"),
    (OPEN, LIKE, "aws:PrincipalOrgID", "o-*"),
    (OPEN, LIKE, "aws:PrincipalOrgID", [ORG, "o-*"]),
    (OPEN, "StringEqualsIfExists", "aws:PrincipalOrgID", ORG),
    (OPEN, "ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*"),
    (NAMED, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/r-1/*"),
    (OPEN, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abc*"),
    (NAMED, EQUALS, "AWS:principalorgid", ORG),
    (NAMED, EQUALS, "aws:PrincipalOrgID", "${aws:ResourceOrgID}"),
    (UNSURE, EQUALS, "aws:PrincipalOrgID", "${aws:PrincipalTag/org}"),
    (OPEN, "Null", "aws:PrincipalOrgID", "false"),
    (OPEN, EQUALS, "aws:PrincipalTag/team", "x"),
    (OPEN, "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/Foo"),
    (OPEN, LIKE, "aws:PrincipalArn", "arn:aws:iam::*"),
    (OPEN, LIKE, "aws:PrincipalArn", f"arn:aws:*::{X}:role/r"),
    (NAMED, "ArnLike", "aws:PrincipalArn", f"arn:aws*:iam::{X}:role/*"),
    (OPEN, LIKE, "aws:userid", "*:bob"),
    (OPEN, LIKE, "aws:userid", "AROA*"),
    (NAMED, LIKE, "aws:userid", "AROAEXAMPLE123:*"),
    (NAMED, "StringEqualsIfExists", "aws:PrincipalAccount", X),
    (OPEN, EQUALS, "aws:PrincipalAccount", "anonymous"),
    (OPEN, EQUALS, "lambda:FunctionUrlAuthType", "NONE"),
    (OPEN, EQUALS, "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
    (NAMED, EQUALS, "kms:CallerAccount", X),
    (OPEN, "ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"),
    (OPEN, "ArnLike", "aws:SourceArn", "arn:aws:s3:::my-*"),
    (SOURCE, "ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:bucket"),
    (SOURCE, "ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{X}:*"),
    (SOURCE, EQUALS, "aws:SourceOwner", X),
    (SOURCE, EQUALS, "aws:SourceOrgID", ORG),
    (SOURCE, "Bool", "aws:PrincipalIsAWSService", True),
    (OPEN, "Bool", "aws:PrincipalIsAWSService", False),
    (NETWORK, EQUALS, "aws:SourceVpce", "vpce-1"),
    (OPEN, LIKE, "aws:SourceVpc", "vpc-*"),
    (OPEN, "StringNotEquals", "aws:PrincipalAccount", X),
    (UNSURE, EQUALS, "sns:Endpoint", "x@example.org"),
    (UNSURE, EQUALS, "aws:PrincipalAccount", []),
]  # fmt: skip


@pytest.mark.parametrize(("grade", "operator", "key", "value"), GRADES)
def test_one_condition(grade: int, operator: str, key: str, value: Any) -> None:
    assert narrowed({operator: {key: value}}).grade == grade


def test_conditions_are_all_needed_and_values_alternatives() -> None:
    assert narrowed(None).grade == OPEN
    two = {EQUALS: {"aws:PrincipalAccount": [X, "111111111111"], "aws:PrincipalOrgID": ORG}}
    assert narrowed(two).who == {(X, ORG), ("111111111111", ORG)}
    role = {EQUALS: {"aws:PrincipalAccount": [X, "111111111111"]}, "ArnEquals": {"aws:PrincipalArn": ROLE}}
    assert narrowed(role).who == {(X, "")}
    assert narrowed({EQUALS: {"aws:PrincipalOrgID": ORG, "aws:SourceVpce": "vpce-1"}}).grade == NAMED


def test_fixed_as_s3_means_it() -> None:
    def fixed(key: str, value: str) -> bool:
        return narrowed({LIKE: {key: value}}).fixed

    assert fixed("aws:SourceVpce", "vpce-1") and fixed("aws:PrincipalOrgID", ORG) and fixed("aws:PrincipalArn", ROLE)
    assert fixed("s3:DataAccessPointArn", f"arn:aws:s3:eu-west-1:{X}:accesspoint/*")
    assert fixed("s3:x-amz-server-side-encryption-aws-kms-key-id", "key")
    assert not fixed("aws:PrincipalArn", f"arn:aws:iam::{X}:role/*") and not fixed("aws:Referer", "x")
    assert not fixed("aws:SourceArn", f"arn:aws:sns:*:{X}:*")


SPARED: list[tuple[int, dict[str, dict[str, Any]]]] = [
    (NAMED, {"StringNotEquals": {"aws:PrincipalOrgID": ORG}}),
    (NAMED, {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}),
    (SOURCE, {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }),
    (OPEN, {"StringNotEquals": {"aws:PrincipalOrgID": ORG}, "Bool": {"aws:PrincipalIsAWSService": "false"}}),
    (NETWORK, {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    (OPEN, {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
    (OPEN, {"Bool": {"aws:SecureTransport": "false"}}),
    (OPEN, {"StringEquals": {"aws:PrincipalAccount": X}}),
    (OPEN, {"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}}),
    (NAMED, {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": f"{ORG}/*"}}),
]  # fmt: skip


@pytest.mark.parametrize(("grade", "condition"), SPARED)
def test_whom_a_deny_spares(grade: int, condition: dict[str, dict[str, Any]]) -> None:
    assert spared(condition).grade == grade


def test_a_deny_counts_if_it_covers_the_allow() -> None:
    allow = Statement("Allow", Action=["s3:GetObject", "s3:List*"], Resource="arn:aws:s3:::b/*", Principal="*")
    outside = {"StringNotEquals": {"aws:PrincipalOrgID": ORG}}

    def left(**deny: Any) -> int:
        given = {"Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": outside} | deny
        return remaining(allow, [allow, Statement("Deny", **given)]).grade

    assert left() == NAMED
    assert left(Resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"]) == NAMED
    assert left(Action="s3:GetObject") == OPEN
    assert left(Resource="arn:aws:s3:::b/public/*") == OPEN
    assert left(Principal={"AWS": X}) == OPEN
    assert left(Principal=None, NotPrincipal={"AWS": X}, Condition=None) == NAMED
