"""Who is given which role where, with the first and last day of each; who may activate one; what is denied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.azure import things as t
from demo_company.azure.places import GROUP, PROD, ROOT_GROUP, SANDBOX, subscription
from demo_company.clock import alive
from demo_company.entra import apps, staff
from demo_company.ids import guid

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "Security Reader": "39bc4728-0917-49c7-9d2c-d95423bc2eb4",
    "Cost Management Reader": "72fafb9e-0641-4937-9268-a91bfd8191a3",
    "Monitoring Reader": "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
    "Log Analytics Reader": "73c42c96-874c-492b-b04d-ab87d138a893",
    "Website Contributor": "de139f84-1756-47ae-9be6-808fbbe84772",
    "SQL DB Contributor": "9b7fa17d-e63e-47b0-bb0a-15c516ac86ec",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Automation Job Operator": "4fe576fe-1146-4730-92eb-48519fa6bf9f",
    "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
}
"""The vendor's own roles that are given here."""
OPERATOR = "ERP Release Operator"
ROLE_IDS = ROLES | {OPERATOR: guid("custom role", OPERATOR)}
ONCALL_SINCE, ONCALL_UNTIL = "2026-10-31T20:10:00Z", "2026-11-01T04:10:00Z"
"""An eligible role that Anil Deshpande activated for the weekend's upgrade."""
CONTRACT_ENDS = "2027-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Who:
    """A principal as assignments tell it."""

    id: str
    type: str
    name: str


def person(name: str) -> Who:
    """A user."""
    return Who(staff.object_id(name), "User", staff.principal_name(name))


def of_group(name: str) -> Who:
    """A group."""
    return Who(staff.group_id(name), "Group", name)


def app(name: str) -> Who:
    """An app's service principal; `az` writes the app id as its name."""
    return Who(apps.principal_id(name), "ServicePrincipal", apps.app_id(name))


def managed(name: str) -> Who:
    """A managed identity."""
    one = t.identity(name)
    return Who(one.principal, "ServicePrincipal", one.client)


