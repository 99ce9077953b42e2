"""Which of several statements a request needs."""

from __future__ import annotations

import pytest

from leastwise.model.decision import Reason
from leastwise.providers.aws.sides import sides

OWN, THEIRS = Reason("allows", "identity", "own"), Reason("allows", "resource", "theirs")
USER, OTHER = "arn:aws:iam::111122223333:user/a", "arn:aws:iam::444455556666:role/b"
SAME, BUCKET = "arn:aws:iam::111122223333:role/b", "arn:aws:s3:::bucket/*"


@pytest.mark.parametrize(
    ("permission", "principal", "resource", "reasons", "wanted"),
    [
        ("sts:AssumeRole", USER, OTHER, [OWN, THEIRS], [[THEIRS], [OWN]]),
        ("kms:Decrypt", USER, "arn:aws:kms:eu-west-1:444455556666:key/k", [OWN, THEIRS], [[THEIRS], [OWN]]),
        ("sts:AssumeRole", USER, SAME, [OWN, THEIRS], [[THEIRS]]),
        ("sts:AssumeRoleWithWebIdentity", "accounts.google.com", SAME, [THEIRS], [[THEIRS]]),
        ("lambda:InvokeFunction", USER, "arn:aws:lambda:eu-west-1:111122223333:function:f", [OWN, THEIRS], None),
        ("s3:GetObject", USER, BUCKET, [OWN, THEIRS], None),
        ("iam:PassRole", USER, SAME, [OWN], None),
    ],
)
def test_sides(
    permission: str, principal: str, resource: str, reasons: list[Reason], wanted: list[list[Reason]] | None
) -> None:
    told = sides(permission, principal, resource, reasons)
    assert [list(one) for one in told] == ([reasons] if wanted is None else wanted)
