"""Which objects of the directory these are, as Microsoft Graph and the tools that stand on it write them.

https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leastwise.providers import items
from leastwise.providers.items import Content, Page

from ..language.directory import SERVICE
from ..language.directory import kind_of as type_of
from . import kinds
from .spelling import LISTED, from_hound, from_shell, is_hound, is_shell
from .telling import BY_TYPE, SETS, by_members

_TYPE, _CONTEXT = "@odata.type", "@odata.context"
_REMOVED = "@removed"
"""Of what is gone, in a page of changes."""
_MULTIPLE = "#microsoft.graph.unifiedRoleAssignmentMultiple"
_METADATA = re.compile(r"\$metadata#(.*)", re.DOTALL)
_TOLD = re.compile(r'"@odata\.context"\s*:\s*"([^"]*)"', re.IGNORECASE)
_COLUMNS = re.compile(r"\((?:[^()']|\((?:[^()']|\([^()']*\))*\))*\)")
"""What was selected and expanded, to the third level."""
_OF = re.compile(
    r"/?(?:[a-z]+/)*([a-z]+)\('([0-9a-f-]{36})'\)/(?:microsoft\.graph\.)?([a-z0-9]+)(?=\(|$|/\$entity)",
    re.IGNORECASE,
)
_BELOW_ONE = re.compile(r"\$metadata#[^\"]*\('[^']*'\)/|/\$(?:entity|delta)$", re.IGNORECASE)
DIRECTORY_OBJECTS = re.compile(r"\$metadata#directoryObjects", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENVELOPE = frozenset(("source", "status", "body", "api_version", "request", "request_hint", "headers", "url"))
_LINKS = {
    ("groups", "members"): kinds.MEMBERS,
    ("groups", "owners"): kinds.GROUP_OWNERS, ("serviceprincipals", "owners"): kinds.SERVICE_OWNERS,
    ("applications", "owners"): kinds.APPLICATION_OWNERS, ("devices", "registeredowners"): kinds.DEVICE_OWNERS,
    ("administrativeunits", "members"): kinds.UNIT_MEMBERS,
    ("administrativeunits", "scopedrolemembers"): kinds.SCOPED_MEMBERS,
    ("directoryroles", "members"): kinds.ROLE_MEMBERS,
    ("applications", "federatedidentitycredentials"): kinds.FEDERATED,
    ("serviceprincipals", "approleassignedto"): kinds.APP_ROLES_OF,
    ("assignmentapprovals", "stages"): kinds.GROUP_STAGES, ("assignmentapprovals", "steps"): kinds.GROUP_STAGES,
    ("roleassignmentapprovals", "stages"): kinds.GROUP_STAGES, ("roleassignmentapprovals", "steps"): kinds.GROUP_STAGES,
}  # fmt: skip
"""Lists that their context tells apart: of what, and of which kind."""
_NAMED = (kinds.USERS, kinds.GROUPS, kinds.SERVICE_PRINCIPALS, kinds.DEVICES, kinds.APPLICATIONS, kinds.ORGANIZATION,
          kinds.UNITS, kinds.ROLES, kinds.ACTIVE_ROLES, kinds.CONDITIONAL_ACCESS, kinds.LOCATIONS)  # fmt: skip
"""Kinds of objects that have an id of their own."""
_OWNERS = {type: kind for kind, type in kinds.OWNERS.items()}


_DELETED = dict(
    zip((kinds.USERS, kinds.SERVICE_PRINCIPALS, kinds.APPLICATIONS, kinds.GROUPS), kinds.DELETED, strict=True)
)


def kind_of(item: Mapping[str, Any]) -> str | None:
    """The kind of a raw document that holds such objects; None for an object that is not known.

    Whatever was deleted, and can be restored, has the form that it had: it says when that was.
    https://learn.microsoft.com/graph/api/directory-deleteditems-list
    """
    kind = _kind_of(item)
    return _DELETED.get(kind, kind) if kind and item.get("deletedDateTime") else kind


def _kind_of(item: Mapping[str, Any]) -> str | None:
    if _REMOVED in item:
        return None
    told = item.get(_TYPE)
    link = _link_of(item)
    if link is not None:
        return link
    if isinstance(told, str):
        kind, id = BY_TYPE.get(told.lower()), item.get("id")
        named = isinstance(id, str) and bool(id) and "/" not in id
        return kind if named or kind not in _NAMED else None
    return by_members(item)


def _link_of(item: Mapping[str, Any]) -> str | None:
    """The list that an object stands in, where it names what that is of."""
    if "accessId" in item or "principalType" in item or not (isinstance(item.get("id"), str) or LISTED in item):
        return None
    if isinstance(item.get("groupId"), str):
        return kinds.MEMBERS
    if isinstance(item.get("administrativeUnitId"), str) and "roleId" not in item:
        return kinds.UNIT_MEMBERS
    if isinstance(item.get("applicationAppId"), str):
        return kinds.FEDERATED
    of, type = item.get("resourceId", item.get("resourceAppId")), item.get("resourceType")
    return _OWNERS.get(type) if isinstance(of, str) and isinstance(type, str) else None


def page_of(value: Mapping[str, Any]) -> Page | None:
    """The objects of a page, or of a recorded answer, each with the type that the page tells; None for no page."""
    body = value.get("body")
    if isinstance(body, Mapping) and "status" in value and value.keys() <= _ENVELOPE:
        inner = page_of(body)
        return Page([_typed(body, body)]) if inner is None else inner
    if is_hound(value):
        return Page(from_hound(dict(value)))
    held = value.get("value")
    names = {key for key in value if not key.startswith("@") and key not in ("count", "nextLink")}
    if not isinstance(held, list) or names != {"value"}:
        return _other_page(value)
    more = bool(value.get("@odata.nextLink") or value.get("nextLink"))
    return Page([_typed(value, one) for one in held], more)


def _other_page(value: Mapping[str, Any]) -> Page | None:
    """A collection of AzureHound, or a page of Resource Graph, whose objects are another provider's."""
    rows = value.get("data")
    if not isinstance(rows, list):
        return None
    if value.keys() <= {"data", "meta"} and any(map(is_hound, rows)):
        return Page([one for row in rows for one in (from_hound(row) if is_hound(row) else [row])])
    return Page(rows) if all(isinstance(one, dict) and elsewhere(one) for one in rows) else None


