"""Service principals: the company's apps, apps of others, Microsoft's own, and those of managed identities.

Which app roles are given stands in the app that offers them (`appRoleAssignedTo`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.clock import alive
from demo_company.entra.staff import object_id
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
    person: bool = False
    since: str = "2024-09-16"


_APPROVE = guid("app role", "Payments.Approve")
APP_ROLES = (
    Given(PAYMENTS, "Payments.Approve", _APPROVE, "Tunde Abara", True, "2026-01-19"),  # story 9
    Given(PAYMENTS, "Payments.Approve", _APPROVE, "Elise Moreau", True, "2024-05-06"),
    Given(GRAPH, "AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f", "mail-archiver"),  # 16
    Given(GRAPH, "Mail.Read", "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "mail-archiver"),
    Given(GRAPH, "User.Read.All", "df021288-bdef-4463-88db-98f22de89214", "hr-sync", since="2025-01-20"),
    Given(GRAPH, "User.Read.All", "df021288-bdef-4463-88db-98f22de89214", "scim-aws"),
    Given(GRAPH, "Group.Read.All", "5b567255-7703-4780-807c-7be8301ae99b", "scim-aws"),
)


def app_id(name: str) -> str:
    """The id of an app, the same in all tenants."""
    return _FIRST_PARTY.get(name) or guid("app", name)


def principal_id(name: str) -> str:
    """The object id of an app's service principal in this tenant."""
    return guid("service principal", name)


def service_principals(day: datetime, identities: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """As Microsoft Graph lists them with `$expand=appRoleAssignedTo`.

    `identities` are the managed ones by name: object id and app id, which Azure tells.
    """
    found = [
        _principal(name, since, _FOREIGN.get(name, TENANT), "Application")
        for name, since in APPS.items() if alive(day, since, "")
    ] + [_principal(name, "2024-03-04", MICROSOFT, "Application") for name in _FIRST_PARTY]  # fmt: skip
    for one in found:
        _offer(one, day)
    return found + [
        {
            "id": object, "appId": app, "displayName": name, "servicePrincipalType": "ManagedIdentity",
            "appOwnerOrganizationId": None, "accountEnabled": True,
        }
        for name, (object, app) in identities.items()
    ]  # fmt: skip


def _principal(name: str, since: str, owner: str, type: str) -> dict[str, Any]:
    return {
        "id": principal_id(name), "appId": app_id(name), "displayName": name, "servicePrincipalType": type,
        "appOwnerOrganizationId": owner, "accountEnabled": True, "createdDateTime": f"{since}T09:00:00Z",
    }  # fmt: skip


def _offer(app: dict[str, Any], day: datetime) -> None:
    """The app roles that an app offers, as far as somebody ever held them, and who holds them on a day."""
    mine = [one for one in APP_ROLES if one.offered_by == app["displayName"]]
    if not mine:
        return
    app["appRoles"] = [
        {"id": id, "value": role, "displayName": role, "isEnabled": True,
         "allowedMemberTypes": ["User"] if id == _APPROVE else ["Application"]}
        for id, role in {one.role_id: one.role for one in mine}.items()
    ]  # fmt: skip
    app["appRoleAssignedTo"] = [
        {
            "id": guid("app role assignment", one.role, one.who), "appRoleId": one.role_id,
            "createdDateTime": f"{one.since}T10:00:00Z", "principalDisplayName": one.who,
            "principalId": object_id(one.who) if one.person else principal_id(one.who),
            "principalType": "User" if one.person else "ServicePrincipal",
            "resourceDisplayName": app["displayName"], "resourceId": app["id"],
        }
        for one in mine if alive(day, one.since, "")
    ]  # fmt: skip
