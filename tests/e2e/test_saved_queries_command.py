"""Queries that are kept under a name: `sql --save`, `activity --save`, `queries`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.trails import event, write
from leastwise.cli.main import run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    denied = event(2, "2026-01-30T07:30:00Z", sourceIPAddress="198.51.100.9", errorCode="AccessDenied")
    write(tmp_path / "logs", [event(1), denied, event(3, "2026-02-03T01:00:00Z")])
    assert run(["events", str(tmp_path / "logs")]) == 0
    return tmp_path


def items(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["items"]
    return found


def wrong(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run([*arguments]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_a_question_in_sql_is_asked_again_with_other_parameters(capsys):
    query = "SELECT count(*) AS n FROM events WHERE time >= $since::TIMESTAMPTZ AND outcome = $how"
    given = ["--param", "since=2026-01-01", "--param", "how=allowed"]
    assert items(capsys, "sql", query, *given, "--save", "lately") == [{"n": 2}]
    assert items(capsys, "sql", "--saved", "lately") == [{"n": 2}]
    assert items(capsys, "sql", "--saved", "lately", "--param", "since=2026-02-01") == [{"n": 1}]
    assert items(capsys, "sql", "--saved", "lately", "--param", "how=denied", "--save", "denied") == [{"n": 1}]
    assert items(capsys, "sql", "--saved", "denied") == [{"n": 1}]
    assert items(capsys, "sql", "--saved", "lately") == [{"n": 2}]
    assert "no $other" in wrong(capsys, "sql", "--saved", "lately", "--param", "other=1")


def test_a_query_that_fails_is_not_kept(capsys):
    wrong(capsys, "sql", "SELECT nope FROM events", "--save", "bad")
    wrong(capsys, "sql", "COPY events TO 'x'", "--save", "bad")
    wrong(capsys, "activity", "ada", "--ip", "nowhere", "--save", "bad")
    assert items(capsys, "queries", "list") == []


def test_activity_is_asked_again_and_what_is_given_comes_first(capsys):
    def ids(*arguments: str) -> int:
        return len(items(capsys, "activity", *arguments))

    assert ids("ada", "--ip", "192.0.2.0/24", "--to", "2026-02-10", "--save", "office") == 2
    assert ids("--saved", "office") == 2
    assert ids("--saved", "office", "--to", "2026-02-01") == 1
    assert ids("--saved", "office", "--ip", "198.51.100.0/24") == 1
    assert ids("--saved", "office", "--denied") == 0
    assert ids("bo", "--saved", "office") == 0
    assert ids("--saved", "office", "--limit", "1") == 1
    (kept,) = items(capsys, "queries", "list")
    assert kept["asks"] == {"subject": "ada", "ip": "192.0.2.0/24", "to": "2026-02-10"}
    assert ids("ada", "--denied", "--save", "office") == 1
    assert ids("--saved", "office") == 1


def test_queries_are_listed_and_forgotten(capsys):
    items(capsys, "activity", "ada", "--save", "ada")
    items(capsys, "sql", "SELECT 1 AS a", "--save", "one", "--window", "30d", "--principal", "p")
    found = items(capsys, "queries", "list")
    assert [(one["name"], one["kind"], one["asks"]) for one in found] == [
        ("ada", "activity", {"subject": "ada"}),
        ("one", "sql", {"query": "SELECT 1 AS a", "window": "30d", "principal": ["p"]}),
    ]
    assert run(["queries", "remove", "one"]) == 0
    assert [one["name"] for one in items(capsys, "queries", "list")] == ["ada"]
    assert run(["snapshots", "verify"]) == 0


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["sql", "--saved", "nothing"], "saved query nothing: not found; there are ada"),
        (["sql", "--saved", "ada"], "is one of leastwise activity, not of sql"),
        (["sql", "SELECT 1", "--saved", "ada"], "give a query, or --file or --saved"),
        (["sql", "SELECT 1", "--save", "a b"], "a name has up to 50"),
        (["activity"], "or --saved with a saved query"),
        (["activity", "--saved", "nothing"], "not found"),
        (["activity", "ada", "--limit", "-1"], "less than 0"),
        (["queries", "remove", "nothing"], "saved query nothing: not found"),
    ],
)
def test_what_is_wrong_is_one_line(arguments, wanted, capsys):
    items(capsys, "activity", "ada", "--save", "ada")
    assert wanted in wrong(capsys, *arguments)
