"""Which objects of the directory these are, as Microsoft Graph or the command line `az ad` writes them.

https://learn.microsoft.com/graph/api/resources/directoryobject
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leastwise.providers import items
from leastwise.providers.items import Content, Page

from .kinds import (
    APPLICATIONS,
    DEVICES,
    FEDERATED,
    GROUPS,
    MEMBERS,
    ORGANIZATION,
    SERVICE_PRINCIPALS,
    USERS,
)

_BY_TYPE = {
    "#microsoft.graph.user": USERS, "#microsoft.graph.group": GROUPS,
    "#microsoft.graph.serviceprincipal": SERVICE_PRINCIPALS, "#microsoft.graph.organization": ORGANIZATION,
    "#microsoft.graph.device": DEVICES,
    "#microsoft.graph.application": APPLICATIONS, "#microsoft.graph.federatedidentitycredential": FEDERATED,
}  # fmt: skip
_TYPE, _CONTEXT = "@odata.type", "@odata.context"
_OF_CONTEXT = {"users": "user", "groups": "group", "serviceprincipals": "servicePrincipal",
               "organization": "organization", "applications": "application"}  # fmt: skip
_SETS = re.compile(
    r"\$metadata#(users|groups|serviceprincipals|organization|applications)(?:\(.*\))?(?:/\$entity|/\$delta)?", re.I
)
_MEMBERS = re.compile(r"\$metadata#groups\('([0-9a-f-]{36})'\)/(?:transitive)?members", re.IGNORECASE)
_CREDENTIALS = re.compile(r"\$metadata#applications\('([0-9a-f-]{36})'\)/federatedIdentityCredentials", re.IGNORECASE)
DIRECTORY_OBJECTS = re.compile(r"\$metadata#directoryObjects", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENVELOPE = frozenset(("source", "status", "body", "api_version", "request", "request_hint", "headers", "url"))


def kind_of(item: Mapping[str, Any]) -> str | None:
    """The kind of a raw document that holds such objects; None for an object that is not known."""
    if isinstance(item.get("groupId"), str) and isinstance(item.get("id"), str) and "principalType" not in item:
        return MEMBERS
    if not _directory_object(item):
        return None
    told = item.get(_TYPE)
    if isinstance(told, str):
        return _BY_TYPE.get(told.lower())
    if {"issuer", "audiences"} <= item.keys() and ("subject" in item or "claimsMatchingExpression" in item):
        return FEDERATED
    if "servicePrincipalType" in item or "servicePrincipalNames" in item or "appOwnerOrganizationId" in item:
        return SERVICE_PRINCIPALS
    if "signInAudience" in item or "federatedIdentityCredentials" in item:
        return APPLICATIONS
    if "verifiedDomains" in item or "tenantType" in item:
        return ORGANIZATION
    if "userPrincipalName" in item:
        return USERS
    if {"securityEnabled", "groupTypes", "mailEnabled"} & item.keys():
        return GROUPS
    return None


def _directory_object(item: Mapping[str, Any]) -> bool:
    """Whether it has an object id, as the documentation writes them too, and no type of Resource Manager."""
    id = item.get("id")
    return isinstance(id, str) and bool(id) and "/" not in id and "type" not in item


def page_of(value: Mapping[str, Any]) -> Page | None:
    """The objects of a page, or of a recorded answer, each with the type that the page tells; None for no page."""
    body = value.get("body")
    if isinstance(body, Mapping) and "status" in value and value.keys() <= _ENVELOPE:
        inner = page_of(body)
        return Page([_typed(body, body)]) if inner is None else inner
    held = value.get("value")
    names = {key for key in value if not key.startswith("@") and key not in ("count", "nextLink")}
    if not isinstance(held, list) or names != {"value"}:
        # A page of Resource Graph, whose objects are another provider's.
        rows = value.get("data")
        return Page(rows) if isinstance(rows, list) and _rows(rows) else None
    more = bool(value.get("@odata.nextLink") or value.get("nextLink"))
    return Page([_typed(value, one) for one in held], more)


def _rows(rows: list[Any]) -> bool:
    return all(isinstance(one, dict) and elsewhere(one) for one in rows)


def _typed(page: Mapping[str, Any], one: Any) -> Any:
    """An object with the type that its page's context tells, where it tells none itself."""
    context = page.get(_CONTEXT)
    if not isinstance(one, dict) or _TYPE in one or not isinstance(context, str):
        return one
    found = _SETS.search(context)
    if found is None or found.end() != len(context):
        return one
    return {**one, _TYPE: f"#microsoft.graph.{_OF_CONTEXT[found[1].lower()]}"}


def members_of(data: bytes) -> str | None:
    """What the context of a page of members says: the group, empty where it names none; None for another page."""
    head = data[:4096].decode("utf-8", "replace")
    found = _MEMBERS.search(head)
    if found:
        return found[1].lower()
    return "" if DIRECTORY_OBJECTS.search(head) else None


def application_of(data: bytes) -> str:
    """The application whose federated credentials a page holds, by object id; empty for another page."""
    found = _CREDENTIALS.search(data[:4096].decode("utf-8", "replace"))
    return found[1].lower() if found else ""


def elsewhere(item: Mapping[str, Any]) -> bool:
    """Whether an object is one of Azure Resource Manager, which another provider reads."""
    id = item.get("id")
    if isinstance(id, str) and id.startswith("/"):
        return True
    account = isinstance(id, str) and "tenantId" in item and {"isDefault", "cloudName", "homeTenantId"} & item.keys()
    return bool(account) or "roleDefinitionId" in item or "RoleAssignmentId" in item or "IsCustom" in item


def tenant_of(item: Mapping[str, Any], kind: str | None) -> str:
    """The tenant that an object tells of: the organization's own id, or that of a subscription or group in it."""
    if kind == ORGANIZATION:
        return str(item["id"]).lower()
    told = item.get("tenantId")
    if not isinstance(told, str):
        inner = item.get("properties")
        told = inner.get("tenantId") if isinstance(inner, Mapping) else None
    return told.lower() if isinstance(told, str) and _GUID.fullmatch(told) and elsewhere(item) else ""


def read_items(file: object, data: bytes) -> Content:
    """The objects of a file; see `leastwise.providers.items`. Raises InputError."""
    return items.read_items(file, data, page_of)


def first_object(data: bytes) -> Mapping[str, Any] | None:
    """The first object of the beginning of a file, or None where it has none that is whole or told by its names."""
    return items.first_object(data, page_of)


def refusal(item: Mapping[str, Any]) -> str | None:
    """Why a file of this vendor whose first object this is is not imported; None for any other."""
    error = item.get("error")
    if isinstance(error, Mapping) and isinstance(error.get("code"), str):
        return f"an answer that refuses ({error['code']}): it tells of nothing"
    if "activityDisplayName" in item or ("createdDateTime" in item and "appDisplayName" in item and "status" in item):
        return "log entries, not an export of what there is"
    return None
