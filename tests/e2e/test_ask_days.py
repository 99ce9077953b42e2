"""`--at` with a time gives one answer, with a day the answers of that day; as table, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

USER = "arn:aws:iam::111122223333:user/ann"
ASK = ("can", USER, "sqs:ListQueues")


def bring(folder: Path, taken: str, effect: str) -> None:
    condition = {"DateLessThan": {"aws:CurrentTime": "2026-10-05T17:00:00Z"}}
    statement = {"Effect": effect, "Action": "sqs:ListQueues", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    user = {"UserName": "ann", "Arn": USER, "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}]}
    body = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    (folder / "details.json").write_text(json.dumps(body))
    assert run(["import", str(folder / "details.json"), "--home", str(folder / "home"), "--taken", taken]) == 0


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("COLUMNS", "300")
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "estate.yaml").write_text("version: 1\naccounts: {'111122223333': {organization: none}}\n")
    bring(tmp_path, "2026-10-05T09:00:00Z", "Allow")
    bring(tmp_path, "2026-10-05T20:00:00Z", "Deny")

    def asked(*command: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*command, "--home", str(tmp_path / "home")])
        found = capsys.readouterr()
        return code, found.out, found.err

    return asked


def test_a_day_of_one_decision_each(ask: Any) -> None:
    code, out, err = ask(*ASK, "--at", "2026-10-05", "--format", "json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert sorted(found) == ["coverage", "estate", "periods"]
    spans = [(one["from"][11:19], one["to"][8:19], one["decision"]["state"]) for one in found["periods"]]
    assert spans == [
        ("00:00:00", "05T09:00:00", "UNKNOWN"), ("09:00:00", "05T17:00:00", "ALLOWED"),
        ("17:00:00", "06T00:00:00", "DENIED"),
    ]  # fmt: skip
    first, second, _ = found["periods"]
    assert first["decision"]["missing"] == ["nothing was read before 2026-10-05T09:00:00+00:00"]
    assert first["estate"] is None and first["coverage"] is None
    assert sorted(first["decision"]) == sorted(second["decision"])
    assert len(second["estate"]["snapshots"]) == 1


def test_a_day_as_text_and_as_rows(ask: Any) -> None:
    text = ask(*ASK, "--at", "2026-10-05")[1].splitlines()
    assert [line for line in text if line.endswith("UTC")] == [
        "2026-10-05 00:00 to 09:00 UTC", "2026-10-05 09:00 to 17:00 UTC", "2026-10-05 17:00 to 24:00 UTC",
    ]  # fmt: skip
    assert text[1:3] == ["UNKNOWN", "  not known: nothing was read before 2026-10-05T09:00:00+00:00"]
    rows = list(csv.DictReader(io.StringIO(ask(*ASK, "--at", "2026-10-05", "--format", "csv")[1])))
    assert [row["state"] for row in rows] == ["UNKNOWN", "ALLOWED", "DENIED"]
    assert list(rows[0])[:3] == ["from", "to", "state"]


def queues(items: list[dict[str, Any]]) -> list[str]:
    """The states of what is told of the queues: of holders, or of the permissions that hold the action."""
    told = [one for one in items if one.get("kind") != "root"]
    return [one["state"] for one in told if "sqs:ListQueues" in one.get("permissions", ["sqs:ListQueues"])]


@pytest.mark.parametrize("command", [("who-can", "sqs:ListQueues"), ("what-can", USER)])
def test_lists_have_periods_too(command: tuple[str, ...], ask: Any) -> None:
    found = json.loads(ask(*command, "--at", "2026-10-05", "--format", "json")[1])
    assert [queues(one["items"]) for one in found["periods"]] == [[], ["ALLOWED"], []]
    assert found["periods"][0]["missing"] == ["nothing was read before 2026-10-05T09:00:00+00:00"]
    rows = list(csv.DictReader(io.StringIO(ask(*command, "--at", "2026-10-05", "--format", "csv")[1])))
    assert [row["from"][11:16] for row in rows[:2]] == ["00:00", "09:00"] and rows[0]["state"] == "UNKNOWN"
    text = ask(*command, "--at", "2026-10-05")[1]
    assert "2026-10-05 09:00 to 17:00 UTC: " in text and "2026-10-05 17:00 to 24:00 UTC: " in text


def test_a_day_that_is_one_period_has_the_answer_itself_besides(ask: Any) -> None:
    found = json.loads(ask(*ASK, "--at", "2026-10-06", "--format", "json")[1])
    assert found["state"] == found["periods"][0]["decision"]["state"] == "DENIED"
    assert len(found["periods"]) == 1


@pytest.mark.parametrize(
    ("at", "state"),
    [("2026-10-05T09:00:00Z", "ALLOWED"), ("2026-10-05T16:59:59+00:00", "ALLOWED"), ("2026-10-05T17:00", "DENIED")],
)
def test_a_time_gives_one_decision(at: str, state: str, ask: Any) -> None:
    found = json.loads(ask(*ASK, "--at", at, "--format", "json")[1])
    assert found["state"] == state and "periods" not in found


def test_without_a_time_conditions_on_it_stay_open(ask: Any) -> None:
    assert json.loads(ask("what-can", USER, "--at", "2026-10-05T10:00:00Z", "--format", "json")[1])["items"]
    found = json.loads(ask(*ASK, "--context", "aws:CurrentTime=2026-10-05T16:00:00Z", "--format", "json")[1])
    assert found["state"] == "DENIED"  # the newest policy denies before 17:00
    assert json.loads(ask(*ASK, "--format", "json")[1])["state"] == "DENIED"


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (("--at", "2026-10-04"), "nothing was read by 2026-10-04T23:59:59.999999+00:00: the first snapshot is of "),
        (("--at", "2026-10-05T08:59:59Z"), "nothing was read by 2026-10-05T08:59:59+00:00: the first snapshot is of "),
        (("--at", "2026-10-05", "--snapshot", "x"), "--at and --snapshot exclude each other"),
        (("--at", "2026-13-05"), "--at: '2026-13-05' is no date or time"),
    ],
)
def test_what_cannot_be_asked(options: tuple[str, ...], cause: str, ask: Any) -> None:
    code, out, err = ask(*ASK, *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"leastwise: {cause}") and err.count("\n") == 1


def test_a_time_that_has_not_come_is_noted(ask: Any) -> None:
    code, out, err = ask(*ASK, "--at", "2999-01-01", "--format", "json")
    assert code == 0 and len(json.loads(out)["periods"]) == 1
    assert err.startswith("leastwise: --at 2999-01-01T00:00:00+00:00 has not come yet") and err.count("\n") == 1
