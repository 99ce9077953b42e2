"""What is used of what is granted in Google Cloud, through the command line: an export and the files of a sink."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fakes.gcp_logged import AGENT, ANN, BOB, EVE, JOB, ORG, PIN, RM, ZED, export, logs
from leastwise.cli.main import run

ACCESS = "secretmanager.versions.access"
Ask = Callable[..., Any]


def home(folder: Path, audited: Sequence[str] = (ORG,), kinds: Sequence[str] = ("activity", "data_access")) -> Path:
    found = folder / "home"
    said = ["--home", str(found)]
    assert run(["import", str(export(folder / "in", audited)), "--taken", "2026-11-01T00:00:00Z", *said]) == 0
    assert run(["events", str(logs(folder, kinds)), "--provider", "gcp", *said]) == 0
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything is recorded and held."""
    return home(tmp_path_factory.mktemp("whole"))


def asking(folder: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(*words: str) -> Any:
        capsys.readouterr()
        assert run([*words, "--home", str(folder), "--format", "json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.fixture
def ask(whole: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return asking(whole, capsys)


def states(answer: Any) -> dict[str, str]:
    return {one["permission"]: one["state"] for one in answer["items"]}


def test_used_unused_and_what_no_log_shows(ask: Ask) -> None:
    answer = ask("gap", ANN, "--window", "10d")
    told = {one["permission"]: one for one in answer["items"]}
    assert (answer["provider"], told[ACCESS]["state"], told[ACCESS]["touched"]) == ("gcp", "USED", [PIN])
    assert told["storage.buckets.create"]["state"] == "UNUSED"
    assert told["storage.buckets.create"]["grants"] == ["organizations/1/roles/own on shop"]
    # By a group, on the organization: its own log is held too.
    assert told["resourcemanager.organizations.get"]["state"] == "UNUSED"
    assert told["resourcemanager.organizations.get"]["grants"] == [
        "roles/browser on organizations/1 through group:staff@corp.example"
    ]
    assert answer["coverage"]["unasked"] == [] and not answer["unknown"]
    by_name = ask("gap", "bob@corp.example", "--window", "10d")
    assert by_name["principal"] == BOB and states(by_name)[ACCESS] == "UNUSED"


def test_whom_the_logs_hide(ask: Ask) -> None:
    table = "bigquery.tables.getData"
    assert states(ask("gap", BOB, "--window", "10d"))[table] == "UNUSED"
    outsider = {one["permission"]: one for one in ask("gap", EVE, "--window", "10d")["items"]}
    assert outsider[table]["state"] == "UNOBSERVABLE" and "hides readers" in outsider[table]["missing"]
    agent = ask("gap", AGENT, "--window", "10d")
    assert set(states(agent).values()) == {"UNOBSERVABLE"} and agent["counts"]["granted"] > 1000


def test_everybody_in_numbers_is_what_each_is_told(ask: Ask) -> None:
    answer = ask("gap", "--window", "10d")
    rows = {one["principal"]: one for one in answer["items"]}
    assert set(rows) == {ANN, BOB, EVE, JOB, AGENT, ZED} and answer["exact"]
    assert {one["provider"] for one in rows.values()} == {"gcp"}
    for who in (ANN, BOB, JOB, AGENT):
        counts = ask("gap", who, "--window", "10d")["counts"]
        assert {name: rows[who][name] for name in ("granted", "used", "unused", "unobservable")} == {
            name: counts[name] for name in ("granted", "used", "unused", "unobservable")
        }, who
    assert [one["principal"] for one in ask("gap", "--window", "10d", "--unused-share", "0.9")["items"]] == [
        JOB,
        BOB,
        ZED,
    ]


def test_by_account_organization_group_and_resource(ask: Ask) -> None:
    accounts = {one["id"]: one for one in ask("gap", "--window", "10d", "--by", "account")["items"]}
    assert set(accounts) == {ORG, "data"} and accounts["data"]["members"] == 1
    (whole,) = ask("gap", "--window", "10d", "--by", "organization")["items"]
    assert (whole["id"], whole["members"]) == (ORG, 6) and whole["index"] > 0
    (staff,) = ask("gap", "--window", "10d", "--by", "group")["items"]
    assert (staff["name"], staff["members"], staff["counted"]) == ("Staff", 1, 1)
    (pin,) = ask("gap", "--window", "10d", "--resource", PIN)["items"]
    # Bob may read it and does not; Zed may read those of another project.
    assert (pin["members"], pin["permissions"]) == (1, 1)


def test_the_other_commands_of_use(ask: Ask) -> None:
    usage = ask("usage", ANN, "--window", "10d")
    assert [one["permission"] for one in usage["items"]] == [ACCESS] and usage["account"] == ORG
    points = ask("gap", "--trend", "--window", "10d")["items"]
    assert points[-1]["index"] > 0 and points[-1]["comparable"]
    assert ask("gap", BOB, "--trend", "--window", "10d")["items"][-1]["index"] > 0
    idle = ask("dormant", "--window", "10d")
    assert idle["coverage"]["unasked"] == []
    what = {one["id"]: one for one in idle["items"]}
    assert ANN not in what and what[BOB]["state"] == "UNOBSERVABLE"
    assert what["organizations/1/roles/loose"]["state"] == "UNUSED" and "organizations/1/roles/own" not in what
    rows = ask("sql", "select principal, creep from creep", "--window", "10d")["items"]
    assert {one["principal"] for one in rows} == {ANN, BOB, EVE, JOB, AGENT, ZED}


def test_findings_and_actions(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leastwise.app.gap.DAYS", 10)
    answer = ask("findings")
    found = {(one["rule"], one["subject"]) for one in answer["items"]}
    # A token of another service account is a credential, and nobody took one.
    assert ("unused-escalation", JOB) in found or ("unused-credential-exposure", JOB) in found
    assert not any(subject == AGENT and rule.startswith("unused") for rule, subject in found)
    assert answer["usage"]["unasked"] == []
    (made, *_) = [one for one in ask("top")["items"] if JOB in one["about"]]
    assert made["cut"]["permissions"] > 0 and made["creep"]["drop"] > 0


def test_what_is_not_recorded_or_not_held_is_not_unused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    off = asking(home(tmp_path / "off", audited=("data",)), capsys)
    told = {one["permission"]: one for one in off("gap", BOB, "--window", "10d")["items"]}
    assert told[ACCESS]["state"] == "UNOBSERVABLE" and "are off in shop" in told[ACCESS]["missing"]
    # The same permission on the project that records it.
    assert states(off("gap", ZED, "--window", "10d"))[ACCESS] == "UNUSED"
    assert states(off("gap", ANN, "--window", "10d"))["storage.buckets.create"] == "UNUSED"
    lacking = asking(home(tmp_path / "lacking", kinds=("activity",)), capsys)
    assert states(lacking("gap", BOB, "--window", "10d"))[ACCESS] == "UNOBSERVABLE"
    assert states(lacking("gap", ANN, "--window", "10d"))["storage.buckets.create"] == "UNUSED"
    assert set(states(lacking("gap", ANN)).values()) == {"UNOBSERVABLE"}


def test_groups_and_sets_call_nothing(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for who in ("group:staff@corp.example", "allUsers"):
        assert run(["gap", who, "--home", str(whole)]) == 2
        assert "calls nothing itself; ask for somebody who is in it" in capsys.readouterr().err
    assert run(["usage", "nobody@corp.example", "--home", str(whole)]) == 2
    assert "nobody of that name" in capsys.readouterr().err


def test_assertions_about_google_cloud(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    lines = ["version: 1", "assertions:", f"  - can: {ANN}", f"    permission: {ACCESS}",
             f"    resource: {RM}projects/shop"]  # fmt: skip
    file.write_text("\n".join(lines) + "\n")
    answer = ask("check", str(file))
    assert [one["state"] for one in answer["items"]] == ["passed"] and answer["coverage"]["unasked"] == []
