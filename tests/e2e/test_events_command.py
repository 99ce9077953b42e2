"""`events` and `activity` as they are typed, on written trails and on the records of others."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from fakes.trails import ACCOUNT, assumed, event, event_id, session, user, write
from leastwise.cli.main import run

LOGS = Path(__file__).resolve().parents[2].parent / "shared/logs/aws"
ADA = f"arn:aws:iam::{ACCOUNT}:user/ada"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A home that has taken in a morning of ada and of a role that she assumed."""
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    inside = session("deploy", "ada", "ASIA1")
    write(
        tmp_path / "logs",
        [
            event(1, "2026-01-31T07:15:00Z"),
            event(2, "2026-01-31T07:30:00Z", sourceIPAddress="198.51.100.9", errorCode="AccessDenied"),
            assumed(3, "deploy", "ada", "ASIA1", user(), "2026-01-31T08:00:00Z"),
            event(4, "2026-01-31T08:30:00Z", userIdentity=inside),
            event(5, "2026-02-02T00:00:00Z", userIdentity=inside, eventSource="ec2.amazonaws.com",
                  eventName="DescribeInstances", sourceIPAddress="2001:db8::7", requestParameters=None),
        ],
    )  # fmt: skip
    assert run(["events", str(tmp_path / "logs")]) == 0
    assert "1 of 1 files taken in; 5 new events, 0 known." in capsys.readouterr().out
    return tmp_path


def numbers(answer: Any) -> list[int]:
    known = {event_id(number): number for number in range(10)}
    return [known[one["id"]] for one in answer["items"]]


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["ada"], [5, 4, 3, 2, 1]),
        ([ADA, "--denied"], [2]),
        ([ADA, "--ip", "192.0.2.0/24"], [4, 3, 1]),
        (["AKIAADA"], [3, 2, 1]),
        (["ASIA1"], [5, 4]),
        (["ASIA1", "--ip", "2001:db8::/32"], [5]),
        (["arn:aws:s3:::plans"], [4, 2, 1]),
        (["arn:aws:s3:::plans/a/b.txt"], [4, 2, 1]),
        (["plans/a/b.txt"], [4, 2, 1]),
        (["arn:aws:s3:::plan"], []),
        (["deploy"], [5, 4, 3]),
        (["deploy", "--from", "2026-02-01"], [5]),
        (["deploy", "--to", "2026-01-31"], [4, 3]),
        (["deploy", "--from", "2026-01-31T08:00:01Z", "--to", "2026-01-31T08:30:00Z"], [4]),
        (["ASIA1", "--limit", "1"], [5]),
        ([event_id(2)], [2]),
        (["nobody"], []),
    ],
    ids=lambda one: " ".join(map(str, one)),
)
def test_activity_finds_by_principal_credential_and_resource(
    home: Path, arguments: list[str], wanted: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert numbers(asked(capsys, "activity", *arguments)) == wanted


def test_activity_says_how_many_there_are_besides(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "activity", "ASIA1", "--limit", "1")["total"] == 2
    assert run(["activity", "ASIA1", "--limit", "1"]) == 0
    assert "1 of 2 events." in capsys.readouterr().out
    assert run(["activity", "nobody"]) == 0
    assert "Nothing matches." in capsys.readouterr().out


def test_activity_is_exported_as_csv(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["activity", ADA, "--format", "csv", "--limit", "0"]) == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [one["outcome"] for one in found] == ["allowed", "allowed", "allowed", "denied", "allowed"]
    assert [one["credential"] for one in found][:3] == ["ASIA1", "ASIA1", "AKIAADA"]
    assert {one["origin"] for one in found[:2]} == {ADA}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["activity", "ada", "--ip", "nowhere"], "--ip: 'nowhere' is no address"),
        (["activity", "ada", "--from", "then"], "--from"),
        (["activity", " "], "name a principal"),
        (["activity", "ada", "--limit", "-1"], "--limit"),
        (["events"], "name files or folders"),
        (["events", "x", "--status"], "name files or folders"),
        (["events", "/nowhere"], "/nowhere: no such file or folder"),
        (["events", ".", "--provider", "moon"], "no provider moon"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_what_cannot_be_done_is_one_line(
    home: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("leastwise: ")
    assert said in error
    assert error.count("\n") == 1


def test_status_of_a_home_without_logs_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path))
    assert asked(capsys, "events", "--status")["items"] == []
    assert run(["events", "--status"]) == 0


@pytest.mark.parametrize("there", [True, False])
def test_status_says_whether_compiled_code_reads_logs(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path))
    monkeypatch.setattr("leastwise.providers.aws.events.rows.native", lambda: object() if there else None)
    assert asked(capsys, "events", "--status")["compiled"] == {"aws": there}
    assert run(["events", "--status"]) == 0
    assert ("No compiled code here: logs of aws are read slower." in capsys.readouterr().out) == (not there)


def test_status_says_what_was_set_aside(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = home / "logs" / "bad.jsonl"
    bad.write_text(json.dumps(event(7)) + "\n{\n")
    answer = asked(capsys, "events", str(home / "logs"))
    assert answer["taken"]["files"] == {"found": 2, "known": 1, "skipped": 0, "failed": 0}
    assert answer["taken"]["events"]["bad"] == 1
    assert [(Path(one["file"]).name, one["place"]) for one in answer["items"]] == [("bad.jsonl", "line 2")]
    status = asked(capsys, "events", "--status")
    assert [(one["account"], one["events"]) for one in status["items"]] == [(ACCOUNT, 6)]
    assert [(Path(one["file"]).name, one["state"]) for one in status["set_aside"]] == [("bad.jsonl", "partly")]
    assert run(["events", "--status"]) == 0
    assert "line 2" in capsys.readouterr().out


def test_a_writer_at_work_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from leastwise.app.wiring import Workspace

    with Workspace(home / "home").store.writing("collection"):
        assert run(["events", str(home / "logs")]) == 2
    assert "is being written by process" in capsys.readouterr().err


def test_the_records_of_others_are_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not LOGS.is_dir():
        pytest.skip("the shared logs are not here")
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    (tmp_path / "logs").mkdir()
    lines = 0
    for path in sorted(LOGS.glob("*.jsonl")):
        raws = [json.loads(line)["raw"] for line in path.read_text().splitlines()]
        lines += len(raws)
        (tmp_path / "logs" / path.name).write_text("".join(json.dumps(one) + "\n" for one in raws))
    first = asked(capsys, "events", str(tmp_path / "logs"))["taken"]
    assert first["events"]["new"] > 3000
    assert first["events"]["new"] + first["events"]["duplicates"] + first["events"]["bad"] >= lines * 0.95
    again = asked(capsys, "events", str(tmp_path / "logs"))["taken"]
    assert again["events"]["new"] == 0
    status = asked(capsys, "events", "--status")
    held = sum(one["events"] for one in status["items"])
    assert held == first["events"]["new"]
    assert sum(one["events"] for one in status["unresolved"]) < held / 100
