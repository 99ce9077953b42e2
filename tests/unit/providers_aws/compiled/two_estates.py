"""Two estates said in code, and whether a diff tells what `can` says of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.model.comparison import Change
from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.aws.compiled.overlap import apart
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import request_pattern

A, B, OUT, MANAGER = "111111111111", "222222222222", "999999999999", "333333333333"
BUCKET, OBJECT = "arn:aws:s3:::data", "arn:aws:s3:::data/x"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/door"
ORG = "o-abcdefghij"
Json = dict[str, Any]


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], resource: str | list[str] = "*", when: Json | None = None, **more: Any) -> Json:
    found = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return found | {"Condition": when} if when else found


def deny(action: str | list[str], resource: str | list[str] = "*", when: Json | None = None, **more: Any) -> Json:
    return allow(action, resource, when, **more) | {"Effect": "Deny"}


def trusting(principal: Any, when: Json | None = None, action: str = "sts:AssumeRole") -> Json:
    found: Json = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found | {"Condition": when} if when else found


def by(name: str, account: str = A, kind: str = "user") -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def user(
    name: str, *statements: Json, account: str = A, tags: Mapping[str, str] | None = None, id: str = "", **more: Any
) -> tuple[str, Json]:
    found = {
        "Arn": by(name, account),
        "UserName": name,
        "UserId": id or "AIDA" + name.upper().ljust(17, "0"),
        "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": document(*statements)}] if statements else [],
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        **more,
    }
    return "UserDetailList", found


def role(
    name: str, *statements: Json, trust: list[Json], account: str = A, tags: Mapping[str, str] | None = None
) -> tuple[str, Json]:
    found = {
        "Arn": by(name, account, "role"),
        "RoleName": name,
        "RoleId": "AROA" + name.upper().ljust(17, "0"),
        "AssumeRolePolicyDocument": document(*trust),
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document(*statements)}] if statements else [],
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    }
    return "RoleDetailList", found


def people(*those: tuple[str, Json]) -> Json:
    """The users and roles of all accounts."""
    sections: Json = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    for section, one in those:
        sections[section].append(one)
    return {"kind": "account_authorization_details", "body": sections}


def laid(resource: str, *statements: Json, account: str = A) -> list[Json]:
    policy = document(*statements) if statements else None
    found = [{"kind": "resource_policy", "body": {"resource": resource, "account": account, "policy": policy}}]
    if ":s3:::" in resource:
        rules = {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}
        kind = "s3api.get-bucket-ownership-controls"
        found.append({"kind": kind, "account": account, "subject": resource, "body": rules})
    return found


def through(bucket: str, *statements: Json, name: str = "door") -> Json:
    arn = f"arn:aws:s3:eu-west-1:{A}:accesspoint/{name}"
    body = {"AccessPointArn": arn, "Bucket": bucket, "account": A, "Policy": document(*statements)}
    return {"kind": "access_point", "body": body if statements else {**body, "Policy": None}}


def organization(*accounts: tuple[str, str]) -> list[Json]:
    """One with units prod and dev, and accounts under what they lie in; SCPs allow everything."""
    body = {
        "id": ORG,
        "root": "r-root",
        "units": [{"id": f"ou-{one}", "parent": "r-root"} for one in ("prod", "dev")],
        "accounts": [{"id": id, "parent": parent} for id, parent in accounts],
        "management_account": MANAGER,
    }
    return [{"kind": "organization", "body": body}, guard("scp", "r-root", allow("*"))]


def guard(kind: str, target: str, *statements: Json) -> Json:
    return {"kind": kind, "body": {"targets": [target], "policy": document(*statements)}}


def restricted(bucket: str = "data") -> Json:
    """The bucket restricts public policies."""
    return {
        "kind": "public_access_block",
        "body": {"Bucket": bucket, "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}},
    }


class Port(AwsPort):
    """Questions to an estate that is not stored."""


def estate(*documents: Json | list[Json], alone: tuple[str, ...] = (A, B)) -> Port:
    flat = [one for entry in documents for one in (entry if isinstance(entry, list) else [entry])]
    if any(one["kind"] == "organization" for one in flat):
        alone = ()
    return Port(access_to(collected(flat)).estate.arrays, set(alone))


def changes(old: AwsPort, new: AwsPort) -> dict[str, Change]:
    assert list(old.changes(old)) == list(new.changes(new)) == []
    return {one.principal: one for one in new.changes(old)}


def touching(cubes: tuple[Cube, ...], action: str, resource: str) -> list[Cube]:
    """The cubes that take in an action on a resource."""
    wanted = request_pattern(resource)
    return [
        cube
        for cube in cubes
        if action in cube.permissions
        and any(not apart(request_pattern(one), wanted) for one in cube.resources)
        and not any(request_pattern(one).matches(resource) for one in cube.exceptions)
    ]


def check(old: AwsPort, new: AwsPort, who: str, action: str, resource: str) -> tuple[State, State]:
    """The states before and now, after it is seen that the diff tells of them what it must, and no more."""
    before, now = (one.can(who, action, resource, Circumstances()).state for one in (old, new))
    change = changes(old, new).get(who)
    gained, lost = ((), ()) if change is None else (change.gained, change.lost)
    for cubes, here, there in ((gained, now, before), (lost, before, now)):
        found = touching(cubes, action, resource)
        if (here, there) == (State.ALLOWED, State.DENIED):
            assert found, (who, action, resource, before, now, change)
        if here is State.DENIED or there is State.ALLOWED:
            assert not found, (who, action, resource, before, now, found)
    return before, now
