"""Which translator reads which kind of raw document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from leastwise.model.scope import PART, RawDocument
from leastwise.providers.gcp.exports.items import Item, read_items
from leastwise.providers.gcp.exports.shapes import ASSETS, GET_IAM_POLICY, ORG_POLICY_V1
from leastwise.providers.gcp.placing import node_of
from leastwise.providers.gcp.tree import RESOURCE_MANAGER
from leastwise.providers.members import Object

from . import accounts, assets, containers, directory, groups, guardrails, insights, policies, pools, requests
from .context import Context
from .reading import text


@dataclass(frozen=True, slots=True)
class Told:
    """An object with its kind, the container it lies in, what its document is about, and where it was read."""

    value: Object
    kind: str
    node: str
    resource: str
    source: str


_BY_KIND: dict[str, Callable[[Context, Object, str, str], None]] = {
    "cloudasset.searchAllResources": assets.search_result,
    "cloudasset.searchAllIamPolicies": policies.search_result,
    "cloudresourcemanager.projects.list": containers.project,
    "cloudresourcemanager.projects.search": containers.project,
    "cloudresourcemanager.projects.get": containers.project,
    "cloudresourcemanager.folders.get": containers.container,
    "cloudresourcemanager.organizations.get": containers.container,
    "directory.users.list": directory.user,
    "directory.roles.list": directory.role,
    "directory.roleAssignments.list": directory.role_assignment,
    "reports.activities.list": directory.log_entry,
    "cloudresourcemanager.folders.list": containers.container,
    "cloudresourcemanager.folders.search": containers.container,
    "cloudresourcemanager.organizations.search": containers.container,
    "cloudresourcemanager.tagKeys.list": containers.tag_key,
    "cloudresourcemanager.tagValues.list": containers.tag_value,
    "cloudresourcemanager.tagBindings.list": containers.tag_binding,
    "iam.roles.list": policies.role,
    "iam.projects.roles.list": policies.role,
    "iam.organizations.roles.list": policies.role,
    "iam.serviceAccounts.list": accounts.service_account,
    "iam.projects.serviceAccounts.list": accounts.service_account,
    "iam.serviceAccounts.keys.list": accounts.key,
    "iam.projects.serviceAccounts.keys.list": accounts.key,
    "iam.policies.listPolicies": guardrails.deny_policy,
    "iam.policies.get": guardrails.deny_policy,
    "iam.principalAccessBoundaryPolicies.list": guardrails.boundary_policy,
    "iam.policyBindings.list": guardrails.policy_binding,
    "iam.accessPolicies.list": guardrails.access_policy,
    "orgpolicy.policies.list": guardrails.organization_policy,
    "privilegedaccessmanager.entitlements.list": guardrails.entitlement,
    "privilegedaccessmanager.entitlements.grants.list": requests.entitlement_grant,
    "iam.workloadIdentityPools.list": pools.pool,
    "iam.projects.locations.workloadIdentityPools.list": pools.pool,
    "iam.workforcePools.list": pools.pool,
    "iam.workloadIdentityPools.providers.list": pools.provider,
    "iam.projects.locations.workloadIdentityPools.providers.list": pools.provider,
    "iam.workforcePools.providers.list": pools.provider,
    "recommender.insights.list": insights.insight,
    "cloudidentity.groups.list": groups.group,
    "cloudidentity.groups.search": groups.group,
    "cloudidentity.groups.memberships.list": groups.membership,
}
_MEMBERS = "cloudidentity.groups.memberships."
_ORDER = (
    "cloudresourcemanager.tagKeys", "cloudresourcemanager.tagValues", "cloudidentity.groups.list",
    "iam.serviceAccounts.list", "iam.principalAccessBoundaryPolicies", "orgpolicy.policies", GET_IAM_POLICY, ASSETS,
)  # fmt: skip
"""Kinds that others refer to, first; then what a service itself says, which Cloud Asset tells later."""


def apply(documents: Iterable[RawDocument], context: Context) -> None:
    """Feed every object to its translator. Raises InputError naming the file and the place."""
    told = [one for document in documents for one in _read(document, context)]
    _learn(told, context)
    for one in sorted(told, key=_place):
        _tell(one, context)


def _learn(told: Iterable[Told], context: Context) -> None:
    """What must be known of all before any is translated."""
    for one in told:
        if one.kind.startswith(ASSETS):
            assets.learn(context, one.value, one.source)
        elif one.kind.endswith("serviceAccounts.list"):
            accounts.learn(context, one.value, one.source)
    for name in context.asked_keys:
        principal = context.service_account_of(name)
        if principal:
            context.keys_of.add(principal)


def _tell(one: Told, context: Context) -> None:
    """Feed an object to its translator."""
    context.reading = one.kind
    if one.kind.startswith(ASSETS):
        assets.asset(context, one.value, one.node, one.source)
    elif one.kind.endswith(GET_IAM_POLICY):
        policies.allow_policy(context, _full(one.kind, one.resource), one.value, one.source)
    elif one.kind == ORG_POLICY_V1:
        guardrails.organization_policy_v1(context, one.value, one.resource, one.source)
    elif one.kind.endswith("activities.query"):
        accounts.activity(context, one.value, one.source)
    elif one.kind.endswith("effectiveTags.list"):
        containers.effective_tag(context, one.value, one.resource)
    elif one.kind == "directory.domains.list":
        directory.domain(context, one.value, one.resource)
    elif one.kind.endswith("searchTransitiveMemberships"):
        groups.transitive(context, one.value, one.resource, one.source)
    elif one.kind in _BY_KIND:
        _BY_KIND[one.kind](context, one.value, one.node, one.source)


def _place(told: Told) -> int:
    if told.kind.endswith(GET_IAM_POLICY):
        return _ORDER.index(GET_IAM_POLICY)
    return next((at for at, kind in enumerate(_ORDER) if told.kind.startswith(kind)), len(_ORDER))


def _full(kind: str, resource: str) -> str:
    """The full name of what a policy was asked of."""
    if resource.startswith("//") or not resource:
        return resource
    return f"//iam.googleapis.com/{resource}" if kind.startswith("iam.") else f"{RESOURCE_MANAGER}{resource}"


def _asked_members(context: Context, group: str, items: Sequence[Item], whole: bool) -> None:
    """Keep whose members a list tells, and whether all of them: what its next page would tell of is its last group."""
    named = [text(one.value, "name").partition("/memberships/")[0] for one in items]
    groups = list(dict.fromkeys([group] if group else [one for one in named if one]))
    for place, one in enumerate(groups, 1):
        context.asked_members[one] = context.asked_members.get(one, False) or whole or place < len(groups)


def _read(document: RawDocument, context: Context) -> list[Told]:
    if "!" in document.kind:
        return []  # that there is none
    if document.kind.endswith("serviceAccounts.keys.list") and document.resource:
        context.asked_keys.append(f"//iam.googleapis.com/{document.resource}")
    if document.kind.endswith(("activities.query", "cloudasset.searchAllIamPolicies", GET_IAM_POLICY)) or (
        "IAM_POLICY" in document.kind
    ):
        context.policies_read |= not document.kind.endswith(("activities.query", GET_IAM_POLICY))
    content = read_items(document.name, document.body)
    whole = not content.more and not document.name.endswith(PART)
    if document.kind.startswith(_MEMBERS):
        _asked_members(context, document.resource, content.items, whole)
    elif document.kind == "directory.domains.list" and whole:
        context.domains_asked.add(document.resource)
    if document.kind.endswith("getAncestry"):
        for item in content.items:
            directory.ancestry(context, item.value, "", document.name)
        return []
    return [
        Told(
            item.value, document.kind, node_of(item.value, document.kind, document.resource, context.tree),
            document.resource, f"{document.name}#{item.place}",
        )
        for item in content.items
    ]  # fmt: skip
