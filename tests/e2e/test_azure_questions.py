"""`can`, `who-can`, `what-can` and `reach` asked of imported exports of Azure by the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED
from leastwise.cli.main import run

CORP = Path(__file__).parents[1] / "golden" / "azure" / "corp"
SAMPLES = SHARED / "samples/azure"
SUB = "/subscriptions/11111111-1111-4111-8111-111111111111"
VM = f"{SUB}/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/vm1"
WRITE, READ = "Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachines/read"
ANN, BOB, CID, EVE, GUEST, APP, PARTNER = (
    f"0b000000-0000-4000-8000-{number:012d}" for number in (1, 2, 3, 4, 5, 31, 77)
)
SHOP = "/subscriptions/a925f2f7-5c63-4b7b-8799-25a5f97bc3b2"
READER = "ce2ce14e-85d7-4629-bdbc-454d0519d987"
OFFERED, OTHER = "a3bb8764-cb92-4276-9d2a-ca1e895e55ea", "/subscriptions/dfa2a084-766f-4003-8ae1-c4aeb893a99f"


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("corp") / "home"
    assert run(["import", str(CORP), "--taken", "2026-11-01T00:00:00Z", "--home", str(home), "--format", "json"]) == 0
    return home


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("the shared samples are not here")
    home = tmp_path_factory.mktemp("samples") / "home"
    assert run(["import", str(SAMPLES), "--home", str(home), "--format", "json"]) == 0
    return home


def answer(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*command, "--home", str(home), "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_can(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = {who: answer(corp, capsys, "can", who, WRITE, VM)["state"] for who in (ANN, CID, PARTNER, EVE, GUEST)}
    # Ann and Cid by roles, the partner by a delegation; of that, nobody whom our own directory lists is part.
    assert states == {ANN: "ALLOWED", CID: "ALLOWED", PARTNER: "ALLOWED", EVE: "DENIED", GUEST: "DENIED"}
    why = answer(corp, capsys, "can", CID, WRITE, VM)
    assert any("Contributor" in one["text"] for one in why["reasons"])
    assert {one["kind"] for one in why["chain"]} == {"group", "scope"}


def test_who_can_on_a_resource_and_anywhere(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in ([VM], []):
        items = answer(corp, capsys, "who-can", WRITE, *place)["items"]
        assert {one["principal"]: one["state"] for one in items} == dict.fromkeys(
            (ANN, BOB, CID, APP, PARTNER), "ALLOWED"
        )


def test_what_can_holds_what_can_says(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cubes = answer(corp, capsys, "what-can", "ann@corp.example", VM)["items"]
    held = {name for one in cubes for name in one["permissions"] if one["state"] == "ALLOWED"}
    assert {WRITE, READ} <= held
    assert answer(corp, capsys, "can", ANN, WRITE, VM)["state"] == "ALLOWED"
    data = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
    assert data not in held
    assert answer(corp, capsys, "can", ANN, data, SUB)["state"] == "DENIED"


def test_reach(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = answer(corp, capsys, "reach", WRITE, ANN)["items"]
    assert {one["resource"] for one in items} == {SUB, f"{SUB}/resourceGroups/web", VM}
    for one in items:
        assert answer(corp, capsys, "can", ANN, WRITE, one["resource"])["state"] == one["state"] == "ALLOWED"
    assert answer(corp, capsys, "reach", WRITE, EVE)["items"] == []


def test_what_was_not_read_is_unknown(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(samples, capsys, "can", READER, READ, SHOP)
    assert found["state"] == "UNKNOWN"
    assert any("role definition" in one for one in found["missing"])
    assert answer(samples, capsys, "can", OFFERED, WRITE, OTHER)["state"] == "UNKNOWN"
    listed = answer(samples, capsys, "who-can", READ, SHOP)
    assert {one["principal"]: one["state"] for one in listed["items"]} == {READER: "UNKNOWN"}
    reached = answer(samples, capsys, "reach", READ, READER)["items"]
    assert {(one["resource"], one["state"]) for one in reached} >= {(SHOP, "UNKNOWN")}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["can", "ann@corp.example", "nonsense", SUB], "is no operation"),
        (["can", "ann@corp.example", WRITE, "/subscriptions/*"], "is no id of one resource"),
        (["can", "nobody@corp.example", WRITE, SUB], "nobody of that name"),
        (["can", ANN, "data:Microsoft.Compute/virtualMachines/write", SUB], "of the control plane"),
        (["who-can", "Microsoft.Compute/virtualMachines/wrote", SUB], "Azure has no such operation"),
        (["what-can", "ann@corp.exampel"], "did you mean ann@corp.example"),
        (["reach", WRITE, "nobody@corp.example"], "nobody of that name"),
        (["who-can", WRITE, SUB, "--context", "@Environment[UtcNow]=soon"], "is no moment"),
    ],
)
def test_a_refusal_is_one_line(corp: Path, command: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run([*command, "--home", str(corp)]) == 2
    printed = capsys.readouterr()
    assert told in printed.err and printed.err.count("\n") == 1 and printed.out == ""


def test_a_group_whose_members_were_listed_without_one_lets_nobody_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group, tenant = "0b000000-0000-4000-8000-0000000000ff", "72f00000-0000-4000-8000-000000000000"
    folder = tmp_path / f"tenant-{tenant}"
    shutil.copytree(CORP, folder)
    role = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    given = {"roleDefinitionId": role, "principalId": group, "principalType": "Group", "scope": SUB}
    id = f"{SUB}/providers/Microsoft.Authorization/roleAssignments/0b000000-0000-4000-8000-0000000000fe"
    (folder / "more.json").write_text(json.dumps([{"id": id, "properties": given}]))
    groups = json.loads((folder / "groups.json").read_text())
    (groups if isinstance(groups, list) else groups["value"]).append({"id": group, "displayName": "made-later"})
    (folder / "groups.json").write_text(json.dumps(groups))
    states = {}
    for name, content in (("unread", None), ("empty", [])):
        if content is not None:
            (folder / f"members--{group}.json").write_text(json.dumps(content))
        home = tmp_path / name
        assert run(["import", str(folder), "--home", str(home), "--format", "json"]) == 0
        states[name] = answer(home, capsys, "can", EVE, WRITE, VM)["state"]
    assert states == {"unread": "UNKNOWN", "empty": "DENIED"}


def test_the_table_of_who_can_names_whom_ids_do_not_tell(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["who-can", WRITE, VM, "--home", str(corp)]) == 0
    [row] = [line for line in capsys.readouterr().out.splitlines() if ANN in line]
    assert "ann@corp.example" in row
