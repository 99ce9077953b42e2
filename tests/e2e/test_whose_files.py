"""Files of which nobody says whose they are: logs and exports are told by what they hold."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

CASES = Path(__file__).parents[1] / "cases"
TRAIL = {
    "eventVersion": "1.08", "eventID": "e1", "eventTime": "2026-11-20T10:00:00Z", "eventSource": "s3.amazonaws.com",
    "eventName": "ListBuckets", "awsRegion": "eu-west-1", "recipientAccountId": "012345678901",
    "eventType": "AwsApiCall", "eventCategory": "Management", "sourceIPAddress": "192.0.2.1",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::012345678901:user/ann", "accountId": "012345678901"},
}  # fmt: skip


def records(provider: str) -> list[Any]:
    name = {"gcp": "entries", "azure": "records", "entra": "records"}[provider]
    lines = (CASES / f"{provider}_events/{name}.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    return [one.get("record", one.get("entry", one)) for one in told]


def lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in values)


def taken(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> Any:
    capsys.readouterr()
    assert run(["events", *words, "--format", "json", "--home", str(home)]) == 0
    return json.loads(capsys.readouterr().out)


def held(capsys: pytest.CaptureFixture[str], home: Path) -> dict[str, int]:
    capsys.readouterr()
    query = "select provider, count(*) n from events group by 1"
    assert run(["sql", query, "--format", "json", "--home", str(home)]) == 0
    return {one["provider"]: one["n"] for one in json.loads(capsys.readouterr().out)["items"]}


def test_a_folder_of_several_clouds_is_read_by_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs, home = tmp_path / "logs", tmp_path / "home"
    (logs / "deep").mkdir(parents=True)
    (logs / "a.json").write_bytes(json.dumps({"records": records("azure")[:20]}).encode())
    (logs / "deep" / "b.json.gz").write_bytes(gzip.compress(json.dumps({"Records": [TRAIL]}, indent=1).encode()))
    (logs / "c.jsonl").write_bytes(lines(records("entra")[:20]))
    (logs / "d.json").write_text('{"hello": 1}')
    (logs / "e.json").write_text("no JSON at all")
    answer = taken(capsys, home, str(logs))
    assert held(capsys, home).keys() == {"aws", "azure", "entra"} and held(capsys, home)["aws"] == 1
    assert answer["taken"]["files"]["found"] == 5 and answer["taken"]["files"]["failed"] == 2
    (unknown,) = [one for one in answer["items"] if one["file"].endswith("d.json")]
    assert "holds no record of a log that is known" in unknown["why"]
    before = held(capsys, home)
    assert taken(capsys, home, str(logs))["taken"]["events"]["new"] == 0 and held(capsys, home) == before


@pytest.mark.parametrize("provider", ["azure", "entra", "gcp"])
def test_what_is_read_is_what_is_read_of_a_named_provider(
    provider: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(records(provider)))
    taken(capsys, tmp_path / "named", str(tmp_path / "a.jsonl"), "--provider", provider)
    taken(capsys, tmp_path / "told", str(tmp_path / "a.jsonl"))
    assert held(capsys, tmp_path / "told") == held(capsys, tmp_path / "named") != {}


def test_a_large_table_is_told_though_its_beginning_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["TimeGenerated", "OperationName", "_ResourceId", "Category", "Padding", "Identity_s", "CorrelationId"]
    place = (
        "/subscriptions/361da5d4-a47a-4c79-afdd-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/v"
    )
    rows = [[f"2026-11-20T10:{n % 60:02}:00Z", "SecretGet", place, "AuditEvent", "x" * 900, "", f"c{n}"]
            for n in range(100)]  # fmt: skip
    table = {"name": "PrimaryResult", "columns": [{"name": one, "type": "string"} for one in names], "rows": rows}
    (tmp_path / "t.json").write_text(json.dumps({"tables": [table]}))
    taken(capsys, tmp_path / "home", str(tmp_path / "t.json"))
    assert held(capsys, tmp_path / "home").keys() == {"azure"}


@pytest.mark.parametrize("content", ['{"hello": 1}', "[1, 2, {}]"])
def test_what_is_nobodys_names_no_cloud_for_it(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.json"
    file.write_text(content)
    for command, why in (("events", "holds no record of a log that is known"), ("import", "no export of a kind")):
        capsys.readouterr()
        assert run([command, str(file), "--home", str(tmp_path / "home")]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"leastwise: {file}: {why}") and error.count("\n") == 1
        assert "not an AWS" not in error and "Azure" in error and "Google Cloud" in error
    # Who is named says what is wrong himself.
    assert run(["import", str(file), "--provider", "aws", "--home", str(tmp_path / "home")]) == 2
    assert "not an AWS export" in capsys.readouterr().err


def test_what_cannot_be_read_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text('{"hello": ')
    assert run(["import", str(tmp_path / "x.json"), "--home", str(tmp_path / "home")]) == 2
    assert "no export of a kind" not in capsys.readouterr().err
