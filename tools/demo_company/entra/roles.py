"""Directory roles: who holds one where, and who may activate one; one group whose membership is activated.

Since the middle of April administrators hold nothing for good: they activate what they need.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.clock import START, alive, moment
from demo_company.entra import apps, staff, units
from demo_company.identity_center import TENANT
from demo_company.ids import digest, guid

GLOBAL, PRIVILEGED = "Global Administrator", "Privileged Role Administrator"
APPLICATIONS, CLOUD_APPLICATIONS = "Application Administrator", "Cloud Application Administrator"
ACCESS, SECURITY, USERS = "Conditional Access Administrator", "Security Administrator", "User Administrator"
HELPDESK, GROUPS = "Helpdesk Administrator", "Groups Administrator"
ROLES = {
    GLOBAL: "62e90394-69f5-4237-9190-012177145e10",
    PRIVILEGED: "e8611ab8-c189-46e8-94e1-60213ab1f814",
    APPLICATIONS: "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    CLOUD_APPLICATIONS: "158c047a-c907-4556-b7ef-446551a6b5f7",
    ACCESS: "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    SECURITY: "194ae4cb-b126-40b2-bd5b-6091b380977d",
    USERS: "fe930be7-5e62-47db-91af-98c3a49a38b1",
    HELPDESK: "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    GROUPS: "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Guest Inviter": "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
}
"""The vendor's own roles that are given here."""
KEEPER = "Carrier Portal Keeper"
ROLE_IDS = ROLES | {KEEPER: guid("directory role", KEEPER)}
JUST_IN_TIME = "2026-04-14"
"""Since when administrators activate what they need."""
ONCALL_SINCE, ONCALL_UNTIL = "2026-10-31T20:15:00Z", "2026-11-01T04:15:00Z"
"""The role of Azure of the same weekend stands in `azure.grants`."""
EVERYWHERE = "/"


@dataclass(frozen=True, slots=True)
class Role:
    """A directory role for one principal at one scope. `ends` is of the assignment itself."""

    name: str
    who: str
    at: str = EVERYWHERE
    since: str = ""
    until: str = ""
    ends: str = ""
    kind: str = "user"

    @property
    def principal(self) -> str:
        """The object id of who has it."""
        id_of = {"user": staff.object_id, "group": staff.group_id, "servicePrincipal": apps.principal_id}
        return id_of[self.kind](self.who)

    @property
    def id(self) -> str:
        """The id of the assignment, as Graph makes them up."""
        made = digest("directory role assignment", self.name, self.who, self.at)[:32]
        return base64.urlsafe_b64encode(made).decode().rstrip("=") + "-1"


HELD = (
    Role(GLOBAL, staff.TIER_0, kind="group"),  # stories 6 and 12
    Role(GLOBAL, "Hiro Nakagawa", until=JUST_IN_TIME),
    Role(PRIVILEGED, "Greta Solheim", until=JUST_IN_TIME),
    Role(APPLICATIONS, "Anil Deshpande", since=ONCALL_SINCE, ends=ONCALL_UNTIL),
    Role(USERS, "hr", units.at(units.DEPOTS), since="2026-02-02", kind="group"),
    Role(HELPDESK, "Ole Knudsen", units.at(units.DEPOTS), since="2026-02-02"),
    Role(GROUPS, "Clara Hoffmann", units.at(units.CUSTOMS), since="2026-05-18"),
    Role(KEEPER, "Viktor Lund", f"/{apps.application_id('carrier-portal')}", since="2025-09-08"),
    Role("Directory Readers", "scim-google", kind="servicePrincipal"),
    Role("Guest Inviter", "Yara Nassar"),
    Role("Reports Reader", "Oluchi Eze"),
)

OFFERED = (
    Role(GLOBAL, "Hiro Nakagawa", since=JUST_IN_TIME),
    Role(PRIVILEGED, "Greta Solheim", since=JUST_IN_TIME),
    Role(APPLICATIONS, "Anil Deshpande", since=JUST_IN_TIME),
    Role(CLOUD_APPLICATIONS, "Mirko Jansen", since=JUST_IN_TIME),
    Role(ACCESS, "Noor Haddad", since=JUST_IN_TIME),
    Role(SECURITY, "Noor Haddad", since=JUST_IN_TIME),
    Role(USERS, "Farida Aziz", units.at(units.DEPOTS), since="2026-06-08"),
)
"""What can be activated."""
ELIGIBLE_MEMBER = Role("member", "Petra Lindqvist", since=JUST_IN_TIME)
"""Story 6: of the group of Global Administrators, when she activates it."""

_KEEPS = [
    "microsoft.directory/applications/credentials/update",
    "microsoft.directory/applications/basic/update",
    "microsoft.directory/applications/standard/read",
]


def definitions() -> list[dict[str, Any]]:
    """As Microsoft Graph lists the roles that are not built in."""
    id = ROLE_IDS[KEEPER]
    return [
        {
            "id": id, "templateId": id, "displayName": KEEPER, "isBuiltIn": False, "isEnabled": True, "version": "1",
            "description": "Keeps the registration of the carriers' portal, and its secrets", "resourceScopes": ["/"],
            "rolePermissions": [{"allowedResourceActions": _KEEPS, "condition": None}], "inheritsPermissionsFrom": [],
        }
    ]  # fmt: skip


def held(day: datetime) -> list[Role]:
    """What is in force on a day."""
    return [one for one in HELD if alive(day, one.since, one.until)]


def offered(day: datetime) -> list[Role]:
    """What can be activated on a day."""
    return [one for one in OFFERED if alive(day, one.since, one.until)]


