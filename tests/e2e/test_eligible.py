"""What `what-can` tells that somebody could activate, beside what he can do now; and who is asked of him."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.home import Ask, asking
from leastwise.cli.main import run

TENANT, SUBSCRIPTION = "72f00000-0000-4000-8000-000000000000", "5b000000-0000-4000-8000-000000000001"
ANN, BOB, EVE, DAN = (f"0b000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3, 4))
STAFF, TIER, INNER = (f"0c000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
HELPDESK, GLOBAL = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "62e90394-69f5-4237-9190-012177145e10"
READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
RULES = [{
    "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule", "id": "Enablement_EndUser_Assignment",
    "enabledRules": ["MultiFactorAuthentication", "Ticketing"],
    "target": {"caller": "EndUser", "operations": ["All"], "level": "Assignment"},
}]  # fmt: skip


def user(id: str, name: str) -> dict[str, Any]:
    return {"id": id, "userPrincipalName": f"{name}@corp.example", "mail": f"{name}@corp.example",
            "userType": "Member", "accountEnabled": True}  # fmt: skip


def group(id: str, name: str, *members: tuple[str, str]) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.group", "id": id, "displayName": name, "securityEnabled": True,
            "isAssignableToRole": True, "groupTypes": [],
            "members": [{"@odata.type": f"#microsoft.graph.{kind}", "id": one} for kind, one in members]}  # fmt: skip


def eligible(id: str, who: str, role: str) -> dict[str, Any]:
    return {"id": id, "principalId": who, "roleDefinitionId": role, "directoryScopeId": "/", "memberType": "Direct",
            "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": None}  # fmt: skip


ROLES = "roleManagement/directory/"
PAGES: dict[str, list[dict[str, Any]]] = {
    "organization": [{"id": TENANT, "displayName": "corp"}],
    "users": [user(ANN, "ann"), user(BOB, "bob"), user(EVE, "eve"), user(DAN, "dan")],
    "groups(members())": [
        group(STAFF, "staff", ("user", BOB), ("group", INNER)), group(INNER, "inner", ("user", EVE)),
        group(TIER, "tier0"),
    ],
    f"{ROLES}roleAssignments": [
        {"id": "g", "principalId": TIER, "roleDefinitionId": GLOBAL, "directoryScopeId": "/"},
        {"id": "r", "principalId": BOB, "roleDefinitionId": READERS, "directoryScopeId": "/"},
    ],
    f"{ROLES}roleEligibilityScheduleInstances": [eligible("e1", ANN, HELPDESK), eligible("e2", STAFF, HELPDESK)],
    "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances": [
        {"id": "p", "groupId": TIER, "accessId": "member", "principalId": DAN, "memberType": "direct",
         "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": None},
    ],
    "policies/roleManagementPolicyAssignments(policy(effectiveRules()))": [
        {"id": "pa", "policyId": "pp", "scopeId": "/", "scopeType": "DirectoryRole", "roleDefinitionId": HELPDESK,
         "policy": {"id": "pp", "scopeId": "/", "scopeType": "DirectoryRole", "effectiveRules": RULES}},
    ],
}  # fmt: skip
AZURE = {
    "id": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/e3",
    "name": "e3", "type": "Microsoft.Authorization/roleEligibilityScheduleInstances",
    "properties": {"scope": f"/subscriptions/{SUBSCRIPTION}", "principalId": STAFF, "principalType": "Group",
                   "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
                   "memberType": "Direct", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": None},
}  # fmt: skip
DETAILS = {
    "UserDetailList": [], "GroupDetailList": [], "Policies": [],
    "RoleDetailList": [{
        "Path": "/", "RoleName": "eve", "RoleId": "AROA00000000000000001", "Arn": "arn:aws:iam::012345678901:role/eve",
        "CreateDate": "2026-01-01T00:00:00Z", "InstanceProfileList": [], "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
    }],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("eligible")
    tenant, cloud = base / f"tenant-{TENANT}", base / "azure"
    tenant.mkdir()
    cloud.mkdir()
    for number, (name, found) in enumerate(PAGES.items()):
        page = {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{name}", "value": found}
        (tenant / f"{number}.json").write_text(json.dumps(page))
    (cloud / "eligible.json").write_text(json.dumps({"value": [AZURE]}))
    (base / "details.json").write_text(json.dumps(DETAILS))
    for place in (tenant, cloud, base / "details.json"):
        told = ["import", str(place), "--taken", "2026-11-01T00:00:00Z", "--home", str(base / "home")]
        assert run(told) == 0, place
    return base / "home"


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return asking(home, capsys)


HELP = ("entra", "Helpdesk Administrator", "mfa, ticket")
OFFERED = {
    ANN: {(*HELP, None)},
    BOB: {(*HELP, "staff"), ("azure", "Owner", None, "staff")},
    # Of a group in a group only Azure's roles are had.
    EVE: {("azure", "Owner", None, "staff")},
    # The membership comes first, and with it what the group has.
    DAN: {("entra", "Member of the group", None, None), ("entra", "Global Administrator", None, "tier0")},
}


@pytest.mark.parametrize("who", OFFERED)
def test_what_can_be_activated(ask: Ask, who: str) -> None:
    answer = ask("what-can", who)
    found = {(one["provider"], one["grant"], one["requires"], one["via"]) for one in answer["eligible"]}
    assert found == OFFERED[who]
    # None of it is access: nobody here may reset a password, or assign a role.
    held = {name for one in answer["items"] if one["state"] == "ALLOWED" for name in one["permissions"]}
    assert not held & {"microsoft.directory/users/password/update", "Microsoft.Authorization/roleAssignments/write"}


def test_it_stands_apart_in_the_table(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["what-can", DAN, "--home", str(home)]) == 0
    table, _, told = capsys.readouterr().out.partition("Not held now, and can be activated:")
    assert "Global Administrator" not in table
    assert f"Global Administrator through tier0 on {TENANT}" in told


def test_what_was_not_read_of_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / f"tenant-{TENANT}"
    folder.mkdir()
    (folder / "users.json").write_text(json.dumps({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": [user(ANN, "ann")],
    }))  # fmt: skip
    assert run(["import", str(folder), "--home", str(tmp_path / "home")]) == 0
    capsys.readouterr()
    assert run(["what-can", ANN, "--home", str(tmp_path / "home"), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["eligible"] == [] and answer["eligible_missing"] == [
        f"entra:{TENANT}: which directory roles can be activated was not read",
        f"entra:{TENANT}: which groups somebody can become a member or owner of was not read",
    ]


# --- who is asked -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [BOB, "bob@corp.example", "BOB@corp.example"])
def test_an_id_and_an_address_are_asked_of_the_cloud_and_of_its_directory(ask: Ask, who: str) -> None:
    answer = ask("what-can", who)
    assert {one["provider"] for one in answer["eligible"]} == {"azure", "entra"}
    assert any(one["provider"] == "entra" for one in answer["items"])
    assert answer["coverage"]["unasked"] == []
    told = ask("gap", who)["answers"]
    assert [(one["provider"], one["principal"]) for one in told] == [("azure", BOB), ("entra", BOB)]
    assert [one["provider"] for one in ask("usage", who)["answers"]] == ["azure", "entra"]


def test_everybody_is_named_and_of_one_provider_each(ask: Ask) -> None:
    listed = {(one["provider"], one["principal"]): one["name"] for one in ask("gap")["items"]}
    assert listed["entra", BOB] == "bob@corp.example"
    assert listed["aws", "arn:aws:iam::012345678901:role/eve"] == "eve"


def test_whose_words_an_id_is_in_is_asked_alone(ask: Ask) -> None:
    answer = ask("what-can", "arn:aws:iam::012345678901:role/eve")
    assert {one["provider"] for one in answer["items"]} <= {"aws"} and answer["eligible"] == []
    assert ask("gap", "arn:aws:iam::012345678901:role/eve")["provider"] == "aws"


def test_a_name_that_is_no_address_is_of_one(home: Path, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("gap", "eve")["provider"] == "aws"
    for command in ("what-can", "gap", "usage"):
        assert run([command, "nobody@corp.example", "--home", str(home)]) == 2
        error = capsys.readouterr().err
        assert "Amazon Web Services: " in error and "Microsoft Entra ID: " in error and error.count("\n") == 1
