"""Used, wanted, or neither: what error codes and messages tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.events.outcomes import Judged, Outcome, Refusal, judged, outcome, plain, refused

A = "arn:aws:iam::111122223333"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (None, "allowed"),
        ("", "allowed"),
        ("AccessDenied", "denied"),
        ("AccessDeniedException", "denied"),
        ("com.amazonaws.example#AccessDeniedException", "denied"),
        ("Client.UnauthorizedOperation", "denied"),
        ("UnauthorizedOperation", "denied"),
        ("UnauthorizedException", "denied"),
        ("AuthorizationError", "denied"),
        ("AuthorizationErrorException", "denied"),
        ("ForbiddenException", "denied"),
        ("VpceAccessDenied", "denied"),
        ("NotAuthorizedException", "denied"),
        ("Client.DryRunOperation", "failed"),
        ("DryRunOperation", "failed"),
        ("NoSuchBucketPolicy", "failed"),
        ("NoSuchKey", "failed"),
        ("ResourceNotFoundException", "failed"),
        ("Client.InvalidVpcID.NotFound", "failed"),
        ("BucketAlreadyExists", "failed"),
        ("ConditionalCheckFailedException", "failed"),
        ("ProvisionedThroughputExceededException", "failed"),
        ("LimitExceededException", "failed"),
        ("MalformedPolicyDocument", "failed"),
        ("DependencyViolation", "failed"),
        ("ConstraintViolationException", "failed"),
        ("AnErrorOfTomorrow", "failed"),
        ("ThrottlingException", "unknown"),
        ("Client.RequestLimitExceeded", "unknown"),
        ("SlowDown", "unknown"),
        ("ValidationException", "unknown"),
        ("ValidationError", "unknown"),
        ("InternalFailure", "unknown"),
        ("InternalServiceException", "unknown"),
        ("Server.InternalError", "unknown"),
        ("InvalidClientTokenId", "unknown"),
        ("ExpiredTokenException", "unknown"),
        ("SignatureDoesNotMatch", "unknown"),
        ("Client.AuthFailure", "unknown"),
        ("NoSuchBucket", "unknown"),
        ("PermanentRedirect", "unknown"),
        ("KMSAccessDeniedException", "unknown"),
        ("AccessDeniedForDependencyException", "unknown"),
    ],
)
def test_outcomes(code: str | None, expected: Outcome) -> None:
    assert outcome(code) == expected


@given(st.text(max_size=30))
def test_any_code_tells_something(code: str) -> None:
    assert outcome(code) in ("allowed", "denied", "failed", "unknown")
    assert plain(plain(code)) == plain(code) or plain(code).endswith(("exception", "fault", "error"))


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        (
            f"User: {A}:user/ann is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no "
            "identity-based policy allows the s3:GetObject action",
            Refusal("s3:GetObject", "arn:aws:s3:::b/k", ""),
        ),
        (
            f"User: {A}:user/ann is not authorized to perform: iam:PassRole on resource: {A}:role/app with an explicit "
            "deny in a service control policy",
            Refusal("iam:PassRole", f"{A}:role/app", "service control policy"),
        ),
        (
            "User: x is not authorized to perform: kms:Decrypt with an explicit deny in a permissions boundary",
            Refusal("kms:Decrypt", "", "permissions boundary"),
        ),
        (
            'User: x is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::b" with an explicit deny '
            "in an identity-based policy",
            Refusal("s3:ListBucket", "arn:aws:s3:::b", "identity-based policy"),
        ),
        ("User: x is not authorized to perform: ec2:DescribeRegions", Refusal("ec2:DescribeRegions", "", "")),
        (
            "User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/r.",
            Refusal("sts:AssumeRole", "arn:aws:iam::1:role/r", ""),
        ),
        ("You are not authorized to perform this operation. Encoded authorization failure message: abc", None),
        ("Access Denied", None),
        ("", None),
        (None, None),
    ],
)
def test_messages_of_denied_calls(message: str | None, refusal: Refusal | None) -> None:
    assert refused(message) == refusal


@given(st.text(max_size=60))
def test_any_message(message: str) -> None:
    found = refused(f"is not authorized to perform: s3:GetObject {message}")
    assert found is not None
    assert found.permission == "s3:GetObject"


MESSAGE = "User: x is not authorized to perform: {} on resource: {} because no identity-based policy allows it"
COPY = ("s3:GetObject", "s3:PutObject")


@pytest.mark.parametrize(
    ("error", "message", "permissions", "expected"),
    [
        (None, None, COPY, [("s3:GetObject", "allowed", ""), ("s3:PutObject", "allowed", "")]),
        ("NoSuchKey", "no such key", COPY, [("s3:GetObject", "failed", ""), ("s3:PutObject", "failed", "")]),
        ("SlowDown", "", COPY[:1], [("s3:GetObject", "unknown", "")]),
        ("AccessDenied", "Access Denied", COPY, [("s3:GetObject", "denied", ""), ("s3:PutObject", "denied", "")]),
        (
            "AccessDenied",
            MESSAGE.format("s3:PutObject", "arn:aws:s3:::b/k"),
            COPY,
            [("s3:PutObject", "denied", "arn:aws:s3:::b/k"), ("s3:GetObject", "unknown", "")],
        ),
        (
            "AccessDeniedException",
            MESSAGE.format("iam:PassRole", f"{A}:role/app"),
            ("lambda:CreateFunction",),
            [("iam:PassRole", "denied", f"{A}:role/app"), ("lambda:CreateFunction", "unknown", "")],
        ),
        (
            "InvalidParameterValueException",
            MESSAGE.format("iam:PassRole", f"{A}:role/app"),
            ("ecs:RunTask",),
            [("iam:PassRole", "denied", f"{A}:role/app"), ("ecs:RunTask", "unknown", "")],
        ),
        ("AccessDenied", MESSAGE.format("S3:getobject", "r"), COPY[:1], [("s3:GetObject", "denied", "r")]),
        (None, MESSAGE.format("s3:GetObject", "r"), COPY[:1], [("s3:GetObject", "allowed", "")]),
        ("AccessDenied", "", (), []),
    ],
)
def test_what_a_call_tells_of_each_permission(
    error: str | None, message: str | None, permissions: tuple[str, ...], expected: list[tuple[str, Outcome, str]]
) -> None:
    assert judged(error, message, permissions) == tuple(Judged(*one) for one in expected)


codes = st.none() | st.sampled_from(["AccessDenied", "NoSuchKey", "ThrottlingException"]) | st.text(max_size=12)
messages = st.sampled_from(["", MESSAGE.format("s3:GetObject", "r"), MESSAGE.format("iam:PassRole", "r")])


@given(codes, messages, st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "ec2:RunInstances"]), unique=True))
def test_every_permission_is_judged_once_and_a_denial_is_never_used(
    error: str | None, message: str, permissions: list[str]
) -> None:
    found = judged(error, message, permissions)
    assert {one.permission for one in found} >= set(permissions)
    assert len({one.permission for one in found}) == len(found)
    if outcome(error) == "denied":
        assert not any(one.outcome in ("allowed", "failed") for one in found)
