"""Lists of members that leave out service principals, as version 1.0 of Graph does: who is no user may still be in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.home import asking
from leastwise.cli.main import run

TENANT, SUB = "72f00000-0000-4000-8000-000000000000", "11111111-1111-4111-8111-111111111111"
ANN, EVE, ROBOT, APP, GROUP = (f"0b000000-0000-4000-8000-00000000000{n}" for n in range(1, 6))
USER_ADMIN, READER = "fe930be7-5e62-47db-91af-98c3a49a38b1", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CREATE, READ = "microsoft.directory/users/create", "Microsoft.Compute/virtualMachines/read"
WHERE = f"/subscriptions/{SUB}"
ANN_IN = {"@odata.type": "#microsoft.graph.user", "id": ANN}
ROBOT_IN = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": ROBOT}
SHELL = {"Id": ANN, "AdditionalProperties": {"@odata.type": "#microsoft.graph.user"}}


def page(version: str, *members: Any, **more: Any) -> dict[str, Any]:
    context = f"https://graph.microsoft.com/{version}/$metadata#groups('{GROUP}')/members"
    return {"@odata.context": context, "value": [*members], **more}


FORMS: dict[str, tuple[Any, str, str]] = {
    "a page of version 1.0": (page("v1.0", ANN_IN), "UNKNOWN", "DENIED"),
    "the Azure CLI": ([ANN_IN], "UNKNOWN", "DENIED"),
    "the Azure CLI, of nobody": ([], "UNKNOWN", "DENIED"),
    "Graph PowerShell": ([SHELL], "UNKNOWN", "DENIED"),
    "the beta interface": (page("beta", ANN_IN), "DENIED", "DENIED"),
    "the beta interface, of nobody": (page("beta"), "DENIED", "DENIED"),
    "a list that tells one": ([ANN_IN, ROBOT_IN], "ALLOWED", "DENIED"),
    "a page that is cut off": (page("v1.0", ANN_IN, **{"@odata.nextLink": "x"}), "UNKNOWN", "UNKNOWN"),
}
"""How the members were listed, and what comes of it for an application and for a user whom the list does not name."""


def of(type: str, **body: Any) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{type}", **body}


def imported(folder: Path, members: Any) -> Path:
    tenant = folder / f"tenant-{TENANT}"
    tenant.mkdir()
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    files: dict[str, Any] = {
        "users.json": [
            of("user", id=id, userPrincipalName=f"{name}@corp.example", userType="Member", accountEnabled=True)
            for id, name in ((ANN, "ann"), (EVE, "eve"))
        ],
        "groups.json": [
            of("group", id=GROUP, displayName="admins", securityEnabled=True, groupTypes=[], isAssignableToRole=True)
        ],
        "sps.json": [of("servicePrincipal", id=ROBOT, appId=APP, displayName="robot", accountEnabled=True)],
        f"members--{GROUP}.json": members,
        "directory.json": [
            of("unifiedRoleAssignment", id="a", principalId=GROUP, roleDefinitionId=USER_ADMIN, directoryScopeId="/")
        ],
        "account.json": {"id": SUB, "tenantId": TENANT, "name": "main", "isDefault": True, "homeTenantId": TENANT},
        "assignments.json": [
            {"id": f"{WHERE}/providers/Microsoft.Authorization/roleAssignments/0b000000-0000-4000-8000-0000000000fe",
             "properties": {"roleDefinitionId": role, "principalId": GROUP, "principalType": "Group", "scope": WHERE}}
        ],
    }  # fmt: skip
    empty = {name: {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{name}", "value": []}
             for name in ("oauth2PermissionGrants", "directory/administrativeUnits")}  # fmt: skip
    files |= {f"{name.replace('/', '-')}.json": content for name, content in empty.items()}
    files[f"deny-{SUB}.json"] = []
    for name, content in files.items():
        (tenant / name).write_text(json.dumps(content))
    assert run(["import", str(tenant), "--home", str(folder / "home")]) == 0
    return folder / "home"


def asked(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    return asking(home, capsys)(*command)


@pytest.mark.parametrize("form", FORMS)
def test_who_is_no_user_may_be_in_a_group(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    members, robot, eve = FORMS[form]
    home = imported(tmp_path, members)
    for permission, place in ((CREATE, "/"), (READ, WHERE)):
        states = {}
        for who in (ROBOT, EVE):
            found = asked(home, capsys, "can", who, permission, place)
            here = f"the members of group {GROUP}", f"the members of group admins ({GROUP})"
            # What else was not read of the tenant, or the subscription, may give it as well.
            told = any(one in here for one in found["missing"])
            states[who] = "UNKNOWN" if told else found["state"] if found["state"] == "ALLOWED" else "DENIED"
        assert (states[ROBOT], states[EVE]) == (robot, eve), (permission, states)
        listed = asked(home, capsys, "who-can", permission, place)
        of_robot = {one["principal"]: one["state"] for one in listed["items"]}.get(ROBOT)
        assert (of_robot == "ALLOWED") is (robot == "ALLOWED")
        # Azure lists the group itself where others may be in it, the directory says what is missing.
        held = GROUP in {one["principal"] for one in listed["items"]}
        assert (held or "the members of group" in json.dumps(listed)) is (robot == "UNKNOWN"), listed


def test_an_answer_that_hangs_on_a_list_that_no_file_holds_is_not_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No call was refused, so that no scope has a gap; the answer itself says what it leaves open."""
    tenant = tmp_path / f"tenant-{TENANT}"
    tenant.mkdir()
    users = [of("user", id=ANN, userPrincipalName="ann@corp.example", userType="Member", accountEnabled=True)]
    (tenant / "users.json").write_text(json.dumps(users))
    assert run(["import", str(tenant), "--home", str(tmp_path / "home")]) == 0
    listed = asked(tmp_path / "home", capsys, "who-can", CREATE, "/")
    assert listed["coverage"]["missing"] == [] and listed["coverage"]["gaps"] == 0
    assert listed["missing"] and listed["coverage"]["complete"] is False
    one = asked(tmp_path / "home", capsys, "can", ANN, CREATE, "/")
    assert one["state"] == "UNKNOWN" and one["coverage"]["complete"] is False
    itself = asked(tmp_path / "home", capsys, "can", ANN, "microsoft.directory/users/standard/read", ANN)
    assert itself["coverage"]["complete"] is (itself["state"] != "UNKNOWN")
