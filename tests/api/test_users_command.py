"""Users, tokens and the record on the command line."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from signing import PASSWORD, Signing
from sqlalchemy import text

from leastwise.cli.main import run


@pytest.fixture
def asked(tmp_path, monkeypatch, capsys):
    def ask(*arguments, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = run([*arguments, "--home", str(tmp_path / "home")])
        found = capsys.readouterr()
        return code, found.out, found.err

    return ask


def test_a_user_and_a_token_are_made_and_let_in(asked, tmp_path):
    code, out, _ = asked("users", "add", "Ann", "--duty", "admin", "--duty", "viewer@aws:1", typed=f"{PASSWORD}\n")
    assert code == 0 and out.startswith("User Ann is added (")
    listed = json.loads(asked("users", "list", "--format", "json")[1])["items"]
    assert [(one["name"], len(one["duties"])) for one in listed] == [("Ann", 2)]
    assert "admin@*; viewer@aws:1" in asked("users", "list", "--format", "csv")[1]
    secret = asked("users", "token", "ann", "--right", "users", "--days", "1")[1].strip()
    server = Signing(tmp_path / "home")
    assert server.app.state.server.setup_token is None
    assert server.signed_in("ann").get("/api/v1/me").json()["name"] == "Ann"
    server.at = datetime.now(UTC)
    assert server.bearer(secret).get("/api/v1/users").status_code == 200
    rows = json.loads(asked("audit", "list", "--format", "json")[1])["items"]
    assert [(one["action"], one["via"]) for one in rows] == [
        ("sign in", "session"), ("token made", "cli"), ("user added", "cli"),
    ]  # fmt: skip
    assert json.loads(asked("audit", "list", "--format", "json", "--limit", "1", "--cursor", "3")[1])["next"] == "2"


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["users", "add", "ann"], "password: takes 12"),
        (["users", "add", "ann", "--duty", "king"], "duty 'king': unknown"),
        (["users", "add", "ann", "--duty", "viewer@"], "is none of DUTY, DUTY@PLACE"),
        (["users", "token", "nobody", "--right", "see"], "user nobody: not found"),
        (["audit", "list", "--cursor", "x"], "--cursor 'x': is none"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(asked, arguments, cause):
    typed = PASSWORD if "--duty" in arguments else "short"
    code, _, err = asked(*arguments, typed=f"{typed}\n")
    assert code == 2 and cause in err and err.count("\n") == 1


def test_a_record_that_was_changed_is_said(asked, tmp_path):
    asked("users", "add", "ann", typed=f"{PASSWORD}\n")
    assert asked("audit", "verify")[0:2] == (0, "Every row is as it was written.\n")
    server = Signing(tmp_path / "home")
    with server.workspace.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'eve'"))
    code, out, _ = asked("audit", "verify", "--format", "json")
    assert code == 1 and json.loads(out)["faults"] == ["row 1: was changed (its hash differs)"]
