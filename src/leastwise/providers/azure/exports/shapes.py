"""Which call answers with objects of this shape: the kind of a raw document (decision 0029)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leastwise.providers import items
from leastwise.providers.azure.language.fields import Fields
from leastwise.providers.azure.language.ids import IdError, arm_id, guid
from leastwise.providers.azure.tree import ENTITIES, SUBSCRIPTION_LIST
from leastwise.providers.items import Content, Page

AUTHORIZATION = "authorization"
ROLE_ASSIGNMENTS = f"{AUTHORIZATION}.roleAssignments.list"
DENY_ASSIGNMENTS = f"{AUTHORIZATION}.denyAssignments.list"
RESOURCES, RESOURCE_GET, RESOURCE_GRAPH = (
    "resources.resources.list",
    "resources.resources.get",
    "resourceGraph.resources",
)
"""Resources as a list tells them, which leaves their properties out; one with them; rows of Resource Graph."""
_OWN = {
    one.lower(): one
    for one in (
        "roleAssignments", "roleDefinitions", "denyAssignments", "classicAdministrators", "locks", "policyAssignments",
        "roleEligibilityScheduleInstances", "roleAssignmentScheduleInstances", "roleEligibilitySchedules",
        "roleAssignmentSchedules", "roleEligibilityScheduleRequests", "roleAssignmentScheduleRequests",
        "roleManagementPolicies", "roleManagementPolicyAssignments", "providerOperations",
    )
}  # fmt: skip
"""Types of Microsoft.Authorization that have a call of their own."""
_OWN |= {
    "rolemanagementpolicyassignment": "roleManagementPolicyAssignments",
    "rolemanagementpolicy": "roleManagementPolicies",
}
"""Those whose objects write their type in the singular."""
_OTHERS = {
    "microsoft.managedservices/registrationassignments": "managedServices.registrationAssignments.list",
    "microsoft.managedservices/registrationdefinitions": "managedServices.registrationDefinitions.list",
    "microsoft.insights/diagnosticsettings": "insights.diagnosticSettings.list",
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials":
        "managedIdentity.federatedIdentityCredentials.list",
    "microsoft.management/managementgroups": ENTITIES,
    "microsoft.management/managementgroups/subscriptions": ENTITIES,
    "microsoft.resources/subscriptions": SUBSCRIPTION_LIST,
    "subscriptions": SUBSCRIPTION_LIST,
}  # fmt: skip
_TYPE = re.compile(r"/?(?:providers/)?([a-z0-9]+\.[a-z0-9.]+(?:/[^/]+)+)", re.IGNORECASE)
_POWERSHELL = (
    ("roleAssignments", {"roleassignmentid", "objectid"}),
    ("roleDefinitions", {"iscustom", "actions"}),
    ("denyAssignments", {"denyassignmentname", "principals"}),
)
_BESIDE = frozenset(
    (
        "nextlink", "count", "totalcount", "totalrecords", "total_records", "resulttruncated", "result_truncated",
        "facets", "skiptoken", "skip_token", "$skiptoken",
    )
)  # fmt: skip
_ENVELOPE = frozenset(("source", "status", "body", "api_version", "request", "request_hint", "headers", "url"))
_DIRECTORY = re.compile(
    r"#microsoft\.graph\.(?:user|group|serviceprincipal|device|directoryobject|orgcontact|organization)", re.IGNORECASE
)


_OF_DIRECTORY = frozenset(
    (
        "directoryScopeId", "appScopeId", "appRoleId", "consentType", "accessId", "scopeType", "rolePermissions",
        "allowInvitesFrom", "isMfaRegistered",
    )
)  # fmt: skip
"""Members that only objects of the directory have."""


def kind_of(item: Mapping[str, Any]) -> str | None:
    """The kind of a raw document that holds such objects; None for an object that is not known."""
    if _classic(item):
        return f"{AUTHORIZATION}.classicAdministrators.list"
    found = type_of(item)
    space, _, own = found.partition("/")
    if space == "microsoft.authorization" and own in _OWN:
        return f"{AUTHORIZATION}.{_OWN[own]}.list"
    if found in _OTHERS:
        return _OTHERS[found]
    if _account(item):
        return SUBSCRIPTION_LIST
    names = {str(key).lower() for key in item}
    shell = next((kind for kind, needed in _POWERSHELL if needed <= names), None)
    if shell is not None:
        return f"{AUTHORIZATION}.{shell}.list"
    if found == "" or not isinstance(item.get("id"), str) or not _arm(item["id"]):
        return None
    if {"subscriptionid", "tenantid"} <= names:
        return RESOURCE_GRAPH
    return f"{RESOURCE_GET}:{found}" if _described(item, names) else RESOURCES


def type_of(item: Mapping[str, Any]) -> str:
    """The type of an object in lower case, as it says or as its id has it; empty where neither tells."""
    told = item.get("type")
    if isinstance(told, str):
        match = _TYPE.fullmatch(told)
        if match:
            return match[1].lower()
        if told.lower().strip("/") == "subscriptions":
            return "subscriptions"
    return _type_of_id(item.get("id"))


def _type_of_id(id: object) -> str:
    """The type that the last provider of an id and every other segment behind it make."""
    if not isinstance(id, str) or not _arm(id):
        return ""
    segments = arm_id(id).segments
    if len(segments) == 2 and segments[0] == "subscriptions":
        return "subscriptions"
    if "providers" not in segments:
        groups = len(segments) == 4 and segments[2] == "resourcegroups"
        return "microsoft.resources/resourcegroups" if groups else ""
    at = len(segments) - 1 - segments[::-1].index("providers")
    return "/".join((*segments[at + 1 : at + 2], *segments[at + 2 :: 2])) if len(segments) > at + 3 else ""


def _arm(id: str) -> bool:
    try:
        arm_id(id)
    except IdError:
        return False
    return id.startswith(("/subscriptions/", "/providers/", "/SUBSCRIPTIONS/")) or id.lower().startswith(
        ("/subscriptions/", "/providers/", "/tenants/")
    )


def _account(item: Mapping[str, Any]) -> bool:
    """Whether this is a subscription as the command line lists those that it is signed in to."""
    id = item.get("id")
    named = isinstance(id, str) and isinstance(item.get("name"), str) and "tenantId" in item
    return named and guid(str(id)) is not None and bool({"isDefault", "cloudName", "homeTenantId"} & item.keys())


def _classic(item: Mapping[str, Any]) -> bool:
    role = Fields(item).get("roleDefinitionId")
    return isinstance(role, str) and role.startswith("NA(classic")


_LIST_ONLY = frozenset(
    (
        "id", "name", "type", "location", "resourcegroup", "tags", "kind", "sku", "identity", "managedby", "plan",
        "zones", "etag", "extendedlocation", "createdtime", "changedtime", "provisioningstate", "properties",
        "systemdata",
    )
)  # fmt: skip
"""What a list of resources tells of each."""


def _described(item: Mapping[str, Any], names: set[str]) -> bool:
    """Whether more is told than a list of resources tells; the command line writes properties flat."""
    return isinstance(item.get("properties"), Mapping) or not names <= _LIST_ONLY


def directory_object(item: Mapping[str, Any]) -> bool:
    """Whether this is an object of the directory, which its own provider reads."""
    told = item.get("@odata.type")
    if isinstance(told, str) and _DIRECTORY.fullmatch(told):
        return True
    if _OF_DIRECTORY & item.keys() or str(item.get("kind")).startswith("AZ"):
        return True
    id = item.get("id")
    return isinstance(id, str) and guid(id) is not None and not _account(item) and "type" not in item


def page_of(value: Mapping[str, Any]) -> Page | None:
    """The objects of a page: of Azure Resource Manager, of Resource Graph, or in a recorded answer; else None."""
    body = value.get("body")
    if isinstance(body, Mapping) and "status" in value and value.keys() <= _ENVELOPE:
        inner = page_of(body)
        return Page([body]) if inner is None else inner
    names = {str(key).lower() for key in value if not str(key).startswith("@odata.")}
    for key in ("value", "data"):
        held = value.get(key)
        if key in names and names <= _BESIDE | {key}:
            table = _table(held) if key == "data" else None
            if isinstance(held, list) or table is not None:
                return Page(table if table is not None else list(held or ()), _more(value))
    return None


def _table(data: object) -> list[Any] | None:
    """The rows of a table of Resource Graph as objects."""
    if not isinstance(data, Mapping) or data.keys() != {"columns", "rows"}:
        return None
    columns, rows = data["columns"], data["rows"]
    if not isinstance(columns, list) or not isinstance(rows, list):
        return None
    names = [one.get("name") if isinstance(one, Mapping) else None for one in columns]
    return [dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in rows]


def _more(value: Mapping[str, Any]) -> bool:
    lower = {str(key).lower(): one for key, one in value.items()}
    if any(lower.get(key) for key in ("nextlink", "@odata.nextlink", "skiptoken", "skip_token", "$skiptoken")):
        return True
    truncated = lower.get("resulttruncated", lower.get("result_truncated"))
    return truncated is True or (isinstance(truncated, str) and truncated.lower() == "true")


def read_items(file: object, data: bytes) -> Content:
    """The objects of a file; see `leastwise.providers.items`. Raises InputError."""
    return items.read_items(file, data, page_of)


def first_object(data: bytes) -> Mapping[str, Any] | None:
    """The first object of the beginning of a file, or None where it has none that is whole or told by its names."""
    return items.first_object(data, page_of)


LOGS = "log entries, not an export of what is granted: leastwise events reads audit logs"


def refusal(item: Mapping[str, Any]) -> str | None:
    """Why a file of this vendor, or about it, whose first object this is, is not imported; None for any other."""
    if "terraform_version" in item:
        return "a Terraform plan or state is not read: export what there is (docs/how-to/azure.md)"
    schema = item.get("$schema")
    if isinstance(schema, str) and "deploymenttemplate" in schema.lower():
        return "a template says what may be deployed, not what is: export with az resource list instead"
    error = item.get("error")
    if isinstance(error, Mapping) and isinstance(error.get("code"), str):
        return f"an answer that refuses ({error['code']}): it tells of nothing"
    if "operationName" in item and ({"eventTimestamp", "time", "caller", "category"} & item.keys()):
        return LOGS
    return None
