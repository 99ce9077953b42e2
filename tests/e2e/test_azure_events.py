"""Azure's logs through the command line: each record once, what is broken set aside, who gave a role."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED as _SHARED
from leastwise.cli.main import run

CASES = Path(__file__).parents[1] / "cases/azure_events/records.jsonl"
SHARED = _SHARED / "logs/azure"
CORP = Path(__file__).parents[1] / "golden/azure/corp"
SUB = "11111111-1111-4111-8111-111111111111"
ANN, EVE = (f"0b000000-0000-4000-8000-{number:012d}" for number in (1, 5))
GRANT = "11bb11bb-cc22-dd33-ee44-55ff55ff55ff"
HOUR = "y=2026/m=11/d=21/h=10/m=00/PT1H.json"


def records() -> list[dict[str, Any]]:
    return [json.loads(line)["record"] for line in CASES.read_text().splitlines()]


def asked(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--home", str(home), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def lines(found: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in found).encode()


def test_a_containers_blobs_and_the_command_lines_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, place = tmp_path / "home", tmp_path / "logs/insights-activity-logs/resourceId=/SUBSCRIPTIONS/S" / HOUR
    place.parent.mkdir(parents=True)
    place.with_suffix(".json.gz").write_bytes(gzip.compress(lines(records())))
    other = tmp_path / "logs/insights-logs-kube-audit/resourceId=/SUBSCRIPTIONS/S" / HOUR
    other.parent.mkdir(parents=True)
    other.write_text("not looked at")
    (tmp_path / "logs/list.json").write_text(json.dumps(records(), indent=2))
    taken = asked(capsys, home, "events", str(tmp_path / "logs"), "--provider", "azure")["taken"]
    first = taken["events"]
    assert taken["files"] == {"found": 3, "known": 0, "skipped": 1, "failed": 0} and first["bad"] == 0
    assert first["new"] + first["duplicates"] == 2 * len(records()) and first["new"] > 30
    again = asked(capsys, home, "events", str(tmp_path / "logs"), "--provider", "azure")["taken"]
    assert (again["events"]["new"], again["files"]["known"]) == (0, 2)
    shutil.copy(tmp_path / "logs/list.json", tmp_path / "logs/copy.json")
    more = asked(capsys, home, "events", str(tmp_path / "logs"), "--provider", "azure")["taken"]
    assert (more["events"]["new"], more["events"]["duplicates"]) == (0, len(records()))
    by_grant = asked(capsys, home, "activity", GRANT)["items"]
    assert by_grant and all(one["grant_id"] == GRANT for one in by_grant)
    [denied] = [
        one
        for one in asked(capsys, home, "activity", "d9da5048-2737-4770-bd64-00000000000a", "--denied")["items"]
        if one["error"] == "AuthorizationFailed"
    ]
    assert (denied["provider"], denied["log"], denied["outcome"]) == ("azure", "activity", "denied")
    told = asked(capsys, home, "sql", "select sum(count) n from usage where grant_id = '" + GRANT + "'")["items"]
    assert told[0]["n"] > 5
    status = asked(capsys, home, "events", "--status")
    assert {"activity", "StorageRead", "StorageWrite", "AuditEvent"} <= {one["log"] for one in status["items"]}
    assert {"ReadFile", "CertificateEnroll"} <= {one["name"] for one in status["unresolved"]}


def test_what_is_broken_is_set_aside_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, logs = tmp_path / "home", tmp_path / "logs"
    logs.mkdir()
    good = lines(records()[:3])
    (logs / "corrupt.json").write_bytes(good + b'{"time": "2026-11-21T10:\n' + lines(records()[40:42]))
    (logs / "truncated.json.gz").write_bytes(gzip.compress(good * 50)[:-30])
    (logs / "cut.json").write_bytes(json.dumps(records()[50:55], indent=1).encode()[:-40])
    (logs / "alerts.json").write_text(json.dumps([records()[0] | {"category": "Policy"}]))
    answer = asked(capsys, home, "events", str(logs), "--provider", "azure")
    taken = answer["taken"]
    assert taken["files"] == {"found": 4, "known": 0, "skipped": 1, "failed": 1}
    told = taken["events"]
    assert (told["bad"], told["new"] + told["duplicates"]) == (2, 3 + 2 + 4)
    places = {(Path(one["file"]).name, one["place"]) for one in answer["items"]}
    assert {("corrupt.json", "line 4"), ("truncated.json.gz", "")} <= places


def test_who_gave_a_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    assert run(["import", str(CORP), "--taken", "2026-11-01T00:00:00Z", "--home", str(home)]) == 0
    shop = f"/subscriptions/{SUB}/resourceGroups/web/providers/Microsoft.Storage/storageAccounts/corpweb"
    held = {(one["principal"], one["resource"]): one["policy"] for one in asked(capsys, home, "grants")["items"]}
    end = next(one for one in records() if "ROLEASSIGNMENTS/7B1CD0A5" in str(one.get("resourceId")))
    logged = []
    for number, (who, where) in enumerate(((ANN, SUB), (EVE, shop))):
        scope = f"/subscriptions/{SUB}" if where == SUB else where
        body = {"Properties": {"PrincipalId": who.upper(), "RoleDefinitionId": f"/x/{held[who, where]}"}}
        over = end | {
            "resourceId": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{number}".upper(),
            "properties": {},
            "time": "2026-10-30T10:00:00Z",
        }
        logged += [over | {"resultType": "Start", "properties": {"requestbody": json.dumps(body)}}, over]
    (tmp_path / "log.json").write_bytes(lines(logged))
    assert run(["events", str(tmp_path / "log.json"), "--provider", "azure", "--home", str(home)]) == 0
    with_history = asked(capsys, home, "grants", "--history")["items"]
    told = {(row["principal"], row["resource"], row["policy"]): row["provenance"]["created"] for row in with_history}
    for who, where in ((ANN, SUB), (EVE, shop)):
        found = told.pop((who, where, held[who, where]))
        assert (found["by"], found["at"][:10]) == ("d9da5048-2737-4770-bd64-00000000000a", "2026-10-30")
    assert not any(told.values())


@pytest.mark.skipif(not SHARED.exists(), reason="the shared logs are not here")
def test_records_of_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for file in sorted(SHARED.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        content = lines([one.get("raw") or one["log"] for one in rows])
        (logs / f"{file.name}.gz").write_bytes(gzip.compress(content))
    answer = asked(capsys, tmp_path / "home", "events", str(logs), "--provider", "azure")
    taken = answer["taken"]
    assert (taken["files"]["found"], taken["files"]["failed"]) == (3, 0)
    # 39 records of the directory, six of which are uses of an application too.
    assert (taken["events"]["new"] + taken["events"]["duplicates"], taken["events"]["bad"]) == (94 + 39 + 6, 16)
    assert {one["why"] for one in answer["items"]} == {
        "has no time", "names no category of logs", "is no record of Azure's logs"
    }  # fmt: skip
