"""Exports of Azure and of its directory through the command line: what every list shows of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

GOLDEN = Path(__file__).parents[1] / "golden"
CORP = GOLDEN / "azure" / "corp"
TAKEN = "2026-11-01T00:00:00Z"
ENTRA_FILES = ("users.json", "groups.json", "service-principals.json", "members--")
TENANT, SUB = "72f00000-0000-4000-8000-000000000000", "11111111-1111-4111-8111-111111111111"


def who(number: int) -> str:
    return f"0b000000-0000-4000-8000-{number:012d}"


ANN, BOB, CID, EVE, GUEST, PLATFORM, ONCALL, APP, BUILD = map(who, (1, 2, 3, 4, 5, 21, 22, 31, 32))


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("corp") / "home"
    assert run(["import", str(CORP), "--taken", TAKEN, "--home", str(home), "--format", "json"]) == 0
    return home


def answer(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*command, "--home", str(home), "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def listed(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answer(home, capsys, *command)["items"]
    return items


def test_grants_say_who_holds_which_role_where_members_of_groups_too(
    corp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = listed(corp, capsys, "grants")
    told = {(row["principal"], row["via_name"], row["layer"], row["policy_name"], row["resource"]): row for row in rows}
    owner = told[ANN, None, "allow", "Owner", SUB]
    assert (owner["admin"], owner["state"], owner["principal_name"]) == (True, "standing", "ann@corp.example")
    # He is in a group that is in the group, which has the role at a management group.
    nested = told[CID, "platform", "allow", "Contributor", "corp"]
    assert (nested["via"], nested["account"]) == (PLATFORM, "corp")
    assert told[CID, None, "allow", "Contributor", "22222222-2222-4222-8222-222222222222"]["state"] == "activated"
    assert told[CID, "On call", "eligible", "Owner", SUB]["state"] == "eligible"
    assert told[APP, "On call", "eligible", "Owner", SUB]["principal_kind"] == "workload"
    limited = next(row for row in rows if row["principal"] == BUILD)
    assert (limited["conditional"], limited["admin"]) == (True, False)
    partner = next(row for row in rows if row["principal_name"] == "Partner support" and row["layer"] == "allow")
    assert (partner["principal_kind"], partner["resource"]) == ("external", SUB)


def test_each_identity_stands_once_with_what_its_directory_tells(
    corp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = listed(corp, capsys, "identities")
    found = {row["id"]: row for row in rows}
    assert len(rows) == len(found)
    ann = found[ANN]
    assert (ann["provider"], ann["account"], ann["admin"], ann["enabled"]) == ("entra", TENANT, "yes", True)
    assert (found[BOB]["enabled"], found[GUEST]["external"], found[CID]["grants"]) == (False, True, 2)
    assert set(found[CID]["groups"]) == {ONCALL}
    assert (found[BUILD]["provider"], found[BUILD]["native"]) == ("azure", "managed_identity")
    only = {row["id"] for row in listed(corp, capsys, "identities", "--provider", "entra")}
    assert ANN in only and BUILD not in only


def test_other_lists(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resources = {row["name"]: row for row in listed(corp, capsys, "resources")}
    assert resources["vm1"]["kind"] == "compute:virtualmachines"
    assert resources["web"]["account"] == SUB
    (trust,) = listed(corp, capsys, "trusts")
    assert (trust["principal"], trust["patterns"]) == (BUILD, ["repo:corp/web:ref:refs/heads/main"])
    credentials = {row["kind"]: row for row in listed(corp, capsys, "credentials")}
    assert credentials.keys() == {"federated_credential", "application_password"}
    of_app = credentials["application_password"]
    assert (of_app["provider"], of_app["principal_name"], of_app["expires"][:4]) == ("entra", "deploy", "2027")
    gaps = {row["call"] for row in listed(corp, capsys, "coverage", "--gaps")}
    assert gaps == {"classicAdministrators.list", "roleDefinitions.list", "principals"}
    assert isinstance(listed(corp, capsys, "findings"), list)


def test_without_its_directory_the_members_of_groups_are_a_gap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud, people, home = tmp_path / "cloud", tmp_path / f"tenant-{TENANT}", tmp_path / "home"
    shutil.copytree(CORP, cloud)
    people.mkdir()
    for path in list(cloud.iterdir()):
        if path.name.startswith(ENTRA_FILES):
            path.rename(people / path.name)
    assert run(["import", str(cloud), "--taken", TAKEN, "--home", str(home)]) == 0
    assert "members" in {row["call"] for row in listed(home, capsys, "coverage", "--gaps")}
    before = listed(home, capsys, "grants")
    assert {row["via"] for row in before} == {""}
    assert run(["import", str(people), "--taken", TAKEN, "--home", str(home)]) == 0
    assert "members" not in {row["call"] for row in listed(home, capsys, "coverage", "--gaps")}
    after = listed(home, capsys, "grants")
    assert {row["via"] for row in after} == {"", PLATFORM, ONCALL}

    def direct(rows: list[dict[str, Any]]) -> set[tuple[str, ...]]:
        return {(row["principal"], row["layer"], row["policy"], row["resource"]) for row in rows if not row["via"]}

    assert direct(after) == direct(before)


def test_an_estate_of_three_clouds_answers(corp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    for folder in (GOLDEN / "gcp" / "corp", CORP):
        assert run(["import", str(folder), "--taken", TAKEN, "--home", str(home)]) == 0
    details = {"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [
        {"RoleName": "r", "Arn": "arn:aws:iam::111122223333:role/r", "RoleId": "AROA1", "Path": "/",
         "CreateDate": "2024-01-01T00:00:00Z", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
         "AttachedManagedPolicies": [], "RolePolicyList": [], "InstanceProfileList": []}]}  # fmt: skip
    (tmp_path / "details.json").write_text(json.dumps(details))
    assert run(["import", str(tmp_path / "details.json"), "--taken", TAKEN, "--home", str(home)]) == 0
    for command in ("identities", "resources", "grants", "credentials", "trusts", "coverage", "findings"):
        providers = {row.get("provider") for row in listed(home, capsys, command)}
        assert providers, command
    assert {row["provider"] for row in listed(home, capsys, "identities")} == {"aws", "azure", "entra", "gcp"}
    for command in (
        ["can", ANN, "Microsoft.Compute/virtualMachines/read", f"/subscriptions/{SUB}"],
        ["who-can", "Microsoft.Compute/virtualMachines/read"],
        ["what-can", ANN],
        ["what-can", "arn:aws:iam::111122223333:role/r"],
        ["gap"], ["external"], ["top"], ["usage", ANN], ["dormant"], ["similar", ANN], ["estate"],
    ):  # fmt: skip
        capsys.readouterr()
        code = run([*command, "--home", str(home)])
        shown = capsys.readouterr()
        assert code in (0, 2), (command, shown.err)
        assert "internal error" not in shown.err and "Traceback" not in shown.err
        if code == 2:
            assert len(shown.err.strip().splitlines()) == 1, (command, shown.err)


def test_one_provider_can_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    assert run(["import", str(CORP), "--provider", "azure", "--taken", TAKEN, "--home", str(home)]) == 0
    assert {row["provider"] for row in listed(home, capsys, "identities")} == {"azure"}


def test_exports_of_clouds_that_have_nothing_in_common_are_not_mixed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(CORP), str(GOLDEN / "gcp" / "corp")]
    assert run(["import", *paths, "--home", str(tmp_path / "home")]) == 2
    assert "import them one after another" in capsys.readouterr().err
