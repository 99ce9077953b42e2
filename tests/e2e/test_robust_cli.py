"""What must never happen to a user: an internal error, a hijacked terminal, a typo that reads as "nobody"."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

LISTS = ["identities", "resources", "grants", "credentials", "trusts", "coverage", "findings"]
PEOPLE = "version: 1\npeople:\n  - {name: A B, principals: [a@b.example]}\n"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line with which a command refuses."""
    capsys.readouterr()
    assert run(list(arguments)) == 2
    error = capsys.readouterr().err
    assert error.startswith("leastwise: ")
    assert error.count("\n") == 1
    assert "internal error" not in error
    return error


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    return demo_home


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("what", LISTS)
def test_an_empty_estate_with_people_is_listed_as_empty(
    what: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert run(["estate", "show"]) == 0
    (tmp_path / "home" / "estate.yaml").write_text(PEOPLE)
    capsys.readouterr()
    assert run([what, "--format", form]) == 0
    text = capsys.readouterr().out
    if form == "csv":
        assert text.count("\n") == 1
        assert "," in text
    elif form == "json":
        assert json.loads(text)["items"] == []
    else:
        assert "Nothing matches." in text


@pytest.mark.parametrize("arguments", [["identities", "--at", "1900-01-01"], ["findings", "--since", "2000-01-01"]])
def test_a_time_before_everything_is_no_error(arguments: list[str], demo: Path) -> None:
    assert run(arguments) == 0


REFUSED = [
    ("identities --admin maybe", "--admin: 'maybe' is none of yes, conditional, limited, no, unknown"),
    ("resources --public maybe", "--public: 'maybe' is none of"),
    ("identities --kind nonsense", "--kind: 'nonsense' is none of human, workload"),
    ("credentials --kind nonsense", "--kind: 'nonsense' is none of access_key"),
    ("identities --provider azzure", "--provider: 'azzure' is none of aws"),
    ("identities --account 222222222223", "--account: '222222222223' is none of 111111111111"),
    ("identities --unused-for 99999999", "--unused-for': 99999999 is not in the range 0<=x<=36500"),
    ("identities --unused-for=-5", "--unused-for': -5 is not in the range 0<=x<=36500"),
    ("mute 0 --reason x --days 999999999", "--days': 999999999 is not in the range 1<=x<=36500"),
    ("identities --cursor WyJpZGVudGl0aWVzIiwgbnVsbF0", "the cursor is not one of"),
    ("identities --cursor !!!", "the cursor is not one of"),
]


@pytest.mark.parametrize(("command", "message"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_can_match_nothing_is_refused(
    command: str, message: str, demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, *command.split())


@pytest.mark.parametrize("change", [["--kind", "device"], ["--at", "2026-03-01"], ["--sort", "name"], []])
def test_a_cursor_belongs_to_its_filters_order_and_estate(
    change: list[str], demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["identities", "--kind", "human", "--limit", "3", "--format", "json"]) == 0
    cursor = json.loads(capsys.readouterr().out)["next"]
    kept = [] if change[:1] == ["--kind"] or not change else ["--kind", "human"]
    assert "the cursor is not one of" in refused(capsys, "identities", *kept, *change, "--cursor", cursor)


ESTATES = [
    ("clock: 2026-13-45", "holds a value that is none"),
    ("accounts:\n  111111111111: {name: a}", "accounts: its keys must be texts: put numbers in quotes"),
    ("owner: []", "unknown key owner"),
    ("owners: [{match: {principal: 'a', resource: 'b'}, team: t}]", "owners[0].match: nothing is a principal and a"),
    ("owners: [{match: {account: '111111111111'}, team: ''}]", "owners[0]: names no team"),
    ("x: " + "[" * 5000, "nested too deeply"),
    ("sources: [{role: x}]", "sources[0]: Object missing required field `provider`"),
]


@pytest.mark.parametrize(("text", "message"), ESTATES, ids=[one[1] for one in ESTATES])
def test_a_wrong_estate_file_is_refused_in_one_line(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(f"version: 1\n{text}\n")
    line = refused(capsys, "estate", "check", str(file))
    assert str(file) in line
    assert message in line


def test_accounts_are_named_as_each_cloud_names_them(tmp_path: Path) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(
        "version: 1\naccounts:\n  bw-analytics: {name: a}\n  0a1b2c3d-0000-4000-8000-1234567890ab: {name: b}\n"
    )
    assert run(["estate", "check", str(file)]) == 0


def test_yaml_merge_keys_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "estate.yaml"
    file.write_text(
        "version: 1\naccounts:\n  '111111111111': &base {name: a, environment: production}\n"
        "  '222222222222': {<<: *base, name: b}\n"
    )
    assert run(["estate", "check", str(file)]) == 0


@pytest.mark.parametrize("columns", ["abc", "", "0", "-3", "60"])
def test_any_width_prints_a_table(
    columns: str, demo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    capsys.readouterr()
    assert run(["identities", "--text", "ostrander"]) == 0
    assert "ostrander" in capsys.readouterr().out


def test_no_arguments_print_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert capsys.readouterr().out.count("\n") > 10
    assert run(["snapshots"]) == 0


def test_file_names_do_not_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "\x1b[31mred.json"
    file.write_text("{")
    line = refused(capsys, "import", str(file), "--home", str(tmp_path / "home"))
    assert "\x1b" not in line


def test_json_escapes_what_turns_text_around(capsys: pytest.CaptureFixture[str]) -> None:
    from leastwise.cli.render import emit_json

    value = {"name": "a\u202eb\x9b31m\x1b[0mé"}
    emit_json(value)
    text = capsys.readouterr().out
    assert not set(text) & {"\u202e", "\x9b", "\x1b"}
    assert "é" in text
    assert json.loads(text) == value


def leastwise(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "leastwise", *arguments]


def test_a_reader_that_goes_away_is_no_failure(demo: Path) -> None:
    with subprocess.Popen(leastwise("grants", "--limit", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        one.stdout.readline()
        one.stdout.close()
        assert one.stderr.read() == b""
        assert one.wait() == 0


def test_an_answer_that_cannot_be_written_is_said(demo: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(leastwise("identities"), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "leastwise: the answer cannot be written: No space left on device\n"


def test_owners_match_what_their_key_says(own_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own_demo / "estate.yaml").write_text(
        "version: 1\nowners:\n"
        "  - {match: {resource: '*'}, team: team-resources}\n"
        "  - {match: {tag: CostCentre}, team: nobody}\n"
        "  - {match: {tag: OWNER}, team: '*'}\n"
        "  - {match: {principal: '*'}, team: team-principals}\n"
    )
    owners: dict[str, set[Any]] = {}
    for what in ("identities", "resources", "credentials"):
        capsys.readouterr()
        assert run([what, "--format", "json"]) == 0
        rows = json.loads(capsys.readouterr().out)["items"]
        owners[what] = {row["owner"] for row in rows}
        for row in rows:
            if what == "identities":
                assert row["owner"] == (dict(row["tags"] or {}).get("owner") or "team-principals")
    assert owners["resources"] == {"team-resources"}
    assert owners["credentials"] == {"team-principals"}
