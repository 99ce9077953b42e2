"""What the fake's accounts hold, counted out from their ids: users, groups, roles, policies, functions, buckets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from .aws import Answer, Refused, paged
from .aws_wire import Request

ACCOUNTS = ("111111111111", "222222222222", "333333333333")
"""The first manages the organization."""
LONG_AGO = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
CANARY = "canary-7f3a91c2-{}"


def policy(action: str, resource: str = "*", principal: Any = None) -> dict[str, Any]:
    """A policy document of one statement."""
    statement = {"Effect": "Allow", "Action": action} | (
        {"Principal": principal} if principal else {"Resource": resource}
    )
    return {"Version": "2012-10-17", "Statement": [statement]}


def encoded(document: dict[str, Any]) -> str:
    """A document as IAM writes it."""
    return quote(json.dumps(document))


def estate(users: int = 5, functions: int = 2, buckets: int = 3, page: int = 0) -> dict[str, Answer]:
    """Answers by operation; `page` is the size of IAM's pages, whatever is asked for."""
    return {
        "iam.GetAccountAuthorizationDetails": lambda request: _details(request, users, page),
        "iam.GetLoginProfile": _login, "iam.ListMFADevices": _devices, "iam.ListAccessKeys": _keys,
        "iam.GetAccessKeyLastUsed": _last_used,
        "iam.GenerateCredentialReport": lambda request: {"State": "COMPLETE"},
        "iam.GetCredentialReport": lambda request: {
            "Content": _report(request.account, users), "ReportFormat": "text/csv", "GeneratedTime": LONG_AGO},
        "iam.GetAccountPasswordPolicy": _no_entity,
        "iam.GetAccountSummary": lambda request: {"SummaryMap": {"Users": users}},
        "iam.ListAccountAliases": lambda request: {"AccountAliases": [f"alias-{request.account}"]},
        "lambda.ListFunctions": lambda request: _functions(request, functions),
        "lambda.GetPolicy": _function_policy, "s3.ListBuckets": lambda request: _buckets(request, buckets),
        "s3.GetBucketPolicy": lambda request: {"Policy": json.dumps(
            policy("s3:GetObject", principal={"AWS": f"arn:aws:iam::{request.account}:root"}))},
        "s3.GetBucketTagging": _no_tags, "s3.GetPublicAccessBlock": _no_block,
    }  # fmt: skip


def names(count: int) -> list[str]:
    """Of users."""
    return [f"user-{number:04}" for number in range(count)]


