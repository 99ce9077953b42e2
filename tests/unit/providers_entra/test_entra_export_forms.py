"""The same facts in every form in which tools write them: pages, single objects, Graph PowerShell, AzureHound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from entra_support import TENANT, collected

from leastwise.errors import InputError
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.exports import kinds
from leastwise.providers.entra.exports.shapes import kind_of, read_items

ANN, DEVS, APP, SP, UNIT = (f"0b000000-0000-4000-8000-00000000000{one}" for one in range(1, 6))
READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
USER = {"id": ANN, "userPrincipalName": "ann@corp.example", "userType": "Member", "accountEnabled": True}
GROUP = {"id": DEVS, "displayName": "devs", "groupTypes": [], "securityEnabled": True, "isAssignableToRole": True}
SERVICE = {"id": SP, "appId": APP, "displayName": "deploy", "servicePrincipalType": "Application"}
APPLICATION = {"id": UNIT, "appId": APP, "displayName": "deploy", "signInAudience": "AzureADMyOrg"}
ASSIGNED = {"id": "a-1", "principalId": ANN, "roleDefinitionId": READERS, "directoryScopeId": "/"}
GRAPH = "https://graph.microsoft.com/v1.0/$metadata#"


def estate(folder: Path, files: dict[str, Any]) -> Estate:
    return estate_of_tables(PROVIDER.translate(collected(folder, files)), published())


def shell(value: Any) -> Any:
    """An object as `ConvertTo-Json` of Graph PowerShell writes it."""
    told = {name[:1].upper() + name[1:]: one for name, one in value.items()}
    return {**told, "Department": None, "AdditionalProperties": {}}


def asked(value: Any) -> Any:
    """The same as it is written of an object that was asked for by its id."""
    return {**shell(value), "AdditionalProperties": {"@odata.context": f"{GRAPH}x/$entity"}}


FORMS = {
    "one object": lambda one: one,
    "a list": lambda one: [one],
    "a page": lambda one: {"value": [one]},
    "lines": lambda one: json.dumps(one) + "\n",
    "a recorded answer": lambda one: {"status": 200, "url": "u", "body": {"value": [one]}},
    "PowerShell": shell,
    "a list of PowerShell": lambda one: [asked(one)],
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_tell_the_same(tmp_path: Path, form: str) -> None:
    several = {"u.json": USER, "g.json": GROUP, "s.json": SERVICE, "a.json": APPLICATION, "r.json": ASSIGNED}
    found = estate(tmp_path, {name: FORMS[form](one) for name, one in several.items()})
    plainly = tmp_path / "plainly"
    plainly.mkdir()
    assert found == estate(plainly, several)
    assert set(found.objects) == {ANN, DEVS, SP, UNIT}
    assert [one.role for one in found.assignments] == [READERS]


HOUND = [
    ("AZTenant", {"id": f"/tenants/{TENANT}", "tenantId": TENANT, "displayName": "Corp"}),
    ("AZUser", {**USER, "tenantId": TENANT}),
    ("AZGroup", {**GROUP, "tenantId": TENANT}),
    ("AZGroupMember", {"groupId": DEVS, "members": [{"groupId": DEVS, "member": {
        **USER, "@odata.type": "#microsoft.graph.user"}}]}),
    ("AZGroupOwner", {"groupId": DEVS, "owners": [{"groupId": DEVS, "owner": {"id": ANN}}]}),
    ("AZApp", {**APPLICATION, "tenantId": TENANT}),
    ("AZAppOwner", {"appId": APP, "owners": [{"appId": "", "owner": {
        "id": ANN, "@odata.type": "#microsoft.graph.user"}}]}),
    ("AZServicePrincipal", {**SERVICE, "tenantId": TENANT}),
    ("AZServicePrincipalOwner", {"servicePrincipalId": SP, "owners": None}),
    ("AZDevice", {"id": "d1", "displayName": "laptop", "tenantId": TENANT}),
    ("AZDeviceOwner", {"deviceId": "d1", "owners": [{"deviceId": "d1", "owner": {"id": ANN}}]}),
    ("AZRole", {"id": "r-own", "displayName": "Own", "rolePermissions": [
        {"allowedResourceActions": ["microsoft.directory/users/delete"]}], "tenantId": TENANT}),
    ("AZRoleAssignment", {"roleDefinitionId": READERS, "tenantId": TENANT, "roleAssignments": [
        {**ASSIGNED, "roleDefinition": {"id": ""}, "appScope": {"id": ""}}]}),
    ("AZRoleEligibilityScheduleInstance", {"roleDefinitionId": "r-own", "roleEligibilityScheduleInstances": [
        {"id": "e-1", "principalId": ANN, "roleDefinitionId": "r-own", "directoryScopeId": "/"}]}),
    ("AZAppRoleAssignment", {"id": "x", "appRoleId": "q", "principalId": SP, "principalType": "ServicePrincipal",
                             "resourceId": SP, "appId": APP, "tenantId": TENANT}),
    ("AZFederatedIdentityCredential", {"appId": APP, "fics": [{"appId": APP, "fic": {
        "id": "f", "name": "f", "issuer": "https://issuer", "subject": "repo:x", "audiences": ["api"]}}]}),
    ("AZVM", {"id": "/subscriptions/s/vm", "name": "vm", "tenantId": TENANT}),
]  # fmt: skip


@pytest.mark.parametrize("lines", [False, True])
def test_a_collection_of_azurehound(tmp_path: Path, lines: bool) -> None:
    told = [{"kind": kind, "data": data} for kind, data in HOUND]
    whole = {"data": told, "meta": {"type": "azure", "version": 5, "count": len(told)}}
    file = tmp_path / "azurehound.json"
    file.write_text("\n".join(map(json.dumps, told)) if lines else json.dumps(whole))
    assert PROVIDER.recognises(file)
    (one,) = PROVIDER.read_exports([file])
    assert one.scope.key == f"entra:{TENANT}"
    known = estate_of_tables(PROVIDER.translate(one), published())
    assert {id: found.kind for id, found in known.objects.items()} == {
        ANN: "user", DEVS: "group", SP: "servicePrincipal", UNIT: "application", "d1": "device"
    }  # fmt: skip
    assert [one.id for one in known.groups[DEVS]] == [ANN]
    assert {id: [one.id for one in owners] for id, owners in known.owners.items()} == {
        DEVS: [ANN], UNIT: [ANN], "d1": [ANN]
    }  # fmt: skip
    assert known.roles["r-own"].custom
    assert [one.id for one in known.assignments] == ["a-1"] and [one.id for one in known.eligible] == ["e-1"]
    assert [one.application for one in known.trusted] == [UNIT]
    assert [one.role for one in known.app_roles] == ["q"]
    assert "owners of groups" not in known.unread and "delegated grants" in known.unread
    assert any("AZVM" in gap.detail and "is not read" in gap.detail for gap in one.coverage)


CONTEXTS = [
    (f"groups('{DEVS}')/owners", kinds.GROUP_OWNERS), (f"applications('{UNIT}')/owners", kinds.APPLICATION_OWNERS),
    (f"servicePrincipals('{SP}')/owners", kinds.SERVICE_OWNERS),
    (f"administrativeUnits('{UNIT}')/members", kinds.UNIT_MEMBERS),
    (f"directory/administrativeUnits('{UNIT}')/members", kinds.UNIT_MEMBERS),
    (f"devices('{UNIT}')/registeredOwners", kinds.DEVICE_OWNERS),
]  # fmt: skip


@pytest.mark.parametrize(("context", "kind"), CONTEXTS)
@pytest.mark.parametrize("held", [[], [{**USER, "@odata.type": "#microsoft.graph.user"}]])
def test_lists_say_what_they_are_of(tmp_path: Path, context: str, kind: str, held: list[Any]) -> None:
    one = collected(tmp_path, {"u.json": [USER], "page.json": {"@odata.context": GRAPH + context, "value": held}})
    (found,) = (document for document in one.documents if document.kind == kind)
    assert found.resource in (DEVS, UNIT, SP)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (f"group-owners--{DEVS}.json", kinds.GROUP_OWNERS), (f"app-owners--{DEVS}.json", kinds.APPLICATION_OWNERS),
        (f"service-principal-owners--{DEVS}.json", kinds.SERVICE_OWNERS), (f"owners--{DEVS}.json", kinds.ANY_OWNERS),
        (f"unit-members--{DEVS}.json", kinds.UNIT_MEMBERS), (f"members--{DEVS}.json", kinds.MEMBERS),
    ],
)  # fmt: skip
def test_lists_are_told_by_the_names_of_their_files(tmp_path: Path, name: str, kind: str) -> None:
    one = collected(tmp_path, {name: [USER]})
    assert [(document.kind, document.resource) for document in one.documents] == [(kind, DEVS)]


SHAPES = {
    kinds.ROLES: {"id": "r", "templateId": "r", "isBuiltIn": True, "isEnabled": True, "displayName": "x"},
    kinds.ASSIGNMENTS: ASSIGNED,
    kinds.INSTANCES: {**ASSIGNED, "assignmentType": "Activated", "memberType": "Direct", "startDateTime": None},
    kinds.ELIGIBLE: {**ASSIGNED, "roleEligibilityScheduleId": "s", "memberType": "Direct"},
    kinds.SCHEDULES: {**ASSIGNED, "assignmentType": "Assigned", "scheduleInfo": {}},
    kinds.ELIGIBLE_SCHEDULES: {**ASSIGNED, "memberType": "Direct", "scheduleInfo": {}},
    kinds.ENROLMENTS: {"id": "e", "accessId": "member", "principalId": ANN, "groupId": DEVS,
                       "assignmentType": "activated"},
    kinds.OFFERS: {"id": "e", "accessId": "owner", "principalId": ANN, "groupId": DEVS, "eligibilityScheduleId": "s"},
    kinds.DELEGATIONS: {"id": "x", "clientId": SP, "consentType": "AllPrincipals", "resourceId": SP, "scope": "s"},
    kinds.APP_ROLES_OF: {"id": "x", "appRoleId": "r", "principalId": SP, "resourceId": SP,
                         "principalType": "ServicePrincipal"},
    kinds.RULE_ASSIGNMENTS: {"id": "x", "policyId": "p", "scopeId": "/", "scopeType": "DirectoryRole",
                             "roleDefinitionId": READERS},
    kinds.RULES: {"id": "p", "scopeId": "/", "scopeType": "DirectoryRole", "rules": []},
    kinds.AUTHORIZATION_POLICY: {"id": "authorizationPolicy", "allowInvitesFrom": "everyone"},
    kinds.CONDITIONAL_ACCESS: {"id": "c", "state": "enabled", "conditions": {}, "grantControls": None},
    kinds.LOCATIONS: {"id": "l", "displayName": "x", "isTrusted": True, "ipRanges": []},
    kinds.CONSENT_POLICIES: {"id": "p", "displayName": "x", "includes": [], "excludes": []},
    kinds.CONSENT_REQUESTS: {"isEnabled": True, "notifyReviewers": True, "reviewers": []},
    kinds.REGISTRATION: {"id": ANN, "userPrincipalName": "a@b", "isMfaRegistered": True, "methodsRegistered": []},
    kinds.SERVICE_SIGN_INS: {"id": "x", "appId": APP, "lastSignInActivity": {}},
    kinds.UNITS: {"id": UNIT, "displayName": "x", "isMemberManagementRestricted": True},
    kinds.DEVICES: {"id": "d", "deviceId": "x", "operatingSystem": "Linux"},
    kinds.ACCESS_REQUESTS: {"id": "x", "action": "selfActivate", "targetScheduleId": "t", **ASSIGNED},
    kinds.SOME_REQUESTS: {"id": "x", "action": "adminAssign", "targetScheduleId": "t", **ASSIGNED},
    kinds.GROUP_REQUESTS: {"id": "x", "action": "selfActivate", "groupId": DEVS, "accessId": "member",
                           "principalId": ANN},
    kinds.APPROVALS: {"id": "x", "stages": [{"id": "s", "reviewResult": "Approve", "reviewedBy": {"id": ANN}}]},
    kinds.GROUP_STAGES: {"id": "s", "reviewResult": "Approve", "reviewedBy": {"id": ANN}, "justification": ""},
    None: {"id": "x", "action": "selfActivate", "name": "of something else"},
}  # fmt: skip


@pytest.mark.parametrize("kind", SHAPES, ids=str)
@pytest.mark.parametrize("form", ["a page", "PowerShell"])
def test_objects_without_a_type_are_known_by_their_members(kind: str | None, form: str) -> None:
    (one,) = read_items("x.json", json.dumps(FORMS[form](SHAPES[kind])).encode()).items
    assert kind_of(one.value) == kind


@pytest.mark.parametrize("cut", [40, 200, 400])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    told = json.dumps({"data": [{"kind": kind, "data": data} for kind, data in HOUND], "meta": {}})
    with pytest.raises(InputError, match=r"x\.json"):
        collected(tmp_path, {"x.json": told[:cut]})


def test_a_scoped_role_membership_is_no_membership_of_a_unit() -> None:
    told = {"id": "x", "roleId": "r", "administrativeUnitId": UNIT, "roleMemberInfo": {"id": ANN}}
    assert kind_of(told) == kinds.SCOPED_MEMBERS


EMPTY = [
    ("oauth2PermissionGrants", "delegated grants", True),
    ("roleManagement/directory/roleAssignments", "assignments of directory roles", True),
    ("roleManagement/directory/roleAssignments(id,principalId)", "assignments of directory roles", True),
    ("oauth2PermissionGrants(id,a(b()))", "delegated grants", True),
    ("directoryObjects", "delegated grants", False),
    ("servicePrincipals('x')/appRoleAssignedTo", "app roles that were granted", False),
]


@pytest.mark.parametrize(("context", "what", "told"), EMPTY)
def test_an_empty_page_says_that_there_is_none_of_the_set_that_it_names(
    tmp_path: Path, context: str, what: str, told: bool
) -> None:
    page = {"@odata.context": GRAPH + context, "value": []}
    files = {"u.json": USER, "s.json": SERVICE, "page.json": page}
    found = estate(tmp_path, files)
    assert (what not in found.unread) is told
    assert any("holds no object" in gap.detail for gap in collected(tmp_path, files).coverage) is not told
    more = {**page, "@odata.nextLink": "https://graph.microsoft.com/v1.0/next"}
    assert what in estate(tmp_path, {**files, "page.json": more}).unread
