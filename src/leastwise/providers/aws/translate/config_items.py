"""AWS Config configuration items → facts.

IAM items carry the entity as `get-account-authorization-details` gives it, with lower-case first letters and
URL-encoded documents (https://docs.aws.amazon.com/config/latest/developerguide/config-item-table.html); other items a
resource, with its policy under `supplementaryConfiguration` or `configuration`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import RawDocument

from .context import Context
from .entities import Group, Policy, Role, User
from .resources import acl_public
from .rows import one_time
from .shapes import Node, decode

_ENTITIES: dict[str, tuple[int, Any]] = {
    "AWS::IAM::User": (0, User),
    "AWS::IAM::Group": (1, Group),
    "AWS::IAM::Role": (2, Role),
    "AWS::IAM::Policy": (3, Policy),
}
_DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")


def translate_items(documents: list[RawDocument], context: Context) -> None:
    """Add every item, of each resource the newest; deleted ones are left out. Raises InputError."""
    found: tuple[list[User], list[Group], list[Role], list[Policy]] = ([], [], [], [])
    for item in _newest([Node(document.name, decode(document.name, document.body)) for document in documents]):
        if (item.maybe("configurationItemStatus") or "OK").startswith(("ResourceDeleted", "ResourceNotRecorded")):
            continue
        kind = item.maybe("resourceType") or ""
        try:
            if kind in _ENTITIES:
                section, form = _ENTITIES[kind]
                found[section].append(_entity(item, form))
            elif kind == "AWS::S3::AccountPublicAccessBlock":
                context.resources.account_block = _opened(item, "configuration").value
                context.resources.account_block_known = True
            else:
                _resource(item, kind, context)
        except msgspec.ValidationError as error:
            raise InputError(item.name, str(error)) from None
        except RecursionError:
            raise InputError(item.name, "nested too deeply") from None
    context.entities(documents[0].name.partition("#")[0], found)


def _newest(items: list[Node]) -> list[Node]:
    """The newest item of each resource, in order: a configuration history holds one an earlier state."""
    newest: dict[tuple[str | None, str | None], Node] = {}
    for item in items:
        key = (item.maybe("resourceType"), item.maybe("ARN", "arn", "resourceId") or item.name)
        other = newest.get(key)
        if other is None or _captured(item) > _captured(other):
            newest[key] = item
    return list(newest.values())


def _captured(item: Node) -> float:
    found = one_time(item.time("configurationItemCaptureTime"))
    return found.timestamp() if found else 0.0


def _opened(item: Node, key: str) -> Node:
    """A part that Config writes as an object or as JSON inside a text."""
    found = item.raw(key)
    if isinstance(found, str) and found[:1] == "{":
        found = decode(item.name, found.encode())
    return Node(item.name, {} if found is None or found == "" else found, f"{item.place}.{key}")


def _capital(value: Any) -> Any:
    """The same with upper-case first letters, documents left raw, without nulls."""
    if isinstance(value, list):
        return [_capital(one) for one in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, one in value.items():
        name = key[:1].upper() + key[1:]
        if one is not None:
            result[name] = msgspec.Raw(msgspec.json.encode(one)) if name in _DOCUMENTS else _capital(one)
    return result


def _entity(item: Node, form: Any) -> Any:
    values = _capital(_opened(item, "configuration").value)
    for key in ("CreateDate", "UpdateDate"):
        Node(item.name, values, "$.configuration").time(key)
    values.setdefault("Arn", item.text("ARN" if "ARN" in item else "arn"))
    tags = item.tags("tags")
    if "Tags" not in values and tags:
        values["Tags"] = [{"Key": key, "Value": value} for key, value in tags]
    return msgspec.convert(values, form, strict=False)


def _resource(item: Node, kind: str, context: Context) -> None:
    arn = item.maybe("ARN", "arn")
    if arn is None:
        return
    configuration, extra = _opened(item, "configuration"), _opened(item, "supplementaryConfiguration")
    context.resources.add(
        arn,
        item.name,
        region=item.maybe("awsRegion"),
        created=item.time("resourceCreationTime"),
        principal=configuration.maybe("role") if kind == "AWS::Lambda::Function" else None,
        tags=item.tags("tags"),
    )
    policy = _policy(kind, configuration, extra)
    if policy is not None:
        context.resources.policy(arn, policy or None, item.name)
    if kind == "AWS::S3::Bucket":
        if "PublicAccessBlockConfiguration" in extra:
            context.resources.blocks[arn] = _opened(extra, "PublicAccessBlockConfiguration").value
        if "AccessControlList" in extra:
            grants = [_acl_grant(one) for one in _opened(extra, "AccessControlList").nodes("grantList")]
            context.resources.add(arn, item.name, acl_public=acl_public(grants))


def _policy(kind: str, configuration: Node, extra: Node) -> Any:
    """The resource policy; None when the item does not tell, an empty text when there is none."""
    if kind == "AWS::S3::Bucket":
        return _opened(extra, "BucketPolicy").raw("policyText") or "" if "BucketPolicy" in extra else None
    for place in (extra, configuration):
        for key in ("Policy", "policy", "keyPolicy", "ResourcePolicy"):
            held = place.raw(key)
            if held:
                return held.get("policy", held) if isinstance(held, dict) and "Statement" not in held else held
    return None


def _acl_grant(grant: Node) -> Node:
    names = {"AllUsers": "global/AllUsers", "AuthenticatedUsers": "global/AuthenticatedUsers"}
    grantee = grant.raw("grantee")
    group = names.get(grantee) if isinstance(grantee, str) else None
    permission = grant.text("permission")
    uri = f"http://acs.amazonaws.com/groups/{group}" if group else None
    known = {"FullControl": "FULL_CONTROL", "Write": "WRITE", "Read": "READ"}.get(permission, permission)
    return Node(grant.name, {"Grantee": {"URI": uri}, "Permission": known}, grant.place)