def assignments(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists role assignments."""
    return [{"id": one.id, **_given(one)} for one in held(day)]


def instances(day: datetime) -> list[dict[str, Any]]:
    """What schedules of assignments have made: all of them, as only these tell when one ends."""
    return [
        {
            "id": one.id, **_given(one), "startDateTime": _since(one), "endDateTime": one.ends or None,
            "memberType": "Direct", "assignmentType": "Activated" if one.ends else "Assigned",
            "roleAssignmentOriginId": one.id,
            "roleAssignmentScheduleId": guid("role schedule", one.id) if one.ends else one.id,
        }
        for one in held(day)
    ]  # fmt: skip


def eligibilities(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists what schedules of eligibility have made."""
    return [
        {
            "id": f"{one.id}-e", **_given(one), "startDateTime": _since(one), "endDateTime": None,
            "memberType": "Direct", "roleEligibilityScheduleId": guid("role eligibility", one.id),
        }
        for one in offered(day)
    ]  # fmt: skip


def _given(one: Role) -> dict[str, Any]:
    scope = {"directoryScopeId": one.at, "appScopeId": None}
    return {"roleDefinitionId": ROLE_IDS[one.name], "principalId": one.principal, **scope}


def _since(one: Role) -> str:
    return (
        one.since if "T" in one.since else f"{moment(one.since or START, 'directory role', one.id):%Y-%m-%dT%H:%M:%SZ}"
    )


# --- the group --------------------------------------------------------------------------------------------------------


def group_eligibilities(day: datetime) -> list[dict[str, Any]]:
    """Who may become a member of the group, as PIM for groups lists it."""
    if not alive(day, ELIGIBLE_MEMBER.since, ""):
        return []
    return [_enrolled(ELIGIBLE_MEMBER) | {"eligibilityScheduleId": _schedule(ELIGIBLE_MEMBER)}]


def group_assignments(day: datetime) -> list[dict[str, Any]]:
    """Who is a member of the group, as PIM for groups lists it: since it keeps the group, all of them."""
    if not alive(day, JUST_IN_TIME, ""):
        return []
    several = [Role("member", one, since=JUST_IN_TIME) for one in staff.BREAK_GLASS]
    return [_enrolled(one) | {"assignmentType": "assigned", "assignmentScheduleId": _schedule(one)} for one in several]


def _enrolled(one: Role) -> dict[str, Any]:
    group = staff.group_id(staff.TIER_0)
    return {
        "id": f"{group}_member_{guid('enrolment', one.who)}", "groupId": group, "accessId": one.name,
        "principalId": one.principal, "memberType": "direct", "startDateTime": _since(one), "endDateTime": None,
    }  # fmt: skip


def _schedule(one: Role) -> str:
    return f"{staff.group_id(staff.TIER_0)}_member_{guid('enrolment schedule', one.who)}"


# --- what activation asks for -----------------------------------------------------------------------------------------


def policies(day: datetime) -> Iterator[dict[str, Any]]:
    """What activation of roles asks for, as Graph lists policies of roles with their rules."""
    for name in dict.fromkeys(one.name for one in offered(day)):
        strict = name in (GLOBAL, PRIVILEGED)
        yield _policy("Directory", "DirectoryRole", EVERYWHERE, ROLE_IDS[name], _rules(name, strict))


def group_policies(day: datetime) -> Iterator[dict[str, Any]]:
    """The same of memberships of the group."""
    if alive(day, ELIGIBLE_MEMBER.since, ""):
        yield _policy("Group", "Group", staff.group_id(staff.TIER_0), "member", _rules(staff.TIER_0, True))


def _policy(prefix: str, type: str, scope: str, role: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    whose = TENANT if prefix == "Directory" else scope
    policy = f"{prefix}_{whose}_{guid('role management policy', scope, role)}"
    return {
        "id": f"{policy}_{role}", "policyId": policy, "scopeId": scope, "scopeType": type, "roleDefinitionId": role,
        "policy": {
            "id": policy, "displayName": type, "description": type, "isOrganizationDefault": False,
            "scopeId": scope, "scopeType": type, "effectiveRules": rules,
        },
    }  # fmt: skip


def _rules(name: str, strict: bool) -> list[dict[str, Any]]:
    approver = "Noor Haddad" if name == staff.TIER_0 else "Petra Lindqvist"
    return [
        _rule("Expiration", "Assignment", isExpirationRequired=True, maximumDuration="PT4H" if strict else "PT8H"),
        _rule("Expiration", "Eligibility", caller="Admin", isExpirationRequired=False, maximumDuration="P365D"),
        _rule("Enablement", "Assignment", enabledRules=["MultiFactorAuthentication", "Justification"]),
        _rule("Approval", "Assignment", setting={
            "isApprovalRequired": strict, "isApprovalRequiredForExtension": False, "approvalMode": "SingleStage",
            "isRequestorJustificationRequired": True, "approvalStages": [_stage(approver)] if strict else [],
        }),
    ]  # fmt: skip


def _rule(kind: str, level: str, caller: str = "EndUser", **told: Any) -> dict[str, Any]:
    return {
        "@odata.type": f"#microsoft.graph.unifiedRoleManagementPolicy{kind}Rule", "id": f"{kind}_{caller}_{level}",
        **told,
        "target": {"caller": caller, "operations": ["All"], "level": level, "inheritableSettings": [],
                   "enforcedSettings": []},
    }  # fmt: skip


def _stage(approver: str) -> dict[str, Any]:
    who = {
        "@odata.type": "#microsoft.graph.singleUser", "userId": staff.object_id(approver), "description": approver,
    }  # fmt: skip
    return {
        "approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": True, "escalationTimeInMinutes": 0,
        "isEscalationEnabled": False, "primaryApprovers": [who], "escalationApprovers": [],
    }  # fmt: skip
