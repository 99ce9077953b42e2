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
from leastwise.providers.rows import one_time

from .context import Context
from .entities import Group, Policy, Role, User
from .shapes import Node, decode

_ENTITIES: dict[str, tuple[int, Any]] = {
    "AWS::IAM::User": (0, User),
    "AWS::IAM::Group": (1, Group),
    "AWS::IAM::Role": (2, Role),
    "AWS::IAM::Policy": (3, Policy),
}
_POLICIES = (
    "Policy", "policy", "keyPolicy", "ResourcePolicy", "resourcePolicy", "RepositoryPolicyText", "FileSystemPolicy",
    "AccessPolicies", "accessPolicies", "AccessPolicy",
)  # fmt: skip
_DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")


def translate_items(documents: list[RawDocument], context: Context) -> None:
    """Add every item, of each resource the newest; deleted ones are left out. Raises InputError."""
    found: tuple[list[User], list[Group], list[Role], list[Policy]] = ([], [], [], [])
    for item in newest([Node(document.name, decode(document.name, document.body)) for document in documents]):
        kind = item.maybe("resourceType") or ""
        if _status(item).startswith("ResourceNotRecorded"):
            context.lost("config", kind, "Config does not record it", _called(item), "these resources")
            continue
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
    times = [one.time for one in documents if one.time is not None]
    context.entities(documents[0].name.partition("#")[0], found, second=True, time=max(times, default=None))


def newest(items: list[Node]) -> list[Node]:
    """The newest item of each resource that is still there, in order: a configuration history holds one an earlier
    state.

    The item of a deletion may name the resource by its id alone; one that was made again has a new id and the old ARN
    (https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html).
    """
    ids = {(item.maybe("resourceType"), arn): id for item in sorted(items, key=_captured)
           if (arn := item.maybe("ARN", "arn")) and (id := item.maybe("resourceId"))}  # fmt: skip
    by_id: dict[tuple[str | None, str], Node] = {}
    for item in items:
        type, arn = item.maybe("resourceType"), item.maybe("ARN", "arn")
        key = (type, item.maybe("resourceId") or ids.get((type, arn or "")) or arn or item.name)
        if key not in by_id or _captured(item) > _captured(by_id[key]):
            by_id[key] = item
    by_arn: dict[tuple[str | None, str], Node] = {}
    for (type, id), item in by_id.items():
        if not _status(item).startswith("ResourceDeleted"):
            key = (type, item.maybe("ARN", "arn") or id)
            if key not in by_arn or _captured(item) > _captured(by_arn[key]):
                by_arn[key] = item
    return list(by_arn.values())


def _status(item: Node) -> str:
    return item.maybe("configurationItemStatus") or "OK"


def _called(item: Node) -> str:
    return item.maybe("resourceName", "resourceId", "ARN", "arn") or item.name


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
    configuration, extra = _opened(item, "configuration"), _opened(item, "supplementaryConfiguration")
    arn = _arn(item, configuration)
    if arn is None:
        context.lost("config", kind or "unknown", "items without an ARN", _called(item), "these resources")
        return
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
        context.resources.policy(arn, policy or None, item.name, "config_item")
    if kind == "AWS::S3::Bucket":
        if "PublicAccessBlockConfiguration" in extra:
            context.resources.blocks[arn] = _opened(extra, "PublicAccessBlockConfiguration").value
        if "AccessControlList" in extra:
            held = _opened(extra, "AccessControlList")
            grants = [_acl_grant(one) for one in held.nodes("grantList")]
            context.resources.access_list(arn, item.name, grants, held.node("owner").maybe("id"))


def _arn(item: Node, configuration: Node) -> str | None:
    given = (item.maybe("ARN", "arn"), *(configuration.raw(key) for key in ("QueueArn", "TopicArn", "Arn", "arn")))
    return next((one for one in given if isinstance(one, str) and one.startswith("arn:")), None)


def _policy(kind: str, configuration: Node, extra: Node) -> Any:
    """The resource policy; None when the item does not tell, an empty text when there is none."""
    if kind == "AWS::S3::Bucket":
        return _opened(extra, "BucketPolicy").raw("policyText") or "" if "BucketPolicy" in extra else None
    for place in (extra, configuration):
        for key in _POLICIES:
            held = _unwrapped(place.raw(key))
            if held:
                return held
    return None


def _unwrapped(held: Any) -> Any:
    """A policy out of what Config puts around it: JSON texts, and an object with the member `policy`.

    Lambda's is the whole answer of GetPolicy (https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html).
    """
    for _ in range(4):
        inside = held
        if isinstance(held, str) and held[:1] in ('"', "{"):
            try:
                inside = msgspec.json.decode(held.encode("utf-8", "surrogatepass"))
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                return held
        if isinstance(inside, dict):
            if "Statement" in inside:
                return held
            inside = next((inside[key] for key in ("policy", "Policy", "policyText") if key in inside), None)
        elif inside is held:
            return held
        if inside is None:
            return held
        held = inside
    return held


def _acl_grant(grant: Node) -> Node:
    names = {"AllUsers": "global/AllUsers", "AuthenticatedUsers": "global/AuthenticatedUsers"}
    grantee = grant.raw("grantee")
    group = names.get(grantee) if isinstance(grantee, str) else None
    permission = grant.text("permission")
    uri = f"http://acs.amazonaws.com/groups/{group}" if group else None
    known = {"FullControl": "FULL_CONTROL", "Write": "WRITE", "Read": "READ"}.get(permission, permission)
    id = grantee.get("id") if isinstance(grantee, dict) else None
    return Node(grant.name, {"Grantee": {"URI": uri, "ID": id}, "Permission": known}, grant.place)
