"""The outermost frame: exit codes, one line on errors, no traceback, quick help."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

FORBIDDEN_IN_HELP = ("numpy", "pyarrow", "sqlalchemy", "scipy")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "nonsense"),
        (["identities", "--nonsense"], "--nonsense"),
        (["identities", "--limit", "x"], "--limit"),
        (["identities", "--at", "yesterday"], "--at"),
        (["identities", "--sort", "nonsense"], "nonsense"),
        (["identities", "--cursor", "abc"], "cursor"),
        (["identities", "--at", "2026-01-01", "--snapshot", "x"], "exclude"),
        (["identities", "--snapshot", "x"], "x"),
        (["import", "nowhere.json"], "nowhere.json"),
        (["findings", "--severity", "worst"], "worst"),
        (["findings", "--rule", "nonsense"], "nonsense"),
        (["snapshots", "show", "x"], "x"),
        (["settings", "set", "nonsense", "1"], "nonsense"),
        (["mute", "abcd", "--reason", "r", "--days", "3"], "abcd"),
        (["estate", "check"], "estate.yaml"),
    ],
)
def test_a_usage_error_is_one_line_that_names_the_cause_and_exits_with_2(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert run(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
    assert "Traceback" not in error


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; from leastwise.cli.main import run; run(['--help']); run(['identities', '--help']);"
        f"print([name for name in {FORBIDDEN_IN_HELP} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_an_empty_estate_is_listed_as_empty(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert run(["identities", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["items"] == []
    assert answer["next"] is None
    assert answer["estate"]["snapshots"] == []


def test_nothing_is_coloured_when_the_output_is_no_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "leastwise", "estate", "show", "--home", str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout + done.stderr


def test_a_command_that_ends_leaves_no_open_database_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "leastwise", "settings", "list", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(one.name for one in home.glob("state.db*")) == ["state.db"]


@pytest.mark.parametrize("collects", [True, False])
@pytest.mark.parametrize("text", ['{"UserDetailList": [{"Arn": 7}]}', '{"UserDetailList": []}'])
def test_an_import_leaves_the_collector_as_it_was(collects: bool, text: str, tmp_path: Path) -> None:
    file = tmp_path / "111122223333.json"
    file.write_text(text)
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        assert run(["import", str(file), "--home", str(tmp_path / "home")]) == (2 if "Arn" in text else 0)
        assert gc.isenabled() == collects
    finally:
        (gc.enable if before else gc.disable)()
