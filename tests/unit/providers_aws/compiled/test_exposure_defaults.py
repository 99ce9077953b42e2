"""What those outside can reach of resources that nobody gave a policy: what their service has for them."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.decision import Circumstances, Needed, State
from leastwise.model.exposure import Exposed, Inside
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

A, X = "111111111111", "999999999999"
FILES = f"arn:aws:elasticfilesystem:eu-west-1:{A}:file-system/fs-1"
QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
MOUNTED = Needed("elasticfilesystem:AccessedViaMountTarget", "Bool", ("true",))
THEM, US = ({"AWS": f"arn:aws:iam::{account}:root"} for account in (X, A))
WITHOUT = [
    QUEUE, "arn:aws:s3:::data", f"arn:aws:sns:eu-west-1:{A}:news", f"arn:aws:lambda:eu-west-1:{A}:function:hook",
    f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab", f"arn:aws:es:eu-west-1:{A}:domain/search",
    f"arn:aws:secretsmanager:eu-west-1:{A}:secret:db-AbCdEf", f"arn:aws:events:eu-west-1:{A}:event-bus/shared",
    f"arn:aws:ecr:eu-west-1:{A}:repository/app", f"arn:aws:elasticfilesystem:eu-west-1:{A}:access-point/fsap-1",
]  # fmt: skip

Json = dict[str, Any]


def laid(resource: str, *statements: Json) -> Json:
    """A resource that was asked for its policy; without statements it has none."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)} if statements else None
    return {"kind": "resource_policy", "body": {"resource": resource, "account": A, "policy": policy}}


def owned(bucket: str) -> Json:
    """A bucket in which no access list counts."""
    body = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
    return {"kind": "s3api.get-bucket-ownership-controls", "account": A, "subject": bucket, "body": body}


def allow(principal: Any, action: str) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}


def exposed(*documents: Json, services: bool = False) -> Exposed:
    port = AwsPort(estate_of({"documents": list(documents)}).estate.arrays, {A})
    return port.exposed(Inside(frozenset({A}), frozenset()), Circumstances(), services=services)


def test_a_file_system_without_a_policy_is_open_to_whoever_mounts_it() -> None:
    """https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html#default-filesystempolicy"""
    found = exposed(laid(FILES))
    assert [one.principal_kind for one in found.exposures] == ["everyone"]
    (one,) = found.exposures
    assert (one.resource, one.state, one.residual) == (FILES, State.CONDITIONAL, ((MOUNTED,),))
    assert one.permissions == (
        "elasticfilesystem:ClientMount", "elasticfilesystem:ClientRootAccess", "elasticfilesystem:ClientWrite",
    )  # fmt: skip
    assert found.unread == ()


def test_what_is_exposed_is_what_everybody_can() -> None:
    access = AwsPort(estate_of({"documents": [laid(FILES)]}).estate.arrays, {A})
    for permission in exposed(laid(FILES)).exposures[0].permissions:
        found = access.can("*", permission, FILES, Circumstances())
        assert (found.state, found.residual) == (State.CONDITIONAL, ((MOUNTED,),))


def test_a_policy_of_its_own_takes_the_place_of_the_default() -> None:
    assert exposed(laid(FILES, allow(US, "elasticfilesystem:ClientMount"))).exposures == ()
    (one,) = exposed(laid(FILES, allow(THEM, "elasticfilesystem:ClientMount"))).exposures
    assert (one.principal_account, one.permissions) == (X, ("elasticfilesystem:ClientMount",))


def test_defaults_stand_beside_written_policies() -> None:
    found = exposed(laid(FILES), laid(QUEUE, allow(THEM, "sqs:SendMessage")), laid(f"{FILES}2"))
    assert [one.resource for one in found.exposures] == [FILES, f"{FILES}2", QUEUE]


@pytest.mark.parametrize("resource", WITHOUT)
def test_others_without_a_policy_are_open_to_nobody(resource: str) -> None:
    beside = [owned(resource)] if ":s3:::" in resource else []
    assert exposed(laid(resource), *beside, services=True).exposures == ()