def _typed(page: Mapping[str, Any], one: Any) -> Any:
    """An object with the type that its page's context tells, where it tells none itself."""
    context = page.get(_CONTEXT)
    if not isinstance(one, dict):
        return one
    one = from_shell(one)
    # Of assignments to several principals the page alone tells the system whose roles they give.
    if one.get(_TYPE, _MULTIPLE) != _MULTIPLE or not isinstance(context, str):
        return one
    type = _told_by(context)
    return {**one, _TYPE: f"#microsoft.graph.{type}"} if type else one


def _told_by(context: str) -> str:
    """The type of the objects of a page, by its context; empty where that does not tell it."""
    name = _set_of(context)
    return SETS.get(name) or SETS.get(re.sub(r"\('[^']*'\)", "", name), "")


def _set_of(context: str) -> str:
    """The set that a context names, in lower case and without columns."""
    found = _METADATA.search(context)
    name = _COLUMNS.sub("", found[1]) if found else ""
    return name.removesuffix("/$entity").removesuffix("/$delta").strip("/").lower()


def none_of(data: bytes) -> str:
    """The kind of the objects of which a page without any says that there are none; empty where it does not tell."""
    context = _TOLD.search(data[:4096].decode("utf-8", "replace"))
    type = SETS.get(_set_of(context[1]), "") if context else ""
    return BY_TYPE.get(f"#microsoft.graph.{type}".lower(), "")


def list_of(data: bytes) -> tuple[str, str]:
    """What the context of a page says that it is a list of: its kind, and the object's id; empty for another page."""
    head = data[:4096].decode("utf-8", "replace")
    context = re.search(r'"@odata\.context"\s*:\s*"[^"]*\$metadata#(?:directory/)?([^"]*)"', head, re.IGNORECASE)
    found = _OF.match(context[1]) if context else None
    kind = _LINKS.get((found[1].lower(), found[3].lower())) if found else None
    return (kind, found[2].lower()) if found and kind else ("", "")


_BETA = re.compile(rb'"(?:@odata\.context|url|request)"\s*:\s*"[^"]*/beta/|"api_version"\s*:\s*"beta"', re.IGNORECASE)


