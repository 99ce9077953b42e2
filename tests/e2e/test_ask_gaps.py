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
    root = f"arn:aws:iam::{ACCOUNT}:root"
    assert [(one["principal"], one["state"]) for one in found["items"]] == [(root, "UNKNOWN"), (USER, "UNKNOWN")]
    assert found["items"][0]["kind"] == "root"


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


def test_who_has_no_mfa_device_has_not_signed_in_with_one(ask: Any, tmp_path: Path) -> None:
    wants = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    alone = f'version: 1\naccounts:\n  "{ACCOUNT}": {{organization: none}}\n'
    ask(details(), "can", USER, "iam:CreateUser")
    (tmp_path / "home" / "estate.yaml").write_text(alone)
    assert ask(details(**wants), "can", USER, "iam:CreateUser")["state"] == "CONDITIONAL"
    header = (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
        "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
        "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
        "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
        "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    )
    none = ["N/A"] * 4
    row = [
        "ann", USER, "2026-01-01T00:00:00+00:00", "false", "N/A", "N/A", "N/A", "false", "false", *none, "false", *none,
        "false", "N/A", "false", "N/A",
    ]  # fmt: skip
    report = tmp_path / "report.csv"
    report.write_text(f"{header}\n{','.join(row)}\n")
    assert run(["import", str(tmp_path / "details.json"), str(report)]) == 0
    assert ask(details(**wants), "can", USER, "iam:CreateUser")["state"] == "DENIED"
    (root,) = ask(details(**wants), "who-can", "iam:CreateUser")["items"]
    assert root["kind"] == "root"
