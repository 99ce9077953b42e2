"""What was not read and can only allow: it makes nobody's access doubtful, and nobody's denial sure."""

from __future__ import annotations

from typing import Any

import pytest
from test_levels import FULL, OWN, details

from leastwise.engine.arrays import Arrays
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of
from leastwise.providers.aws.evaluate.policies import Gives

OTHER = "222222222222"
BUCKET, OBJECT = "arn:aws:s3:::data", "arn:aws:s3:::data/a"
ANN, BOB = f"arn:aws:iam::{OWN}:user/ann", f"arn:aws:iam::{OTHER}:user/ann"
NOTHING = {"Effect": "Deny", "Action": "account:*", "Resource": "*"}
S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STRICT = Circumstances(strict=True)


def resource(id: str, policy: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"kind": "resource_policy", "body": {"resource": id, "account": OWN, "policy": policy}}


def called(call: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"kind": f"s3api.{call}", "account": OWN, "subject": "data", "body": body}


def owned(how: str) -> dict[str, Any]:
    return called("get-bucket-ownership-controls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": how}]}})


def arrays_of(*documents: dict[str, Any]) -> Arrays:
    return estate_of({"documents": [details(OWN, NOTHING), details(OTHER, S3), *documents]}).estate.arrays


IGNORING = {
    "kind": "public_access_block",
    "body": {"Bucket": "data", "PublicAccessBlockConfiguration": {"IgnorePublicAcls": True}},
}


@pytest.mark.parametrize(
    ("documents", "everyone", "other"),
    [
        ([], State.UNKNOWN, State.UNKNOWN),
        ([IGNORING], State.DENIED, State.UNKNOWN),
        ([owned("BucketOwnerEnforced")], State.DENIED, State.DENIED),
        ([owned("ObjectWriter")], State.UNKNOWN, State.UNKNOWN),
        ([owned("ObjectWriter"), IGNORING], State.DENIED, State.UNKNOWN),
    ],
)
def test_lists_of_objects_that_were_not_read(documents: list[Any], everyone: State, other: State) -> None:
    port = AwsPort(arrays_of(resource(BUCKET), *documents), alone={OWN, OTHER})
    assert port.can("*", "s3:GetObject", OBJECT, STRICT).state is everyone
    assert port.can(BOB, "s3:GetObject", OBJECT, STRICT).state is other
    assert port.can(ANN, "s3:GetObject", OBJECT, STRICT).state is State.DENIED
    answer = port.who_can("s3:GetObject", OBJECT, STRICT)
    assert {one.principal: one.state for one in answer.holders if one.kind != "root"} == (
        {BOB: other} if other is not State.DENIED else {}
    )
    assert any("access lists of objects" in one for one in answer.missing) is (other is State.UNKNOWN)


def test_a_suite_of_cases_says_all_there_is() -> None:
    arrays = arrays_of(resource(BUCKET))
    assert AwsAccess(arrays, complete=True).place("s3:GetObject", OBJECT).giving == ()
    (unread,) = AwsAccess(arrays).place("s3:GetObject", OBJECT).giving
    assert unread.gives is Gives.BY_LIST and "whether lists count was not read" in unread.text
    assert AwsAccess(arrays).place("s3:PutBucketPolicy", BUCKET).giving == ()


@pytest.mark.parametrize(
    ("call", "status", "detail", "action", "state"),
    [
        (
            "ListGrants",
            "denied",
            f"AccessDenied: arn:aws:iam::1:role/x (in eu-west-1; for {KEY})",
            "kms:Decrypt",
            State.UNKNOWN,
        ),
        ("ListGrants", "denied", "AccessDenied (in eu-west-1; for a, b and 9 more)", "kms:Decrypt", State.UNKNOWN),
        ("ListGrants", "failed", "", "kms:Decrypt", State.UNKNOWN),
        ("ListGrants", "ok", KEY, "kms:Decrypt", State.DENIED),
        (
            "ListGrants",
            "denied",
            f"AccessDenied (in r; for {KEY.replace('1234abcd', '9999abcd')})",
            "kms:Decrypt",
            State.DENIED,
        ),
        ("ListGrants", "denied", "", "kms:PutKeyPolicy", State.DENIED),
        ("ListAliases", "denied", "", "kms:Decrypt", State.DENIED),
    ],
)
def test_grants_that_could_not_be_read(call: str, status: str, detail: str, action: str, state: State) -> None:
    arrays = arrays_of(resource(KEY, {"Version": "2012-10-17", "Statement": []}))
    facts: Any = arrays.facts
    facts["coverage"] = {**facts["coverage"], OWN: [*facts["coverage"].get(OWN, []), ["kms", call, status, detail, ""]]}
    port = AwsPort(arrays, alone={OWN, OTHER})
    assert port.can(ANN, action, KEY, STRICT).state is state
    assert bool(port.who_can(action, KEY, STRICT).missing) is (state is State.UNKNOWN)


