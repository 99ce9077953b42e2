"""A directory behind Microsoft Graph: what its lists hold, which the vendor leaves out, and batches of requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .refusing import Refused
from .shapes import Shape

TENANT = "72f988bf-0000-4000-8000-00000000000a"
ANN, BEN, OPS, APP = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in "1234")
CANARY = "secret-canary-5d6e7f"
ADMINS, SECRET, DYNAMIC, EMPTY, SYNCED = (f"bbbbbbbb-0000-4000-8000-00000000000{number}" for number in "12345")
GRAPH, SHOP, LAPTOP = (f"cccccccc-0000-4000-8000-00000000000{number}" for number in "123")
UNIT, CLOSED = (f"dddddddd-0000-4000-8000-00000000000{number}" for number in "12")
GLOBAL, READERS = "62e90394-69f5-4237-9190-012177145e10", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
ROLE = "5b567255-7703-4780-807c-7be8301ae99b"
_USER, _SERVICE = "#microsoft.graph.user", "#microsoft.graph.servicePrincipal"
_EQUALS = re.compile(r"(\w+) eq '([^']*)'")
_FILTER = re.compile(
    r"(?:(\w+) ge ([\dT:Z-]+) and )?(?:(\w+) le ([\dT:Z-]+))?(?: and )?(?:signInEventTypes/any\(t: t eq '(\w+)'\))?"
)
_PIM = "/v1.0/identityGovernance/privilegedAccess/group"
_ROLES = "/v1.0/roleManagement/directory"
_OWNED = re.compile(r"/(?:groups|applications|servicePrincipals)/[^/]+/(?:members|owners)$", re.IGNORECASE)


def _graph(name: str, path: str, *parameters: str, **more: Any) -> Shape:
    return Shape(name, path, optional=parameters, **{"place": "graph", "page": "odata", **more})


_LISTED = ("$select", "$top", "$count", "$filter")
_ID = r"(?P<scope>[^/]+)"
SHAPES: tuple[Shape, ...] = (
    _graph("batch", r"/(?:v1\.0|beta)/\$batch", verb="POST", page="batch"),
    _graph("organization.list", "/v1.0/organization", "$select"),
    *(_graph(f"{types}.list", f"/v1.0/{types}", *_LISTED, "$expand")
      for types in ("users", "groups", "servicePrincipals", "applications", "devices", "oauth2PermissionGrants")),
    *(_graph(f"groups.{what}.list", rf"/(?:v1\.0|beta)/groups/{_ID}/{what}", *_LISTED)
      for what in ("members", "owners")),
    *(_graph(f"{types}.owners.list", rf"/(?:v1\.0|beta)/{types}/{_ID}/owners", *_LISTED)
      for types in ("applications", "servicePrincipals")),
    _graph("devices.registeredOwners.list", rf"/v1.0/devices/{_ID}/registeredOwners", "$select"),
    _graph("applications.federatedIdentityCredentials.list",
           rf"/v1.0/applications/{_ID}/federatedIdentityCredentials", *_LISTED),
    _graph("servicePrincipals.appRoleAssignedTo.list", rf"/v1.0/servicePrincipals/{_ID}/appRoleAssignedTo", *_LISTED),
    _graph("administrativeUnits.list", "/v1.0/directory/administrativeUnits", *_LISTED),
    _graph("administrativeUnits.members.list", rf"/v1.0/directory/administrativeUnits/{_ID}/members", *_LISTED),
    *(_graph(f"deletedItems.{types}.list", rf"/v1.0/directory/deletedItems/microsoft\.graph\.{types}", *_LISTED)
      for types in ("user", "application", "servicePrincipal")),
    *(_graph(f"{types}.list", f"{_ROLES}/{types}", "$filter", "$expand") for types in (
        "roleDefinitions", "roleAssignments", "roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances",
        "roleAssignmentSchedules", "roleEligibilitySchedules", "roleAssignmentScheduleRequests",
        "roleEligibilityScheduleRequests")),
    _graph("roleAssignmentApprovals.steps.list",
           rf"/beta/roleManagement/directory/roleAssignmentApprovals/{_ID}/steps"),
    _graph("assignmentApprovals.stages.list", rf"{_PIM}/assignmentApprovals/{_ID}/stages"),
    *(_graph(f"group.{types}.list", f"{_PIM}/{types}", "$select", "$expand", required=("$filter",))
      for types in ("assignmentScheduleInstances", "eligibilityScheduleInstances", "assignmentScheduleRequests",
                    "eligibilityScheduleRequests")),
    _graph("roleManagementPolicyAssignments.list", "/v1.0/policies/roleManagementPolicyAssignments", "$expand",
           required=("$filter",)),
    *(_graph(f"{name.rpartition('/')[2]}.get", f"/v1.0/policies/{name}", page="one") for name in (
        "authorizationPolicy", "adminConsentRequestPolicy", "identitySecurityDefaultsEnforcementPolicy",
        "authenticationMethodsPolicy", "crossTenantAccessPolicy/default")),
    _graph("permissionGrantPolicies.list", "/v1.0/policies/permissionGrantPolicies"),
    _graph("partners.list", "/v1.0/policies/crossTenantAccessPolicy/partners"),
    *(_graph(f"conditionalAccess.{types}.list", f"/v1.0/identity/conditionalAccess/{types}")
      for types in ("policies", "namedLocations")),
    *(_graph(f"deviceManagement.{types}.list", f"/beta/roleManagement/deviceManagement/{types}")
      for types in ("roleDefinitions", "roleAssignments")),
    _graph("userRegistrationDetails.list", "/v1.0/reports/authenticationMethods/userRegistrationDetails", "$filter"),
    _graph("servicePrincipalSignInActivities.list", "/beta/reports/servicePrincipalSignInActivities", "$top"),
    _graph("directoryAudits.list", "/v1.0/auditLogs/directoryAudits", "$filter", "$top", "$orderby"),
    _graph("signIns.list", r"/(?:v1\.0|beta)/auditLogs/signIns", "$filter", "$top", "$orderby"),
)  # fmt: skip


def _user(id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "displayName": name, "userPrincipalName": f"{name}@brightwater.example", "accountEnabled": True,
            "passwordProfile": CANARY, **more}  # fmt: skip


def _member(id: str, kind: str = _USER) -> dict[str, Any]:
    return {"@odata.type": kind, "id": id, "displayName": "x", "mobilePhone": CANARY}


def _small() -> dict[str, list[dict[str, Any]]]:
    """As much of a directory as Azure needs."""
    return {
        "/v1.0/organization": [{"id": TENANT, "displayName": "Brightwater"}],
        "/v1.0/users": [_user(ANN, "ann"), _user(BEN, "ben")],
        "/v1.0/groups": [{"id": OPS, "displayName": "ops", "securityEnabled": True}],
        f"/v1.0/groups/{OPS}/members": [_member(ANN), _member(APP, _SERVICE), _member(BEN)],
        "/v1.0/servicePrincipals": [{"id": APP, "appId": "c", "displayName": "deployer",
                                     "servicePrincipalType": "ManagedIdentity", "keyCredentials": [
                                         {"keyId": "k1", "usage": "Verify", "key": CANARY}]}],
        "/v1.0/applications": [{"id": "app-1", "appId": "c", "displayName": "deployer", "passwordCredentials": [
            {"keyId": "k2", "endDateTime": "2027-01-01T00:00:00Z", "secretText": CANARY, "hint": CANARY}]}],
        "/v1.0/applications/app-1/federatedIdentityCredentials": [
            {"id": "f1", "name": "gh", "issuer": "https://token.actions.githubusercontent.com",
             "subject": "repo:bw/shop:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}],
    }  # fmt: skip


def _scheduled(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "roleDefinitionId": GLOBAL, "principalId": BEN, "directoryScopeId": "/", "memberType": "Direct",
            "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": None, **more}  # fmt: skip


def _requested(id: str, action: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id, "action": action, "status": status, "principalId": BEN, "approvalId": None, "customData": CANARY,
        "createdBy": {"user": {"id": BEN, "displayName": "Ben"}, "application": None, "device": None},
        "createdDateTime": "2026-01-01T07:00:00Z", "completedDateTime": "2026-01-01T07:09:00Z",
        "justification": "pump 7 stands still", "isValidationOnly": False, "targetScheduleId": f"s-{id}",
        "scheduleInfo": {"startDateTime": "2026-01-01T07:00:00Z", "recurrence": None,
                         "expiration": {"type": "afterDuration", "endDateTime": None, "duration": "PT4H"}},
        "ticketInfo": {"ticketNumber": "INC-7", "ticketSystem": "desk"}, **more}  # fmt: skip


def _stage(id: str, result: str, by: str | None, why: str) -> dict[str, Any]:
    who = {"id": by, "displayName": "Ann", "userPrincipalName": "ann@x.example", "mail": CANARY} if by else None
    return {"id": id, "displayName": "primary", "reviewResult": result, "reviewedBy": who, "justification": why,
            "reviewedDateTime": "2026-01-01T07:08:00Z" if by else None, "status": "Completed" if by else "InProgress",
            "assignedToMe": False}  # fmt: skip


def _rules(role: str, scope: str, kind: str) -> dict[str, Any]:
    rule = {"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyApprovalRule", "id": "Approval_EndUser",
            "setting": {"isApprovalRequired": True, "approvalStages": [{"primaryApprovers": [{"userId": ANN}]}]},
            "notificationRecipients": [CANARY]}  # fmt: skip
    return {"id": f"{scope}_{role}", "policyId": "p", "scopeId": scope, "scopeType": kind, "roleDefinitionId": role,
            "policy": {"id": "p", "rules": [rule]}}  # fmt: skip


def _whole() -> dict[str, list[dict[str, Any]]]:
    """A directory with everything that is collected of one."""
    small = _small()
    membership = {"groupId": OPS, "principalId": ANN, "accessId": "member", "memberType": "Direct"}
    return small | {
        "/v1.0/groups": [
            *small["/v1.0/groups"], {"id": ADMINS, "displayName": "admins", "isAssignableToRole": True},
            {"id": SECRET, "displayName": "secret", "visibility": "HiddenMembership"},
            {"id": DYNAMIC, "displayName": "all", "membershipRule": "user.x -eq 1",
             "groupTypes": ["DynamicMembership"]},
            {"id": EMPTY, "displayName": "empty", "visibility": "Private"},
            {"id": SYNCED, "displayName": "synced", "onPremisesSyncEnabled": True},
        ],
        f"/v1.0/groups/{ADMINS}/members": [_member(f"aaaaaaaa-0000-4000-8000-0000000001{n:02}") for n in range(7)],
        f"/v1.0/groups/{SECRET}/members": [_member(BEN)],
        f"/v1.0/groups/{ADMINS}/owners": [_member(ANN), _member(APP, _SERVICE)],
        "/v1.0/applications/app-1/owners": [_member(BEN)],
        f"/v1.0/servicePrincipals/{SHOP}/owners": [_member(APP, _SERVICE)],
        "/v1.0/servicePrincipals": [
            *small["/v1.0/servicePrincipals"],
            {"id": GRAPH, "appId": "00000003-0000-0000-c000-000000000000", "displayName": "Microsoft Graph",
             "appRoles": [{"id": ROLE, "value": "Group.Read.All", "allowedMemberTypes": ["Application"]}]},
            {"id": SHOP, "appId": "s", "displayName": "shop", "appRoleAssignmentRequired": True},
        ],
        f"/v1.0/servicePrincipals/{GRAPH}/appRoleAssignedTo": [
            {"id": "g1", "appRoleId": ROLE, "principalId": SHOP, "principalType": "ServicePrincipal",
             "resourceId": GRAPH, "deletedDateTime": None}],
        "/v1.0/oauth2PermissionGrants": [{"id": "o1", "clientId": SHOP, "consentType": "AllPrincipals",
                                          "resourceId": GRAPH, "scope": " User.Read Mail.Read"}],
        "/v1.0/devices": [{"id": LAPTOP, "deviceId": "d", "displayName": "laptop", "alternativeSecurityIds": [CANARY]}],
        f"/v1.0/devices/{LAPTOP}/registeredOwners": [_member(ANN)],
        "/v1.0/directory/administrativeUnits": [
            {"id": UNIT, "displayName": "west", "isMemberManagementRestricted": True},
            {"id": CLOSED, "displayName": "closed", "visibility": "HiddenMembership"}],
        f"/v1.0/directory/administrativeUnits/{UNIT}/members": [_member(BEN), _member(OPS, "#microsoft.graph.group")],
        f"/v1.0/directory/administrativeUnits/{CLOSED}/members": [_member(ANN)],
        f"{_ROLES}/roleDefinitions": [
            {"id": GLOBAL, "templateId": GLOBAL, "displayName": "Global Administrator", "isBuiltIn": True,
             "isEnabled": True, "inheritsPermissionsFrom": [{"id": READERS}],
             "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/users/allProperties/allTasks"],
                                  "condition": None}]}],
        f"{_ROLES}/roleAssignments": [
            {"id": "ra1", "roleDefinitionId": GLOBAL, "principalId": ADMINS, "directoryScopeId": "/"},
            {"id": "ra2", "roleDefinitionId": GLOBAL, "principalId": BEN,
             "directoryScopeId": f"/administrativeUnits/{UNIT}"}],
        f"{_ROLES}/roleAssignmentScheduleInstances": [_scheduled("rs1", assignmentType="Activated")],
        f"{_ROLES}/roleEligibilityScheduleInstances": [_scheduled("re1")],
        f"{_ROLES}/roleAssignmentSchedules": [_scheduled("rs1", scheduleInfo={"expiration": {"type": "noExpiration"}})],
        f"{_ROLES}/roleEligibilitySchedules": [_scheduled("re1")],
        f"{_ROLES}/roleAssignmentScheduleRequests": [
            _requested("rq1", "selfActivate", "Provisioned", roleDefinitionId=GLOBAL, directoryScopeId="/",
                       appScopeId=None, approvalId="rq1"),
            _requested("rq2", "selfActivate", "PendingApproval", roleDefinitionId=READERS, directoryScopeId="/",
                       appScopeId=None, approvalId="rq2", completedDateTime=None)],
        f"{_ROLES}/roleEligibilityScheduleRequests": [
            _requested("rq3", "adminAssign", "Provisioned", roleDefinitionId=GLOBAL, directoryScopeId="/",
                       appScopeId=None, createdBy={"user": {"id": ANN}}, ticketInfo=None)],
        "/beta/roleManagement/directory/roleAssignmentApprovals/rq1/steps": [
            _stage("st1", "Approve", ANN, "known fault")],
        "/beta/roleManagement/directory/roleAssignmentApprovals/rq2/steps": [_stage("st2", "NotReviewed", None, "")],
        f"{_PIM}/assignmentScheduleRequests": [
            _requested("gq1", "selfActivate", "Denied", groupId=OPS, accessId="owner", approvalId="gq1")],
        f"{_PIM}/eligibilityScheduleRequests": [
            _requested("gq2", "adminAssign", "Provisioned", groupId=OPS, accessId="member")],
        f"{_PIM}/assignmentApprovals/gq1/stages": [_stage("st3", "Deny", ANN, "ask ops")],
        f"{_PIM}/assignmentScheduleInstances": [{"id": "ga1", **membership, "assignmentType": "Activated"}],
        f"{_PIM}/eligibilityScheduleInstances": [{"id": "ge1", **membership}],
        "/v1.0/policies/roleManagementPolicyAssignments": [
            _rules(GLOBAL, "/", "DirectoryRole"), _rules("member", OPS, "Group"), _rules("owner", EMPTY, "Group")],
        "/v1.0/policies/permissionGrantPolicies": [{"id": "low", "includes": [], "excludes": []}],
        "/v1.0/policies/crossTenantAccessPolicy/partners": [{"tenantId": "t", "isServiceProvider": False}],
        "/v1.0/identity/conditionalAccess/policies": [
            {"id": "ca1", "displayName": "mfa", "state": "enabled", "conditions": {"users": {"includeUsers": ["All"]}},
             "grantControls": {"builtInControls": ["mfa"]}}],
        "/v1.0/identity/conditionalAccess/namedLocations": [
            {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "nl1", "isTrusted": True,
             "ipRanges": [{"cidrAddress": "192.0.2.0/24"}]}],
        "/beta/roleManagement/deviceManagement/roleDefinitions": [
            {"id": "ir1", "displayName": "School Administrator", "isBuiltIn": True,
             "rolePermissions": [{"allowedResourceActions": ["Microsoft.Intune/Audit/Read"]}]}],
        "/beta/roleManagement/deviceManagement/roleAssignments": [
            {"id": "ia1", "roleDefinitionId": "ir1", "principalIds": [OPS], "directoryScopeIds": ["/"]}],
        "/v1.0/reports/authenticationMethods/userRegistrationDetails": [
            {"id": ANN, "isMfaRegistered": True, "methodsRegistered": ["fido2"], "userPrincipalName": "ann@x.example"}],
        "/beta/reports/servicePrincipalSignInActivities": [
            {"id": "x", "appId": "s", "lastSignInActivity": {"lastSignInDateTime": "2026-01-01T00:00:00Z",
                                                             "lastSignInRequestId": CANARY}}],
        "/v1.0/directory/deletedItems/microsoft.graph.user": [_user("u9", "gone")],
    }  # fmt: skip


def _ones() -> dict[str, dict[str, Any]]:
    return {
        "/v1.0/policies/authorizationPolicy": {
            "id": "authorizationPolicy", "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
            "allowInvitesFrom": "everyone", "defaultUserRolePermissions": {"allowedToCreateApps": True}},
        "/v1.0/policies/adminConsentRequestPolicy": {"isEnabled": True, "reviewers": [{"query": f"/users/{ANN}"}]},
        "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy": {"id": "s", "isEnabled": False},
        "/v1.0/policies/authenticationMethodsPolicy": {
            "id": "a", "authenticationMethodConfigurations": [
                {"id": "Fido2", "state": "enabled", "openIdConnectSetting": {"secret": CANARY}}]},
        "/v1.0/policies/crossTenantAccessPolicy/default": {"isServiceDefault": True},
    }  # fmt: skip


@dataclass
class Directory:
    """What there is. Lists by their address in version 1.0 (or beta, where only that has it), and single objects."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=_small)
    ones: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    """Groups and units whose members are told to those alone who may read hidden ones."""
    audits: list[dict[str, Any]] = field(default_factory=list)
    sign_ins: list[dict[str, Any]] = field(default_factory=list)
    kept: timedelta = timedelta(30)
    """So long records are told."""
    ordered: bool = True
    """Minds in which order records are asked for."""

    @classmethod
    def whole(cls) -> Directory:
        """A directory with everything that is collected of one."""
        return cls(_whole(), _ones(), {SECRET, CLOSED})

    def answer(self, path: str, query: Mapping[str, str], sees_hidden: bool) -> Any:
        """A list, or an object. What version 1.0 leaves out, and what one may not see, is left out without a word."""
        if path in self.ones:
            return self.ones[path]
        if "/auditLogs/" in path:
            return self._logged(path, query)
        version, _, rest = path.lstrip("/").partition("/")
        by_name = {name.lower(): one for name, one in self.lists.items()}
        found = by_name.get(f"/{version}/{rest}".lower(), by_name.get(f"/v1.0/{rest}".lower(), []))
        if _OWNED.search(path) and version == "v1.0" and "/groups/" in path:
            found = [one for one in found if one.get("@odata.type") != _SERVICE]
        if not sees_hidden and any(one in path for one in self.hidden):
            return []
        wanted = dict(_EQUALS.findall(query.get("$filter", "")))
        return [one for one in found if all(one.get(name) == value for name, value in wanted.items())]

    def _logged(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Records of a time and of some kind, the newest first unless it is asked otherwise.

        Version 1.0 tells interactive sign-ins alone, and so does beta to whom names no kind.
        """
        audits = path.endswith("directoryAudits")
        time = "activityDateTime" if audits else "createdDateTime"
        filter = query.get("$filter", "")
        told = _FILTER.fullmatch(filter)
        order = query.get("$orderby", f"{time} desc").split()
        if told is None or order[0] != time or any(one not in (None, time) for one in (told[1], told[3])):
            raise Refused(400, "BadRequest", f"Invalid filter clause: {filter}")
        found = self.audits
        if not audits:
            kind = told[5] or "interactiveUser"
            if told[5] and path.startswith("/v1.0"):
                raise Refused(400, "BadRequest", "Could not find a property named 'signInEventTypes'")
            found = [one for one in self.sign_ins if kind in one["signInEventTypes"]]
        begin, end = (datetime.fromisoformat(one) if one else None for one in (told[2], told[4]))
        oldest = datetime.now(UTC) - self.kept
        chosen = [
            one for one in found
            if (at := datetime.fromisoformat(one[time])) >= oldest and (begin is None or begin <= at)
            and (end is None or at <= end)
        ]  # fmt: skip
        return sorted(chosen, key=lambda one: str(one[time]), reverse=order[1] == "desc" or not self.ordered)


def selected(answer: Any, query: Mapping[str, str]) -> Any:
    """The objects with the members that were asked for."""
    names = set(query.get("$select", "").split(",")) - {""}
    if not names or not isinstance(answer, list):
        return answer
    return [{name: told for name, told in one.items() if name in names or name in ("id", "@odata.type")}
            for one in answer]  # fmt: skip
