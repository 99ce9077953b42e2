"""How kinds of objects are told: by the type that they or their page name, else by the members that only they have.

https://learn.microsoft.com/graph/api/resources/directoryobject
https://learn.microsoft.com/graph/api/resources/rolemanagement
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import kinds

_TYPES = {
    "user": kinds.USERS,
    "group": kinds.GROUPS,
    "servicePrincipal": kinds.SERVICE_PRINCIPALS,
    "organization": kinds.ORGANIZATION,
    "device": kinds.DEVICES,
    "application": kinds.APPLICATIONS,
    "federatedIdentityCredential": kinds.FEDERATED,
    "administrativeUnit": kinds.UNITS,
    "unifiedRoleDefinition": kinds.ROLES,
    "directoryRole": kinds.ACTIVE_ROLES,
    "scopedRoleMembership": kinds.SCOPED_MEMBERS,
    "unifiedRoleAssignment": kinds.ASSIGNMENTS,
    "unifiedRoleAssignmentScheduleInstance": kinds.INSTANCES,
    "unifiedRoleAssignmentSchedule": kinds.SCHEDULES,
    "unifiedRoleEligibilityScheduleInstance": kinds.ELIGIBLE,
    "unifiedRoleEligibilitySchedule": kinds.ELIGIBLE_SCHEDULES,
    "privilegedAccessGroupAssignmentScheduleInstance": kinds.ENROLMENTS,
    "privilegedAccessGroupAssignmentSchedule": kinds.ENROLMENT_SCHEDULES,
    "privilegedAccessGroupEligibilityScheduleInstance": kinds.OFFERS,
    "privilegedAccessGroupEligibilitySchedule": kinds.OFFER_SCHEDULES,
    "unifiedRoleAssignmentScheduleRequest": kinds.ACCESS_REQUESTS,
    "unifiedRoleEligibilityScheduleRequest": kinds.OFFER_REQUESTS,
    "privilegedAccessGroupAssignmentScheduleRequest": kinds.GROUP_REQUESTS,
    "privilegedAccessGroupEligibilityScheduleRequest": kinds.GROUP_OFFER_REQUESTS,
    "approval": kinds.APPROVALS,
    "approvalStage": kinds.GROUP_STAGES,
    "approvalStep": kinds.GROUP_STAGES,
    "unifiedRoleManagementPolicy": kinds.RULES,
    "unifiedRoleManagementPolicyAssignment": kinds.RULE_ASSIGNMENTS,
    "appRoleAssignment": kinds.APP_ROLES_OF,
    "oAuth2PermissionGrant": kinds.DELEGATIONS,
    "authorizationPolicy": kinds.AUTHORIZATION_POLICY,
    "permissionGrantPolicy": kinds.CONSENT_POLICIES,
    "adminConsentRequestPolicy": kinds.CONSENT_REQUESTS,
    "conditionalAccessPolicy": kinds.CONDITIONAL_ACCESS,
    "ipNamedLocation": kinds.LOCATIONS,
    "countryNamedLocation": kinds.LOCATIONS,
    "namedLocation": kinds.LOCATIONS,
    "deviceAndAppManagementRoleDefinition": kinds.INTUNE_ROLES,
    "deviceAndAppManagementRoleAssignment": kinds.INTUNE_ASSIGNMENTS,
    "userRegistrationDetails": kinds.REGISTRATION,
    "servicePrincipalSignInActivity": kinds.SERVICE_SIGN_INS,
}
BY_TYPE: Mapping[str, str] = {f"#microsoft.graph.{name}".lower(): kind for name, kind in _TYPES.items()}
"""Kinds by the type that an object names, in lower case."""
SETS: Mapping[str, str] = {
    "users": "user",
    "groups": "group",
    "serviceprincipals": "servicePrincipal",
    "organization": "organization",
    "applications": "application",
    "devices": "device",
    "administrativeunits": "administrativeUnit",
    "directory/administrativeunits": "administrativeUnit",
    "directoryroles": "directoryRole",
    "scopedrolememberships": "scopedRoleMembership",
    "directoryroles/scopedmembers": "scopedRoleMembership",
    "administrativeunits/scopedrolemembers": "scopedRoleMembership",
    "directory/administrativeunits/scopedrolemembers": "scopedRoleMembership",
    "rolemanagement/directory/roledefinitions": "unifiedRoleDefinition",
    "rolemanagement/directory/roleassignments": "unifiedRoleAssignment",
    "rolemanagement/directory/roleassignmentscheduleinstances": "unifiedRoleAssignmentScheduleInstance",
    "rolemanagement/directory/roleassignmentschedules": "unifiedRoleAssignmentSchedule",
    "rolemanagement/directory/roleeligibilityscheduleinstances": "unifiedRoleEligibilityScheduleInstance",
    "rolemanagement/directory/roleeligibilityschedules": "unifiedRoleEligibilitySchedule",
    "rolemanagement/devicemanagement/roledefinitions": "deviceAndAppManagementRoleDefinition",
    "rolemanagement/devicemanagement/roleassignments": "deviceAndAppManagementRoleAssignment",
    "devicemanagement/roledefinitions": "deviceAndAppManagementRoleDefinition",
    "devicemanagement/roleassignments": "deviceAndAppManagementRoleAssignment",
    # Roles of a third system, which nothing here reads.
    "rolemanagement/cloudpc/roledefinitions": "cloudPcRoleDefinition",
    "rolemanagement/cloudpc/roleassignments": "cloudPcRoleAssignment",
    "rolemanagement/entitlementmanagement/roledefinitions": "entitlementRoleDefinition",
    "rolemanagement/entitlementmanagement/roleassignments": "entitlementRoleAssignment",
    "identitygovernance/privilegedaccess/group/assignmentscheduleinstances":
        "privilegedAccessGroupAssignmentScheduleInstance",
    "identitygovernance/privilegedaccess/group/assignmentschedules": "privilegedAccessGroupAssignmentSchedule",
    "identitygovernance/privilegedaccess/group/eligibilityscheduleinstances":
        "privilegedAccessGroupEligibilityScheduleInstance",
    "identitygovernance/privilegedaccess/group/eligibilityschedules": "privilegedAccessGroupEligibilitySchedule",
    "rolemanagement/directory/roleassignmentschedulerequests": "unifiedRoleAssignmentScheduleRequest",
    "rolemanagement/directory/roleeligibilityschedulerequests": "unifiedRoleEligibilityScheduleRequest",
    "identitygovernance/privilegedaccess/group/assignmentschedulerequests":
        "privilegedAccessGroupAssignmentScheduleRequest",
    "identitygovernance/privilegedaccess/group/eligibilityschedulerequests":
        "privilegedAccessGroupEligibilityScheduleRequest",
    "rolemanagement/directory/roleassignmentapprovals": "approval",
    "identitygovernance/privilegedaccess/group/assignmentapprovals": "approval",
    "policies/rolemanagementpolicies": "unifiedRoleManagementPolicy",
    "policies/rolemanagementpolicyassignments": "unifiedRoleManagementPolicyAssignment",
    "approleassignments": "appRoleAssignment",
    "users/approleassignments": "appRoleAssignment",
    "groups/approleassignments": "appRoleAssignment",
    "serviceprincipals/approleassignments": "appRoleAssignment",
    "serviceprincipals/approleassignedto": "appRoleAssignment",
    "oauth2permissiongrants": "oAuth2PermissionGrant",
    "authorizationpolicy": "authorizationPolicy",
    "policies/authorizationpolicy": "authorizationPolicy",
    "permissiongrantpolicies": "permissionGrantPolicy",
    "policies/permissiongrantpolicies": "permissionGrantPolicy",
    "policies/adminconsentrequestpolicy": "adminConsentRequestPolicy",
    "conditionalaccess/policies": "conditionalAccessPolicy",
    "identity/conditionalaccess/policies": "conditionalAccessPolicy",
    "policies/conditionalaccesspolicies": "conditionalAccessPolicy",
    "namedlocations": "namedLocation",
    "conditionalaccess/namedlocations": "namedLocation",
    "identity/conditionalaccess/namedlocations": "namedLocation",
    "reports/authenticationmethods/userregistrationdetails": "userRegistrationDetails",
    "reports/serviceprincipalsigninactivities": "servicePrincipalSignInActivity",
}  # fmt: skip
"""The type of the objects of each set that a page's context names, in lower case."""


