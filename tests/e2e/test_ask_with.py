"""`--with FILE`: what would be, asked on the command line; nothing of it is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

SCIENCE = "arn:aws:iam::333333333333:role/data-science"
CUSTOMS = "arn:aws:s3:::bw-customs-records"
ROSA = "rosa.vasquez@brightwater.example"
WHAT_IF = """
version: 1
name: the boundary is gone
changes:
  - remove: {on: data-science, layer: boundary}
  - put:
      on: bw-data
      layer: scp
      policy: keep-records
      document:
        Version: 2012-10-17
        Statement: {Sid: Keep, Effect: Deny, Action: "s3:Delete*", Resource: "arn:aws:s3:::bw-customs-records/*"}
  - join: {principal: rosa.vasquez@brightwater.example, group: customs-ops}
  - block_public: {resource: "arn:aws:s3:::bw-website", block: true}
"""


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    monkeypatch.setenv("COLUMNS", "300")

    def asked(*command: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(command))
        found = capsys.readouterr()
        return code, found.out, found.err

    return asked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "what-if.yaml"
    found.write_text(WHAT_IF)
    return found


QUESTIONS = [
    (("can", SCIENCE, "ec2:RunInstances"), "DENIED", "ALLOWED"),
    (("can", SCIENCE, "iam:CreateUser"), "DENIED", "DENIED"),
    (("can", SCIENCE, "s3:DeleteObject", f"{CUSTOMS}/1"), "ALLOWED", "DENIED"),
    (("can", ROSA, "s3:GetObject", f"{CUSTOMS}/2025/1.pdf"), "DENIED", "ALLOWED"),
    (("can", "*", "s3:GetObject", "arn:aws:s3:::bw-website/index.html"), "ALLOWED", "DENIED"),
]


@pytest.mark.parametrize(("question", "now", "then"), QUESTIONS, ids=lambda one: one[2] if type(one) is tuple else one)
def test_what_would_be(question: tuple[str, ...], now: str, then: str, ask: Any, file: Path) -> None:
    assert json.loads(ask(*question, "--format", "json")[1])["state"] == now
    found = json.loads(ask(*question, "--with", str(file), "--format", "json")[1])
    assert found["state"] == then
    assert found["estate"]["overlay"]["file"] == str(file)
    assert found["estate"]["overlay"]["name"] == "the boundary is gone"
    assert found["estate"]["overlay"]["changes"] == 4
    assert json.loads(ask(*question, "--format", "json")[1])["estate"]["overlay"] is None


def test_lists_and_days_take_it_too(ask: Any, file: Path) -> None:
    held = json.loads(ask("what-can", SCIENCE, "--with", str(file), "--format", "json")[1])["items"]
    assert any("ec2:RunInstances" in one["permissions"] for one in held)
    who = json.loads(ask("who-can", "s3:DeleteObject", f"{CUSTOMS}/1", "--with", str(file), "--format", "json")[1])
    assert SCIENCE not in {one["principal"] for one in who["items"]}
    day = json.loads(ask(*QUESTIONS[0][0], "--at", "2026-10-15", "--with", str(file), "--format", "json")[1])
    assert day["periods"][0]["decision"]["state"] == "ALLOWED"
    assert day["estate"]["overlay"]["changes"] == 4


def test_the_answer_says_what_it_rests_on(ask: Any, file: Path) -> None:
    text = ask(*QUESTIONS[0][0], "--with", str(file))[1]
    assert text.rstrip().endswith(f"with 4 changes of {file}.")


def test_nothing_of_it_is_kept(own_demo: Path, ask: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(own_demo))
    ask(*QUESTIONS[0][0])
    before = {path: path.stat().st_mtime_ns for path in own_demo.rglob("*.lwa")}
    ask(*QUESTIONS[0][0], "--with", str(file))
    assert {path: path.stat().st_mtime_ns for path in own_demo.rglob("*.lwa")} == before


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "version: 1\nchanges:\n  - attach: {policy: nothing, to: data-science}\n",
            "line 3: changes[0].attach.policy: ",
        ),
        (
            "version: 1\nchanges:\n  - leave: {principal: rosa.vasquez@brightwater.example, group: customs-ops}\n",
            "line 3: changes[0].leave: ",
        ),
        (
            "version: 1\nchanges:\n  - put: {policy: CustomsRead, document: {Statement: []}}\n",
            "line 3: changes[0].put.policy: ",
        ),
        ("version: 1\nchanges:\n  - attach: {policy: deny-iam, to: 444444444444}\n  - x\n", "line 4: changes[1]: "),
        ("version: 3\n", "line 1: version: 3 is not known"),
    ],
)
def test_changes_that_do_not_apply(text: str, cause: str, ask: Any, file: Path) -> None:
    file.write_text(text)
    code, out, err = ask(*QUESTIONS[0][0], "--with", str(file))
    assert (code, out) == (2, "")
    assert err.startswith(f"leastwise: {file}: {cause}") and err.count("\n") == 1


def test_a_file_that_is_not_there(ask: Any, tmp_path: Path) -> None:
    code, _, err = ask(*QUESTIONS[0][0], "--with", str(tmp_path / "none.yaml"))
    assert code == 2 and err == f"leastwise: {tmp_path / 'none.yaml'}: cannot be read: No such file or directory\n"
