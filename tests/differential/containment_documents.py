"""Pairs of policy documents in which wildcards, denials, negations and conditions meet, and requests about them."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

ACTIONS = [
    "*", "s3:*", "s3:Get*", "s3:GetObject", "S3:getobject", "s3:GetObjectAcl", "s3:PutObject", "s3:*Object",
    "s3:Get?bject", "ec2:*", "ec2:RunInstances", "ec2:Describe*", "*:*", "s3:*Obj*Acl",
]  # fmt: skip
RESOURCES = [
    "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b", "arn:aws:s3:::b*", "arn:aws:s3:::*/x", "arn:aws:s3:*:*:b/?",
    "arn:aws:ec2:eu-west-1:111111111111:instance/*", "arn:aws:*:*:*:instance/i-1", "arn:aws:s3:::b/x", "arn:*:*:*:*:*",
]  # fmt: skip
SHORT = ["arn:aws:s3*", "arn:aws:s3", "arn:aws:*"]
"""Resources of fewer fields than an ARN has; z3 is not asked about them."""
TEXT_TESTS: list[tuple[str, str, Any]] = [
    (operator, key, value)
    for key in ("aws:PrincipalTag/team", "aws:RequestedRegion")
    for operator, value in (
        ("StringEquals", "red"), ("StringEquals", ["red", "blue"]), ("StringNotEquals", "red"), ("StringLike", "r*"),
        ("StringNotLike", ["r*", "b?ue"]), ("StringEqualsIfExists", "red"), ("Null", "true"), ("Null", "false"),
        ("StringLikeIfExists", "*d"),
    )
]  # fmt: skip
OTHER_TESTS: list[tuple[str, str, Any]] = [
    ("NumericLessThan", "s3:max-keys", "10"), ("NumericLessThanEquals", "s3:max-keys", "10"),
    ("NumericGreaterThan", "s3:max-keys", "5"), ("NumericEquals", "s3:max-keys", ["7", "10"]),
    ("NumericNotEquals", "s3:max-keys", "10"),
    ("Bool", "aws:SecureTransport", "true"), ("Bool", "aws:SecureTransport", "false"),
    ("BoolIfExists", "aws:SecureTransport", "true"),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8"), ("IpAddress", "aws:SourceIp", ["10.1.0.0/16", "10.2.0.0/16"]),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
]  # fmt: skip
MANY_TESTS: list[tuple[str, str, Any]] = [
    ("ForAnyValue:StringEquals", "aws:TagKeys", "a"), ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"]),
    ("ForAllValues:StringLike", "aws:TagKeys", "a*"), ("ForAnyValue:StringNotEquals", "aws:TagKeys", "b"),
    ("Null", "aws:TagKeys", "false"),
    ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z"), ("DateGreaterThan", "aws:CurrentTime", "2029-01-01"),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/a*"),
    ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/ab"),
    ("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
    ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", "RED"),
]  # fmt: skip
VARIABLES = [
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:username}",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
]
REQUESTED = {
    "aws:principaltag/team": ["red", "blue", "green", "rEd"], "aws:requestedregion": ["red", "rod", "bxue", ""],
    "s3:max-keys": ["4", "5", "7", "9.5", "10", "11", "x"], "aws:securetransport": ["true", "false", "TRUE"],
    "aws:sourceip": ["10.1.2.3", "10.3.0.1", "11.0.0.1", "::1"], "aws:tagkeys": ["a", "b", "c"],
    "aws:currenttime": ["2028-06-01T00:00:00Z", "2029-06-01T00:00:00Z", "2031-01-01T00:00:00Z"],
    "aws:principalarn": [f"arn:aws:iam::111111111111:role/{name}" for name in ("a", "ab", "b")],
    "aws:resourcetag/team": ["red", "blue"], "aws:username": ["x", "y"],
}  # fmt: skip
ASKED = [
    "arn:aws:s3:::b/x", "arn:aws:s3:::b", "arn:aws:s3:::bb/x", "arn:aws:s3:::b/x/y", "arn:aws:s3:::red/x", "*",
    "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", "arn:aws:s3:x:y:b/x", "arn:aws:s3:::c/x",
]  # fmt: skip


def _listed(values: list[str]) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    return st.one_of(st.sampled_from(values), some)


@st.composite
def statements(draw: st.DrawFn, resources: list[str], tests: list[tuple[str, str, Any]]) -> dict[str, Any]:
    negated = st.integers(0, 5).map(lambda number: "Not" if number == 0 else "")
    built: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        f"{draw(negated)}Action": draw(_listed(ACTIONS)),
        f"{draw(negated)}Resource": draw(_listed(resources)),
    }
    block: dict[str, dict[str, Any]] = {}
    for operator, key, value in draw(st.one_of(st.just([]), st.lists(st.sampled_from(tests), max_size=3))):
        block.setdefault(operator, {})[key] = value
    return built | ({"Condition": block} if block else {})


@st.composite
def pairs(
    draw: st.DrawFn, resources: list[str], tests: list[tuple[str, str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two documents; the second often has statements of the first, so that containment is no rarity."""
    one = statements(resources, tests)
    first = draw(st.lists(one, min_size=1, max_size=3))
    second = draw(st.lists(one, min_size=0, max_size=2))
    if draw(st.booleans()):
        second += [draw(st.sampled_from([s, s, widened(s)])) for s in first if draw(st.integers(0, 5))]
    return document(first), document(second)


def widened(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement that takes in more."""
    return {key: value for key, value in statement.items() if key not in ("Resource", "NotResource")} | {
        "Resource": "*"
    }


def document(listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": listed}


def context(random: Random) -> dict[str, tuple[str, ...]]:
    """Values of some keys; the others are absent."""
    chosen = {key: values for key, values in REQUESTED.items() if random.random() < 0.7}
    most = {"aws:tagkeys": 2}
    return {key: tuple(random.sample(values, random.randint(1, most.get(key, 1)))) for key, values in chosen.items()}
