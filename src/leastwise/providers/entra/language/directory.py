"""Objects of the directory as far as they decide access: users, groups, devices, applications, service principals.

https://learn.microsoft.com/graph/api/resources/user
https://learn.microsoft.com/graph/api/resources/group
https://learn.microsoft.com/graph/api/resources/serviceprincipal
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leastwise.providers.fields import Body, Fields

from .ids import needed_id

USER, GROUP, DEVICE, UNIT = "user", "group", "device", "administrativeUnit"
APPLICATION, SERVICE = "application", "servicePrincipal"
GRAPH = "00000003-0000-0000-c000-000000000000"
"""The app id of Microsoft Graph in every tenant."""
VENDOR_TENANTS = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""Tenants that own Microsoft's own applications.

https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
"""
HERE = "here"
"""The owner of what has no application anywhere else: an identity that a resource of Azure has."""
_KINDS = {one.lower(): one for one in (USER, GROUP, DEVICE, UNIT, APPLICATION, SERVICE)}
_KINDS |= {"foreigngroup": GROUP, "orgcontact": "orgContact", "agentidentity": SERVICE, "agentuser": USER}


def kind_of(word: str) -> str:
    """The kind behind the vendor's word for a type (`@odata.type`, `principalType`); empty where that says nothing."""
    return _KINDS.get(word.strip().lower().rpartition(".")[2], "")


@dataclass(frozen=True, slots=True)
class Object:
    """An object.

    Args:
        id: object id.
        kind: one of those above; empty where it is not known.
        name: as the vendor's tools show it.
        enabled: whether it can get a token; None where not told.
        guest: of a user, whether it is one; None where not told.
        assignable: of a group, whether directory roles can be assigned to it; None where not told.
        subtypes: words of subtypes (of groups and applications) that are told, each with whether it is one.
        app: of an application or service principal, its app id.
        app_roles: values by id of the app roles that it offers; None where not told.
        scopes: values of the delegated scopes that it offers; None where not told.
        wants_assignment: of a service principal, whether users need an assignment to sign in to it.
        owner: of a service principal, the tenant that has its application (or `HERE`); empty where not told.
        locked: of an application, whether its service principals' credentials are; None where some of them are.
    """

    id: str
    kind: str = ""
    name: str = ""
    enabled: bool | None = None
    guest: bool | None = None
    assignable: bool | None = None
    subtypes: Mapping[str, bool] = field(default_factory=dict)
    app: str = ""
    app_roles: Mapping[str, str] | None = None
    scopes: frozenset[str] | None = None
    wants_assignment: bool = False
    owner: str = ""
    locked: bool | None = False


def parse_user(body: Body) -> Object:
    """A user. Raises FieldError."""
    fields = Fields(body)
    type, name = fields.text("userType").lower(), fields.text("userPrincipalName")
    guest = {"guest": True, "member": False}.get(type, True if "#ext#" in name.lower() else None)
    id = needed_id(fields, "id")
    return Object(id, USER, name or fields.text("displayName"), fields.flag("accountEnabled"), guest)


def parse_group(body: Body) -> Object:
    """A group. Raises FieldError."""
    fields = Fields(body)
    types, secure = fields.texts("groupTypes"), fields.flag("securityEnabled")
    words = {one.lower() for one in types or ()}
    told: dict[str, bool] = {}
    if types is not None or fields.text("membershipRule"):
        dynamic = "dynamicmembership" in words or bool(fields.text("membershipRule"))
        told |= {"dynamic": dynamic, "assignedmembership": not dynamic}
    if types is not None:
        told["unified"] = "unified" in words
    if "unified" in words or secure is not None:
        told["security"] = "unified" not in words and bool(secure)
    if fields.text("visibility"):
        told["hidden"] = fields.text("visibility").lower() == "hiddenmembership"
    id = needed_id(fields, "id")
    assignable = fields.flag("isAssignableToRole")
    return Object(id, GROUP, fields.text("displayName"), assignable=assignable, subtypes=told)


def parse_device(body: Body) -> Object:
    """A device. Raises FieldError."""
    fields = Fields(body)
    return Object(needed_id(fields, "id"), DEVICE, fields.text("displayName"))


def parse_application(body: Body) -> Object:
    """An application. Raises FieldError."""
    fields = Fields(body)
    audience = fields.text("signInAudience").lower()
    return Object(
        id=needed_id(fields, "id"),
        kind=APPLICATION,
        name=fields.text("displayName"),
        subtypes={"myorganization": audience == "azureadmyorg"} if audience else {},
        app=fields.text("appId").lower(),
        locked=_locked(Fields(fields.object("servicePrincipalLockConfiguration"))),
    )


def _locked(lock: Fields) -> bool | None:
    """Whether credentials are locked: all, none, or (None) either those that sign or those that verify.

    https://learn.microsoft.com/graph/api/resources/serviceprincipallockconfiguration
    """
    if lock.flag("isEnabled") is not True:
        return False
    if lock.flag("allProperties") is True:
        return True
    sign, verify = (lock.flag(f"credentialsWithUsage{usage}") is True for usage in ("Sign", "Verify"))
    return sign if sign is verify else None


def parse_service_principal(body: Body) -> Object:
    """A service principal. Raises FieldError."""
    fields = Fields(body)
    enabled = fields.flag("accountEnabled")
    if fields.text("disabledByMicrosoftStatus").lower().startswith("disabled"):
        enabled = False
    managed = fields.text("servicePrincipalType").lower() == "managedidentity"
    roles, scopes = fields.objects("appRoles"), fields.objects("oauth2PermissionScopes")
    return Object(
        id=needed_id(fields, "id"),
        kind=SERVICE,
        name=fields.text("displayName"),
        enabled=enabled,
        app=fields.text("appId").lower(),
        app_roles=None if roles is None else dict(map(_app_role, roles)),
        scopes=None if scopes is None else frozenset(Fields(one).text("value") for one in scopes),
        wants_assignment=fields.flag("appRoleAssignmentRequired") is True,
        owner=HERE if managed else fields.text("appOwnerOrganizationId").lower(),
    )


def _app_role(body: Body) -> tuple[str, str]:
    fields = Fields(body)
    return needed_id(fields, "id"), fields.text("value")


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit: id, name, and whether only roles assigned at it change its members (None: not told)."""

    id: str
    name: str = ""
    restricted: bool | None = None


def parse_unit(body: Body) -> Unit:
    """An administrative unit; restricted management is off unless it is told. Raises FieldError."""
    fields = Fields(body)
    restricted = fields.flag("isMemberManagementRestricted") is True
    return Unit(needed_id(fields, "id"), fields.text("displayName"), restricted)
