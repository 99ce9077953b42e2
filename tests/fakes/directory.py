"""A small directory with one of everything that rules and lists speak of, as Microsoft Graph tells it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TENANT = "72f00000-0000-4000-8000-000000000000"
GRAPH_APP, MICROSOFT = "00000003-0000-0000-c000-000000000000", "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
GLOBAL, PRIVILEGED, HELPDESK, USERS = (
    "62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8", "fe930be7-5e62-47db-91af-98c3a49a38b1",
)  # fmt: skip
UNKNOWN_ROLE = "0b000000-0000-4000-8000-00000000abcd"
_METADATA = "https://graph.microsoft.com/v1.0/$metadata#"


def id(number: int) -> str:
    """An object id."""
    return f"0b000000-0000-4000-8000-{number:012d}"


ANN, BOB, ZOE, EVA, ADMINS, RING = (id(one) for one in (1, 2, 3, 4, 11, 12))
GRAPH, DEPLOY, VENDOR, REGISTERED, SALES, GONE = (id(one) for one in (21, 22, 23, 31, 41, 55))


def _user(who: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": who, "userPrincipalName": name, "userType": "Member", "accountEnabled": True, **more}


def _service(who: str, app: str, name: str, owner: str) -> dict[str, Any]:
    return {"id": who, "appId": app, "displayName": name, "servicePrincipalType": "Application",
            "appOwnerOrganizationId": owner, "accountEnabled": True}  # fmt: skip


def _members(group: str, *held: Any) -> dict[str, Any]:
    """A list of members as the interface writes it that tells service principals, too."""
    context = f"https://graph.microsoft.com/beta/$metadata#groups('{group}')/members"
    return {"@odata.context": context, "value": [*held]}


def _owners(group: str, *held: Any) -> dict[str, Any]:
    """A list of owners of that interface."""
    return {"@odata.context": f"https://graph.microsoft.com/beta/$metadata#groups('{group}')/owners", "value": [*held]}


def _role(number: int, who: str, role: str, scope: str = "/", **more: Any) -> dict[str, Any]:
    return {"id": f"ra{number}", "principalId": who, "roleDefinitionId": role, "directoryScopeId": scope, **more}


def _granted(number: int, who: str, role: str, of: str, type: str = "ServicePrincipal") -> dict[str, Any]:
    return {"id": f"g{number}", "appRoleId": role, "principalId": who, "principalType": type, "resourceId": of}


def _rule(kind: str, **told: Any) -> dict[str, Any]:
    type = f"#microsoft.graph.unifiedRoleManagementPolicy{kind}Rule"
    return {"@odata.type": type, "id": f"{kind}_EndUser_Assignment",
            "target": {"caller": "EndUser", "level": "Assignment"}, **told}  # fmt: skip


_APPROVED = {"isApprovalRequired": True, "approvalStages": [{"primaryApprovers": [
    {"@odata.type": "#microsoft.graph.singleUser", "userId": ANN, "description": "Ann"}]}]}  # fmt: skip
_RULES = [
    _rule("Approval", setting=_APPROVED), _rule("Expiration", isExpirationRequired=True, maximumDuration="PT8H"),
    _rule("Enablement", enabledRules=["MultiFactorAuthentication", "Justification"]),
]  # fmt: skip
_LOOSE = [
    _rule("Expiration", isExpirationRequired=True, maximumDuration="P1D"), _rule("Enablement", enabledRules=[]),
    {**_rule("Expiration", isExpirationRequired=False), "id": "Expiration_Admin_Assignment",
     "target": {"caller": "Admin", "level": "Assignment"}},
]  # fmt: skip


def files() -> dict[str, Any]:
    """What is in each file, by its name."""
    return {
        "users": {"value": [
            _user(ANN, "ann@corp.example"), _user(BOB, "bob@corp.example", accountEnabled=False),
            _user(ZOE, "zoe_x#EXT#@corp.example", userType="Guest"), _user(EVA, "eva@corp.example"),
        ]},
        "groups": {"value": [
            {"id": ADMINS, "displayName": "admins", "groupTypes": [], "securityEnabled": True,
             "isAssignableToRole": True},
            {"id": RING, "displayName": "ring", "groupTypes": ["DynamicMembership"], "securityEnabled": True,
             "membershipRule": "user.department -eq (", "membershipRuleProcessingState": "Paused"},
        ]},
        f"members--{ADMINS}": _members(ADMINS, {"@odata.type": "#microsoft.graph.user", "id": ZOE},
                                       {"@odata.type": "#microsoft.graph.group", "id": RING}),
        f"members--{RING}": _members(RING, {"@odata.type": "#microsoft.graph.group", "id": RING},
                                     {"@odata.type": "#microsoft.graph.group", "id": ADMINS},
                                     {"@odata.type": "#microsoft.graph.user", "id": EVA}),
        f"group-owners--{ADMINS}": _owners(ADMINS, {"@odata.type": "#microsoft.graph.user", "id": BOB}),
        f"group-owners--{RING}": _owners(RING),
        "service-principals": {"value": [
            _service(GRAPH, GRAPH_APP, "Microsoft Graph", MICROSOFT), _service(DEPLOY, id(92), "deploy", TENANT),
            _service(VENDOR, id(93), "Vendor", id(99)),
        ]},
        **{f"service-principal-owners--{one}": [] for one in (GRAPH, DEPLOY, VENDOR)},
        "applications": {"value": [{
            "id": REGISTERED, "appId": id(92), "displayName": "deploy", "signInAudience": "AzureADMyOrg",
            "servicePrincipalLockConfiguration": {"isEnabled": True, "allProperties": True},
        }]},
        f"app-owners--{REGISTERED}": [],
        "roles": {"value": [
            _role(1, ANN, GLOBAL), _role(2, ADMINS, PRIVILEGED),
            _role(3, BOB, HELPDESK, f"/administrativeUnits/{SALES}"),
            _role(4, GONE, UNKNOWN_ROLE), _role(5, EVA, GLOBAL), _role(6, DEPLOY, USERS), _role(7, EVA, USERS),
        ]},
        "instances": {"value": [
            _role(1, ANN, GLOBAL, assignmentType="Activated", roleAssignmentOriginId="ra1",
                  startDateTime="2026-11-01T00:00:00Z", endDateTime="2026-11-01T08:00:00Z"),
        ]},
        "eligible": {"value": [_role(9, BOB, GLOBAL, roleEligibilityScheduleId="s"),
                               _role(10, BOB, PRIVILEGED, roleEligibilityScheduleId="s")]},
        "rules": {"value": [{"id": "x", "policyId": "P", "scopeId": "/", "scopeType": "DirectoryRole",
                             "roleDefinitionId": GLOBAL, "policy": {"id": "P", "rules": _RULES}},
                            {"id": "y", "policyId": "Q", "scopeId": "/", "scopeType": "DirectoryRole",
                             "roleDefinitionId": PRIVILEGED, "policy": {"id": "Q", "rules": _LOOSE}}]},
        "units": {"@odata.context": f"{_METADATA}directory/administrativeUnits", "value": [
            {"id": SALES, "displayName": "Sales", "isMemberManagementRestricted": True}]},
        f"unit-members--{SALES}": [{"@odata.type": "#microsoft.graph.user", "id": ANN}],
        "granted": {"value": [
            _granted(1, DEPLOY, "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", GRAPH),
            _granted(2, VENDOR, "19dbc75e-c2e2-444c-a770-ec69d8559fc7", GRAPH),
            _granted(3, ANN, "00000000-0000-0000-0000-000000000000", DEPLOY, "User"),
            _granted(4, DEPLOY, id(77), VENDOR),
        ]},
        "consents": {"value": [
            {"id": "d1", "clientId": VENDOR, "consentType": "AllPrincipals", "principalId": None, "resourceId": GRAPH,
             "scope": " User.Read Directory.ReadWrite.All"},
            {"id": "d2", "clientId": DEPLOY, "consentType": "Principal", "principalId": ANN, "resourceId": GRAPH,
             "scope": "Mail.Read"},
        ]},
        "policy": {"id": "authorizationPolicy", "allowInvitesFrom": "everyone", "defaultUserRolePermissions": {
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"]}},
        "conditional": {"value": [
            {"id": id(61), "displayName": "MFA for all", "state": "enabled", "conditions": {"users": {}},
             "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}}]},
        "registration": {"value": [
            {"id": ANN, "isMfaRegistered": True, "methodsRegistered": ["fido2SecurityKey"]},
            {"id": ZOE, "isMfaRegistered": False, "methodsRegistered": []}]},
        "enrolled": {"value": [
            {"id": "pg1", "accessId": "member", "principalId": ANN, "groupId": ADMINS, "assignmentType": "activated",
             "startDateTime": "2026-11-01T00:00:00Z", "endDateTime": "2026-11-02T00:00:00Z"}]},
        "intune": {"@odata.context": f"{_METADATA}roleManagement/deviceManagement/roleAssignments", "value": [
            {"id": "i1", "roleDefinitionId": id(71), "principalIds": [ADMINS], "directoryScopeIds": ["/"]}]},
    }  # fmt: skip


def write(folder: Path) -> Path:
    """The folder of the tenant's files."""
    found = folder / f"tenant-{TENANT}"
    found.mkdir(parents=True)
    for name, content in files().items():
        (found / f"{name}.json").write_text(json.dumps(content))
    return found
