"""Logs of the directory, alone and among Azure's: each record is read by whose it is, by one process or by two."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

CASES = Path(__file__).parents[1] / "cases"
ANN, ROBOT = "0b000000-0000-4000-8000-000000000001", "0c000000-0000-4000-8000-000000000001"


def records(provider: str) -> list[Any]:
    """The records of a provider's cases."""
    file = CASES / f"{provider}_events/records.jsonl"
    return [json.loads(line)["record"] for line in file.read_text().splitlines()]


def lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in values)


def asked(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--format", "json", "--home", str(home)]) == 0
    return json.loads(capsys.readouterr().out)


def counted(capsys: pytest.CaptureFixture[str], home: Path) -> list[Any]:
    """Uses of each permission and the number of events, by provider."""
    found = asked(
        capsys, home, "sql", "select provider, permission, sum(count) n from usage group by 1, 2 order by 1, 2"
    )
    events = asked(capsys, home, "sql", "select provider, count(*) n from events group by 1 order by 1")
    return [found["items"], events["items"]]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with files of Azure, of its directory, and of both."""
    logs = tmp_path / "logs"
    logs.mkdir()
    own, directory = records("azure"), records("entra")
    both = [one for pair in zip(own[:20], directory[:20], strict=True) for one in pair]
    (logs / "b-azure.json").write_bytes(lines(own[20:]))
    (logs / "c-directory.json").write_bytes(lines(directory[20:]))
    (logs / "a-hub.json.gz").write_bytes(gzip.compress(json.dumps({"records": both}).encode()))
    return logs


def test_nothing_is_lost_whoever_is_named(mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = tmp_path / "alone"
    for name, content in (("azure", records("azure")), ("entra", records("entra"))):
        (tmp_path / f"{name}.json").write_bytes(lines(content))
        asked(capsys, alone, "events", str(tmp_path / f"{name}.json"), "--provider", name)
    wanted = counted(capsys, alone)
    assert {one["provider"] for one in wanted[1]} == {"azure", "entra"}
    for name in ("azure", "entra"):
        home = tmp_path / f"home-{name}"
        answer = asked(capsys, home, "events", str(mixed), "--provider", name)
        assert answer["taken"]["files"] == {"found": 3, "known": 0, "skipped": 0, "failed": 0}
        assert counted(capsys, home) == wanted
        again = asked(capsys, home, "events", str(mixed), "--provider", name)["taken"]
        assert (again["files"]["known"], again["events"]["new"]) == (3, 0)


def test_two_processes_read_the_same(mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for jobs in ("1", "2"):
        asked(capsys, tmp_path / jobs, "events", str(mixed), "--provider", "azure", "--jobs", jobs)
    assert counted(capsys, tmp_path / "1") == counted(capsys, tmp_path / "2")


def test_what_the_commands_say_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, logs = tmp_path / "home", tmp_path / "logs"
    logs.mkdir()
    (logs / "entra.json").write_bytes(lines(records("entra")))
    exported = json.dumps(
        {
            "CreationTime": "2026-11-21T12:00:00",
            "Id": "csv",
            "Operation": "Frob-Mailbox",
            "OrganizationId": "t",
            "RecordType": 1,
            "Workload": "Exchange",
            "UserId": "ann@corp.example",
        }
    )
    (logs / "search.csv").write_text('"CreationDate","AuditData"\n"x","' + exported.replace('"', '""') + '"\n')
    asked(capsys, home, "events", str(logs), "--provider", "entra")
    [row] = asked(capsys, home, "sql", "select principal, name from events where id = 'csv'")["items"]
    assert row == {"principal": "ann@corp.example", "name": "Exchange/Frob-Mailbox"}
    status = asked(capsys, home, "events", "--status")
    assert {"AuditLogs", "SignInLogs", "MicrosoftGraphActivityLogs", "UnifiedAuditLog"} <= {
        one["log"] for one in status["items"]
    }
    assert {"frobnicate tenant", "GET /frobs/{id}/parts"} <= {one["name"] for one in status["unresolved"]}
    done = asked(capsys, home, "activity", ANN)["items"]
    assert {"sign_in", "call"} <= {one["what"] for one in done} and {one["provider"] for one in done} == {"entra"}
    used = asked(capsys, home, "sql", f"select permission, bucket from usage where principal = '{ROBOT}'")["items"]
    assert {"permission": "User.Read.All", "bucket": "GET /users"} in used
