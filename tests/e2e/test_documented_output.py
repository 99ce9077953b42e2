"""What the pages show is what the commands print."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
JSON_PAGE = (ROOT / "docs" / "reference" / "json.md").read_text()
TABLES_PAGE = (ROOT / "docs" / "reference" / "tables.md").read_text()


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    monkeypatch.setenv("COLUMNS", "200")  # narrower windows leave columns out, and say so


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


def keys(value: Any) -> set[str]:
    """Every key of the answer and of its first items."""
    found = set(value)
    for part in value.values():
        if isinstance(part, list) and part and isinstance(part[0], dict):
            found |= set().union(*part)
    return found


COMMANDS = [
    "coverage", "findings", "findings --since 2026-05-01", "findings --group cause", "top",
    "estate show", "estate check", "snapshots list",
    "snapshots show aws-222222222222-20261101", "snapshots verify", "settings list", "catalog status", "demo",
    "collect aws --dry-run",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_key_of_an_answer_is_documented(command: str, demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    documented = set(re.findall(r"[`\"]([a-z0-9_]+)[`\"]", JSON_PAGE))
    found = keys(answer(capsys, *command.split()))
    assert found - documented == set()


@pytest.mark.parametrize("what", ["identities", "resources", "grants", "credentials", "trusts"])
def test_every_column_of_a_list_is_documented(what: str, demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    documented = set(re.findall(r"[`\"]([a-z0-9_]+)[`\"]", TABLES_PAGE + JSON_PAGE))
    assert keys(answer(capsys, what)) - documented == set()


def test_the_json_page_names_no_key_of_coverage_that_is_not_there(
    demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = re.search(r"Rows of `coverage` have (.*?)Rows of", JSON_PAGE, re.DOTALL)
    assert sentence is not None
    named = set(re.findall(r"`([a-z_]+)`", sentence[1].replace("`ok`, `denied`", "")))
    statuses = {"ok", "denied", "throttled", "failed", "unsupported", "unlicensed", "not_tried"}
    assert named - statuses == set(answer(capsys, "coverage")["items"][0])


@pytest.mark.parametrize("page", ["README.md"])
def test_the_demo_prints_what_the_page_shows(page: str, demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    block = re.search(r"```\n(Brightwater Parcel.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert block is not None
    capsys.readouterr()
    assert run(["demo"]) == 0
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    shown = [line.strip() for line in block[1].splitlines() if line.strip() not in ("", "…")]
    assert [line for line in shown if line not in printed] == []


def test_the_footer_that_the_readme_shows_is_the_one_printed(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    capsys.readouterr()
    assert run(["findings", "--since", "2026-10-01"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed[printed.index("4 findings.") :] in readme
