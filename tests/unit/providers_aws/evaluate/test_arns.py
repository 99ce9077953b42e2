"""Patterns of resources and actions, and what principals' names mean."""

from __future__ import annotations

import pytest
from evaluate_support import USER, allow, answer, document, request
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import Pattern, join, tokens_across, tokens_within
from leastwise.providers.aws.evaluate.arn import remainders
from leastwise.providers.aws.evaluate.principals import parse_principal

QUEUE = "arn:aws:sqs:eu-west-1:111111111111:jobs"
RESOURCES = [
    ("*", QUEUE, True), ("arn:*", QUEUE, True), ("arn:aws:sqs", QUEUE, True), ("arn:aws:sqs:eu-west-1", QUEUE, True),
    ("arn:aws:sqs:eu-west-2", QUEUE, False), ("arn:aws:sqs:*", QUEUE, True), ("arn:aws:sqs:eu-*", QUEUE, True),
    ("arn:aws:sqs:*:111111111111", QUEUE, True), ("arn:aws:sqs:*:222222222222", QUEUE, False),
    ("arn:aws:sqs:*:jobs", QUEUE, False), ("arn:aws:sqs:*:*:jobs", QUEUE, True), ("arn:aws:sqs:*:*:JOBS", QUEUE, False),
    ("arn:aws:sqs:eu-west-?:*:j?bs", QUEUE, True), ("arn:aws-cn:sqs:*", QUEUE, False), ("arn:*:sqs:*:*:*", QUEUE, True),
    ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True), ("arn:aws:s3:::b", "arn:aws:s3:::b/x", False),
    ("arn:aws:s3:::*", "arn:aws:s3:::b/x", True), ("arn:aws:ec2:*:*:*/i", "arn:aws:ec2:r:1:instance/i", True),
    (QUEUE, QUEUE, True), (QUEUE + "x", QUEUE, False), ("", QUEUE, False),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "resource", "covered"), RESOURCES)
def test_resources(pattern: str, resource: str, covered: bool) -> None:
    assert answer(request(resource=resource), identity=[document(allow(resource=pattern))]) == (
        "allowed" if covered else "denied"
    )
    left = {"Effect": "Allow", "Action": "*", "NotResource": pattern}
    assert answer(request(resource=resource), identity=[document(left)]) == ("denied" if covered else "allowed")


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("*", True), ("s3:*", True), ("S3:getobject", True), ("s3:Get*", True), ("s3:Get?bject", True),
        ("s3:GetObjects", False), ("s3:Put*", False), ("*:GetObject", False), ("s?:GetObject", False), ("", False),
        ("ec2:*", False),
    ],
)  # fmt: skip
def test_actions(pattern: str, covered: bool) -> None:
    assert answer(request(), identity=[document(allow(pattern))]) == ("allowed" if covered else "denied")
    other = {"Effect": "Allow", "NotAction": pattern, "Resource": "*"}
    assert answer(request(), identity=[document(other)]) == ("denied" if covered else "allowed")


@pytest.mark.parametrize(
    ("asked", "allowed", "denied", "expected"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", None, "allowed"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::*", None, "allowed"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*", None, "depends"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::c/*", None, "denied"),
        ("arn:aws:s3:::b/*", "*", "arn:aws:s3:::b/x/*", "depends"),
        ("arn:aws:s3:::b/x/*", "*", "arn:aws:s3:::b/*", "refused"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::*/x", "arn:aws:s3:::b/?", "depends"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::*/x", "arn:aws:s3:::b/*x", "refused"),
    ],
)
def test_questions_about_patterns(asked: str, allowed: str, denied: str | None, expected: str) -> None:
    statements = [allow(resource=allowed)] + ([allow(resource=denied) | {"Effect": "Deny"}] if denied else [])
    got = answer(request(resource=asked), identity=[document(*statements)])
    assert got == expected


@pytest.mark.parametrize(
    ("text", "kind", "account"),
    [
        (USER, "user", "111111111111"), ("111111111111", "root", "111111111111"), ("*", "anonymous", ""),
        ("arn:aws-cn:iam::1:role/p/r", "role", "1"), ("arn:aws-us-gov:sts::1:assumed-role/r/s", "session", "1"),
        ("arn:aws:sts::1:federated-user/f", "federated_user", "1"), ("arn:aws:iam::1:root", "root", "1"),
        ("ec2.amazonaws.com", "service", ""), ("accounts.google.com", "federated", ""),
        ("cognito-identity.amazonaws.com", "federated", ""), ("arn:aws:iam::1:saml-provider/x", "federated", "1"),
    ],
)  # fmt: skip
def test_names_of_principals(text: str, kind: str, account: str) -> None:
    found = parse_principal(text)
    assert found is not None
    assert (found.kind, found.account) == (kind, account)


@pytest.mark.parametrize(
    "text", ["", "ana", "arn:aws:iam::1:group/g", "arn:aws:s3:::b", "arn:aws:sts::1:assumed-role/r", "arn:aws:iam::1"]
)
def test_what_names_nobody(text: str) -> None:
    assert parse_principal(text) is None


PIECES = st.lists(st.sampled_from(["a", "b", "/", ":", "*", "?"]), max_size=6).map("".join)


@given(PIECES, st.text("ab/:", max_size=3), st.text("ab/:", max_size=3), st.booleans())
def test_what_a_pattern_leaves_open_behind_a_beginning(text: str, beginning: str, rest: str, within: bool) -> None:
    pattern = Pattern(join(tokens_within(text) if within else tokens_across(text)))
    matched = any(one.matches(rest) for one in remainders(pattern, beginning))
    assert matched is pattern.matches(beginning + rest)