def _details(request: Request, count: int, page: int) -> dict[str, Any]:
    account = request.account
    arn = f"arn:aws:iam::{account}:"
    trust = encoded(policy("sts:AssumeRole", principal={"Service": "lambda.amazonaws.com"}))
    managed = {
        "PolicyName": "team", "PolicyId": "ANPATEAM", "Arn": f"{arn}policy/team", "Path": "/", "DefaultVersionId": "v1",
        "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": True, "CreateDate": LONG_AGO,
        "UpdateDate": LONG_AGO, "PolicyVersionList": [{
            "Document": encoded(policy("s3:*")), "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": LONG_AGO}],
    }  # fmt: skip
    things: list[tuple[str, dict[str, Any]]] = [
        ("UserDetailList", {
            "Path": "/", "UserName": name, "UserId": f"AIDA{account}{name[-4:]}", "Arn": f"{arn}user/{name}",
            "CreateDate": LONG_AGO, "GroupList": ["staff"], "AttachedManagedPolicies": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": encoded(policy(f"sqs:{name}"))}]})
        for name in names(count)
    ]  # fmt: skip
    things.append(("GroupDetailList", {
        "Path": "/", "GroupName": "staff", "GroupId": f"AGPA{account}", "Arn": f"{arn}group/staff",
        "CreateDate": LONG_AGO,
        "GroupPolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "team", "PolicyArn": f"{arn}policy/team"}],
    }))  # fmt: skip
    things += [
        ("RoleDetailList", {
            "Path": "/", "RoleName": name, "RoleId": f"AROA{account}{name}", "Arn": f"{arn}role/{name}",
            "CreateDate": LONG_AGO, "InstanceProfileList": [], "RolePolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "team", "PolicyArn": f"{arn}policy/team"}],
            "AssumeRolePolicyDocument": trust})
        for name in ("worker", "Reader")
    ]  # fmt: skip
    things.append(("Policies", managed))
    size = page or int(request.parameters.get("MaxItems") or 100)
    start = int(request.parameters.get("Marker") or 0)
    answer: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    for member, thing in things[start : start + size]:
        answer[member].append(thing)
    more = start + size < len(things)
    return {**answer, "IsTruncated": more} | ({"Marker": str(start + size)} if more else {})


def _login(request: Request) -> dict[str, Any]:
    name = request.parameters["UserName"]
    if int(name[-4:]) % 2:
        return _no_entity(request)
    return {"LoginProfile": {"UserName": name, "CreateDate": LONG_AGO, "PasswordResetRequired": False}}


def _devices(request: Request) -> dict[str, Any]:
    name = request.parameters["UserName"]
    if int(name[-4:]) % 3:
        return {"MFADevices": [], "IsTruncated": False}
    serial = f"arn:aws:iam::{request.account}:mfa/{name}"
    return {"MFADevices": [{"UserName": name, "SerialNumber": serial, "EnableDate": LONG_AGO}], "IsTruncated": False}


def _keys(request: Request) -> dict[str, Any]:
    name = request.parameters["UserName"]
    key = {
        "UserName": name,
        "AccessKeyId": f"AKIAX{request.account}{name[-4:]}",
        "Status": "Active",
        "CreateDate": LONG_AGO,
    }
    return {"AccessKeyMetadata": [key], "IsTruncated": False}


def _last_used(request: Request) -> dict[str, Any]:
    used = {"LastUsedDate": LONG_AGO, "ServiceName": "s3", "Region": "us-east-1"}
    return {"UserName": f"user-{request.parameters['AccessKeyId'][-4:]}", "AccessKeyLastUsed": used}


def _report(account: str, count: int) -> bytes:
    columns = (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
        "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
        "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
        "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
        "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    )
    time = "2025-01-02T03:04:05+00:00"
    rows = [f"<root_account>,arn:aws:iam::{account}:root,{time},not_supported,no_information,not_supported,"
            "not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"]  # fmt: skip
    for name in names(count):
        number = int(name[-4:])
        mfa, password = str(number % 3 == 0).lower(), str(number % 2 == 0).lower()
        rows.append(
            f"{name},arn:aws:iam::{account}:user/{name},{time},{password},"
            f"{'no_information' if number % 2 == 0 else 'N/A'},"
            f"{time if number % 2 == 0 else 'N/A'},N/A,{mfa},true,{time},{time},us-east-1,s3,"
            "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        )
    return "\n".join([columns, *rows]).encode()


def _functions(request: Request, count: int) -> dict[str, Any]:
    where = f"arn:aws:lambda:{request.region}:{request.account}:function:"
    found = [
        {"FunctionName": f"f{number}", "FunctionArn": f"{where}f{number}", "Runtime": "python3.12",
         "PackageType": "Zip",
         "Role": f"arn:aws:iam::{request.account}:role/worker", "LastModified": "2025-01-02T03:04:05.000+0000",
         "Environment": {"Variables": {"TOKEN": CANARY.format(f"lambda-{request.account}-{request.region}-{number}")}}}
        for number in range(count)
    ]  # fmt: skip
    return paged(request, found, "Functions", 2, "Marker", "NextMarker")


def _function_policy(request: Request) -> dict[str, Any]:
    if request.parameters["FunctionName"].endswith("1"):
        raise Refused("ResourceNotFoundException", "The resource you requested does not exist.")
    return {"Policy": json.dumps(policy("lambda:InvokeFunction", principal={"Service": "s3.amazonaws.com"}))}


def _buckets(request: Request, count: int) -> dict[str, Any]:
    found = [
        {"Name": f"b{number}-{request.account}", "CreationDate": LONG_AGO, "BucketRegion": "us-east-1"}
        for number in range(count)
    ]
    return {"Buckets": found, "Owner": {"ID": "owner"}}


def _no_entity(request: Request) -> dict[str, Any]:
    raise Refused("NoSuchEntity", "cannot be found.")


def _no_tags(request: Request) -> dict[str, Any]:
    raise Refused("NoSuchTagSet", "The TagSet does not exist")


def _no_block(request: Request) -> dict[str, Any]:
    raise Refused("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
