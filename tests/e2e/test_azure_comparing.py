"""Principals of Azure held against each other, and estates against earlier ones, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

CORP = Path(__file__).parents[1] / "golden" / "azure" / "corp"
TAKEN = "2026-11-01T00:00:00Z"
ANN, CID = (f"0b000000-0000-4000-8000-{number:012d}" for number in (1, 3))
SUB = "/subscriptions/11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("comparing") / "home"
    assert run(["import", str(CORP), "--taken", TAKEN, "--home", str(home), "--format", "json"]) == 0
    return home


def answer(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*command, "--home", str(home), "--format", "json"]) == 0, capsys.readouterr().err
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_compare_tells_what_an_owner_may_besides(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(corp, capsys, "compare", ANN, CID)
    text = json.dumps(found)
    assert "Microsoft.Authorization/roleAssignments/write" in text
    assert SUB in text


def test_similar_says_of_whom_something_was_not_read(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(corp, capsys, "similar")
    assert found["items"] == []
    left_out = "1 principals are left out: something of what they hold was not read"
    # The rest is of the directory, of which the corpus has people and groups alone.
    assert left_out in found["missing"] and "assignments of directory roles" in found["missing"]


def test_gap_tells_of_each_assignment_whether_logs_show_its_use(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(corp, capsys, "gap", ANN)
    (grant,) = (one for one in found["grants"] if one["policy"] == "Owner")
    assert (grant["statement"], grant["resources"]) == (f"on {SUB}", [SUB])


def test_gap_names_whose_logs_are_missing_where_a_tree_is_called_as_its_directory(
    corp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["gap", "--home", str(corp)]) == 0
    text = capsys.readouterr().out
    assert "Azure: no logs of account" in text and "Entra ID: no logs of account" in text


def test_an_estate_has_not_changed_since_itself(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(corp, capsys, "diff", TAKEN, TAKEN)["items"] == []


def test_paths_name_what_can_be_activated_and_was_not_read(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(corp, capsys, "paths")["missing"]
    lost = "which directory roles can be activated was not read"
    assert any(one.startswith("entra:") and lost in one for one in told)
    # Of Azure the corpus has them.
    assert not any(one.startswith("azure:") and "can be activated" in one for one in told)
