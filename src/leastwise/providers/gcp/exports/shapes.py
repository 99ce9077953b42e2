"""Which call answers with objects of this shape: the kind of a raw document (decision 0025)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leastwise.providers.gcp.tree import node_of_name

ASSETS = "cloudasset.assets.list"
"""Assets, whatever of them was asked for; `contents` says which."""
GET_IAM_POLICY = "getIamPolicy"
"""An allow policy alone: the file's or folder's name says of what."""
MEMBERSHIPS = "cloudidentity.groups.memberships.list"
SEARCH = "cloudasset.searchAllIamPolicies"
ORG_POLICY_V1 = "cloudresourcemanager.projects.listOrgPolicies"

WRAPPERS = (
    "assets", "results", "searchResults", "projects", "folders", "organizations", "roles", "accounts", "keys",
    "policies", "principalAccessBoundaryPolicies", "policyBindings", "accessPolicies", "workloadIdentityPools",
    "workloadIdentityPoolProviders", "workforcePools", "workforcePoolProviders", "groups", "memberships", "tagKeys",
    "tagValues", "tagBindings", "entitlements", "grants", "users", "items", "activities", "effectiveTags",
    "insights", "domains",
)  # fmt: skip
"""The member of a page that holds its objects."""

_POOL = r"projects/[^/]+/locations/[^/]+/workloadIdentityPools/[^/]+"
_WORKFORCE = r"locations/[^/]+/workforcePools/[^/]+"
_TOP = r"(?:organizations|folders|projects)/[^/]+"
_AT = rf"{_TOP}/locations/[^/]+"
_BY_NAME: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = tuple(
    (kind, re.compile(pattern), frozenset(needed))
    for kind, pattern, needed in (
        ("iam.projects.roles.list", r"projects/[^/]+/roles/[^/]+", ()),
        ("iam.organizations.roles.list", r"organizations/[^/]+/roles/[^/]+", ()),
        ("iam.roles.list", r"roles/[^/]+", ()),
        ("iam.serviceAccounts.keys.list", r"projects/[^/]+/serviceAccounts/[^/]+/keys/[^/]+", ()),
        ("iam.serviceAccounts.list", r"projects/[^/]+/serviceAccounts/[^/]+", ("email",)),
        ("iam.workloadIdentityPools.providers.list", rf"{_POOL}/providers/[^/]+", ()),
        ("iam.workloadIdentityPools.list", _POOL, ()),
        ("iam.workforcePools.providers.list", rf"{_WORKFORCE}/providers/[^/]+", ()),
        ("iam.workforcePools.list", _WORKFORCE, ()),
        ("iam.principalAccessBoundaryPolicies.list", rf"{_AT}/principalAccessBoundaryPolicies/[^/]+", ()),
        ("iam.policyBindings.list", rf"{_AT}/policyBindings/[^/]+", ()),
        ("iam.accessPolicies.list", rf"{_AT}/accessPolicies/[^/]+", ()),
        ("privilegedaccessmanager.entitlements.grants.list", rf"{_AT}/entitlements/[^/]+/grants/[^/]+", ()),
        ("privilegedaccessmanager.entitlements.list", rf"{_AT}/entitlements/[^/]+", ()),
        ("recommender.insights.list", rf"{_AT}/insightTypes/[^/]+/insights/[^/]+", ()),
        ("iam.policies.listPolicies", r"policies/.+/denypolicies/[^/]+", ()),
        ("orgpolicy.policies.list", rf"{_TOP}/policies/[^/]+", ()),
        ("cloudidentity.groups.memberships.list", r"groups/[^/]+/memberships/[^/]+", ()),
        ("cloudidentity.groups.list", r"groups/[^/]+", ("groupKey",)),
        ("cloudresourcemanager.folders.list", r"folders/[^/]+", ("displayName",)),
        ("cloudresourcemanager.organizations.search", r"organizations/[^/]+", ("displayName",)),
        ("cloudresourcemanager.tagKeys.list", r"tagKeys/[^/]+", ()),
        ("cloudresourcemanager.tagValues.list", r"tagValues/[^/]+", ()),
        ("cloudresourcemanager.tagBindings.list", r"tagBindings/.+", ()),
    )
)  # fmt: skip
_SNAKE = {"groupKey": "group_key", "displayName": "display_name"}
_CONTENTS = {
    "resource": "RESOURCE", "iam_policy": "IAM_POLICY", "iamPolicy": "IAM_POLICY", "org_policy": "ORG_POLICY",
    "orgPolicy": "ORG_POLICY", "org_policies_v2": "ORG_POLICY", "access_policy": "ACCESS_POLICY",
    "accessPolicy": "ACCESS_POLICY", "access_level": "ACCESS_POLICY", "accessLevel": "ACCESS_POLICY",
    "service_perimeter": "ACCESS_POLICY", "servicePerimeter": "ACCESS_POLICY", "os_inventory": "OS_INVENTORY",
    "osInventory": "OS_INVENTORY", "related_asset": "RELATIONSHIP", "relatedAsset": "RELATIONSHIP",
    "related_assets": "RELATIONSHIP", "relatedAssets": "RELATIONSHIP",
}  # fmt: skip
_FOUND = ("displayName", "parentFullResourceName", "parentAssetType", "state", "project", "location", "folders")


def kind_of(item: Mapping[str, Any]) -> str | None:
    """The kind of a raw document that holds such objects; None for an object that is not known."""
    name = item.get("name")
    name = name if isinstance(name, str) else ""
    bare = name.removeprefix("//iam.googleapis.com/")
    if "asset_type" in item or "assetType" in item:
        return _of_asset(item, name)
    if isinstance(item.get("policy"), dict) and isinstance(item.get("resource"), str):
        return "cloudasset.searchAllIamPolicies"
    project = item.get("projectId")
    if isinstance(project, str) and {"projectNumber", "lifecycleState", "state", "parent"} & item.keys():
        # What cannot stand in a name is no identifier of a project.
        if node_of_name(f"projects/{project}") != f"projects/{project}":
            return None
        return "cloudresourcemanager.projects.list"
    for kind, pattern, needed in _BY_NAME:
        if pattern.fullmatch(bare) and all(one in item or _SNAKE.get(one) in item for one in needed):
            return kind
    if isinstance(item.get("domainName"), str) and "isPrimary" in item:
        return "directory.domains.list"
    if isinstance(item.get("constraint"), str) and not name:
        return ORG_POLICY_V1
    if isinstance(item.get("tagValue"), str) and isinstance(item.get("parent"), str):
        return "cloudresourcemanager.tagBindings.list"
    if not name and ("bindings" in item or ({"etag"} <= item.keys() <= {"etag", "version", "auditConfigs"})):
        return GET_IAM_POLICY
    return None


def _of_asset(item: Mapping[str, Any], name: str) -> str | None:
    if not name.startswith("//"):
        return "cloudasset.searchAllIamPolicies" if isinstance(item.get("policy"), dict) else None
    told = contents(item)
    if told:
        return f"{ASSETS}:{told}"
    return "cloudasset.searchAllResources" if any(key in item for key in _FOUND) else f"{ASSETS}:NAMES"


def contents(item: Mapping[str, Any]) -> str:
    """What an asset is told of, as the export's content types joined by `+`; empty when only its name is told."""
    return "+".join(sorted({word for key, word in _CONTENTS.items() if key in item}))


