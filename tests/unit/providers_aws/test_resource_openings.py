"""Who a resource is open to: policies, access lists, blocks, and sources that differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aws_support import Tables, imported, rows

from leastwise.errors import InputError
from leastwise.store.readmodels import build

A, X = "111111111111", "999999999999"
BUCKET = "arn:aws:s3:::b"
ALL = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
OFF = dict.fromkeys(ALL, False)
OWNER = {"Owner": {"ID": "me"}, "Grants": [{"Grantee": {"ID": "me"}, "Permission": "FULL_CONTROL"}]}
ENFORCED = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
NOT_ORG = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}


def policy(condition: Any = None, principal: Any = "*", *others: Any) -> dict[str, Any]:
    one = {"Sid": "S", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    return {"Statement": [one | ({"Condition": condition} if condition else {}), *others]}


def tables(folder: Path, **files: Any) -> Tables:
    (folder / A).mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / A / name).write_text(json.dumps(content))
    return imported(folder)[A]


def seen(folder: Path, **files: Any) -> list[dict[str, Any]]:
    return build("aws", A, tables(folder, **files))["resources_view"].to_pylist()


def bucket(folder: Path, document: Any, block: Any = OFF, acl: Any = OWNER, ownership: Any = None) -> dict[str, Any]:
    files: dict[str, Any] = {"s3control-get-public-access-block.json": {"PublicAccessBlockConfiguration": OFF}}
    absent = {"Error": {"Code": "NoSuchBucketPolicy"}}
    files |= {"s3api-get-bucket-policy--b.json": {"Policy": json.dumps(document)}} if document else {
        "s3api-get-bucket-policy--b.error.json": absent
    }  # fmt: skip
    files["s3api-get-public-access-block--b.json"] = {"PublicAccessBlockConfiguration": block}
    if acl:
        files["s3api-get-bucket-acl--b.json"] = acl
    if ownership:
        files["s3api-get-bucket-ownership-controls--b.json"] = ownership
    (row,) = seen(folder, **files)
    return row


DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
BUCKETS: list[tuple[str, list[str], dict[str, Any]]] = [
    ("yes", [], {"document": policy()}),
    ("blocked", [], {"document": policy(), "block": ALL}),
    ("yes", [], {"document": policy({"Bool": {"aws:SecureTransport": "true"}})}),
    ("blocked", [], {"document": policy({"Bool": {"aws:SecureTransport": "true"}}), "block": ALL}),
    ("yes", [], {"document": policy({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})}),
    ("conditional", [], {"document": policy({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})}),
    ("conditional", ["o-abcdefghij"], {"document": policy(ORG)}),
    ("conditional", ["o-abcdefghij"], {"document": policy(ORG), "block": ALL}),
    ("conditional", [X], {"document": policy({"StringEquals": {"aws:SourceAccount": X}}), "block": ALL}),
    ("conditional", [], {"document": policy({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), "block": ALL}),
    ("blocked", [X], {
        "document": policy({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{X}:role/*"}}), "block": ALL,
    }),
    ("conditional", ["o-abcdefghij"], {"document": policy(None, "*", DENY | {"Condition": NOT_ORG})}),
    ("yes", [], {"document": policy(None, "*", DENY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}})}),
    ("no", [], {"document": policy(None, "*", DENY)}),
    ("no", [X, "CanonicalUser=other"], {"document": policy(None, {"AWS": X, "CanonicalUser": ["other", "me"]})}),
    ("no", [], {"document": None}),
    ("unknown", [], {"document": None, "acl": None}),
    ("unknown", ["o-abcdefghij"], {"document": policy(ORG), "acl": None}),
    ("yes", [], {"document": policy(), "acl": None}),
    ("no", [], {"document": None, "acl": None, "block": ALL}),
    ("no", [], {"document": None, "acl": None, "ownership": ENFORCED}),
    ("no", ["CanonicalUser=other"], {
        "document": None, "acl": OWNER | {"Grants": [{"Grantee": {"ID": "other"}, "Permission": "READ"}]},
    }),
]  # fmt: skip


@pytest.mark.parametrize(("public", "shared", "given"), BUCKETS)
def test_buckets(public: str, shared: list[str], given: dict[str, Any], tmp_path: Path) -> None:
    row = bucket(tmp_path, **given)
    assert (row["public"], row["shared_with"]) == (public, shared)
    assert bool(row["public_reason"]) == (public != "no")


def test_two_sources_of_one_policy_are_both_kept(tmp_path: Path) -> None:
    narrow, wide = policy(None, {"AWS": A}), policy()
    files = {
        "s3api-get-bucket-policy--b.json": {"Policy": json.dumps(narrow)},
        "resource-policies.json": {A: {BUCKET: wide}},
    }
    given = tables(tmp_path, **files)
    assert build("aws", A, given)["resources_view"].to_pylist()[0]["public"] == "yes"
    assert len(rows(given, "attachments", target=BUCKET)) == 2
    (gap,) = [one for one in rows(given, "coverage", service="import") if one["status"] == "failed"]
    assert "get-bucket-policy--b" in gap["detail"] and "resource-policies" in gap["detail"]
    same = tables(tmp_path, **files | {"resource-policies.json": {A: {BUCKET: narrow}}})
    assert len(rows(same, "attachments", target=BUCKET)) == 1
    assert not [one for one in rows(same, "coverage", service="import") if one["status"] == "failed"]


def test_one_call_that_tells_two_policies_is_refused(tmp_path: Path) -> None:
    name = "s3api-get-bucket-policy--{}.json"
    files = {name.format("b"): {"Policy": json.dumps(policy())}}
    files[name.format(quote(BUCKET, safe=""))] = {"Policy": json.dumps(policy(None, {"AWS": A}))}
    with pytest.raises(InputError, match="different content"):
        tables(tmp_path, **files)


def test_access_points_are_no_buckets_and_endpoint_policies_open_nothing(tmp_path: Path) -> None:
    point = f"arn:aws:s3:eu-west-1:{A}:accesspoint/p"
    endpoint = f"arn:aws:ec2:eu-west-1:{A}:vpc-endpoint/vpce-1"
    everything = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    found = seen(tmp_path, **{"resource-policies.json": {A: {point: policy(None, {"AWS": A}), endpoint: everything}}})
    assert {one["kind"]: one["public"] for one in found} == {"s3:accesspoint": "no", "ec2:vpc-endpoint": "no"}