def leaves_out_services(data: bytes, held: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list of a group's members may leave out service principals, as version 1.0 of Graph does.

    So does what stands on that version and tells none: `az ad group member list`, Graph PowerShell. A list that tells
    one is of another interface.
    https://learn.microsoft.com/graph/api/group-list-members

    Args:
        data: the file.
        held: the members that it tells.
    """
    some = any(by_kind(one) == SERVICE for one in held)
    return not some and _BETA.search(data[:4096]) is None


def by_kind(item: Mapping[str, Any]) -> str:
    """The kind of an object that its type tells; empty where it tells none."""
    told = item.get(_TYPE)
    return type_of(told) if isinstance(told, str) else ""


def is_part(data: bytes) -> bool:
    """Whether the context of a file says that it is one object, or what somebody has or is in: never all there are.

    Neither is what changed since the last time, and the first time a page of changes looks the same.
    https://learn.microsoft.com/graph/delta-query-overview
    """
    context = _TOLD.search(data[:4096].decode("utf-8", "replace"))
    if context is None or data.lstrip()[:1] != b"{":
        return False  # an array of single objects may be what a script asked for one by one
    return bool(_BELOW_ONE.search(context[1]) or DIRECTORY_OBJECTS.search(context[1]))


def is_transitive(name: str, data: bytes) -> bool:
    """Whether a file tells who is in a group directly or by other groups, which is no list of its own members.

    https://learn.microsoft.com/graph/api/group-list-transitivemembers
    """
    context = _TOLD.search(data[:4096].decode("utf-8", "replace"))
    return "transitive" in name.lower() or (context is not None and "/transitivemembers" in context[1].lower())


def is_single(data: bytes) -> bool:
    """Whether a file is one object, not a list that may have one alone."""
    try:
        value = json.loads(data) if data.lstrip()[:1] == b"{" else None
    except ValueError:
        return False  # one object a line
    body = value.get("body") if isinstance(value, dict) and "status" in value else None
    inner = body if isinstance(body, dict) else value
    return isinstance(inner, dict) and page_of(inner) is None


def members_of(data: bytes) -> str | None:
    """What the context of a page of members says: the group, empty where it names none; None for another page."""
    kind, of = list_of(data)
    if kind == kinds.MEMBERS:
        return of
    return "" if DIRECTORY_OBJECTS.search(data[:4096].decode("utf-8", "replace")) else None


def elsewhere(item: Mapping[str, Any]) -> bool:
    """Whether an object is one of Azure Resource Manager, which another provider reads."""
    if is_hound(item):
        return True
    id = item.get("id")
    if isinstance(id, str) and id.startswith("/"):
        return True
    if {"directoryScopeId", "appScopeId", "principalIds", "scopeType"} & item.keys():
        return False
    account = isinstance(id, str) and "tenantId" in item and {"isDefault", "cloudName", "homeTenantId"} & item.keys()
    return bool(account) or "roleDefinitionId" in item or "RoleAssignmentId" in item or "IsCustom" in item


def tenant_of(item: Mapping[str, Any], kind: str | None) -> str:
    """The tenant that an object tells of: the organization's own id, or that of a subscription or group in it."""
    if kind == kinds.ORGANIZATION:
        return str(item["id"]).lower()
    told = item.get("tenantId")
    if not isinstance(told, str):
        inner = item.get("properties")
        told = inner.get("tenantId") if isinstance(inner, Mapping) else None
    here = kind is not None or elsewhere(item)
    return told.lower() if isinstance(told, str) and _GUID.fullmatch(told) and here else ""


def read_items(file: object, data: bytes) -> Content:
    """The objects of a file; see `leastwise.providers.items`. Raises InputError."""
    found = items.read_items(file, data, page_of)
    if not any(is_shell(one.value) for one in found.items):
        return found
    return Content(tuple(items.Item(from_shell(dict(one.value)), one.place) for one in found.items), found.more)


def first_object(data: bytes) -> Mapping[str, Any] | None:
    """The first object of the beginning of a file, or None where it has none that is whole or told by its names."""
    found = items.first_object(data, page_of)
    return None if found is None else from_shell(dict(found))


def hound_kinds(content: Content) -> Iterator[str]:
    """The kinds of what a collection of AzureHound tells of Azure itself."""
    return (str(one.value["kind"]) for one in content.items if is_hound(one.value))


def refusal(item: Mapping[str, Any]) -> str | None:
    """Why a file of this vendor whose first object this is is not imported; None for any other."""
    error = item.get("error")
    if isinstance(error, Mapping) and isinstance(error.get("code"), str):
        return f"an answer that refuses ({error['code']}): it tells of nothing"
    if "activityDisplayName" in item or ("createdDateTime" in item and "appDisplayName" in item and "status" in item):
        return "log entries, not an export of what there is"
    return None
