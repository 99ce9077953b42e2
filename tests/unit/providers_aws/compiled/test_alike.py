"""Holders in parts of those that are alike: together all of them, and in each none that differs by more than its id."""

from __future__ import annotations

import pytest
from compiled_support import demo_access

from leastwise.model.decision import Circumstances, Holder
from leastwise.providers.aws.compiled.port import AwsPort

QUESTIONS = [
    ("s3:GetObject", "arn:aws:s3:::bw-website/index.html"),
    ("s3:GetObject", "arn:aws:s3:::bw-customs-records/2025/1.pdf"),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:222222222222:table/shipments"),
    ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::222222222222:role/gha-deploy"),
    ("iam:CreateUser", None),
    ("organizations:CloseAccount", None),
]


def bare(holder: Holder) -> Holder:
    return holder._replace(principal="", name="")


@pytest.mark.parametrize(("permission", "resource"), QUESTIONS)
@pytest.mark.parametrize("transitive", [False, True])
def test_parts_are_alike_and_together_everybody(permission: str, resource: str | None, transitive: bool) -> None:
    port = AwsPort(demo_access().estate.arrays)
    holders = port.who_can(permission, resource, Circumstances(), transitive=transitive).holders
    parts = list(holders.alike())
    assert sorted(one.principal for part in parts for one in part) == [one.principal for one in holders]
    assert sum(map(len, parts)) == len(holders) and all(map(len, parts))
    for part in parts:
        assert len({bare(one) for one in part}) == 1
        assert all(part.find(one.principal) == one for one in part)
        strangers = [one.principal for one in holders if one not in list(part)]
        assert all(part.find(id) is None for id in strangers)


def test_there_are_fewer_parts_than_holders() -> None:
    port = AwsPort(demo_access().estate.arrays)
    holders = port.who_can("s3:GetObject", "arn:aws:s3:::bw-website/index.html", Circumstances()).holders
    assert 1 < len(list(holders.alike())) < len(holders)
