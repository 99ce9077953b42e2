"""Estates said in code: statements, who and what there is, what stands above, and questions to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estate_names import ALIAS, KEY, MANAGER, ORG, TAGS, A, B, Json, by

from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to


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


def twins(*statements: Json) -> list[tuple[str, Json]]:
    """Two users of equal policies whom a tag tells apart."""
    return [user(name, *statements, tags=tags) for name, tags in TAGS.items()]


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


def key_tagged(environment: str) -> Json:
    """The tags of the key."""
    body = {"Tags": [{"TagKey": "env", "TagValue": environment}]}
    return {"kind": "kms.list-resource-tags", "account": A, "subject": KEY, "body": body}


def alias_of(key: str) -> Json:
    """Which key the alias leads to."""
    body = {"Aliases": [{"AliasName": "alias/app", "TargetKeyId": key.rpartition("/")[2], "AliasArn": ALIAS}]}
    return {"kind": "kms.list-aliases", "account": A, "region": "eu-west-1", "body": body}


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
