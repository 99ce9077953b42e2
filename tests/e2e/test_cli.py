"""The command line as a user meets it: real exports in, lists, findings, snapshots out."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "aws"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs ../shared/samples")


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def answer(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--format", "json"]) == code
        return json.loads(capsys.readouterr().out)

    return answer


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))


FILTERS = [
    (["--kind", "device"], lambda row: row["kind"] == "device", 14),
    (["--kind", "agent", "--kind", "root"], lambda row: row["kind"] in ("agent", "root"), 5),
    (["--account", "333333333333"], lambda row: row["account"] == "333333333333", None),
    (["--admin", "limited"], lambda row: row["admin"] == "limited", None),
    (["--no-mfa"], lambda row: row["mfa"] is False, None),
    (["--external"], lambda row: row["external"], None),
    (["--unused-for", "200"], lambda row: (row["last_used"] or "") < "2026-04-16", None),
    (["--used-within", "10"], lambda row: row["last_used"] >= "2026-10-22", None),
    (["--tag", "owner"], lambda row: "owner" in row["tags"], None),
    (["--tag", "owner=team-printing"], lambda row: row["tags"]["owner"] == "team-printing", None),
    (["--text", "OSTRANDER"], lambda row: "ostrander" in row["id"] + str(row["mail"]) + row["name"], None),
    (["--owner", "team-d*"], lambda row: row["owner"].startswith("team-d"), None),
]


@pytest.mark.parametrize(("options", "holds", "count"), FILTERS, ids=[" ".join(one[0]) for one in FILTERS])
def test_a_filter_of_identities_keeps_exactly_the_rows_that_hold(
    options: list[str], holds: Any, count: int | None, demo: None, ask: Any
) -> None:
    everything = ask("identities")["items"]
    found = ask("identities", *options)["items"]
    kept = {row["id"] for row in found}
    assert all(holds(row) for row in found)
    if count is None:
        assert 0 < len(found) < len(everything)
    else:
        assert len(found) == count
    if "--unused-for" not in options and "--text" not in options:
        assert kept == {row["id"] for row in everything if _holds(holds, row)}


def _holds(holds: Any, row: dict[str, Any]) -> bool:
    try:
        return bool(holds(row))
    except (KeyError, TypeError, AttributeError):
        return False


@pytest.mark.parametrize("sort", ["name", "-last_used", "account", "-grants"])
def test_pages_hold_every_row_once_in_order(sort: str, demo: None, ask: Any) -> None:
    whole = ask("identities", f"--sort={sort}")
    rows, cursor = [], None
    while True:
        more = ["--cursor", cursor] if cursor else []
        page = ask("identities", f"--sort={sort}", "--limit", "37", *more)
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert rows == whole["items"]
    assert len(rows) == whole["total"]
    values = [row[sort.lstrip("-")] for row in rows if row[sort.lstrip("-")] is not None]
    assert values == sorted(values, reverse=sort.startswith("-"))


@pytest.mark.parametrize("what", ["identities", "resources", "grants", "credentials", "trusts", "coverage", "findings"])
def test_every_list_says_its_estate_and_prints_as_table_and_csv(
    what: str, demo: None, ask: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(what)
    assert answer["estate"]["time"].startswith("2026-11-01")
    assert answer["estate"]["stale"] == ["aws:444444444444"]
    assert answer["coverage"]["unreadable"] == ["aws:444444444444"]
    assert run([what, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(answer["items"])
    assert run([what]) == 0
    assert "not readable: aws:444444444444" in capsys.readouterr().out


def test_an_earlier_estate_answers_as_it_stood(demo: None, ask: Any) -> None:
    early = ask("identities", "--at", "2026-03-01")
    assert early["estate"]["time"].startswith("2026-03-01")
    late = {row["id"] for row in ask("identities")["items"]}
    assert late != {row["id"] for row in early["items"]}


def test_findings_since_a_date_are_the_difference_of_two_estates(demo: None, ask: Any) -> None:
    before = {row["key"] for row in ask("findings", "--at", "2026-05-01")["items"]}
    after = {row["key"] for row in ask("findings")["items"]}
    changes = ask("findings", "--since", "2026-05-01")["items"]
    assert {row["key"] for row in changes if row["change"] == "new"} == after - before
    assert {row["key"] for row in changes if row["change"] == "gone"} == before - after


def test_a_mute_hides_a_finding_until_it_ends(own_demo: Path, ask: Any) -> None:
    key = ask("findings")["items"][0]["key"]
    assert run(["mute", key[:8], "--reason", "known", "--days", "3000"]) == 0
    ask("findings", "--severity", "info")
    shown = {row["key"]: row for row in ask("findings", "--muted")["items"]}
    assert key not in {row["key"] for row in ask("findings")["items"]}
    assert shown[key]["muted"]["reason"] == "known"
    assert run(["unmute", key]) == 0


def test_snapshots_are_listed_verified_and_deleted_with_a_tombstone(own_demo: Path, ask: Any) -> None:
    found = ask("snapshots", "list")["items"]
    assert len(found) > 30
    assert ask("snapshots", "verify") == {"items": [], "ok": True}
    victim = next(row["id"] for row in found if row["state"] == "complete")
    assert run(["snapshots", "delete", victim, "--reason", "test"]) == 0
    listed = {row["id"]: row for row in ask("snapshots", "list", "--deleted")["items"]}
    assert listed[victim]["state"] == "deleted"
    assert victim not in {row["id"] for row in ask("snapshots", "list")["items"]}
    assert ask("snapshots", "verify")["ok"]


def test_a_flipped_byte_is_found_and_exits_with_1(own_demo: Path, ask: Any) -> None:
    file = sorted((own_demo / "snapshots").rglob("identities.parquet"))[-1]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    answer = ask("snapshots", "verify", code=1)
    assert not answer["ok"]
    assert any("identities.parquet" in row["file"] for row in answer["items"])


def test_legal_hold_stops_a_deletion(own_demo: Path, ask: Any, capsys: pytest.CaptureFixture[str]) -> None:
    victim = ask("snapshots", "list")["items"][0]["id"]
    assert run(["settings", "set", "legal_hold", "*"]) == 0
    assert run(["snapshots", "delete", victim, "--reason", "test"]) == 2
    assert "hold" in capsys.readouterr().err


def test_the_demo_refuses_a_home_that_is_not_its_own(tmp_path: Path, demo_home: Path, capsys: Any) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    (home / ".leastwise-demo").unlink()
    assert run(["demo", "--home", str(home)]) == 2
    assert "not the demo's" in capsys.readouterr().err


def test_the_summary_fits_one_screen(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert "Brightwater Parcel" in lines[0]


@needs_samples
def test_importing_the_same_file_twice_makes_one_snapshot(tmp_path: Path, ask: Any) -> None:
    home = ["--home", str(tmp_path / "home")]
    path = str(SAMPLES / "cloudsplaining_example.json")
    first = ask("import", path, *home)["items"]
    second = ask("import", path, *home)["items"]
    assert [row["new"] for row in first + second] == [True] * 2 + [False] * 2  # the file joins two accounts
    assert [row["snapshot"] for row in first] == [row["snapshot"] for row in second]


@needs_samples
def test_a_later_import_of_another_part_keeps_the_first(tmp_path: Path, ask: Any) -> None:
    home = ["--home", str(tmp_path / "home")]
    account = "200611803367"
    ask("import", str(SAMPLES / "cloudsplaining_example.json"), *home, "--taken", "2026-01-01")
    folder = tmp_path / account
    folder.mkdir()
    (folder / "s3api-list-buckets.json").write_text(json.dumps({"Buckets": [{"Name": "b1"}]}))
    ask("import", str(folder), *home, "--taken", "2026-01-02")
    assert len(ask("identities", *home, "--kind", "human")["items"]) >= 44
    assert [row["name"] for row in ask("resources", *home, "--kind", "s3:bucket")["items"]] == ["b1"]


@needs_samples
def test_an_import_with_one_bad_file_keeps_nothing(
    tmp_path: Path, ask: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    good = (SAMPLES / "cloudsplaining_example.json").read_bytes()
    (folder / "a.json").write_bytes(good)
    (folder / "b.json").write_bytes(good[: len(good) // 2])
    home = ["--home", str(tmp_path / "home")]
    assert run(["import", str(folder), *home]) == 2
    error = capsys.readouterr().err
    assert "b.json" in error
    assert error.count("\n") == 1
    assert ask("snapshots", "list", *home)["items"] == []


def test_a_newer_kind_of_the_same_facts_replaces_the_older_one(tmp_path: Path, ask: Any) -> None:
    home = ["--home", str(tmp_path / "home")]
    arn = "arn:aws:iam::123456789012:user/a"
    details = {"UserDetailList": [{"Arn": arn, "UserName": "a", "Tags": [{"Key": "k", "Value": "old"}]}]}
    item = {
        "awsAccountId": "123456789012", "resourceType": "AWS::IAM::User", "ARN": arn,
        "configuration": {"arn": arn, "userName": "a", "tags": [{"key": "k", "value": "new"}]},
    }  # fmt: skip
    for name, content, day in (("a", details, "01"), ("b", {"configurationItems": [item]}, "02")):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        ask("import", str(tmp_path / f"{name}.json"), *home, "--taken", f"2026-01-{day}")
    rows = ask("identities", *home, "--kind", "human")["items"]
    assert [row["tags"] for row in rows] == [{"k": "new"}]


def test_everything_in_the_demo_home_is_private(demo_home: Path) -> None:
    found = [path for path in demo_home.rglob("*") if path.stat().st_mode & 0o077]
    assert found == []
    assert (demo_home / "estate.yaml").is_file()


def test_verify_tells_of_a_damaged_database(own_demo: Path, ask: Any) -> None:
    with sqlite3.connect(own_demo / "state.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name LIKE 'sqlite_autoindex_snapshots_%' ORDER BY name DESC"
        ).fetchone()[0]
    connection.close()
    data = bytearray((own_demo / "state.db").read_bytes())
    data[(root - 1) * size + size - 200 : root * size] = bytes(200)
    (own_demo / "state.db").write_bytes(data)
    answer = ask("snapshots", "verify", code=1)
    assert any("damaged" in row["cause"] for row in answer["items"])