def by_members(item: Mapping[str, Any]) -> str | None:
    """The kind of an object that names no type; None for one that is not known."""
    if "action" in item and {"principalId", "targetScheduleId", "justification", "isValidationOnly"} & item.keys():
        return _of_requests(item)
    return _of_grants(item) or _of_policies(item) or _of_approvals(item) or _of_objects(item)


def _of_requests(item: Mapping[str, Any]) -> str:
    """A request to PIM: what activates is about access, what only an administrator asks for may be about either."""
    action = item["action"]
    activates = isinstance(action, str) and action.lower().startswith(("selfactivate", "selfdeactivate"))
    access = activates or "activatedUsing" in item
    if "accessId" in item or "groupId" in item:
        return kinds.GROUP_REQUESTS if access else kinds.SOME_GROUP_REQUESTS
    return kinds.ACCESS_REQUESTS if access else kinds.SOME_REQUESTS


def _of_approvals(item: Mapping[str, Any]) -> str | None:
    if {"reviewResult", "reviewedBy"} <= item.keys():
        return kinds.GROUP_STAGES
    stages = item.get("stages", item.get("steps"))
    told = isinstance(stages, list) and all(isinstance(one, Mapping) and "reviewResult" in one for one in stages)
    return kinds.APPROVALS if told and isinstance(item.get("id"), str) else None


