"""Service principals: the company's apps, apps of others, Microsoft's own, and those of managed identities.

Which app roles are given stands in the app that offers them (`appRoleAssignedTo`), and who owns it in the same list
asked once more: Graph expands one thing at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.clock import alive
from demo_company.entra import staff
from demo_company.identity_center import TENANT
from demo_company.ids import guid

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant that owns Microsoft's apps."""
SORTWISE_TENANT = guid("tenant", "sortwise.example")
GRAPH, PIM = "Microsoft Graph", "MS-PIM"
_FIRST_PARTY = {
    GRAPH: "00000003-0000-0000-c000-000000000000",
    PIM: "01fc33a7-78ba-4d2f-a4b7-768e336e890e",
    "Azure Key Vault": "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
}
"""App ids that are the same in every tenant."""
PAYMENTS = "erp-payments"
APPS: dict[str, str] = {
    "svc-erp-deploy": "2025-02-10",
    "svc-erp-backup": "2024-03-04",
    "svc-erp-monitor": "2024-03-04",
    PAYMENTS: "2024-05-06",
    "erp-portal-login": "2024-03-04",
    "erp-api-client": "2024-03-04",
    "mail-archiver": "2024-09-16",
    "hr-sync": "2025-01-20",
    "hr-portal": "2024-03-04",
    "payroll-export": "2024-03-04",
    "scim-aws": "2024-03-04",
    "scim-google": "2024-03-11",
    "expense-app": "2024-06-03",
    "time-tracking": "2024-03-04",
    "depot-scheduler": "2024-03-04",
    "fleet-tracker": "2024-08-12",
    "customs-gateway": "2024-03-04",
    "carrier-portal": "2025-09-02",
    "label-service": "2024-03-04",
    "returns-portal": "2026-10-22",
    "tracking-webhook": "2025-04-14",
    "bi-connector": "2025-02-17",
    "report-mailer": "2024-03-04",
    "invoice-import": "2024-03-04",
    "bank-connector": "2024-05-06",
    "fx-rates": "2024-11-04",
    "vendor-portal": "2024-03-04",
    "e-signature": "2025-06-02",
    "intranet": "2024-03-04",
    "wiki": "2024-03-04",
    "helpdesk": "2024-03-04",
    "room-booking": "2024-03-04",
    "printing": "2024-03-04",
    "sortwise-portal": "2024-03-04",
}
"""By name, since when; the last is the vendor's."""
_FOREIGN = {"sortwise-portal": SORTWISE_TENANT}


@dataclass(frozen=True, slots=True)
class Given:
    """An app role that somebody, or another app, holds; ids of Microsoft's app roles are the same everywhere."""

    offered_by: str
    role: str
    role_id: str
    who: str
    kind: str = "ServicePrincipal"
    since: str = "2024-09-16"

    @property
    def principal(self) -> str:
        """The object id of who holds it."""
        return {"User": staff.object_id, "Group": staff.group_id}.get(self.kind, principal_id)(self.who)


