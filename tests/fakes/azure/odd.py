"""Exports of a tenant in which every posture rule of Azure and its directory finds something."""

from __future__ import annotations

from typing import Any

TENANT, SUB = "72f00000-0000-4000-8000-000000000000", "11111111-1111-4111-8111-111111111111"
HERE, GROUPS = f"/subscriptions/{SUB}", "/providers/Microsoft.Management/managementGroups/"
RG = f"{HERE}/resourceGroups/rg/providers"
STORE, VAULT = f"{RG}/Microsoft.Storage/storageAccounts/s", f"{RG}/Microsoft.KeyVault/vaults/v"
OWNER, CONTRIBUTOR, ASSIGNER = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
)  # fmt: skip
STAR, HANDS, GONE = (f"c0570000-0000-4000-8000-00000000000{number}" for number in "129")
ANN, BOB, ZOE, OFF, DEPLOY, VENDOR, BUILD, PARTNER = (f"0b000000-0000-4000-8000-00000000000{n}" for n in "12345678")
ISSUER = "https://token.actions.githubusercontent.com"


def _assignment(number: int, scope: str, who: str, role: str, type: str = "User") -> dict[str, Any]:
    id = f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/a{number}"
    return {"id": id, "name": f"a{number}", "scope": scope, "principalId": who, "principalType": type,
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "type": "Microsoft.Authorization/roleAssignments"}  # fmt: skip


def _role(key: str, title: str, *actions: str) -> dict[str, Any]:
    return {"id": f"{HERE}/providers/Microsoft.Authorization/roleDefinitions/{key}", "name": key, "roleName": title,
            "roleType": "CustomRole", "assignableScopes": [HERE], "permissions": [{"actions": list(actions)}],
            "type": "Microsoft.Authorization/roleDefinitions"}  # fmt: skip


def _identity(name: str, principal: str, expression: str) -> list[dict[str, Any]]:
    id = f"{RG}/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return [
        {"id": id, "name": name, "type": kind, "principalId": principal, "clientId": f"c-{name}"},
        {"id": f"{id}/federatedIdentityCredentials/f", "name": "f", "type": f"{kind}/federatedIdentityCredentials",
         "issuer": ISSUER, "audiences": ["x"], "claimsMatchingExpression": {"value": expression}},
    ]  # fmt: skip


def _application(number: int, client: str, expression: str, *passwords: dict[str, Any]) -> dict[str, Any]:
    flexible = {"id": f"f{number}", "issuer": ISSUER, "audiences": [],
                "claimsMatchingExpression": {"value": expression}}  # fmt: skip
    return {"id": f"0a000000-0000-4000-8000-00000000000{number}", "appId": client, "signInAudience": "AzureADMyOrg",
            "federatedIdentityCredentials": [flexible], "passwordCredentials": list(passwords)}  # fmt: skip


def _password(key: str, begins: str, ends: str) -> dict[str, Any]:
    return {"keyId": key, "startDateTime": f"{begins}T00:00:00Z", "endDateTime": f"{ends}T00:00:00Z"}


def _principal(id: str, client: str, owner: str = TENANT) -> dict[str, Any]:
    return {"id": id, "appId": client, "displayName": client, "servicePrincipalType": "Application",
            "appOwnerOrganizationId": owner, "accountEnabled": True}  # fmt: skip


def _user(id: str, name: str, type: str = "Member", enabled: bool = True) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.user", "id": id, "userPrincipalName": name, "userType": type,
            "accountEnabled": enabled}  # fmt: skip


def _offer() -> dict[str, Any]:
    given = {"principalId": PARTNER, "roleDefinitionId": CONTRIBUTOR, "principalIdDisplayName": "Partner"}
    tenant = "77777777-7777-4777-8777-777777777777"
    inner = {"name": "d", "properties": {"managedByTenantId": tenant, "authorizations": [given]}}
    return {"id": f"{HERE}/providers/Microsoft.ManagedServices/registrationAssignments/a",
            "type": "Microsoft.ManagedServices/registrationAssignments",
            "properties": {"registrationDefinitionId": "/x/d", "registrationDefinition": inner}}  # fmt: skip


def files() -> dict[str, list[dict[str, Any]]]:
    """The files by name, without those of `old`."""
    wide, anyone = "claims['sub'] matches 'repo:corp/*'", "claims['sub'] matches '*'"
    return {
        "tree": [
            {"id": f"{GROUPS}corp", "name": "corp", "tenantId": TENANT, "parent": None,
             "type": "Microsoft.Management/managementGroups"},
            {"id": HERE, "name": SUB, "tenantId": TENANT, "parent": {"id": f"{GROUPS}corp"}, "type": "/subscriptions"},
            {"cloudName": "AzureCloud", "id": SUB, "isDefault": True, "name": "Sub", "tenantId": TENANT},
        ],
        "assignments": [
            _assignment(1, "/", ANN, ASSIGNER), _assignment(2, f"{GROUPS}corp", ANN, OWNER),
            _assignment(3, HERE, ZOE, OWNER), _assignment(4, HERE, BOB, ASSIGNER),
            _assignment(5, HERE, DEPLOY, OWNER, "ServicePrincipal"), _assignment(6, HERE, BOB, STAR),
            _assignment(7, HERE, BOB, HANDS), _assignment(8, HERE, GONE, CONTRIBUTOR),
            _assignment(9, HERE, OFF, CONTRIBUTOR), _assignment(10, HERE, VENDOR, CONTRIBUTOR, "ServicePrincipal"),
        ],
        "roles": [_role(STAR, "Platform", "*"),
                  _role(HANDS, "Deployer", "Microsoft.Authorization/roleAssignments/write")],
        "lighthouse": [_offer()],
        "identities": [*_identity("i", BUILD, wide), *_identity("j", "0b000000-0000-4000-8000-000000000010", anyone)],
        "resources": [
            {"id": STORE, "name": "s", "type": "Microsoft.Storage/storageAccounts", "properties": {"a": 1}},
            {"id": VAULT, "name": "v", "type": "Microsoft.KeyVault/vaults", "properties": {"accessPolicies": []}},
        ],
        "users": [_user(ANN, "ann@corp.example"), _user(BOB, "bob@corp.example"), _user(ZOE, "zoe@x.example", "Guest"),
                  _user(OFF, "off@corp.example", enabled=False)],
        "groups": [{"@odata.type": "#microsoft.graph.group", "id": "0b000000-0000-4000-8000-000000000021",
                    "displayName": "ops", "securityEnabled": True}],
        "principals": [_principal(DEPLOY, "c1"), _principal(VENDOR, "c2", "99999999-0000-4000-8000-000000000001")],
        "applications": [
            _application(1, "c1", wide, _password("k1", "2024-01-01", "2027-01-01"),
                         _password("k2", "2025-01-01", "2026-01-01"), _password("k3", "2026-10-01", "2026-11-15")),
            _application(2, "c2", anyone),
        ],
    }  # fmt: skip


def old() -> list[dict[str, Any]]:
    """A classic administrator, of an export from before they were retired."""
    return [{"id": "NA(classic admins)", "principalName": "old@corp.example", "scope": HERE,
             "roleDefinitionId": "NA(classic admin role)", "roleDefinitionName": "CoAdministrator"}]  # fmt: skip
