"""An iam-collect download of one account or organization: a folder an entity, a file a fact.

The layout is that of iam-collect's file store (`accounts/ID/iam/role/NAME/metadata.json` …), read off
shared/conformance/aws/datasets. Each raw document is one file, named by its path.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .context import Context
from .entities import Group, Inline, Policy, Role, User, Version
from .organization import collected_organization
from .shapes import Node, decode, texts_of

_BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::")
_SECTIONS = ("user", "group", "role", "policy")
_Found = tuple[list[User], list[Group], list[Role], list[Policy]]


def translate_folder(documents: list[RawDocument], context: Context) -> None:
    """Add every entity of the download. Raises InputError naming the file."""
    entities: dict[str, dict[str, RawDocument]] = defaultdict(dict)
    for document in documents:
        folder, _, file = document.resource.rpartition("/")
        entities[folder][file] = document
    found: _Found = ([], [], [], [])
    for folder, files in sorted(entities.items()):
        parts = folder.split("/")
        if parts[0] == "iam":
            _iam(parts, files, found, context)
        elif parts[0] == "organization":
            collected_organization(parts[1:], files, context)
        elif folder == "":
            _account(files, context)
        else:
            _resource(files, context)
    if any(folder.startswith("s3/") for folder in entities):
        # iam-collect writes no bpa.json for a bucket whose public access block nobody has set.
        context.resources.blocks_known = True
    context.entities(documents[0].name.partition("/iam/")[0], found)


def _node(files: dict[str, RawDocument], file: str) -> Node:
    """A file that holds an object; an empty one when there is no such file."""
    document = files.get(file)
    if document is None:
        return Node(next(iter(files.values())).name, {})
    return Node(document.name, decode(document.name, document.body))


def _texts(files: dict[str, RawDocument], file: str) -> list[str]:
    document = files.get(file)
    if document is None:
        return []
    return Node(document.name, {"": decode(document.name, document.body)}).texts("")


def _iam(parts: list[str], files: dict[str, RawDocument], found: _Found, context: Context) -> None:
    kind = parts[2] if parts[1:2] == ["aws"] and len(parts) > 3 else parts[1] if len(parts) > 2 else ""
    if kind not in _SECTIONS or "metadata.json" not in files:
        for document in files.values():
            context.left_out(document.name)
        return
    about = _node(files, "metadata.json")
    arn = about.text("arn")
    name = about.maybe("name") or arn.rpartition("/")[2]
    common = {"Arn": arn, "Path": about.maybe("path") or "/", "CreateDate": about.time("created")}
    if kind == "policy":
        found[3].append(_policy(about, common, name, files))
        return
    attached = [{"PolicyArn": policy} for policy in _texts(files, "managed-policies.json")]
    boundary = about.maybe("permissionBoundary", "permissionsBoundary")
    shared: dict[str, Any] = common | {"AttachedManagedPolicies": attached}
    if boundary and kind != "group":
        shared["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary}
    if kind != "group":
        shared["Tags"] = [{"Key": key, "Value": value} for key, value in texts_of(_node(files, "tags.json").value)]
    id, inline = about.maybe("id"), _inline(files)
    if kind == "user":
        groups = [group.rpartition("/")[2] for group in _texts(files, "groups.json")]
        values = shared | {"UserName": name, "UserId": id, "GroupList": groups}
        found[0].append(_convert(values, User, UserPolicyList=inline))
    elif kind == "group":
        found[1].append(_convert(shared | {"GroupName": name, "GroupId": id}, Group, GroupPolicyList=inline))
    else:
        found[2].append(_role(about, shared | {"RoleName": name, "RoleId": id}, inline, files))


def _role(about: Node, values: dict[str, Any], inline: list[Any], files: dict[str, RawDocument]) -> Role:
    used = about.node("lastUsed") if isinstance(about.raw("lastUsed"), dict) else None
    if used is not None:
        values["RoleLastUsed"] = {
            "LastUsedDate": used.time("LastUsedDate" if "LastUsedDate" in used else "lastUsedDate"),
            "Region": used.maybe("Region", "region"),
        }
    role: Role = _convert(values, Role, RolePolicyList=inline)
    if "trust-policy.json" in files:
        role.AssumeRolePolicyDocument = msgspec.Raw(files["trust-policy.json"].body)
    return role


def _convert(values: dict[str, Any], kind: Any, **raw: Any) -> Any:
    result = msgspec.convert(values, kind)
    for name, value in raw.items():
        setattr(result, name, value)
    return result


def _inline(files: dict[str, RawDocument]) -> list[Inline]:
    document = files.get("inline-policies.json")
    if document is None:
        return []
    try:
        return msgspec.json.decode(document.body, type=list[Inline])
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(document.name, str(error)) from None


def _policy(about: Node, common: dict[str, Any], name: str, files: dict[str, RawDocument]) -> Policy:
    policy = Policy(
        Arn=common["Arn"],
        PolicyName=name,
        DefaultVersionId=about.maybe("defaultVersionId"),
        CreateDate=about.time("createDate") or common["CreateDate"],
        UpdateDate=about.time("updateDate"),
    )
    if "current-policy.json" in files:
        body, version = msgspec.Raw(files["current-policy.json"].body), policy.DefaultVersionId or "v1"
        policy.PolicyVersionList = [Version(version, body, IsDefaultVersion=True, CreateDate=policy.UpdateDate)]
    return policy


def _account(files: dict[str, RawDocument], context: Context) -> None:
    """Facts of the account itself: its public access block and its organization."""
    if "s3-bpa.json" in files:
        context.resources.account_block = _node(files, "s3-bpa.json").value
        context.resources.account_block_known = True
    context.facts.scopes.add(
        id=context.account,
        kind="account",
        name=_node(files, "metadata.json").maybe("name"),
        tenant=_node(files, "organization.json").maybe("organizationId"),
        tags=texts_of(_node(files, "tags.json").value),
        source=next(iter(files.values())).name,
    )


def _details(about: Node, *, bucket: bool) -> list[tuple[str, str]]:
    """Whether a bucket's tags count in conditions, and what an endpoint serves."""
    told = {"vpc": about.maybe("vpc"), "service": about.maybe("serviceName"), "endpoint_type": about.maybe("type")}
    found = [(key, value.rsplit("/", 1)[-1]) for key, value in told.items() if value and not bucket]
    # iam-collect names it only where it is switched on.
    return [("abac", "enabled" if about.flag("abacEnabled") else "disabled")] if bucket else found


def _resource(files: dict[str, RawDocument], context: Context) -> None:
    about = _node(files, "metadata.json")
    arn = about.maybe("arn")
    if arn is None:
        for document in files.values():
            context.left_out(document.name)
        return
    source = files["metadata.json"].name
    context.resources.add(
        arn,
        source,
        region=about.maybe("region"),
        created=about.time("created"),
        principal=about.maybe("roleArn", "role"),
        tags=texts_of(_node(files, "tags.json").value),
        policy_known=bool(_BUCKET.match(arn)) or None,
        details=_details(about, bucket=bool(_BUCKET.match(arn))) or None,
    )
    for file in ("policy.json", "endpoint-policy.json"):
        if file in files:
            context.resources.policy(arn, msgspec.Raw(files[file].body), files[file].name, "iam_collect")
    if "bpa.json" in files:
        context.resources.blocks[arn] = _node(files, "bpa.json").value
    if "acl.json" in files:
        held = _node(files, "acl.json")
        context.resources.access_list(arn, source, held.nodes("grants"), held.node("owner").maybe("id", "ID"))