def gone(name: str) -> Who:
    """Somebody who was deleted: Azure keeps the assignment, and finds nobody."""
    return Who(staff.object_id(name), "Unknown", "")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role for one principal at one scope. `ends` is of the assignment itself; `until` the day it was taken away."""

    on: str
    role: str
    who: Who
    since: str = ""
    until: str = ""
    condition: str = ""
    ends: str = ""
    activated: bool = False

    @property
    def name(self) -> str:
        """The GUID that the assignment is called by."""
        return guid("role assignment", self.on, self.role, self.who.id)


_PROD, _SANDBOX = subscription(PROD), subscription(SANDBOX)
_ASSIGN = "Microsoft.Authorization/roleAssignments"
_MAY_ASSIGN = ", ".join(ROLES[one] for one in ("Reader", "Storage Blob Data Reader"))
_DELEGATED = " AND ".join(
    f"((!(ActionMatches{{'{_ASSIGN}/{verb}'}})) OR ({at}[{_ASSIGN}:RoleDefinitionId] "
    f"ForAnyOfAnyValues:GuidEquals {{{_MAY_ASSIGN}}} AND {at}[{_ASSIGN}:PrincipalType] "
    f"ForAnyOfAnyValues:StringEqualsIgnoreCase {{'Group'}}))"
    for verb, at in (("write", "@Request"), ("delete", "@Resource"))
)
"""The leads of the ERP may give two reading roles, to groups alone."""
_BLOBS = f"{t.STORAGE}/blobServices/containers"
_INVOICES_ONLY = (
    f"((!(ActionMatches{{'{_BLOBS}/blobs/read'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR "
    f"(@Resource[{_BLOBS}:name] StringEquals 'invoices'))"
)

GRANTS = (
    Grant("/", "User Access Administrator", person("Hiro Nakagawa"), "2026-02-24", "2026-04-14"),  # elevated access
    *(Grant(ROOT_GROUP, "Owner", person(one)) for one in staff.BREAK_GLASS),  # story 12
    Grant(GROUP, "User Access Administrator", app(apps.PIM)),
    Grant(GROUP, "Reader", of_group(staff.ADMINS)),
    Grant(GROUP, "Reader", of_group(staff.SECURITY)),
    Grant(GROUP, "Security Reader", of_group(staff.SECURITY)),
    Grant(GROUP, "Cost Management Reader", of_group("finance")),
    Grant(_PROD, "Owner", app("svc-erp-deploy"), "2025-02-10"),  # story 16
    Grant(_PROD, "Contributor", of_group("erp-platform")),
    Grant(_PROD, "Contributor", person("Anil Deshpande"), ONCALL_SINCE, activated=True, ends=ONCALL_UNTIL),
    Grant(_PROD, "Reader", of_group("erp-all")),
    Grant(_PROD, "Monitoring Reader", app("svc-erp-monitor")),
    Grant(_PROD, "Role Based Access Control Administrator", of_group("erp-leads"), "2026-03-09", condition=_DELEGATED),
    Grant(t.WEB, OPERATOR, of_group("erp-release")),
    Grant(t.WEB, "Website Contributor", of_group("erp-developers"), "", "2026-07-20"),
    Grant(t.WEB, "Reader", of_group("erp-operators")),
    Grant(t.WEB, "Website Contributor", managed("erp-automation")),
    Grant(t.DATA, "SQL DB Contributor", of_group("erp-dba")),
    Grant(t.DATA, "Reader", app("svc-erp-backup")),
    Grant(t.OPS, "Log Analytics Reader", of_group("erp-operators")),
    Grant(t.OPS, "Storage Blob Data Reader", of_group(staff.SECURITY)),
    Grant(t.NET, "Network Contributor", managed("erp-batch"), "2025-03-17"),
    Grant(t.AUTOMATION, "Automation Job Operator", of_group("erp-operators")),
    Grant(t.DOCS, "Storage Blob Data Contributor", managed("id-erp-api")),
    Grant(t.DOCS, "Storage Blob Data Reader", of_group("erp-auditors"), condition=_INVOICES_ONLY),
    Grant(t.DOCS, "Storage Blob Data Reader", app("svc-erp-backup")),
    Grant(t.DOCS, "Storage Blob Data Reader", of_group(staff.SECURITY), "2026-08-18"),
    Grant(t.INVOICES, "Storage Blob Data Contributor", app("invoice-import")),
    Grant(t.INVOICES, "Storage Blob Data Reader", app("bi-connector"), "2025-02-17"),
    Grant(t.ARCHIVE, "Storage Blob Data Contributor", app("mail-archiver"), "2024-09-16"),
    Grant(t.ARCHIVE, "Storage Blob Data Owner", managed("erp-jobs")),
    Grant(t.VAULT, "Key Vault Secrets User", managed("id-erp-api")),
    Grant(t.VAULT, "Key Vault Secrets User", managed("erp-portal")),
    Grant(t.VAULT, "Key Vault Secrets User", managed("erp-jobs")),
    Grant(t.VAULT, "Key Vault Secrets Officer", person("Selma Yildiz")),
    Grant(_SANDBOX, "Contributor", of_group("sandbox-users")),
    Grant(_SANDBOX, "Contributor", person("Birgit Saar"), "", "2026-04-17"),
    Grant(_SANDBOX, "Contributor", gone("Birgit Saar"), "2026-04-17"),
    Grant(t.LAB, "Contributor", person("Oskar Vinter"), "2026-05-11", ends=CONTRACT_ENDS),
    Grant(t.DEMO, "Contributor", managed("id-sandbox-deploy"), "2026-04-20"),
    Grant(t.SCRATCH, "Storage Blob Data Contributor", of_group("sandbox-users")),
)

ELIGIBLE = (
    Grant(GROUP, "Owner", of_group(staff.ADMINS)),
    Grant(_PROD, "Contributor", of_group(staff.ADMINS)),
    Grant(t.PAY, "Contributor", of_group("erp-payments-ops"), "2026-06-15"),
    Grant(_SANDBOX, "Owner", of_group("sandbox-leads")),
)
"""Roles that members of these groups may activate."""

CLASSIC = ("mirko.jansen@brightwater.example", "2026-05-04")
"""Whom the old list of co-administrators named until somebody tidied it up."""


def role_id(role: str, on: str) -> str:
    """The id of a role definition as an assignment at a scope writes it."""
    at = on.partition("/resourceGroups/")[0] if on.startswith("/subscriptions/") else ""
    return f"{at}/providers/Microsoft.Authorization/roleDefinitions/{ROLE_IDS[role]}"


def given(day: datetime) -> list[Grant]:
    """What is in force on a day."""
    return [one for one in GRANTS if alive(day, one.since, one.until)]


def eligible(day: datetime) -> list[Grant]:
    """What can be activated on a day."""
    return [one for one in ELIGIBLE if alive(day, one.since, one.until)]


def custom_roles() -> list[dict[str, Any]]:
    """As `az role definition list --custom-role-only` writes them."""
    return [
        {
            "assignableScopes": [_PROD],
            "createdOn": "2024-05-06T09:12:00.000000+00:00",
            "description": "Restarts the web apps of the ERP and swaps their slots",
            "id": role_id(OPERATOR, _PROD),
            "name": ROLE_IDS[OPERATOR],
            "permissions": [
                {
                    "actions": ["Microsoft.Web/sites/*", "Microsoft.Insights/metrics/read",
                                "Microsoft.Resources/subscriptions/resourceGroups/read"],
                    "notActions": ["Microsoft.Web/sites/delete", "Microsoft.Web/sites/config/list/action",
                                   "Microsoft.Web/sites/publishxml/action", "Microsoft.Web/sites/slots/delete"],
                    "dataActions": [], "notDataActions": [], "condition": None, "conditionVersion": None,
                }
            ],
            "roleName": OPERATOR,
            "roleType": "CustomRole",
            "type": "Microsoft.Authorization/roleDefinitions",
            "updatedOn": "2025-11-17T14:40:00.000000+00:00",
        }
    ]  # fmt: skip


def denials() -> list[dict[str, Any]]:
    """As the REST interface lists deny assignments: a deployment stack keeps what it made from being deleted."""
    stack = f"{_PROD}/providers/Microsoft.Resources/deploymentStacks/erp-payments"
    name = guid("deny assignment", stack)
    greta = staff.object_id("Greta Solheim")
    return [
        {
            "id": f"{t.PAY}/providers/Microsoft.Authorization/denyAssignments/{name}",
            "name": name,
            "type": "Microsoft.Authorization/denyAssignments",
            "properties": {
                "denyAssignmentName": f"Deny assignment '{name}' created by Deployment Stack '{stack}'.",
                "description": None,
                "permissions": [
                    {"actions": ["*/delete"], "notActions": ["Microsoft.Authorization/locks/delete"],
                     "dataActions": [], "notDataActions": [], "condition": None, "conditionVersion": None}
                ],
                "scope": t.PAY,
                "doNotApplyToChildScopes": False,
                "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
                "excludePrincipals": [{"id": greta, "type": "User"}],
                "isSystemProtected": True,
                "condition": None,
                "conditionVersion": None,
            },
        }
    ]  # fmt: skip
