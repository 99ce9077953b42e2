"""Recommendations written into code: only that block changes, notes are obeyed, what cannot be written is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

INFRA = Path(__file__).parents[2] / "tools" / "demo_company" / "infra"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A copy of the company's code, in a repository of its own."""
    folder = tmp_path / "code"
    shutil.copytree(INFRA, folder / "infra")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def asked(home: Path, capsys: Any, *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--home", str(home), "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_only_that_block_changes(demo_with_logs: Path, code: Path, capsys: Any) -> None:
    out = code / "printing.patch"
    found = asked(demo_with_logs, capsys, "rightsize", "label-printer", "--code", str(code), "--out", str(out))
    assert found["patch"]["files"] == ["infra/printing/iam.tf"]
    assert found["patch"]["text"] == out.read_text()
    before = (code / "infra/printing/iam.tf").read_text()
    subprocess.run(["git", "-C", str(code), "apply", str(out)], check=True)
    after = (code / "infra/printing/iam.tf").read_text()
    assert after != before
    head = before.index("Effect   =")
    assert after[:head] == before[:head]
    assert after.count("TODO narrow this") == 1
    # What is written now is what the plan proves: once it is in the cloud, nothing of the code is left to change.
    again = asked(demo_with_logs, capsys, "rightsize", "label-printer", "--code", str(code))
    assert again["patch"]["files"] == []
    assert "differs" in again["patch"]["refused"][0] or "cloud" in again["patch"]["refused"][0]


def test_notes_in_code_are_obeyed(demo_with_logs: Path, code: Path, capsys: Any) -> None:
    path = code / "infra/finance/iam.tf"
    note = "# leastwise: keep rds:Delete* until 2027-01-31 because the old ledger goes in January\n"
    path.write_text(note + path.read_text())
    (code / ".leastwise.yaml").write_text(
        "version: 1\nkeep:\n"
        "- {subject: quarter-close, permission: 'rds:DeleteDBInstance', until: 2027-02-28, because: audit}\n"
    )
    found = asked(demo_with_logs, capsys, "rightsize", "quarter-close", "--code", str(code))
    assert found["removed"] == []
    [kept] = [one for one in found["kept"] if one["permission"] == "rds:DeleteDBInstance"]
    assert kept["why"] == "excepted"
    assert "audit (until 2027-02-28" in kept["detail"]


def test_a_note_that_has_expired_is_told(demo_with_logs: Path, code: Path, capsys: Any) -> None:
    (code / ".leastwise.yaml").write_text(
        "version: 1\nkeep:\n- {subject: quarter-close, permission: 'rds:*', until: 2026-01-31, because: then}\n"
    )
    found = asked(demo_with_logs, capsys, "rightsize", "quarter-close", "--code", str(code))
    assert found["removed"] == ["rds:DeleteDBInstance"]
    assert any("ended on 2026-01-31" in one for one in found["notes"])


def test_what_stands_in_no_code_is_told_with_an_issue(demo_with_logs: Path, code: Path, capsys: Any) -> None:
    found = asked(demo_with_logs, capsys, "rightsize", "customs-archive", "--code", str(code))
    assert found["patch"]["file"] is None
    assert "no code was found" in found["patch"]["refused"][0]
    assert "dynamodb" not in json.dumps(found["statements"])
    assert "Could not be written into code" in found["patch"]["issue"]


def test_out_needs_code(demo_with_logs: Path, tmp_path: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert run(["rightsize", "label-printer", "--out", str(tmp_path / "x"), "--home", str(demo_with_logs)]) == 2
    assert "name it by --code" in capsys.readouterr().err