def _of_grants(item: Mapping[str, Any]) -> str | None:
    names = item.keys()
    if "accessId" in names and {"principalId", "groupId"} <= names:
        given = {"assignmentType", "assignmentScheduleId"} & names
        if "scheduleInfo" in names:
            return kinds.ENROLMENT_SCHEDULES if given else kinds.OFFER_SCHEDULES
        return kinds.ENROLMENTS if given else kinds.OFFERS
    if "roleDefinitionId" in names and {"directoryScopeId", "appScopeId"} & names and "principalId" in names:
        return _of_assignments(item)
    if {"roleId", "administrativeUnitId", "roleMemberInfo"} <= names:
        return kinds.SCOPED_MEMBERS
    if {"appRoleId", "principalId", "resourceId"} <= names:
        return kinds.APP_ROLES_OF
    if {"clientId", "consentType", "resourceId"} <= names:
        return kinds.DELEGATIONS
    return None


def _of_assignments(item: Mapping[str, Any]) -> str | None:
    names = item.keys()
    given = {"assignmentType", "roleAssignmentScheduleId", "roleAssignmentOriginId"} & names
    if "scheduleInfo" in names:
        return kinds.SCHEDULES if given else kinds.ELIGIBLE_SCHEDULES
    if given:
        return kinds.INSTANCES
    if {"roleEligibilityScheduleId", "memberType", "startDateTime"} & names:
        return kinds.ELIGIBLE
    return kinds.ASSIGNMENTS


def _of_policies(item: Mapping[str, Any]) -> str | None:
    names = item.keys()
    if "isBuiltInRoleDefinition" in names:
        return kinds.INTUNE_ROLES
    if "rolePermissions" in names or {"templateId", "isBuiltIn", "isEnabled"} <= names:
        return kinds.ROLES
    if {"allowInvitesFrom", "guestUserRoleId"} & names:
        return kinds.AUTHORIZATION_POLICY
    if {"scopeId", "scopeType"} <= names:
        return kinds.RULE_ASSIGNMENTS if "policyId" in names else kinds.RULES
    if "conditions" in names and {"grantControls", "sessionControls", "state"} & names:
        return kinds.CONDITIONAL_ACCESS
    if {"ipRanges", "countriesAndRegions"} & names:
        return kinds.LOCATIONS
    if {"includes", "excludes"} <= names:
        return kinds.CONSENT_POLICIES
    if {"notifyReviewers", "isEnabled"} <= names:
        return kinds.CONSENT_REQUESTS
    if "isMfaRegistered" in names:
        return kinds.REGISTRATION
    return kinds.SERVICE_SIGN_INS if {"lastSignInActivity", "appId"} <= names else None


def _of_objects(item: Mapping[str, Any]) -> str | None:
    """An object with an object id, as the documentation writes them too, and no type of Resource Manager."""
    id, names = item.get("id"), item.keys()
    if not isinstance(id, str) or not id or "/" in id or "type" in names:
        return None
    if {"issuer", "audiences"} <= names and {"subject", "claimsMatchingExpression"} & names:
        return kinds.FEDERATED
    if {"servicePrincipalType", "servicePrincipalNames", "appOwnerOrganizationId"} & names:
        return kinds.SERVICE_PRINCIPALS
    if {"signInAudience", "federatedIdentityCredentials"} & names:
        return kinds.APPLICATIONS
    if {"verifiedDomains", "tenantType"} & names:
        return kinds.ORGANIZATION
    if "userPrincipalName" in names:
        return kinds.USERS
    if "roleTemplateId" in names:
        return kinds.ACTIVE_ROLES
    if "isMemberManagementRestricted" in names:
        return kinds.UNITS
    if {"deviceId", "operatingSystem"} <= names:
        return kinds.DEVICES
    return kinds.GROUPS if {"securityEnabled", "groupTypes", "mailEnabled"} & names else None
