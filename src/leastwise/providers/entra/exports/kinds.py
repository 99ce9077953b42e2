"""The kinds of raw documents: a call of Microsoft Graph each, as decision 0034 lists them."""

from __future__ import annotations

USERS, GROUPS, SERVICE_PRINCIPALS = "graph.users.list", "graph.groups.list", "graph.servicePrincipals.list"
MEMBERS, ORGANIZATION = "graph.groups.members.list", "graph.organization.list"
APPLICATIONS, FEDERATED = "graph.applications.list", "graph.applications.federatedIdentityCredentials.list"
DEVICES = "graph.devices.list"
GROUP_OWNERS, SERVICE_OWNERS = "graph.groups.owners.list", "graph.servicePrincipals.owners.list"
APPLICATION_OWNERS, DEVICE_OWNERS = "graph.applications.owners.list", "graph.devices.registeredOwners.list"
OWNERS = {GROUP_OWNERS: "group", SERVICE_OWNERS: "servicePrincipal", APPLICATION_OWNERS: "application",
          DEVICE_OWNERS: "device"}  # fmt: skip
"""Lists of owners, by the kind of what is owned."""
UNITS, UNIT_MEMBERS = "graph.directory.administrativeUnits.list", "graph.directory.administrativeUnits.members.list"
_DIRECTORY = "graph.roleManagement.directory."
ROLES, ASSIGNMENTS = f"{_DIRECTORY}roleDefinitions.list", f"{_DIRECTORY}roleAssignments.list"
INSTANCES, SCHEDULES = (
    f"{_DIRECTORY}roleAssignmentScheduleInstances.list", f"{_DIRECTORY}roleAssignmentSchedules.list",
)  # fmt: skip
ELIGIBLE, ELIGIBLE_SCHEDULES = (
    f"{_DIRECTORY}roleEligibilityScheduleInstances.list", f"{_DIRECTORY}roleEligibilitySchedules.list",
)  # fmt: skip
ACTIVE_ROLES, ROLE_MEMBERS = "graph.directoryRoles.list", "graph.directoryRoles.members.list"
SCOPED_MEMBERS = "graph.directory.administrativeUnits.scopedRoleMembers.list"
"""Assignments in their older form: roles that are in use with their members, and members of roles at a unit."""
_PIM = "graph.privilegedAccess.group."
ENROLMENTS, ENROLMENT_SCHEDULES = f"{_PIM}assignmentScheduleInstances.list", f"{_PIM}assignmentSchedules.list"
OFFERS, OFFER_SCHEDULES = f"{_PIM}eligibilityScheduleInstances.list", f"{_PIM}eligibilitySchedules.list"
ACCESS_REQUESTS, OFFER_REQUESTS, SOME_REQUESTS = (
    f"{_DIRECTORY}roleAssignmentScheduleRequests.list", f"{_DIRECTORY}roleEligibilityScheduleRequests.list",
    f"{_DIRECTORY}scheduleRequests.list",
)  # fmt: skip
"""What was asked of PIM: for access, for what can be had on request, and exports that do not tell for which."""
GROUP_REQUESTS, GROUP_OFFER_REQUESTS, SOME_GROUP_REQUESTS = (
    f"{_PIM}assignmentScheduleRequests.list", f"{_PIM}eligibilityScheduleRequests.list",
    f"{_PIM}scheduleRequests.list",
)  # fmt: skip
APPROVALS = "graph.approvals.list"
ROLE_STAGES, GROUP_STAGES = (
    f"{_DIRECTORY}roleAssignmentApprovals.steps.list", f"{_PIM}assignmentApprovals.stages.list",
)  # fmt: skip
"""Approvals with what was decided in each of their stages, and lists of the stages of one."""
RULES, RULE_ASSIGNMENTS = (
    "graph.policies.roleManagementPolicies.list", "graph.policies.roleManagementPolicyAssignments.list",
)  # fmt: skip
APP_ROLES_OF, APP_ROLES = (
    "graph.servicePrincipals.appRoleAssignedTo.list", "graph.servicePrincipals.appRoleAssignments.list",
)  # fmt: skip
USER_APP_ROLES, GROUP_APP_ROLES = "graph.users.appRoleAssignments.list", "graph.groups.appRoleAssignments.list"
DELEGATIONS = "graph.oauth2PermissionGrants.list"
AUTHORIZATION_POLICY = "graph.policies.authorizationPolicy.get"
CONSENT_POLICIES = "graph.policies.permissionGrantPolicies.list"
CONSENT_REQUESTS = "graph.policies.adminConsentRequestPolicy.get"
CONDITIONAL_ACCESS = "graph.identity.conditionalAccess.policies.list"
LOCATIONS = "graph.identity.conditionalAccess.namedLocations.list"
INTUNE_ROLES = "graph.roleManagement.deviceManagement.roleDefinitions.list"
INTUNE_ASSIGNMENTS = "graph.roleManagement.deviceManagement.roleAssignments.list"
REGISTRATION = "graph.reports.userRegistrationDetails.list"
SERVICE_SIGN_INS = "graph.reports.servicePrincipalSignInActivities.list"
ANY_OWNERS = "graph.directoryObjects.owners.list"
"""Owners of something of which an export does not tell what it is."""
OWNERS[ANY_OWNERS] = ""
_DELETED = "graph.directory.deletedItems."
DELETED = tuple(f"{_DELETED}{one}.list" for one in ("users", "servicePrincipals", "applications", "groups"))
"""Objects that were deleted and can still be restored."""
SECURITY_DEFAULTS = "graph.policies.identitySecurityDefaultsEnforcementPolicy.get"
SIGN_IN_METHODS = "graph.policies.authenticationMethodsPolicy.get"
CROSS_TENANT = (
    "graph.policies.crossTenantAccessPolicy.default.get",
    "graph.policies.crossTenantAccessPolicy.partners.list",
)
