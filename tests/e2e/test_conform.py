"""`leastwise conform`: what it prints and counts, how it ends, and what it says of lines that cannot be read."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "aws" / "cases.jsonl"
KEYS = ["suite", "id", "source", "result", "expected", "got", "note"]


@pytest.fixture(autouse=True)
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")


def example(**changes: Any) -> dict[str, Any]:
    return {**json.loads(EXAMPLE.read_text().splitlines()[0]), **changes}


def written(folder: Path, *lines: str | bytes | dict[str, Any]) -> str:
    file = folder / "cases.jsonl"
    file.write_bytes(
        b"\n".join(
            json.dumps(one).encode() if isinstance(one, dict) else one.encode() if isinstance(one, str) else one
            for one in lines
        )
    )
    return str(file)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, str]]]:
    capsys.readouterr()
    code = run(["conform", *arguments, "--format", "json"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "how-to" / "conform.md").read_text()
    block = re.search(r"```\n( By .*?)```", page, re.DOTALL)
    assert block is not None
    assert run(["conform", str(EXAMPLE)]) == 0
    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]
    assert printed == [" ".join(line.split()) for line in block[1].splitlines() if line.strip()]


def test_the_line_in_the_reference_is_one_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "reference" / "json.md").read_text()
    shown = re.search(r'^\{"suite".*$', page, re.MULTILINE)
    assert shown is not None
    _, rows = asked(capsys, str(EXAMPLE))
    assert json.loads(shown[0]) in rows


def test_the_home_is_not_even_made(tmp_path: Path) -> None:
    assert run(["conform", str(EXAMPLE)]) == 0
    assert not (tmp_path / "home").exists()


def test_json_is_one_object_a_line_with_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = asked(capsys, str(EXAMPLE))
    assert code == 0
    assert [list(row) for row in rows] == [KEYS] * 5
    assert {row["result"] for row in rows} == {"passed"}


def test_csv_has_the_same_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conform", str(EXAMPLE), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == KEYS
    assert len(rows) == 5


def test_a_failure_is_named_with_what_decided_and_makes_the_exit_code_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, example(expected="ExplicitlyDenied", id="wrong"), example())
    code, rows = asked(capsys, file)
    assert code == 1
    assert [(row["id"], row["result"], row["expected"], row["got"]) for row in rows] == [
        ("wrong", "failed", "ExplicitlyDenied", "Allowed"),
        ("reports/reader", "passed", "Allowed", "Allowed"),
    ]
    assert rows[0]["note"] == "identity policy identity_policies/0, statement 1, allows it"
    assert run(["conform", file]) == 1
    assert "2 cases: 1 passed, 1 failed, 0 unsupported, 0 error." in capsys.readouterr().out


def test_what_nothing_runs_is_unsupported_and_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = asked(capsys, written(tmp_path, {"suite": "kubernetes.authorize", "id": "a"}))
    told = (0, "unsupported", "nothing runs kubernetes.authorize yet")
    assert (code, rows[0]["result"], rows[0]["note"]) == told


@pytest.mark.parametrize(
    ("case", "cause"),
    [
        ({"suite": "aws.escalation", "id": "a"}, "accounts: must be an object of accounts"),
        ({"suite": "aws.escalation_account", "principal": "p", "expect": "admin"}, "cannot be read"),
        ({"suite": "aws.escalation_account", "expect": "admin"}, "id: is missing"),
    ],
)
def test_a_case_about_paths_that_lacks_something_is_an_error(
    case: dict[str, Any], cause: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows = asked(capsys, written(tmp_path, case))
    assert (code, rows[0]["result"]) == (1, "error") and cause in rows[0]["note"]


def test_a_case_of_another_provider_is_unsupported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = asked(capsys, written(tmp_path, {"suite": "ask", "id": "a", "provider": "nobody"}))
    assert (code, rows[0]["result"], rows[0]["note"]) == (0, "unsupported", "nothing runs ask of nobody yet")


BAD_LINES: dict[str, tuple[str | bytes | dict[str, Any], str]] = {
    "no JSON": ("{]", "not JSON: Expecting property name enclosed in double quotes at column 2"),
    "cut": (json.dumps(example())[:-10], "not JSON: "),
    "no UTF-8": (b'{"suite": "\xff"}', "not UTF-8: byte 11"),
    "a list": ("[]", "a case is an object"),
    "nested": ("[" * 100_000, "is nested too deeply"),
    "a number without end": ("1" * 5000, "not JSON: "),
    "key twice": ('{"suite": "aws.evaluate", "id": "a", "id": "b"}', "the key 'id' stands twice in one object"),
    "no suite": ({"id": "a"}, "suite: is missing"),
    "unknown suite": ({"suite": "aws.guess", "id": "a"}, "suite: 'aws.guess' is none of aws.evaluate, "),
    "no id": ({"suite": "aws.evaluate"}, "id: is missing"),
    "no mode": ({"suite": "aws.evaluate", "id": "a"}, "mode: None is none of strict, discovery, pattern"),
    "no expected": (example(expected=None), "expected: None is none of Allowed, "),
    "no request": (example(request=None), "request: must be an object"),
    "no action": (example(request={"principal": "*", "context": {}, "resource": "*"}), "request.action: is missing"),
    "no such action": (
        example(request={"principal": "*", "context": {}, "resource": "*", "action": "read"}),
        "request.action: 'read' is no action",
    ),
    "context twice": (
        example(request={**example()["request"], "context": {"aws:a": "1", "AWS:A": "2"}}),
        "request.context: 'AWS:A' is given twice",
    ),
    "context with an object": (
        example(request={**example()["request"], "context": {"aws:a": {}}}),
        "request.context.aws:a: must be a text or a list of texts",
    ),
    "a policy that is none": (example(identity_policies=["x"]), "identity_policies/0: the policy is not an object"),
    "effect": (
        example(scps=[{"policies": [{"Statement": {"Effect": "Maybe"}}]}]),
        "scps/0/policies/0: Statement/0/Effect is neither Allow nor Deny",
    ),
    "policies as object": (example(session_policies={}), "session_policies: must be a list of policies"),
    "level": (example(rcps=["x"]), "rcps/0: must be an object with policies"),
    "flag": (example(s3_block_public_access="yes"), "s3_block_public_access: must be true or false"),
    "constraint": (
        example(mode="discovery", discovery_constraints=[{"keyName": "aws:a"}]),
        "discovery_constraints/0: presenceIsKnown and valueIsKnown must be true or false",
    ),
    "slow pattern": (
        example(
            mode="discovery",
            discovery_constraints=[{"keyName": "/(a+)+$/", "presenceIsKnown": True, "valueIsKnown": True}],
        ),
        "discovery_constraints/0/keyName: repeats groups, or is too long",
    ),
    "broken pattern": (
        example(
            mode="discovery",
            discovery_constraints=[{"keyName": "/[a/", "presenceIsKnown": True, "valueIsKnown": True}],
        ),
        "discovery_constraints/0/keyName: is no regular expression: ",
    ),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_line_that_cannot_be_read_is_an_error_with_its_place(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, cause = BAD_LINES[name]
    file = written(tmp_path, example(), "", line, example())
    code, rows = asked(capsys, file)
    assert code == 1
    assert [row["result"] for row in rows] == ["passed", "error", "passed"]
    assert rows[1]["note"].startswith(f"{file}:3: {cause}")
    assert run(["conform", file]) == 1


def test_a_principal_that_is_none_is_unsupported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = example(request={**example()["request"], "principal": "somebody"})
    code, rows = asked(capsys, written(tmp_path, case))
    assert (code, rows[0]["result"]) == (0, "unsupported")


def test_lone_surrogates_and_markup_reach_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = example(id="\ud800[red]\x1b[31m", expected="ImplicitlyDenied", features=["\udfff"])
    file = written(tmp_path, case)
    for form in ("table", "json", "csv"):
        assert run(["conform", file, "--format", form]) == 1
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("name", "cause"), [("none.jsonl", "not found"), ("", "is a folder")])
def test_a_file_that_is_not_there_stops_everything(
    name: str, cause: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / name)
    assert run(["conform", str(EXAMPLE), missing]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"leastwise: {missing}: {cause}\n"
