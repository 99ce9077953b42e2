"""An iam-collect download of one account or organization: a folder an entity, a file a fact.

The layout is that of iam-collect's file store (`accounts/ID/iam/role/NAME/metadata.json` …), read off
shared/conformance/aws/datasets. Each raw document is one file, named by its path.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .context import Context
from .details import Group, Policy, Role, User
from .resources import acl_public

_SECTIONS = {"user": 0, "group": 1, "role": 2, "policy": 3}


def translate_folder(documents: list[RawDocument], context: Context) -> None:
    """Add every entity of the download. Raises InputError naming the file."""
    entities: dict[str, dict[str, RawDocument]] = defaultdict(dict)
    for document in documents:
        folder, _, file = document.resource.rpartition("/")
        entities[folder][file] = document
    found: tuple[list[User], list[Group], list[Role], list[Policy]] = ([], [], [], [])
    for folder, files in sorted(entities.items()):
        parts = folder.split("/")
        if parts[0] == "iam":
            _iam(parts, files, found, context)
        elif parts[0] == "organization":
            _organization(parts[1:], files, context)
        elif folder == "":
            _account(files, context)
        else:
            _resource(files, context)
    context.entities(documents[0].name.partition("/iam/")[0], found)


def _json(document: RawDocument) -> Any:
    try:
        return msgspec.json.decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(document.name, f"not valid JSON: {error}") from None


def _object(files: dict[str, RawDocument], file: str) -> dict[str, Any]:
    if file not in files:
        return {}
    value = _json(files[file])
    if not isinstance(value, dict):
        raise InputError(files[file].name, "must be an object")
    return value


def _iam(parts: list[str], files: dict[str, RawDocument], found: Any, context: Context) -> None:
    kind = parts[2] if parts[1] == "aws" else parts[1]
    if kind not in _SECTIONS or "metadata.json" not in files:
        return
    about = _object(files, "metadata.json")
    if "arn" not in about:
        raise InputError(files["metadata.json"].name, "no arn")
    tags = [{"Key": str(k), "Value": str(v)} for k, v in _object(files, "tags.json").items()]
    attached = [
        {"PolicyArn": arn}
        for arn in (_json(files["managed-policies.json"]) if "managed-policies.json" in files else [])
    ]
    inline = _inline(files)
    common = {"Arn": about["arn"], "Path": about.get("path") or "/", "CreateDate": about.get("created")}
    boundary = about.get("permissionBoundary") or about.get("permissionsBoundary")
    bounded = {"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {}
    shared = common | {"AttachedManagedPolicies": attached}
    name = about.get("name") or str(about["arn"]).rpartition("/")[2]
    try:
        if kind == "user":
            groups = _json(files["groups.json"]) if "groups.json" in files else []
            names = [str(group).rpartition("/")[2] for group in groups]
            found[0].append(_convert(shared | bounded | {"UserName": name, "UserId": about.get("id"), "Tags": tags, "GroupList": names}, User, UserPolicyList=inline))  # fmt: skip
        elif kind == "group":
            found[1].append(_convert(shared | {"GroupName": name, "GroupId": about.get("id")}, Group, GroupPolicyList=inline))  # fmt: skip
        elif kind == "role":
            used = {"RoleLastUsed": about["lastUsed"]} if isinstance(about.get("lastUsed"), dict) else {}
            role = _convert(shared | bounded | used | {"RoleName": name, "RoleId": about.get("id"), "Tags": tags}, Role, RolePolicyList=inline)  # fmt: skip
            if "trust-policy.json" in files:
                role.AssumeRolePolicyDocument = msgspec.Raw(files["trust-policy.json"].body)
            found[2].append(role)
        else:
            found[3].append(_policy(about, common, name, files))
    except msgspec.ValidationError as error:
        raise InputError(files["metadata.json"].name, str(error)) from None


def _convert(values: dict[str, Any], kind: Any, **raw: Any) -> Any:
    result = msgspec.convert(values, kind)
    for name, value in raw.items():
        setattr(result, name, value)
    return result


def _inline(files: dict[str, RawDocument]) -> list[Any]:
    from .details import Inline

    document = files.get("inline-policies.json")
    if document is None:
        return []
    try:
        return msgspec.json.decode(document.body, type=list[Inline])
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InputError(document.name, str(error)) from None


def _policy(about: dict[str, Any], common: dict[str, Any], name: str, files: dict[str, RawDocument]) -> Policy:
    from .details import Version

    policy = Policy(
        Arn=about["arn"],
        PolicyName=name,
        DefaultVersionId=about.get("defaultVersionId"),
        CreateDate=about.get("createDate") or common["CreateDate"],
        UpdateDate=about.get("updateDate"),
    )
    if "current-policy.json" in files:
        body = files["current-policy.json"].body
        policy.PolicyVersionList = [
            Version(
                policy.DefaultVersionId or "v1", msgspec.Raw(body), IsDefaultVersion=True, CreateDate=policy.UpdateDate
            )
        ]
    return policy


def _account(files: dict[str, RawDocument], context: Context) -> None:
    """Facts of the account itself: its public access block and its organization."""
    if "s3-bpa.json" in files:
        context.resources.account_block = _object(files, "s3-bpa.json")
        context.resources.account_block_known = True
    elif any(name.startswith("s3") for name in files):
        context.resources.account_block_known = True
    organization = _object(files, "organization.json").get("organizationId")
    about = _object(files, "metadata.json")
    context.facts.scopes.add(
        id=context.account,
        kind="account",
        name=about.get("name"),
        tenant=organization,
        tags=list(_object(files, "tags.json").items()),
        source=next(iter(files.values())).name,
    )


def _resource(files: dict[str, RawDocument], context: Context) -> None:
    about = _object(files, "metadata.json")
    arn = about.get("arn")
    if not arn:
        return
    source = files["metadata.json"].name
    kind_known = ("policy.json" in files) or arn.startswith("arn:aws:s3:::")
    context.resources.add(
        arn,
        source,
        region=about.get("region"),
        created=about.get("created"),
        principal=about.get("roleArn") or about.get("role"),
        tags=list(_object(files, "tags.json").items()),
        policy_known=kind_known or None,
    )
    for file in ("policy.json", "endpoint-policy.json"):
        if file in files:
            context.resources.policies[arn] = (files[file].body, files[file].name)
            context.resources.add(arn, source, policy_known=True)
    if "bpa.json" in files:
        context.resources.blocks[arn] = _object(files, "bpa.json")
    if "acl.json" in files:
        context.resources.add(arn, source, acl_public=acl_public(_object(files, "acl.json").get("grants", [])))


def _organization(parts: list[str], files: dict[str, RawDocument], context: Context) -> None:
    from .organization import collected_organization

    collected_organization(parts, {name: _json(document) for name, document in files.items()}, files, context)
