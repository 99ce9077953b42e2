"""Commands that keep or let go: snapshots, settings, mutes; and where the home is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ACCOUNT = "222222222222"
DETAILS = {
    "UserDetailList": [{"Arn": f"arn:aws:iam::{ACCOUNT}:user/u", "UserName": "u"}],
    "GroupDetailList": [], "RoleDetailList": [], "Policies": [],
}  # fmt: skip


REPORT = [
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{n}_{what}" for n in (1, 2)
      for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")),
    *(f"cert_{n}_{what}" for n in (1, 2) for what in ("active", "last_rotated")),
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LEASTWISE_DATABASE_URL", raising=False)
    folder = tmp_path / ACCOUNT
    folder.mkdir()
    (folder / "account-authorization-details.json").write_text(json.dumps(DETAILS))
    for day in ("01", "02", "03"):
        assert run(["import", str(folder), "--taken", f"2026-01-{day}"]) == 0
    return tmp_path / "home"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    def answer(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert run(list(arguments)) == code
        told = capsys.readouterr()
        assert told.err.count("\n") == (1 if code == 2 else 0)
        return told.err if code == 2 else told.out

    return answer


def listed(say: Any) -> list[str]:
    return [row["id"] for row in json.loads(say("snapshots", "list", "--format", "json"))["items"]]


def test_a_deletion_needs_a_reason_and_the_newest_needs_saying_so(home: Path, say: Any) -> None:
    first, second, third = listed(say)
    assert "reason" in say("snapshots", "delete", first, "--reason", " ", code=2)
    assert "--newest" in say("snapshots", "delete", third, "--reason", "test", code=2)
    assert listed(say) == [first, second, third]
    assert f"Deleted {first};" in say("snapshots", "delete", first[:-3], "--reason", "test")
    say("snapshots", "delete", third, "--reason", "test", "--newest")
    assert listed(say) == [second]


def test_retention_says_what_would_go(home: Path, say: Any) -> None:
    first, second, third = listed(say)
    would = json.loads(say("snapshots", "retain", "--last", "1", "--dry-run", "--format", "json"))["items"]
    assert [row["id"] for row in would] == [first, second]
    assert "2 would be deleted." in say("snapshots", "retain", "--last", "1", "--dry-run")
    assert listed(say) == [first, second, third]
    assert "2 deleted." in say("snapshots", "retain", "--last", "1")
    assert listed(say) == [third]


@pytest.mark.parametrize(
    ("value", "says"),
    [("AWS:222222222222", "near: aws:222222222222"), ("aws:222222222223", "near: aws:222222222222"),
     ("gcp:prod", "known: aws:222222222222"), (f"aws:{ACCOUNT},aws:1", "aws:1")],
)  # fmt: skip
def test_a_hold_on_nothing_is_refused(home: Path, say: Any, value: str, says: str) -> None:
    assert says in say("settings", "set", "legal_hold", value, code=2)
    for good in ("*", f"aws:{ACCOUNT}", "none"):
        say("settings", "set", "legal_hold", good)


def test_a_mute_ends_later_and_is_taken_back_by_a_unique_beginning(own_findings: list[str], say: Any) -> None:
    one, two = own_findings[:2]
    assert "over already" in say("mute", one, "--reason", "r", "--until", "2026-01-01", code=2)
    for key in (one, two):
        say("mute", key, "--reason", "r", "--days", "3")
    for key in own_findings[2:]:
        say("mute", key, "--reason", "r", "--days", "3")
    firsts = Counter(key[0] for key in own_findings)
    for first in (letter for letter, count in firsts.items() if count > 1):
        assert "is not unique" in say("unmute", first, code=2)
    assert f"Unmuted {one}" in say("unmute", one[:12])
    assert "is not muted" in say("unmute", one[:12], code=2)
    assert "is not muted" in say("unmute", "", code=2)


@pytest.fixture
def own_findings(home: Path, say: Any) -> list[str]:
    fixed = {"user_creation_time": "2020-01-01T00:00:00Z", "password_enabled": "true", "mfa_active": "false"}
    rows = [{"user": f"u{n}", "arn": f"arn:aws:iam::{ACCOUNT}:user/u{n}"} | fixed for n in range(3)]
    report = "".join(f"{','.join(row.get(name, 'N/A') for name in REPORT)}\n" for row in rows)
    file = home.parent / ACCOUNT / "credential-report.csv"
    file.write_text(f"{','.join(REPORT)}\n{report}")
    say("import", str(file.parent), "--taken", "2026-01-04")
    found = [row["key"] for row in json.loads(say("findings", "--format", "json"))["items"]]
    assert len(found) > 1
    return found


@pytest.mark.parametrize("option", ["--home", "--database"])
def test_an_empty_place_is_refused(option: str, say: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert f"{option}: is empty" in say("identities", option, "", code=2)
    assert not (tmp_path / "raw").exists()


def test_a_lost_key_stops_imports_until_it_is_given_up(home: Path, say: Any) -> None:
    (home / "redaction.key").unlink()
    folder = str(home.parent / ACCOUNT)
    assert "redaction.key: missing" in say("import", folder, "--taken", "2026-01-04", code=2)
    assert "redaction.key" in say("snapshots", "verify", code=1)
    assert "accepted" in say("snapshots", "accept-key")
    say("import", folder, "--taken", "2026-01-04")
    assert "as it was recorded" in say("snapshots", "verify")


def test_a_database_is_taken_over_by_saying_so(home: Path, say: Any, tmp_path: Path) -> None:
    there = ["--home", str(tmp_path / "new"), "--database", f"sqlite:///{home / 'state.db'}"]
    assert "belongs to home" in say("identities", *there, code=2)
    assert "belongs to this home now" in say("snapshots", "accept-database", *there)
    assert "belongs to home" in say("identities", code=2)
