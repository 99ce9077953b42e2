"""Requests to Microsoft Graph: their canonical form, and which of the directory's actions one is.

https://learn.microsoft.com/graph/use-the-api
https://learn.microsoft.com/graph/permissions-reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_REQUEST = re.compile(rf"({'|'.join(_METHODS)})\s+(\S.*)", re.IGNORECASE)
_HOST = re.compile(r"^https?://[^/]+", re.IGNORECASE)
_VERSION = re.compile(r"^/(?:v1\.0|beta)(?=/|$)", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY = re.compile(r"\((\w+)=[^)]*\)")
_BRACED = re.compile(r"\{[^}]*\}")
_KEYED = "={value})"
_ENDS = ("$ref", "$count", "$value")


class RequestError(ValueError):
    """A text is no request; the message says why."""


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """A request: method and path in canonical form, and what it names (empty where it names nothing).

    Args:
        method: in capitals; HEAD is GET.
        path: in lower case, with `{id}` for each id.
        named: the first id that stands in the path.
    """

    method: str
    path: str
    named: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def segments(self) -> tuple[str, ...]:
        """What stands between the slashes."""
        return tuple(self.path.strip("/").split("/"))

    @property
    def mine(self) -> bool:
        """Whether it is about whoever signed in."""
        return self.segments[0] == "me"

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"


def is_request(text: str) -> bool:
    """Whether a permission is written as a request."""
    found = _REQUEST.fullmatch(text.strip())
    return found is not None and "/" in found[2]


def parse_request(text: str) -> GraphRequest:
    """The request of a text, with or without host, version and query. Raises RequestError."""
    found = _REQUEST.fullmatch(text.strip())
    if found is None:
        raise RequestError(f"{text!r} is no request (METHOD /path)")
    path = _VERSION.sub("", _HOST.sub("", found[2]).partition("?")[0]).lower()
    path = _KEY.sub(r"(\1=<value>)", path)
    ids = _GUID.findall(path)
    path = _BRACED.sub("{id}", _GUID.sub("{id}", path)).replace("<value>", "{value}")
    segments = ["{id}" if "@" in one else one for one in path.split("/") if one]
    if segments and segments[-1] in _ENDS:
        segments.pop()
    if not segments:
        raise RequestError(f"{text!r} names nothing (METHOD /path)")
    method = found[1].upper()
    return GraphRequest("GET" if method == "HEAD" else method, f"/{'/'.join(segments)}", ids[0] if ids else "")


# --- which action of the directory it is ------------------------------------------------------------------------------

_ENTITIES = {
    "users": "users", "groups": "groups", "applications": "applications", "serviceprincipals": "servicePrincipals",
    "devices": "devices", "contacts": "contacts", "organization": "organization", "domains": "domains",
    "directoryroles": "directoryRoles", "oauth2permissiongrants": "oAuth2PermissionGrants",
    "subscribedskus": "subscribedSkus", "administrativeunits": "administrativeUnits",
    "directory/administrativeunits": "administrativeUnits", "contracts": "contracts",
    "rolemanagement/directory/roleassignments": "roleAssignments",
    "rolemanagement/directory/roledefinitions": "roleDefinitions",
    "identity/conditionalaccess/policies": "conditionalAccessPolicies",
    "identity/conditionalaccess/namedlocations": "namedLocations",
    "policies/authorizationpolicy": "authorizationPolicy",
    "policies/permissiongrantpolicies": "permissionGrantPolicies",
}  # fmt: skip
_WHOLE = frozenset({"roleAssignments", "oAuth2PermissionGrants", "authorizationPolicy"})
"""Entities of which roles have all properties or none: they are written as one."""
_NAVIGATION = {
    "members": "members", "transitivemembers": "members", "owners": "owners", "memberof": "memberOf",
    "transitivememberof": "memberOf", "manager": "manager", "directreports": "directReports",
    "approleassignments": "appRoleAssignments", "approleassignedto": "appRoleAssignedTo",
    "oauth2permissiongrants": "oAuth2PermissionGrants", "owneddevices": "ownedDevices",
    "ownedobjects": "ownedObjects", "registereddevices": "registeredDevices", "photo": "photo",
    "registeredowners": "registeredOwners", "registeredusers": "registeredUsers", "licensedetails": "licenseDetails",
    "scopedrolemembers": "members",
}  # fmt: skip
_CALLS = {
    "addpassword": "credentials/update", "removepassword": "credentials/update", "addkey": "credentials/update",
    "removekey": "credentials/update", "federatedidentitycredentials": "credentials/update",
    "assignlicense": "assignLicense", "reprocesslicenseassignment": "reprocessLicenseAssignment",
    "revokesigninsessions": "invalidateAllRefreshTokens", "invalidateallrefreshtokens": "invalidateAllRefreshTokens",
    "restore": "restore",
}  # fmt: skip
_READING = ("get", "check", "delta")
_AUDIT = {
    "auditlogs/directoryaudits": "auditLogs/allProperties/read",
    "auditlogs/signins": "signInReports/allProperties/read",
    "auditlogs/provisioning": "provisioningLogs/allProperties/read",
}  # fmt: skip


def action_of(request: GraphRequest) -> str | None:
    """The action of the directory that a request is, without its namespace; None where it is none that is known.

    https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
    """
    segments = ("users", "{id}", *request.segments[1:]) if request.mine else request.segments
    if segments[0].endswith(_KEYED):
        segments = (segments[0].partition("(")[0], "{id}", *segments[1:])
    for length in (3, 2, 1):
        head, rest = "/".join(segments[:length]), segments[length:]
        if head in _AUDIT and not request.writes:
            return _AUDIT[head]
        if head in _ENTITIES:
            return _of_entity(request.method, _ENTITIES[head], rest)
    if segments[0] == "invitations" and request.method == "POST":
        return "users/inviteGuest"
    return None


def _of_entity(method: str, entity: str, rest: tuple[str, ...]) -> str | None:
    inner = tuple(one for one in rest if not one.startswith("microsoft.graph."))
    if entity == "authorizationPolicy":
        return f"{entity}/standard/read" if method == "GET" else f"{entity}/allProperties/update"
    if not inner or inner == ("{id}",) or inner[-1] == "delta":
        return _itself(method, entity, bool(inner) and inner[-1] != "delta")
    return _within(method, entity, inner[1] if inner[0] == "{id}" and len(inner) > 1 else inner[0], inner)


def _itself(method: str, entity: str, one: bool) -> str | None:
    if method == "GET":
        return f"{entity}/standard/read"
    if entity in _WHOLE:
        return f"{entity}/allProperties/allTasks"
    word = {"POST": "create", "DELETE": "delete"}.get(method, "basic/update")
    return f"{entity}/{word}" if one is not (method == "POST") else None


def _within(method: str, entity: str, name: str, inner: tuple[str, ...]) -> str | None:
    if name == "authentication" and entity == "users":
        if inner[-1] == "resetpassword":
            return "users/password/update"
        # Some roles read methods in part, and that will do.
        word = {"GET": "standard/restrictedRead", "POST": "create", "DELETE": "delete"}.get(method, "basic/update")
        return f"users/authenticationMethods/{word}"
    if name == "passwordprofile" and entity == "users" and method == "PATCH":
        return "users/password/update"
    if name in _CALLS and method != "GET":
        return f"{entity}/{_CALLS[name]}"
    if name.startswith(_READING) and method == "POST":
        return f"{entity}/memberOf/read"
    if name not in _NAVIGATION:
        return None
    if name == "approleassignments" and entity == "servicePrincipals" and method != "GET":
        return "servicePrincipals/appRoleAssignedTo/update"
    if entity in ("directoryRoles", "administrativeUnits") and method != "GET":
        return f"{entity}/allProperties/allTasks"
    return f"{entity}/{_NAVIGATION[name]}/{'read' if method == 'GET' else 'update'}"
