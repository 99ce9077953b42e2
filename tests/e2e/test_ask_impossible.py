"""A question that no request can be is refused, in every command, with what may have been meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

BUCKET = "arn:aws:s3:::bw-customs-records"


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))

    def asked(*command: str) -> tuple[int, str]:
        code = run([*command, "--format", "json"])
        found = capsys.readouterr()
        return code, found.err if code == 2 else found.out

    return asked


@pytest.mark.parametrize("command", [("who-can",), ("can", "customs-archive"), ("can", "*")], ids=" ".join)
def test_a_bucket_is_no_object(command: tuple[str, ...], ask: Any) -> None:
    code, said = ask(*command, "s3:GetObject", BUCKET)
    assert code == 2 and said.count("\n") == 1
    assert f"did you mean {BUCKET}/*?" in said
    assert ask(*command, "s3:GetObject", f"{BUCKET}/*")[0] == 0
    assert ask(*command, "s3:ListBucket", BUCKET)[0] == 0


def test_an_action_without_resources_has_none(ask: Any) -> None:
    code, said = ask("can", "data-science", "s3:ListAllMyBuckets", f"{BUCKET}/*")
    assert (code, "takes no resource" in said) == (2, True)
    assert ask("can", "data-science", "s3:ListAllMyBuckets")[0] == 0
    assert ask("can", "data-science", "s3:ListAllMyBuckets", "*")[0] == 0


def check(tmp_path: Path, ask: Any, text: str) -> tuple[int, str]:
    file = tmp_path / "access.yaml"
    file.write_text(f"version: 1\nassertions:\n{text}")
    code, said = ask("check", str(file))
    return code, str(said)


def test_an_assertion_says_where(tmp_path: Path, ask: Any) -> None:
    text = f"  - name: a\n    cannot: customs-archive\n    permission: s3:GetObject\n    resource: {BUCKET}\n"
    code, said = check(tmp_path, ask, text)
    assert code == 2
    assert "access.yaml: line 6" in said and f"did you mean {BUCKET}/*?" in said


def test_permissions_of_an_assertion_are_asked_of_the_resources_that_have_them(tmp_path: Path, ask: Any) -> None:
    resources = f"[{BUCKET}, {BUCKET}/*]"
    text = "  - name: a\n    can: customs-archive\n    permission: [s3:GetObject, s3:ListBucket]\n"
    code, _ = check(tmp_path, ask, f"{text}    resource: {resources}\n")
    assert code in (0, 1)
    code, said = check(tmp_path, ask, f"{text}    resource: {BUCKET}/*\n")
    assert (code, "s3:ListBucket is asked of" in said) == (2, True)
