"""What stands beside grants: rules of activation, federation, locks, policies, delegation, and what is logged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from demo_company.azure import things as t
from demo_company.azure.grants import ELIGIBLE, ROLES, Grant, role_id
from demo_company.azure.places import GROUP, PROD, SANDBOX, subscription
from demo_company.clock import alive
from demo_company.entra.apps import SORTWISE_TENANT
from demo_company.ids import guid

SUPPORT_SINCE = "2024-06-03"
SUBJECT = "repo:brightwater-parcel/erp-sandbox:ref:refs/heads/main"
_TAGS = "871b6d14-10aa-478d-b590-94f262ecfa99"
"""Azure's own policy `Require a tag on resources`."""
LOGGED: dict[str, tuple[str, ...]] = {
    subscription(PROD): ("Administrative", "Security", "Policy"),
    f"{t.DOCS}/blobServices/default": ("StorageRead", "StorageWrite", "StorageDelete"),
    t.VAULT: ("AuditEvent",),
    t.PAY_VAULT: ("AuditEvent",),
}
"""Where diagnostic settings are on, and of what. Nothing keeps the logs of bw-sandbox, bwerparchive, bw-old-kv."""


def pim_policies() -> list[dict[str, Any]]:
    """As the REST interface lists assignments of role management policies: what activation asks for."""
    return [_pim_policy(one) for one in ELIGIBLE]


def _pim_policy(one: Grant) -> dict[str, Any]:
    name = guid("role management policy", one.on, one.role)
    type, policies = (f"Microsoft.Authorization/roleManagementPolic{end}" for end in ("yAssignments", "ies"))
    owner = one.role == "Owner"
    rules = [
        {"id": "Expiration_EndUser_Assignment", "ruleType": "RoleManagementPolicyExpirationRule",
         "isExpirationRequired": True, "maximumDuration": "PT4H" if owner else "PT8H"},
        {"id": "Enablement_EndUser_Assignment", "ruleType": "RoleManagementPolicyEnablementRule",
         "enabledRules": ["MultiFactorAuthentication", "Justification"]},
        {"id": "Approval_EndUser_Assignment", "ruleType": "RoleManagementPolicyApprovalRule",
         "setting": {"isApprovalRequired": owner, "approvalMode": "SingleStage"}},
    ]  # fmt: skip
    return {
        "id": f"{one.on}/providers/{type}/{name}", "name": name, "type": type,
        "properties": {"scope": one.on, "roleDefinitionId": role_id(one.role, one.on),
                       "policyId": f"{one.on}/providers/{policies}/{name}", "effectiveRules": rules},
    }  # fmt: skip


def federated(day: datetime) -> list[dict[str, Any]]:
    """As `az identity federated-credential list` writes them: workflows of one branch of one repository."""
    if not alive(day, t.DEPLOYER.since, ""):
        return []
    return [
        {
            "audiences": ["api://AzureADTokenExchange"],
            "id": f"{t.DEPLOYER.id}/federatedIdentityCredentials/github", "name": "github",
            "issuer": "https://token.actions.githubusercontent.com", "resourceGroup": "sbx-demo", "subject": SUBJECT,
            "systemData": None, "type": f"{t.USER_ASSIGNED}/federatedIdentityCredentials",
        }
    ]  # fmt: skip


def locks(day: datetime) -> list[dict[str, Any]]:
    """As `az lock list` writes them."""
    found = [("keep-erp-data", t.DATA, "CanNotDelete", ""), ("logs-stay", t.LOGS, "CanNotDelete", "2026-06-22")]
    return [
        {
            "id": f"{at}/providers/Microsoft.Authorization/locks/{name}", "level": level, "name": name, "notes": None,
            "owners": None, "resourceGroup": at.split("/")[4], "type": "Microsoft.Authorization/locks",
        }
        for name, at, level, since in found if alive(day, since, "")
    ]  # fmt: skip


def policies() -> list[dict[str, Any]]:
    """As `az policy assignment list` writes them."""
    type = "Microsoft.Authorization/policyAssignments"
    return [
        {
            "displayName": "Every resource names its owner", "enforcementMode": "Default",
            "id": f"{GROUP}/providers/{type}/owner-tag", "identity": None, "name": "owner-tag",
            "parameters": {"tagName": {"value": "owner"}}, "scope": GROUP, "type": type,
            "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{_TAGS}",
        }
    ]  # fmt: skip


def diagnostics() -> list[dict[str, Any]]:
    """As the REST interface lists diagnostic settings, of the subscription and of resources."""
    return [
        {
            "id": f"{at}/providers/microsoft.insights/diagnosticSettings/to-bwerplogs", "name": "to-bwerplogs",
            "type": "Microsoft.Insights/diagnosticSettings", "location": None,
            "properties": {
                "storageAccountId": t.LOGS, "workspaceId": None, "metrics": [],
                "logs": [{"category": one, "categoryGroup": None, "enabled": True} for one in logs],
            },
        }
        for at, logs in LOGGED.items()
    ]  # fmt: skip


def delegations(day: datetime) -> list[dict[str, Any]]:
    """Azure Lighthouse, as the REST interface lists both halves: the vendor's support may look into the sandbox."""
    if not alive(day, SUPPORT_SINCE, ""):
        return []
    at, space = subscription(SANDBOX), "Microsoft.ManagedServices"
    definition = f"{at}/providers/{space}/registrationDefinitions/{guid('lighthouse definition')}"
    assignment = f"{at}/providers/{space}/registrationAssignments/{guid('lighthouse assignment')}"
    reader = {
        "principalId": guid("group", "Sortwise support"), "principalIdDisplayName": "Sortwise support",
        "roleDefinitionId": ROLES["Reader"],
    }  # fmt: skip
    return [
        {
            "id": definition, "name": definition.rpartition("/")[2], "type": f"{space}/registrationDefinitions",
            "properties": {"registrationDefinitionName": "Sortwise support", "managedByTenantId": SORTWISE_TENANT,
                           "authorizations": [reader], "provisioningState": "Succeeded"},
        },
        {
            "id": assignment, "name": assignment.rpartition("/")[2], "type": f"{space}/registrationAssignments",
            "properties": {"registrationDefinitionId": definition, "provisioningState": "Succeeded"},
        },
    ]  # fmt: skip
