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
from .details import Group, Policy, Role, User
from .resources import acl_public

_ENTITIES: dict[str, tuple[int, Any]] = {
    "AWS::IAM::User": (0, User),
    "AWS::IAM::Group": (1, Group),
    "AWS::IAM::Role": (2, Role),
    "AWS::IAM::Policy": (3, Policy),
}
_DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")


def translate_items(documents: list[RawDocument], context: Context) -> None:
    """Add every item; deleted resources are left out. Raises InputError naming file and item."""
    found: tuple[list[User], list[Group], list[Role], list[Policy]] = ([], [], [], [])
    for document in documents:
        item = msgspec.json.decode(document.body)
        if str(item.get("configurationItemStatus", "OK")).startswith(("ResourceDeleted", "ResourceNotRecorded")):
            continue
        kind = item.get("resourceType")
        if kind in _ENTITIES:
            section, form = _ENTITIES[kind]
            try:
                entity = _entity(item, form)
            except msgspec.ValidationError as error:
                raise InputError(document.name, str(error)) from None
            found[section].append(entity)
        else:
            _resource(item, document.name, context)
    context.entities(documents[0].name.partition("#")[0], found)


def _opened(value: Any) -> Any:
    """Config writes some parts as JSON inside a text."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


def _capital(value: Any) -> Any:
    if isinstance(value, list):
        return [_capital(one) for one in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, one in value.items():
        name = key[:1].upper() + key[1:]
        result[name] = msgspec.Raw(msgspec.json.encode(one)) if name in _DOCUMENTS else _capital(one)
    return result


def _entity(item: dict[str, Any], form: Any) -> Any:
    values = _capital(_opened(item.get("configuration")) or {})
    values.setdefault("Arn", item.get("ARN") or item.get("arn"))
    tags = item.get("tags")
    if "Tags" not in values and isinstance(tags, dict):
        values["Tags"] = [{"Key": key, "Value": str(value)} for key, value in tags.items()]
    values = {key: value for key, value in values.items() if value is not None}
    return msgspec.convert(values, form, strict=False)


def _resource(item: dict[str, Any], source: str, context: Context) -> None:
    arn = item.get("ARN") or item.get("arn")
    kind = item.get("resourceType")
    if not arn:
        return
    configuration = _opened(item.get("configuration")) or {}
    extra = {key: _opened(value) for key, value in (item.get("supplementaryConfiguration") or {}).items()}
    if not isinstance(configuration, dict):
        raise InputError(source, "configuration must be an object")
    tags = item.get("tags")
    context.resources.add(
        arn,
        source,
        region=item.get("awsRegion"),
        created=item.get("resourceCreationTime"),
        principal=configuration.get("role") if kind == "AWS::Lambda::Function" else None,
        tags=[(str(k), str(v)) for k, v in tags.items()] if isinstance(tags, dict) else None,
    )
    policy = _policy(kind, configuration, extra)
    if policy is not None:
        context.resources.policy(arn, policy or None, source)
    if kind == "AWS::S3::Bucket":
        if "PublicAccessBlockConfiguration" in extra:
            context.resources.blocks[arn] = extra["PublicAccessBlockConfiguration"] or {}
        access = extra.get("AccessControlList")
        if isinstance(access, dict):
            grants = [_acl_grant(one) for one in access.get("grantList") or []]
            context.resources.add(arn, source, acl_public=acl_public(grants))


def _policy(kind: Any, configuration: dict[str, Any], extra: dict[str, Any]) -> Any:
    """The resource policy; None when the item does not tell, an empty text when there is none."""
    if kind == "AWS::S3::Bucket":
        held = extra.get("BucketPolicy")
        return (held or {}).get("policyText") or "" if "BucketPolicy" in extra else None
    for place in (extra, configuration):
        for key in ("Policy", "policy", "keyPolicy", "ResourcePolicy"):
            if place.get(key):
                held = place[key]
                return held.get("policy", held) if isinstance(held, dict) and "Statement" not in held else held
    return None


def _acl_grant(grant: dict[str, Any]) -> dict[str, Any]:
    names = {"AllUsers": "global/AllUsers", "AuthenticatedUsers": "global/AuthenticatedUsers"}
    group = names.get(str(grant.get("grantee")))
    permission = {"FullControl": "FULL_CONTROL", "Write": "WRITE", "Read": "READ"}.get(str(grant.get("permission")))
    uri = f"http://acs.amazonaws.com/groups/{group}" if group else None
    return {"Grantee": {"URI": uri}, "Permission": permission or str(grant.get("permission"))}
