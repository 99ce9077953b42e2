"""Azure's logs that tell only an address or an application: whose usage it is, with a directory and without one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.each import each_of
from leastwise.app.estate_file import EstateFile
from leastwise.app.gap import GapOf
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

CORP = Path(__file__).parents[1] / "golden/azure/corp"
SUB = "11111111-1111-4111-8111-111111111111"
ANN, BOB, DEPLOY = (f"0b000000-0000-4000-8000-{number:012d}" for number in (1, 2, 31))
CID = "0b000000-0000-4000-8000-000000000003"
UNKNOWN = "0b000000-0000-4000-8000-000000000099"
START = "Microsoft.Compute/virtualMachines/start/action"
WRITE = "Microsoft.Compute/virtualMachines/write"
VM = f"/subscriptions/{SUB}/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/vm1"


def record(number: int, operation: str, **who: Any) -> dict[str, Any]:
    return {
        "authorization": {"action": operation, "scope": VM}, "correlationId": f"c{number}", "channels": "Operation",
        "category": {"value": "Administrative"}, "eventTimestamp": f"2026-10-2{number}T10:00:00.1234567Z",
        "operationName": {"value": operation}, "resourceId": VM, "status": {"value": "Succeeded"},
        "subStatus": {"value": "OK (HTTP Status Code: 200)"}, "subscriptionId": SUB, **who,
    }  # fmt: skip


def home_of(folder: Path, application: str, *without: str, more: tuple[dict[str, Any], ...] = ()) -> Path:
    """A home with the company's exports, but for some files, and five or more records of its Activity Log."""
    shutil.copytree(CORP, folder / "corp", ignore=shutil.ignore_patterns(*without))
    log = [
        record(1, START, caller="ann@corp.example"), record(2, WRITE, caller="Ann@Corp.example"),
        record(3, WRITE, claims={"appid": application}), record(4, START, caller=application.upper()),
        record(5, START, caller=DEPLOY), *more,
    ]  # fmt: skip
    (folder / "log.json").write_text(json.dumps(log))
    home = folder / "home"
    for arguments in (["import", str(folder / "corp"), "--taken", "2026-11-01T00:00:00Z"],
                      ["events", str(folder / "log.json"), "--provider", "azure"]):  # fmt: skip
        assert run([*arguments, "--home", str(home)]) == 0
    return home


@pytest.fixture
def application() -> str:
    told = json.loads((CORP / "service-principals.json").read_text())
    objects = told if isinstance(told, list) else told["value"]
    return str(next(one["appId"] for one in objects if one["id"] == DEPLOY))


def gap_of(home: Path) -> GapOf:
    workspace = Workspace(home)
    estate = workspace.store.estate()
    asking = next(one for one in each_of(workspace, estate, EstateFile(version=1)) if one.provider == "azure")
    return GapOf.opened(workspace, asking, "30d")


def done(found: GapOf, principal: str) -> dict[str, int]:
    return {row["permission"]: row["count"] for row in found.facts.uses.rows(principal)}


def active(capsys: pytest.CaptureFixture[str], home: Path, subject: str) -> list[int]:
    capsys.readouterr()
    assert run(["activity", subject, "--home", str(home), "--format", "json"]) == 0
    return sorted(int(one["time"][8:10]) - 20 for one in json.loads(capsys.readouterr().out)["items"])


def test_a_directory_tells_whose_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str], application: str) -> None:
    home = home_of(tmp_path, application)
    found = gap_of(home)
    assert done(found, ANN) == {START: 1, WRITE: 1} and done(found, BOB) == {}
    assert sum(done(found, DEPLOY).values()) == 3
    uses = found.facts.uses
    assert (uses.unnamed(ANN), uses.unnamed(BOB), uses.unnamed(DEPLOY)) == ("", "", "")
    assert uses.unnamed(UNKNOWN) == (
        f"4 uses of the log name only ann@corp.example, application:{application} and 1 more,"
        " which others whose names were not read may have too"
    )
    assert {name: one.unnamed != "" for name, one in uses.of(UNKNOWN).items()} == {START: True, WRITE: True}
    assert {one for one in ("ann@corp.example", application) if done(found, one)} == set()
    for name in (ANN, "ann@corp.example"):
        assert active(capsys, home, name) == [1, 2]
    for name in (DEPLOY, f"application:{application}", f"caller:{application}"):
        assert active(capsys, home, name) == [3, 4, 5]
    assert active(capsys, home, BOB) == []


def test_without_one_nobody_who_may_be_meant_is_told_as_idle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], application: str
) -> None:
    home = home_of(tmp_path, application, "service-principals.json", "users.json", "groups.json", "members-*")
    found = gap_of(home)
    uses = found.facts.uses
    # The list of role assignments tells addresses, and of a program its object id alone.
    assert done(found, ANN) == {START: 1, WRITE: 1} and done(found, DEPLOY) == {START: 1}
    told = uses.of(DEPLOY)
    assert told[WRITE].unnamed == f"1 use of the log names only application:{application}, whose object id was not read"
    assert told[START].hows == {"call"} and uses.of(BOB) == {}
    assert uses.unnamed(DEPLOY).startswith("2 uses of the log name only application:")
    assert active(capsys, home, DEPLOY) == [5] and active(capsys, home, application) == [3, 4]


def test_the_gap_of_each_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str], application: str) -> None:
    home = home_of(tmp_path, application)

    def asked(*arguments: str) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--window", "30d", "--home", str(home), "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    for who, count in ((ANN, 2), (DEPLOY, 3)):
        verdicts = {one["permission"]: one for one in asked("gap", who)["items"]}
        assert [verdicts[name]["state"] for name in (START, WRITE)] == ["USED", "USED"]
        assert sum(one["count"] for one in verdicts.values()) == count
    every = {one["principal"]: one["used"] for one in asked("gap")["items"]}
    assert (every[ANN], every[DEPLOY], every[UNKNOWN]) == (2, 2, 0)
    told = asked("usage", DEPLOY)
    assert (sum(row["count"] for row in told["items"]), told["missing"]) == (3, [])


def test_what_was_used_under_a_former_address_is_nobodys_unused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], application: str
) -> None:
    tree = "72f00000-0000-4000-8000-000000000000"
    logs = [f"activity:/subscriptions/{SUB}", f"activity:/providers/microsoft.management/managementgroups/{tree}"]
    kept = "".join(
        f'- {{log: "{log}", accounts: ["{account}"], from: 2026-09-01T00:00:00Z, to: 2026-11-02T00:00:00Z}}\n'
        for log in logs for account in (SUB, tree, "corp", "/", "22222222-2222-4222-8222-222222222222")
    )  # fmt: skip
    found = []
    for name, more in (("plain", ()), ("former", (record(6, START, caller="former@corp.example"),))):
        (tmp_path / name).mkdir()
        home = home_of(tmp_path / name, application, more=more)
        (home / "estate.yaml").write_text(f"version: 1\nlogs:\n{kept}")
        capsys.readouterr()
        assert run(["gap", CID, "--window", "30d", "--home", str(home), "--format", "json"]) == 0
        items = {one["permission"]: one for one in json.loads(capsys.readouterr().out)["items"]}
        found.append([(items[one]["state"], items[one]["missing"]) for one in (START, WRITE)])
    assert found == [
        [("UNUSED", ""), ("UNUSED", "")],
        [("UNOBSERVABLE", "1 use of the log names only former@corp.example, whose object id was not read"),
         ("UNUSED", "")],
    ]  # fmt: skip
