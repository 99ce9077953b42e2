"""The directory of one day, as pages of Microsoft Graph.

organization.json, users.json              GET /organization, /users?$select=…,signInActivity
groups.json, members--GROUP.json           GET /groups?$expand=owners, /groups/GROUP/members
service-principals.json                    GET /servicePrincipals?$expand=appRoleAssignedTo
service-principals-owners.json             GET /servicePrincipals?$expand=owners
applications-owners.json                   GET /applications?$expand=owners
applications-trust.json                    GET /applications?$expand=federatedIdentityCredentials
units.json, unit-members--UNIT.json        GET /directory/administrativeUnits, …/UNIT/members
role-definitions.json                      GET /roleManagement/directory/roleDefinitions?$filter=isBuiltIn eq false
role-….json                                GET /roleManagement/directory/roleAssignments and others
pim-….json                                 GET /identityGovernance/privilegedAccess/group/…, /policies/roleManagement…
consents.json                              GET /oauth2PermissionGrants
authorization-policy.json                  GET /policies/authorizationPolicy
conditional-access.json, locations.json    GET /identity/conditionalAccess/policies, …/namedLocations
registration.json, app-sign-ins.json       GET /reports/…/userRegistrationDetails, /servicePrincipalSignInActivities
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from demo_company.azure.things import identities
from demo_company.entra import apps, consents, guarding, registrations, requested, roles, staff, units
from demo_company.identity_center import TENANT
from demo_company.ids import DOMAIN

_CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
_MEMBERS = "https://graph.microsoft.com/beta/$metadata#"
"""Version 1.0 leaves service principals out of the members of groups."""


def files(day: datetime) -> dict[str, bytes]:
    """File name to bytes."""
    found = {**_objects(day), **_roles(day), **_around(day)}
    for name in staff.group_names():
        group = staff.group_id(name)
        found[f"members--{group}"] = (f"groups('{group}')/members", staff.memberships(name, day))
    for name in units.UNITS:
        found[f"unit-members--{units.unit_id(name)}"] = ("directoryObjects", units.members(name, day))
    written = {f"{name}.json": _page(context, held) for name, (context, held) in found.items()}
    policy = {"@odata.context": f"{_CONTEXT}policies/authorizationPolicy/$entity", **guarding.authorization_policy(day)}
    return {**written, "authorization-policy.json": _text(policy)}


_Pages = dict[str, tuple[str, list[dict[str, Any]]]]
"""By the name of the file: what the context says that a page holds, and the objects."""


def _objects(day: datetime) -> _Pages:
    company = {
        "id": TENANT, "displayName": "Brightwater Parcel", "tenantType": "AAD",
        "verifiedDomains": [{"name": DOMAIN, "type": "Managed", "isDefault": True, "isInitial": False}],
    }  # fmt: skip
    managed = {one.name: (one.principal, one.client) for one in identities(day)}
    groups = [one | {"owners": apps.owners(apps.GROUP_OWNERS, str(one["displayName"]), day)} for one in staff.groups()]
    trust = "applications(federatedIdentityCredentials())"
    return {
        "organization": ("organization", [company]),
        "users": ("users", staff.users(day)),
        "groups": ("groups(owners())", groups),
        "service-principals": ("servicePrincipals(appRoleAssignedTo())", apps.assigned(day, managed)),
        "service-principals-owners": ("servicePrincipals(owners())", apps.owned(day, managed)),
        "applications-owners": ("applications(owners())", registrations.owned(day)),
        "applications-trust": (trust, registrations.trusting(day)),
        "units": ("directory/administrativeUnits", units.units()),
        "consents": ("oauth2PermissionGrants", consents.grants(day)),
    }


def _roles(day: datetime) -> _Pages:
    directory, groups = "roleManagement/directory", "identityGovernance/privilegedAccess/group"
    rules = "policies/roleManagementPolicyAssignments(policy(effectiveRules()))"
    return {
        "role-definitions": (f"{directory}/roleDefinitions", roles.definitions()),
        "role-assignments": (f"{directory}/roleAssignments", roles.assignments(day)),
        "role-instances": (f"{directory}/roleAssignmentScheduleInstances", roles.instances(day)),
        "role-eligibility": (f"{directory}/roleEligibilityScheduleInstances", roles.eligibilities(day)),
        "pim-group-assignments": (f"{groups}/assignmentScheduleInstances", roles.group_assignments(day)),
        "pim-group-eligibility": (f"{groups}/eligibilityScheduleInstances", roles.group_eligibilities(day)),
        "role-requests": (f"{directory}/roleAssignmentScheduleRequests", requested.requests(day)),
        "role-request-approvals": (f"{directory}/roleAssignmentApprovals", requested.approvals(day)),
        "pim-policies": (rules, [*roles.policies(day)]),
        "pim-group-policies": (rules, [*roles.group_policies(day)]),
    }


def _around(day: datetime) -> _Pages:
    return {
        "conditional-access": ("identity/conditionalAccess/policies", guarding.policies(day)),
        "locations": ("identity/conditionalAccess/namedLocations", guarding.locations()),
        "registration": ("reports/authenticationMethods/userRegistrationDetails", guarding.registrations(day)),
        "app-sign-ins": ("reports/servicePrincipalSignInActivities", registrations.sign_ins(day)),
    }


def _page(context: str, held: list[Any]) -> bytes:
    root = _MEMBERS if context.endswith("/members") else _CONTEXT
    return _text({"@odata.context": root + context, "value": held})


def _text(told: object) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
