"""One small account, said in code: users and roles with their own policies and trust."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

ACCOUNT = "111111111111"
IAM = f"arn:aws:iam::{ACCOUNT}"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def trusting(principal: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal} | more


def user(name: str, *statements: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Arn": f"{IAM}:user/{name}",
        "UserName": name,
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
    }


def role(name: str, trust: list[Mapping[str, Any]], *statements: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Arn": f"{IAM}:role/{name}",
        "RoleName": name,
        "AssumeRolePolicyDocument": document(*trust),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}],
    }


def port(users: list[Any], roles: list[Any]) -> AwsPort:
    body = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": []}
    access = estate_of({"documents": [{"kind": "account_authorization_details", "body": body}]})
    return AwsPort(access.estate.arrays)


LIST = allow("s3:ListAllMyBuckets")


def by(name: str, kind: str = "role") -> dict[str, str]:
    return {"AWS": f"{IAM}:{kind}/{name}"}