_APPROVE, _LOOK = guid("app role", "Payments.Approve"), guid("app role", "Payments.Read")
_USERS_ALL, _GROUPS_ALL = "df021288-bdef-4463-88db-98f22de89214", "5b567255-7703-4780-807c-7be8301ae99b"
APP_ROLES = (
    Given(PAYMENTS, "Payments.Approve", _APPROVE, "Tunde Abara", "User", "2026-01-19"),  # story 9
    Given(PAYMENTS, "Payments.Approve", _APPROVE, "Elise Moreau", "User", "2024-05-06"),
    Given(PAYMENTS, "Payments.Read", _LOOK, "erp-payments-ops", "Group", "2024-05-06"),
    Given(GRAPH, "AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f", "mail-archiver"),  # 16
    Given(GRAPH, "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "mail-archiver"),
    Given(GRAPH, "User.Read.All", _USERS_ALL, "hr-sync", since="2025-01-20"),
    Given(GRAPH, "User.Read.All", _USERS_ALL, "scim-aws"),
    Given(GRAPH, "Group.Read.All", _GROUPS_ALL, "scim-aws"),
    Given(GRAPH, "User.Read.All", _USERS_ALL, "depot-scheduler"),
    Given(GRAPH, "Mail.Send", "b633e1c5-b582-4048-a93e-9f11b44c7e96", "report-mailer"),
    Given(GRAPH, "Sites.Read.All", "332a536c-c7ef-4017-ab91-336970924f0d", "intranet", since="2025-11-17"),
    Given(GRAPH, "Reports.Read.All", "230c1aed-a721-4c5d-9cb4-a90514e508ef", "svc-erp-monitor"),
)
SCOPES: dict[str, dict[str, str]] = {
    GRAPH: {
        "openid": "37f7f235-527c-4136-accd-4a02d197296e",
        "profile": "14dad69e-099b-42c9-810b-d002981feec1",
        "offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
        "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
        "Files.Read": "10465720-29dd-4523-a11a-6a75c743c9d9",
        "Calendars.Read.Shared": "2b9c4092-424d-4249-948d-b43879977640",
        "Mail.ReadWrite": "024d486e-b451-40bb-833d-3e66d98c5c73",
        "Files.ReadWrite.All": "863451e7-0667-486c-a5d6-d135439485f0",
    },
    PAYMENTS: {"Payments.Submit": guid("scope", "Payments.Submit")},
}
"""Scopes that apps offer, as far as somebody ever consented to them."""
APPLICATION_OWNERS: dict[str, tuple[str, ...]] = {
    PAYMENTS: ("Mirko Jansen",),
    "svc-erp-deploy": ("Mirko Jansen", "Selma Yildiz"),
    "carrier-portal": ("Nadia Rossi",),
    "mail-archiver": ("Hiro Nakagawa",),
    "bi-connector": ("Leila Farouk",),
    "expense-app": ("Ines Carvalho",),
    "label-service": ("Felix Baumann",),
    "returns-portal": ("Eva Lindgren",),
}
SERVICE_OWNERS: dict[str, tuple[str, ...]] = {
    PAYMENTS: ("Elise Moreau",),
    "mail-archiver": ("Hiro Nakagawa",),
    "sortwise-portal": ("Ole Knudsen",),
}
"""Owners of registrations, and of service principals, which are not the same."""
GROUP_OWNERS: dict[str, tuple[str, ...]] = {
    "erp-users": ("Mirko Jansen",),
    "sandbox-users": ("Selma Yildiz",),
    "developers": ("Greta Solheim",),
    "dispatch-desk": ("Aoife Brennan",),
}
_WANTS_ASSIGNMENT = (PAYMENTS, "hr-portal")


def app_id(name: str) -> str:
    """The id of an app, the same in all tenants."""
    return _FIRST_PARTY.get(name) or guid("app", name)


def principal_id(name: str) -> str:
    """The object id of an app's service principal in this tenant."""
    return guid("service principal", name)


def application_id(name: str) -> str:
    """The object id of an app's registration, where the company made it."""
    return guid("application", name)


def owner_of(name: str) -> str:
    """The tenant that an app is registered in."""
    return _FOREIGN.get(name, TENANT)


def owners(of: dict[str, tuple[str, ...]], name: str, day: datetime) -> list[dict[str, Any]]:
    """Who owns something on a day, as Microsoft Graph expands owners."""
    return [
        {"@odata.type": "#microsoft.graph.user", "id": staff.object_id(one), "displayName": one,
         "userPrincipalName": staff.principal_name(one)}
        for one in of.get(name, ()) if staff.listed(one, day)
    ]  # fmt: skip


def service_principals(day: datetime, identities: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """As Microsoft Graph lists them.

    `identities` are the managed ones by name: object id and app id, which Azure tells.
    """
    found = [
        _principal(name, since, owner_of(name), "Application")
        for name, since in APPS.items() if alive(day, since, "")
    ] + [_principal(name, "2024-03-04", MICROSOFT, "Application") for name in _FIRST_PARTY]  # fmt: skip
    return found + [
        {
            "id": object, "appId": app, "displayName": name, "servicePrincipalType": "ManagedIdentity",
            "appOwnerOrganizationId": None, "accountEnabled": True, "appRoleAssignmentRequired": False,
            "appRoles": [], "oauth2PermissionScopes": [],
        }
        for name, (object, app) in identities.items()
    ]  # fmt: skip


def assigned(day: datetime, identities: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The same with `$expand=appRoleAssignedTo`."""
    return [one | {"appRoleAssignedTo": _assigned(one, day)} for one in service_principals(day, identities)]


def owned(day: datetime, identities: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The same with `$expand=owners`."""
    return [one | {"owners": owners(SERVICE_OWNERS, one["displayName"], day)}
            for one in service_principals(day, identities)]  # fmt: skip


def _principal(name: str, since: str, owner: str, type: str) -> dict[str, Any]:
    return {
        "id": principal_id(name), "appId": app_id(name), "displayName": name, "servicePrincipalType": type,
        "appOwnerOrganizationId": owner, "accountEnabled": True, "createdDateTime": f"{since}T09:00:00Z",
        "appRoleAssignmentRequired": name in _WANTS_ASSIGNMENT, "appRoles": _offered(name),
        "oauth2PermissionScopes": [
            {"id": id, "value": scope, "type": "User", "isEnabled": True,
             "adminConsentDisplayName": scope, "userConsentDisplayName": scope}
            for scope, id in SCOPES.get(name, {}).items()
        ],
    }  # fmt: skip


def _offered(name: str) -> list[dict[str, Any]]:
    """The app roles that an app offers, as far as somebody ever held them."""
    mine = [one for one in APP_ROLES if one.offered_by == name]
    return [
        {"id": id, "value": role, "displayName": role, "isEnabled": True,
         "allowedMemberTypes": ["Application" if name == GRAPH else "User"]}
        for id, role in {one.role_id: one.role for one in mine}.items()
    ]  # fmt: skip


def _assigned(app: dict[str, Any], day: datetime) -> list[dict[str, Any]]:
    """Who holds the app roles that an app offers."""
    return [
        {
            "id": guid("app role assignment", one.role, one.who), "appRoleId": one.role_id,
            "createdDateTime": f"{one.since}T10:00:00Z", "principalDisplayName": one.who,
            "principalId": one.principal, "principalType": one.kind,
            "resourceDisplayName": app["displayName"], "resourceId": app["id"],
        }
        for one in APP_ROLES if one.offered_by == app["displayName"] and alive(day, one.since, "")
    ]  # fmt: skip
