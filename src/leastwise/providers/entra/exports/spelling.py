"""Other spellings of Graph's objects, put into Graph's own: Graph PowerShell as JSON, collections of AzureHound.

https://learn.microsoft.com/powershell/microsoftgraph/overview
https://bloodhound.specterops.io/collect-data/ce-collection/azurehound
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Item = dict[str, Any]

_TYPE = "@odata.type"


# --- Graph PowerShell -------------------------------------------------------------------------------------------------


def is_shell(item: Mapping[str, Any]) -> bool:
    """Whether an object is one of Graph PowerShell."""
    return "AdditionalProperties" in item or ("OdataType" in item and "Id" in item)


def from_shell(item: Item) -> Item:
    """An object of Graph PowerShell (`ConvertTo-Json`) as Graph writes it; any other object as it is."""
    if not is_shell(item):
        return item
    found: Item = {name[:1].lower() + name[1:]: _inner(name, one) for name, one in item.items()}
    more = found.pop("additionalProperties", None)
    if isinstance(more, Mapping):
        found |= more
    told = found.pop("odataType", None)
    if isinstance(told, str):
        found.setdefault(_TYPE, told)
    return {name: value for name, value in found.items() if value is not None}


def _lowered(value: Any) -> Any:
    if isinstance(value, list):
        return [_lowered(one) for one in value]
    if not isinstance(value, dict):
        return value
    if is_shell(value):
        return from_shell(value)
    return {name[:1].lower() + name[1:]: _inner(name, one) for name, one in value.items()}


def _inner(name: str, value: Any) -> Any:
    # What Graph did not declare stands in here, spelt as Graph does.
    return value if name == "AdditionalProperties" else _lowered(value)


# --- AzureHound -------------------------------------------------------------------------------------------------------

LISTED = "leastwise.listed"
"""Of an item that stands for a list as a whole: all of it was told, and perhaps it is empty."""


PEOPLE_ONLY = "leastwise.people_only"
"""Of an item that says of the list it stands in: service principals are not told in it."""


SOME = "leastwise.some"
"""Of an item that says of the list it stands in: there may be more than is told."""


def is_hound(value: object) -> bool:
    """Whether an object is one of a collection: its kind, and its data."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("kind"), str)
        and value["kind"].startswith("AZ")
        and isinstance(value.get("data"), dict)
    )


def from_hound(value: Item) -> list[Item]:
    """The objects of Graph that one of a collection stands for; itself where it is of Azure, or not known."""
    reader = _HOUND.get(value["kind"])
    return [value] if reader is None else list(reader(value["data"]))


def _as(type: str, **untold: Any) -> Callable[[Item], Iterator[Item]]:
    """An object as it is. What the collector leaves out when it is false is so."""

    def read(data: Item) -> Iterator[Item]:
        yield {**untold, **data, _TYPE: f"#microsoft.graph.{type}"}

    return read


def _role(data: Item) -> Iterator[Item]:
    # False is left out: a role that is not said to be built in is none, unless it goes by its template's id.
    built_in = data.get("isBuiltIn", data.get("id") == data.get("templateId"))
    yield {**data, "isBuiltIn": built_in, _TYPE: "#microsoft.graph.unifiedRoleDefinition"}


def _tenant(data: Item) -> Iterator[Item]:
    id = str(data.get("tenantId") or "")
    if id:
        yield {"id": id, "displayName": data.get("displayName"), _TYPE: "#microsoft.graph.organization"}


def _several(name: str, type: str = "") -> Callable[[Item], Iterator[Item]]:
    """The objects of a list, or the one object that newer versions write."""

    def read(data: Item) -> Iterator[Item]:
        told = data.get(name, [data] if "principalId" in data else [])
        for one in told if isinstance(told, list) else ():
            if isinstance(one, dict):
                yield {**one, **({_TYPE: f"#microsoft.graph.{type}"} if type else {})}

    return read


def _links(list: str, inner: str, whose: str, named: str, type: str = "") -> Callable[[Item], Iterator[Item]]:
    """Members, owners or credentials of something: each with what it is of; and the list, of which it is all."""

    def read(data: Item) -> Iterator[Item]:
        of = data.get(whose)
        if not isinstance(of, str) or not of:
            return
        about = {named: of, **({"resourceType": type} if type else {})}
        yield {**about, LISTED: True}
        for one in data.get(list) or ():
            held = one.get(inner) if isinstance(one, dict) else None
            if isinstance(held, dict):
                yield {**held, **about}

    return read


_HOUND: Mapping[str, Callable[[Item], Iterator[Item]]] = {
    "AZTenant": _tenant,
    "AZUser": _as("user"),
    "AZGroup": _as("group"),
    "AZDevice": _as("device"),
    "AZApp": _as("application"),
    "AZServicePrincipal": _as("servicePrincipal"),
    "AZRole": _role,
    "AZGroupMember": _links("members", "member", "groupId", "groupId"),
    "AZGroupOwner": _links("owners", "owner", "groupId", "resourceId", "group"),
    "AZServicePrincipalOwner": _links("owners", "owner", "servicePrincipalId", "resourceId", "servicePrincipal"),
    "AZDeviceOwner": _links("owners", "owner", "deviceId", "resourceId", "device"),
    "AZAppOwner": _links("owners", "owner", "appId", "resourceAppId", "application"),
    "AZFederatedIdentityCredential": _links("fics", "fic", "appId", "applicationAppId"),
    "AZRoleAssignment": _several("roleAssignments"),
    "AZRoleEligibilityScheduleInstance": _several(
        "roleEligibilityScheduleInstances", "unifiedRoleEligibilityScheduleInstance"
    ),
    "AZGroupEligibilityScheduleInstance": _several(
        "groupEligibilityScheduleInstances", "privilegedAccessGroupEligibilityScheduleInstance"
    ),
    "AZAppRoleAssignment": _as("appRoleAssignment"),
    "AZOAuth2PermissionGrant": _as("oAuth2PermissionGrant"),
}