@pytest.mark.parametrize("vpc", ["vpc-1", "vpc-2"])
def test_a_vpc_without_a_known_endpoint_may_deny_and_not_allow(vpc: str) -> None:
    endpoint = {
        "kind": "vpc_endpoint_policy",
        "body": {
            "VpcEndpointId": "vpce-1",
            "VpcId": "vpc-1",
            "ServiceName": "com.amazonaws.eu-west-1.s3",
            "OwnerId": OTHER,
            "PolicyDocument": FULL,
        },
    }
    port = AwsPort(arrays_of(resource(BUCKET), owned("BucketOwnerEnforced"), endpoint), alone={OWN, OTHER})
    given = Circumstances({"aws:SourceVpc": (vpc,)}, strict=True)
    known = vpc == "vpc-1"
    assert port.can(BOB, "s3:ListAllMyBuckets", None, given).state is (State.ALLOWED if known else State.UNKNOWN)
    assert port.can(ANN, "s3:ListAllMyBuckets", None, given).state is State.DENIED
    holders = port.who_can("s3:ListAllMyBuckets", None, given).holders
    assert {one.principal for one in holders if one.kind != "root"} == {BOB}
    names = {
        name for cube in port.what_can(BOB, None, given) for name in cube.permissions if cube.state is State.ALLOWED
    }
    assert ("s3:ListAllMyBuckets" in names) is known


def test_permission_sets_whose_roles_are_not_in_the_estate_are_named() -> None:
    bundle = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
    documents = [
        {"kind": "permission_set", "body": {"PermissionSet": {"PermissionSetArn": bundle, "Name": "Ops"}}},
        {
            "kind": "account_assignment",
            "body": {
                "AccountId": OTHER, "PermissionSetArn": bundle, "PrincipalType": "GROUP", "PrincipalId": "g-1",
            },
        },
        {"kind": "organization", "body": {"id": "o-1", "accounts": [{"id": OWN}, {"id": OTHER}]}},
    ]  # fmt: skip
    answer = AwsPort(arrays_of(resource(BUCKET), owned("BucketOwnerEnforced"), *documents)).who_can(
        "s3:GetObject", OBJECT, STRICT
    )
    assert f"role of permission set Ops in account {OTHER}: not in the estate" in answer.missing


FILES = f"arn:aws:elasticfilesystem:eu-west-1:{OWN}:file-system/fs-1"
THROUGH = Circumstances({"elasticfilesystem:AccessedViaMountTarget": ("true",)}, strict=True)


@pytest.mark.parametrize("named", [FILES, None])
def test_a_file_system_without_a_policy_is_open_to_who_reaches_it(named: str | None) -> None:
    port = AwsPort(arrays_of(resource(FILES)), alone={OWN, OTHER})
    assert port.can("*", "elasticfilesystem:ClientMount", named, THROUGH).state is State.ALLOWED
    assert port.can(ANN, "elasticfilesystem:ClientMount", named, THROUGH).state is State.ALLOWED
    holders = {one.principal for one in port.who_can("elasticfilesystem:ClientMount", named, THROUGH).holders}
    assert ANN in holders and len(holders) > 1
    names = {name for cube in port.what_can(ANN, named, THROUGH) for name in cube.permissions}
    assert "elasticfilesystem:ClientWrite" in names and "elasticfilesystem:DeleteFileSystem" not in names
    owned = {"Effect": "Allow", "Action": "elasticfilesystem:ClientMount", "Principal": {"AWS": BOB}, "Resource": "*"}
    other = AwsPort(arrays_of(resource(FILES, {"Version": "2012-10-17", "Statement": [owned]})), alone={OWN, OTHER})
    # Without a name any that was not listed is meant as well, and nobody was asked which there are.
    denied = State.DENIED if named else State.UNKNOWN
    assert other.can("*", "elasticfilesystem:ClientMount", named, THROUGH).state is denied