LOGS = "log entries, not an export of what is granted: leastwise events reads audit logs"
_LOG_MARK = re.compile(
    rb'"?(?:logName|protoPayload|insertId)"?\s*:|"?@type"?\s*:\s*"?type\.googleapis\.com/google\.cloud\.audit\.AuditLog'
)
_FINDINGS = "findings of Security Command Center, not an export of what is granted"


def refused_text(data: bytes) -> str | None:
    """Why a file that is no JSON, but says what it is, is not imported; None for any other."""
    return LOGS if _LOG_MARK.search(data[: 1 << 16]) else None


def refusal(item: Mapping[str, Any]) -> str | None:
    """Why a file of this vendor, or about it, whose first object this is, is not imported; None for any other."""
    if "planned_values" in item or ("terraform_version" in item and "resource_changes" in item):
        return "a Terraform plan says what may come to be, not what is: export the assets of the project instead"
    if "terraform_version" in item:
        return "a Terraform state is not read: export the assets of the project instead"
    payload = item.get("protoPayload")
    if "logName" in item or isinstance(payload, dict) or ({"insertId", "timestamp"} <= item.keys()):
        return LOGS
    if "finding" in item or ("finding_id" in item) or {"category", "sourceProperties"} <= item.keys():
        return _FINDINGS
    return None
