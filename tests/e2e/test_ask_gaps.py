"""What was not read makes an answer UNKNOWN, never ALLOWED and never DENIED."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"


def details(**statement: Any) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"} | statement]}
    user = {
        "Path": "/",
        "UserName": "ann",
        "UserId": "AIDAEXAMPLEANN000000A",
        "Arn": USER,
        "CreateDate": "2026-01-01T00:00:00Z",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": document}],
        "Tags": [],
    }
    return {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))

    def asked(export: dict[str, Any], *command: str) -> Any:
        file = tmp_path / "details.json"
        file.write_text(json.dumps(export))
        assert run(["import", str(file)]) == 0
        capsys.readouterr()
        assert run([*command, "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    return asked


def test_guardrails_that_were_not_read_may_deny(ask: Any) -> None:
    answer = ask(details(), "can", USER, "iam:CreateUser")
    assert answer["state"] == "UNKNOWN"
    assert answer["missing"] == [f"service control policies above account {ACCOUNT}: its organization was not read"]
    found = ask(details(), "who-can", "iam:CreateUser")
    assert [(one["principal"], one["state"]) for one in found["items"]] == [(USER, "UNKNOWN")]


def test_what_nothing_allows_is_denied_whatever_stands_above(ask: Any) -> None:
    assert ask(details(Action="s3:*"), "can", USER, "iam:CreateUser")["state"] == "DENIED"


def test_the_estate_file_can_say_that_an_account_stands_alone(ask: Any, tmp_path: Path) -> None:
    ask(details(), "can", USER, "iam:CreateUser")
    (tmp_path / "home" / "estate.yaml").write_text(f'version: 1\naccounts:\n  "{ACCOUNT}": {{organization: none}}\n')
    answer = ask(details(), "can", USER, "iam:CreateUser")
    assert (answer["state"], answer["estate"]["estate_file"]) == ("ALLOWED", ["accounts"])


def test_a_bucket_that_is_not_in_the_estate_may_have_any_policy(ask: Any, tmp_path: Path) -> None:
    ask(details(), "can", USER, "iam:CreateUser")
    (tmp_path / "home" / "estate.yaml").write_text(f'version: 1\naccounts:\n  "{ACCOUNT}": {{organization: none}}\n')
    answer = ask(details(), "can", USER, "s3:GetObject", "arn:aws:s3:::elsewhere/key")
    assert answer["state"] == "UNKNOWN"
    assert "arn:aws:s3:::elsewhere/key" in answer["missing"][0]
