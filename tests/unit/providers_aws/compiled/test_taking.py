"""Which actions are about a resource, and which about what lies in it."""

from __future__ import annotations

import pytest

from leastwise.providers.aws.compiled.actions import actions


@pytest.mark.parametrize(
    ("arn", "action", "where"),
    [
        ("arn:aws:s3:::data", "s3:ListBucket", "own"),
        ("arn:aws:s3:::data", "s3:GetObject", "held"),
        ("arn:aws:s3:::data", "s3:UpdateStorageLensGroup", None),
        ("arn:aws:s3:::data", "s3:ListAllMyBuckets", None),
        ("arn:aws:s3:eu-west-1:111111111111:accesspoint/p", "s3:DeleteAccessPoint", "own"),
        ("arn:aws:sqs:eu-west-1:111111111111:jobs", "sqs:SendMessage", "own"),
        ("arn:aws:sqs:eu-west-1:111111111111:jobs", "sqs:ListQueues", None),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/t", "dynamodb:GetItem", "own"),
        ("arn:aws:dynamodb:eu-west-1:111111111111:table/t", "dynamodb:GetRecords", "held"),
        ("arn:aws:kms:eu-west-1:111111111111:key/k", "kms:Decrypt", "own"),
        ("arn:aws:kms:eu-west-1:111111111111:key/k", "s3:GetObject", None),
    ],
)
def test_own_or_held(arn: str, action: str, where: str | None) -> None:
    table = actions()
    number = table.names.index(action)
    own, held = (bool(mask[number]) for mask in table.taking(arn))
    assert (own, held) == (where == "own", where == "held")


def test_of_a_kind_that_the_catalogue_does_not_know_all_are_taken() -> None:
    table = actions()
    own, held = table.taking("arn:aws:s3:eu-west-1:111111111111:newkind/x")
    assert own[table.names.index("s3:GetObject")] and not held.any()
