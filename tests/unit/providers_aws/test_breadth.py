"""How wide a statement is, by example."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.translate.breadth import (
    ADMIN,
    ADMIN_CONDITIONAL,
    DENIES_ADMIN,
    IAM,
    NEARLY,
    REST,
    REWRITES,
    WILD,
    allowed,
    denied,
    every_resource,
    narrow,
)
from leastwise.providers.aws.translate.grammar import Statement

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
FULL = ADMIN | IAM | REWRITES | WILD
S3 = "arn:aws:s3:::b"


def one(action: Any = None, resource: Any = "*", **more: Any) -> Statement:
    return Statement(Effect="Allow", Action=action, Resource=resource, **more)


ALLOWS: list[tuple[Statement, int]] = [
    (one("*"), FULL),
    (one("**"), FULL),
    (one("*:*"), FULL),
    (one(["s3:Get*", "*"]), FULL),
    (one("*", "**"), FULL),
    (one("*", ["arn:aws:*", "x"]), FULL),
    (one("*", "arn:*"), FULL),
    (one("*", "arn:aws:*:*:*:*"), FULL),
    (one("*", "arn:aws-cn:*:*:*"), FULL),
    (one("*", Condition={}), FULL),
    (one("*", Condition=MFA), ADMIN_CONDITIONAL | WILD),
    (one("*", S3), 0),
    (one("*", "arn:aws:s3:::*"), WILD),
    (one("*", "arn:aws:iam::*:*"), WILD | IAM | REWRITES),
    (one("*", None, NotResource=S3), NEARLY | IAM | REWRITES | WILD),
    (one("*", None, NotResource="arn:aws:iam::*:*"), REST | WILD),
    (one("*", None, NotResource="*"), 0),
    (one(None, NotAction="aws-portal:*"), NEARLY | IAM | REWRITES | WILD),
    (one(None, NotAction="aws-portal:*", Condition=MFA), ADMIN_CONDITIONAL | WILD),
    (one(None, NotAction=["iam:*", "organizations:*", "account:*"]), REST | WILD),
    (one(None, NotAction="iam:CreateUser"), NEARLY | REWRITES | WILD),
    (one(None, NotAction="*"), 0),
    (one("iam:*"), IAM | REWRITES | WILD),
    (one("IAM:*"), IAM | REWRITES | WILD),
    (one("iam:*", "arn:aws:iam::111111111111:*"), IAM | REWRITES | WILD),
    (one("iam:*", "arn:aws:iam::111111111111:role/app-*"), 0),
    (one("iam:PutUserPolicy"), REWRITES),
    (one("iam:Attach*"), REWRITES),
    (one("iam:*", Condition=MFA), WILD),
    (one(["iam:Get*", "iam:List*"]), 0),
    (one("s3:*"), WILD),
    (one("s3:*", "arn:aws:s3:::*"), WILD),
    (one("s3:*", "arn:aws:sqs:*:*:*"), 0),
    (one("s3:*", ["arn:aws:s3:::b/*"]), 0),
    (one("dynamodb:*", "arn:aws:dynamodb:*:111111111111:*"), WILD),
    (one("dynamodb:*", "arn:aws:dynamodb:eu-west-1:111111111111:*"), 0),
    (one("s3:Get*"), 0),
    (one("ec2:DescribeInstances"), 0),
]


@pytest.mark.parametrize(("statement", "bits"), ALLOWS)
def test_allow(statement: Statement, bits: int) -> None:
    assert allowed(statement) == bits


DENIES: list[tuple[Statement, bool]] = [
    (one("*"), True),
    (one("iam:*"), True),
    (one("i*"), True),
    (one("iam:CreateUser"), True),
    (one("sts:AssumeRole"), True),
    (one("organizations:*"), True),
    (one("organizations:LeaveOrganization"), False),
    (one("s3:DeleteBucket", S3), False),
    (one("cloudtrail:*"), False),
    (one("*", S3), False),
    (one("*", "arn:aws:iam::*:role/x"), True),
    (one("iam:*", None, NotResource="arn:aws:iam::*:role/x"), True),
    (one("iam:*", None, NotResource="*"), False),
    (one(None, NotAction=["iam:*", "sts:*", "organizations:*"]), False),
    (one(None, NotAction=["iam:*", "organizations:*"]), True),
    (one(None, NotAction="s3:*"), True),
]


@pytest.mark.parametrize(("statement", "takes"), DENIES)
def test_deny(statement: Statement, takes: bool) -> None:
    assert denied(statement) == (DENIES_ADMIN if takes else 0)


def _matches(pattern: str, texts: tuple[str, ...]) -> bool:
    form = re.compile(re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
    return any(form.fullmatch(text) for text in texts)


WORDS = ("iam", "sts", "organizations", "s3", "ec2", "I", "IAM", "Sts", "*", "?", "**", ":", "PutUserPolicy", "Attach*")
REWRITING = tuple(
    f"iam:{name}"
    for name in (
        "putuserpolicy", "putrolepolicy", "putgrouppolicy", "attachuserpolicy", "attachrolepolicy", "attachgrouppolicy",
        "createpolicyversion", "setdefaultpolicyversion", "addusertogroup",
    )
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map("".join))
def test_an_action_pattern_gives_what_it_matches(pattern: str) -> None:
    bits = allowed(one(pattern))
    assert bool(bits & REWRITES) == _matches(pattern, REWRITING)
    # What gives a whole service is told apart from what gives the rewriting of it; nothing else is wide.
    whole = re.fullmatch(r"[^*?:]+:?\*+", pattern) is not None
    wide = whole or _matches(pattern, REWRITING) or (_matches(pattern, ("zz:any",)) and _matches(pattern, ("iam:zz",)))
    assert narrow((pattern,)) == (not wide)
    if narrow((pattern,)):
        assert bits == 0


@given(st.lists(st.sampled_from(["arn", "aws", ":", "*", "**", "?", "s3", "b/*"]), max_size=8).map("".join))
def test_a_pattern_of_every_resource_matches_any(pattern: str) -> None:
    if every_resource(pattern) and not re.search("aws[a-z]", pattern):  # another partition has other resources
        assert _matches(pattern, ("arn:aws:s3:::bucket",))
        assert _matches(pattern, ("arn:aws:iam::111122223333:user/u",))
