"""`who-can --transitive` and `check` on an estate of Azure: who becomes an identity, or gives himself roles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

TENANT, SUB = "72f00000-0000-4000-8000-000000000000", "11111111-1111-4111-8111-111111111111"
DATA, APPS = (f"/subscriptions/{SUB}/resourceGroups/{name}" for name in ("data", "apps"))
MACHINE = f"{APPS}/providers/Microsoft.Compute/virtualMachines/vm1"
BUILD = f"{APPS}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/build"
OWN, SHARED = "0b000000-0000-4000-8000-000000000033", "0b000000-0000-4000-8000-000000000032"
ANN, BOB, CID, DAN, EVE, FAY = (f"0b000000-0000-4000-8000-00000000000{number}" for number in range(1, 7))
STORAGE = "17d1049b-9a84-46fb-8f53-869881c3d3ab"
MACHINES = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
IDENTITIES = "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59"
ACCESS = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ONLY_READER = (
    "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR "
    f"(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{READER}}}))"
)
WRITES = "Microsoft.Storage/storageAccounts/write"


def given(who: str, role: str, scope: str, **more: Any) -> dict[str, Any]:
    name = f"{who[-2:]}{role[:4]}"
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}", "name": name, "principalId": who,
        "principalType": "ServicePrincipal" if who in (OWN, SHARED) else "User", "scope": scope,
        "type": "Microsoft.Authorization/roleAssignments",
        "roleDefinitionId": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}", **more,
    }  # fmt: skip


FILES: dict[str, Any] = {
    "subscriptions.json": [{"cloudName": "AzureCloud", "id": SUB, "isDefault": True, "name": "Sub", "state": "Enabled",
                            "tenantId": TENANT}],
    "assignments.json": [
        given(OWN, STORAGE, DATA),
        given(SHARED, STORAGE, DATA),
        given(ANN, STORAGE, DATA),
        given(BOB, MACHINES, APPS),
        given(CID, IDENTITIES, BUILD),
        given(DAN, ACCESS, DATA),
        given(EVE, ACCESS, DATA, condition=ONLY_READER, conditionVersion="2.0"),
        given(FAY, READER, f"/subscriptions/{SUB}"),
        # What says that the list was made with what is inherited.
        given(FAY, READER, "/providers/Microsoft.Management/managementGroups/top"),
    ],
    "denials.json": {"value": [{
        "id": f"{APPS}/providers/Microsoft.Authorization/denyAssignments/d", "name": "d",
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "denyAssignmentName": "lock", "scope": APPS, "doNotApplyToChildScopes": False, "excludePrincipals": [],
            "permissions": [{"actions": ["*/delete"], "notActions": [], "dataActions": [], "notDataActions": []}],
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
        },
    }]},
    "resources.json": [
        {"id": MACHINE, "name": "vm1", "type": "Microsoft.Compute/virtualMachines", "location": "westeurope",
         "identity": {"type": "SystemAssigned", "principalId": OWN, "tenantId": TENANT}},
        {"id": BUILD, "name": "build", "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
         "location": "westeurope", "properties": {"principalId": SHARED, "clientId": SHARED, "tenantId": TENANT}},
    ],
    "users.json": [
        {"id": one, "userPrincipalName": f"{one[-1]}@corp.example", "userType": "Member", "accountEnabled": True}
        for one in (ANN, BOB, CID, DAN, EVE, FAY)
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transitive")
    (folder / "in").mkdir()
    for name, told in FILES.items():
        (folder / "in" / name).write_text(json.dumps(told))
    assert run(["import", str(folder / "in"), "--home", str(folder / "home")]) == 0
    return folder / "home"


def who_can(home: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["who-can", WRITES, *more, "--transitive", "--home", str(home), "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def chains(found: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {one["principal"]: [(each["kind"], each["id"]) for each in one["chain"]] for one in found["items"]}


WANTED = {
    ANN: [], OWN: [], SHARED: [],
    BOB: [("run_command", OWN)],
    CID: [("federated_credential", SHARED)],
}  # fmt: skip


def test_whoever_becomes_an_identity_or_gives_himself_the_role(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = who_can(home, capsys, DATA)
    assert chains(found) == {**WANTED, DAN: [("role_assignment", DATA)]}
    assert {one["state"] for one in found["items"]} == {"ALLOWED"}


def test_somewhere(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert chains(who_can(home, capsys)) == {**WANTED, DAN: [("role_assignment", DATA)]}


def test_an_assertion_about_who_becomes_one(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "check.yaml"
    # Whoever becomes one that is named counts as named: he who becomes the other identity does not.
    only = {"only": [ANN, SHARED, DAN], "permission": WRITES, "resource": DATA, "transitive": True}
    file.write_text(json.dumps({"version": 1, "assertions": [{"name": "only these", **only}]}))
    assert run(["check", str(file), "--home", str(home)]) == 1
    told = capsys.readouterr().out
    assert "1 failed" in told
    assert BOB in told and OWN in told and "through vm1" in told
    assert CID not in told and DAN not in told
