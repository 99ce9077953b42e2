"""What was exported of Azure on one day, as `az … -o json` and the REST interface write it.

accounts.json, management-groups.json    az account list, az account management-group entities list
role-assignments.json                    az role assignment list --all --include-inherited, of both subscriptions
classic.json                             … --include-classic-administrators, as long as it named somebody
role-definitions.json                    az role definition list --custom-role-only
deny-assignments.json, deny-ID.json      az rest …/denyAssignments, of each subscription
diagnostics.json                         az rest …/diagnosticSettings
eligible.json, instances.json            az rest …/roleEligibilityScheduleInstances, …/roleAssignmentScheduleInstances
pim-policies.json                        az rest …/roleManagementPolicyAssignments
resources.json, resource-groups.json     az graph query -q resources, resourcecontainers
federated-credentials.json, locks.json   az identity federated-credential list, az lock list
policy-assignments.json, lighthouse.json az policy assignment list; az rest …/registrationDefinitions, …Assignments
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from demo_company.azure import grants, guarding, things
from demo_company.azure.grants import Grant
from demo_company.azure.places import GROUP, MANAGEMENT, PROD, ROOT_GROUP, SANDBOX, SUBSCRIPTIONS, subscription
from demo_company.clock import alive, moment
from demo_company.entra.staff import object_id
from demo_company.identity_center import TENANT
from demo_company.ids import guid

_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"


def files(day: datetime) -> dict[str, bytes]:
    """File name to bytes."""
    resources, containers = things.rows(day), things.containers()
    found: dict[str, Any] = {
        "accounts": _accounts(),
        "management-groups": _entities(),
        "role-assignments": [_assignment(one) for one in grants.given(day)],
        "role-definitions": grants.custom_roles(),
        "deny-assignments": {"value": grants.denials()},
        f"deny-{SUBSCRIPTIONS[SANDBOX]}": {"value": []},
        "eligible": {"value": [_instance(one, "roleEligibilityScheduleInstances") for one in grants.eligible(day)]},
        "instances": {"value": [_instance(one, "roleAssignmentScheduleInstances") for one in _ending(day)]},
        "pim-policies": {"value": guarding.pim_policies()},
        "resources": _rows(resources),
        "resource-groups": _rows(containers),
        "federated-credentials": guarding.federated(day),
        "locks": guarding.locks(day),
        "policy-assignments": guarding.policies(),
        "diagnostics": {"value": guarding.diagnostics()},
        "lighthouse": {"value": guarding.delegations(day)},
    }
    if alive(day, "", grants.CLASSIC[1]):
        found["classic"] = [_classic()]
    return {f"{name}.json": _text(held) for name, held in found.items() if held}


def _text(held: object) -> bytes:
    return (json.dumps(held, indent=1, ensure_ascii=False) + "\n").encode()


def _accounts() -> list[dict[str, Any]]:
    return [
        {
            "cloudName": "AzureCloud", "homeTenantId": TENANT, "id": id, "isDefault": name == PROD,
            "managedByTenants": [], "name": name, "state": "Enabled", "tenantId": TENANT,
            "user": {"name": "hiro.nakagawa@brightwater.example", "type": "user"},
        }
        for name, id in SUBSCRIPTIONS.items()
    ]  # fmt: skip


def _entities() -> list[dict[str, Any]]:
    found = [_entity(ROOT_GROUP, "Tenant Root Group", []), _entity(GROUP, "Brightwater Parcel", [TENANT])]
    return found + [_entity(subscription(name), name, [TENANT, "bw"]) for name in SUBSCRIPTIONS]


def _entity(id: str, named: str, above: list[str]) -> dict[str, Any]:
    return {
        "displayName": named, "id": id, "name": id.rpartition("/")[2], "tenantId": TENANT,
        "parent": {"id": MANAGEMENT + above[-1] if above else None},
        "parentDisplayNameChain": ["Tenant Root Group", "Brightwater Parcel"][: len(above)], "parentNameChain": above,
        "type": "/subscriptions" if id.startswith("/subscriptions/") else "Microsoft.Management/managementGroups",
    }  # fmt: skip


def _assignment(one: Grant) -> dict[str, Any]:
    made = f"{moment(one.since or '2024-03-04', one.name):%Y-%m-%dT%H:%M:%S}.000000+00:00"
    at = "" if one.on == "/" else one.on
    return {
        "condition": one.condition or None, "conditionVersion": "2.0" if one.condition else None,
        "createdBy": object_id("Greta Solheim"), "createdOn": made, "delegatedManagedIdentityResourceId": None,
        "description": None, "id": f"{at}/providers/{_ASSIGNMENTS}/{one.name}", "name": one.name,
        "principalId": one.who.id, "principalName": one.who.name, "principalType": one.who.type,
        "roleDefinitionId": grants.role_id(one.role, one.on), "roleDefinitionName": one.role, "scope": one.on,
        "type": _ASSIGNMENTS, "updatedBy": object_id("Greta Solheim"), "updatedOn": made,
    }  # fmt: skip


def _ending(day: datetime) -> list[Grant]:
    """What was activated, or ends: of these alone the schedules say more than the assignments."""
    return [one for one in grants.given(day) if one.ends]


def _instance(one: Grant, kind: str) -> dict[str, Any]:
    name = guid(kind, one.name)
    since = one.since if one.activated else f"{one.since or '2024-03-04'}T09:00:00Z"
    properties: dict[str, Any] = {
        "scope": one.on, "roleDefinitionId": grants.role_id(one.role, one.on), "principalId": one.who.id,
        "principalType": one.who.type, "memberType": "Direct", "status": "Provisioned", "startDateTime": since,
        "expandedProperties": {
            "principal": {"id": one.who.id, "displayName": one.who.name, "email": None, "type": one.who.type},
            "roleDefinition": {"id": grants.role_id(one.role, one.on), "displayName": one.role, "type": "BuiltInRole"},
            "scope": {"id": one.on, "displayName": one.on.rpartition("/")[2], "type": "subscription"},
        },
    }  # fmt: skip
    if kind == "roleAssignmentScheduleInstances":
        properties |= {
            "assignmentType": "Activated" if one.activated else "Assigned", "endDateTime": one.ends,
            "originRoleAssignmentId": f"{one.on}/providers/{_ASSIGNMENTS}/{one.name}",
        }  # fmt: skip
    type = f"Microsoft.Authorization/{kind}"
    return {"id": f"{one.on}/providers/{type}/{name}", "name": name, "type": type, "properties": properties}


def _rows(held: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(held), "data": held, "skip_token": None, "total_records": len(held)}


def _classic() -> dict[str, Any]:
    """As `az role assignment list --include-classic-administrators` writes one."""
    return {
        "id": f"{subscription(PROD)}/providers/Microsoft.Authorization/classicAdministrators/1",
        "name": "1", "principalId": "", "principalName": grants.CLASSIC[0], "principalType": "",
        "roleDefinitionId": "NA(classic admin role)", "roleDefinitionName": "CoAdministrator",
        "scope": subscription(PROD), "type": "Microsoft.Authorization/classicAdministrators",
    }  # fmt: skip
