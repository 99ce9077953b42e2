"""Assets of Cloud Asset Inventory: what each is, its policies, what it runs as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from leastwise.providers.gcp.language.machines import entering
from leastwise.providers.gcp.language.policies import policy_of_access_list
from leastwise.providers.gcp.language.resources import COMPUTE, project_of
from leastwise.providers.gcp.tree import RESOURCE_MANAGER
from leastwise.providers.members import Object

from . import accounts, containers, guardrails, policies, pools, public
from .context import Context
from .reading import labels, member, objects, text, time
from .running import runs_as
from .sinks import sink_details

_DATASET = "bigquery.googleapis.com/Dataset"
_CONTAINERS = frozenset(f"cloudresourcemanager.googleapis.com/{one}" for one in ("Organization", "Folder", "Project"))
_TRANSLATED: dict[str, Callable[[Context, Object, str, str], None]] = {
    "iam.googleapis.com/Role": policies.role,
    "iam.googleapis.com/ServiceAccount": accounts.service_account,
    "iam.googleapis.com/WorkloadIdentityPool": pools.pool,
    "iam.googleapis.com/WorkloadIdentityPoolProvider": pools.provider,
    "iam.googleapis.com/WorkforcePool": pools.pool,
    "iam.googleapis.com/WorkforcePoolProvider": pools.provider,
    "iam.googleapis.com/PrincipalAccessBoundaryPolicy": guardrails.boundary_policy,
    "iam.googleapis.com/PolicyBinding": guardrails.policy_binding,
    "iam.googleapis.com/AccessPolicy": guardrails.access_policy,
    "cloudresourcemanager.googleapis.com/TagKey": containers.tag_key,
    "cloudresourcemanager.googleapis.com/TagValue": containers.tag_value,
    "cloudresourcemanager.googleapis.com/TagBinding": containers.tag_binding,
    "orgpolicy.googleapis.com/Policy": guardrails.organization_policy,
    "privilegedaccessmanager.googleapis.com/Entitlement": guardrails.entitlement,
}
"""Types of assets whose data is what a call of their own service answers with."""


def type_of(asset: Object) -> str:
    """The asset's type, as `storage.googleapis.com/Bucket`."""
    return text(asset, "assetType")


def learn(context: Context, asset: Object, source: str) -> None:
    """What must be known of all assets before any is translated: mail addresses of service accounts."""
    if type_of(asset) == "iam.googleapis.com/ServiceAccount":
        data = member(asset, "resource", "data")
        if isinstance(data, Mapping):
            accounts.learn(context, data, source)


def asset(context: Context, value: Object, node: str, source: str) -> None:
    """One asset, with whichever of its contents were asked for."""
    name, type = text(value, "name"), type_of(value)
    if not name.startswith("//"):
        return
    if member(value, "deleted") is True:
        return
    data = member(value, "resource", "data")
    data = data if isinstance(data, Mapping) else {}
    if type in _CONTAINERS and context.target(name) != name:
        containers.container_asset(context, value, node, source)
    else:
        _resource(context, value, data, node, source)
    if type == "iam.googleapis.com/ServiceAccountKey":
        accounts.key_asset(context, value, node, source)
    elif data and type in _TRANSLATED:
        relative = name.removeprefix("//").partition("/")[2]
        _TRANSLATED[type](context, {"name": relative} | dict(data), node, source)
    policy = member(value, "iamPolicy")
    if type == _DATASET and isinstance(data.get("access"), list):
        context.listed.setdefault(name, (policy_of_access_list(data["access"], project_of(name) or ""), source))
    if isinstance(policy, Mapping):
        policies.allow_policy(context, name, policy, source)
    for one in objects(value, "orgPolicy"):
        guardrails.organization_policy_v1(context, one, name, source)
    for part in ("accessPolicy", "accessLevel", "servicePerimeter"):
        found = member(value, part)
        if isinstance(found, Mapping):
            guardrails.access_context(context, found, part, name, source)


def _resource(context: Context, asset: Object, data: Object, node: str, source: str) -> None:
    name = context.resource_name(text(asset, "name"))
    details: dict[str, str] = {}
    for key in ("state", "status", "lifecycleState"):
        if isinstance(data.get(key), str):
            details["state"] = text(data, key)
    context.resource(
        name, source, node=node, type=type_of(asset), name=text(data, "displayName"),
        region=text(asset, "resource", "location") or text(data, "location") or text(data, "region").rpartition("/")[2]
        or text(data, "zone").rpartition("/")[2],
        created=time(data, "createTime") or time(data, "creationTimestamp") or time(data, "timeCreated")
        or time(data, "creationTime"),
        tags=labels(data, "labels") or labels(data, "resourceLabels") or labels(data, "userLabels"),
    )  # fmt: skip
    if name.startswith(COMPUTE) and text(data, "id").isdigit():
        context.numbered[f"{name.rpartition('/')[0]}/{text(data, 'id')}"] = name
    if data:
        for object in runs_as(type_of(asset), data, context.default_account(node)):
            context.runs(name, object, source)
        public.openings(context, name, type_of(asset), data, details)
        details |= entering(type_of(asset), data)
        if type_of(asset) == "logging.googleapis.com/LogSink":
            details |= sink_details(data)
    context.resource(name, source, details=tuple(details.items()))


def search_result(context: Context, value: Object, node: str, source: str) -> None:
    """A resource as a search tells of it: without its data."""
    name, type = text(value, "name"), type_of(value)
    if type in _CONTAINERS and name.startswith(RESOURCE_MANAGER):
        tags: Any = labels(value, "labels")
        context.scope(
            context.tree.name(node), source, name=text(value, "displayName"), status=text(value, "state"), tags=tags
        )
        if node.startswith("organizations/"):
            containers.organization(context, value, node)
        return
    if not name.startswith("//"):
        return
    extra = member(value, "additionalAttributes")
    if type == "iam.googleapis.com/ServiceAccount" and text(extra, "email"):
        unique = text(extra, "uniqueId")
        relative = name.removeprefix("//iam.googleapis.com/")
        found = {"name": relative, "email": text(extra, "email"), "uniqueId": unique}
        accounts.learn(context, found, source)
        accounts.service_account(context, found | {"disabled": text(value, "state") == "DISABLED"}, node, source)
    context.resource(
        context.resource_name(name), source, node=node, type=type, name=text(value, "displayName"),
        region=text(value, "location"), created=time(value, "createTime"), tags=labels(value, "labels"),
        details=(("state", text(value, "state")),) if text(value, "state") else (),
    )  # fmt: skip
