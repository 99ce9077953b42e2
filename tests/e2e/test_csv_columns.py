"""The columns of CSV are those of the command, whatever the answer holds: none is missing, and none moves."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.together("demo")

DIFF_WITH = ("2026-09-15", "2026-11-02")
RECORDS = "arn:aws:s3:::bw-customs-records/*"
BEFORE = "2020-01-01T00:00:00Z"
TIMED = ("--at", "2026-11-01")
LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "identities": (("identities",), ("identities", "--at", BEFORE)),
    "resources": (("resources",), ("resources", "--at", BEFORE)),
    "grants": (("grants",), ("grants", "--at", BEFORE)),
    "credentials": (("credentials",), ("credentials", "--at", BEFORE)),
    "trusts": (("trusts",), ("trusts", "--at", BEFORE)),
    "coverage": (("coverage",), ("coverage", "--at", BEFORE)),
    "findings": (("findings",), ("findings", "--at", BEFORE)),
    "findings since": (("findings", "--since", "2026-10-15"), ("findings", "--text", "no such text")),
    "findings by cause": (("findings", "--group", "cause"), ("findings", "--group", "cause", "--at", BEFORE)),
    "top": (("top",), ("top", "--at", BEFORE)),
    "who-can": (("who-can", "s3:GetObject", RECORDS), ("who-can", "iam:CreateUser", "--strict")),
    "who-can transitive": (("who-can", "s3:GetObject", RECORDS, "--transitive"), ("who-can", "s3:GetObject", RECORDS)),
    "what-can": (("what-can", "customs-archive"), ("what-can", "customs-archive", "--strict")),
    "reach": (("reach", "s3:GetObject", "customs-archive"), ("reach", "iot:Publish", "customs-archive")),
    "external": (("external",), ("external", "--text", "no such text")),
    "compare": (("compare", "data-science", "customs-archive"), ("compare", "customs-archive", "customs-archive")),
    "diff": (("diff", *DIFF_WITH), ("diff", "2026-11-01", "2026-11-01")),
    "dormant": (("dormant",), ("dormant", "--account", "000000000000")),
    "similar": (("similar",), ("similar", "--kind", "device", "--threshold", "1")),
    "snapshots list": (("snapshots", "list"), ("snapshots", "list", "--scope", "aws:999999999999")),
    "snapshots retain": (("snapshots", "retain", "--last", "1", "--dry-run"),
                         ("snapshots", "retain", "--days", "36000", "--dry-run")),
    "estate show": (("estate", "show"), ("estate", "show", "--at", BEFORE)),
}  # fmt: skip
FILLED = ("compare", "who-can", "who-can transitive", "what-can")
"""Commands of which the second question has an answer too: somebody can do everything."""
DAYS = ("who-can", "what-can", "reach", "external", "compare", "similar")


@pytest.fixture
def printed(ask_demo: Any) -> Any:
    """What a command of the demo prints in a form; exit code 0."""

    def ask(form: str, *command: str) -> str:
        code, out, err = ask_demo(*command, "--format", form)
        assert code == 0, err
        return str(out)

    return ask


def table(text: str) -> list[list[str]]:
    csv.field_size_limit(1 << 24)
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("command", LISTS)
def test_the_header_is_the_same_with_rows_and_without(command: str, printed: Any) -> None:
    full, empty = (table(printed("csv", *words)) for words in LISTS[command])
    assert len(full) > 1
    assert (len(empty) == 1) is (command not in FILLED)
    assert full[0] == empty[0]
    assert len(set(full[0])) == len(full[0])
    assert {len(row) for row in full} == {len(full[0])}


@pytest.mark.parametrize("command", LISTS)
def test_every_member_of_the_items_has_its_column(command: str, printed: Any) -> None:
    header = set(table(printed("csv", *LISTS[command][0]))[0])
    members = {name for one in json.loads(printed("json", *LISTS[command][0]))["items"] for name in one}
    # These hold lists of their own, of which every one is a row.
    assert members - header <= {"gained", "lost", "principals"}


@pytest.mark.parametrize("command", DAYS)
def test_a_day_has_the_same_columns_behind_its_period(command: str, printed: Any) -> None:
    full = LISTS[command][0]
    plain = table(printed("csv", *full))
    day = table(printed("csv", *full, *TIMED))
    assert day[0] == ["from", "to", *plain[0]]
    assert {tuple(row[2:]) for row in day[1:]} >= {tuple(row) for row in plain[1:]}


def test_a_check_that_finds_nothing_prints_its_header(printed: Any) -> None:
    assert printed("csv", "snapshots", "verify") == "snapshot,file,cause\n"


def test_an_import_has_its_columns(
    printed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = tmp_path / "111111111111"
    account.mkdir()
    (account / "x.json").write_text('{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}')
    home = str(tmp_path / "home")
    header = table(printed("csv", "import", str(account), "--home", home))[0]
    items = json.loads(printed("json", "import", str(account), "--home", home))["items"]
    assert set(items[0]) == set(header)
