"""The organization that shared/bench writes acts on the accounts below it, secrets redacted or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leastwise.cli.main import run

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"


def policy(effect: str, action: str) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]}


def test_guardrails_of_an_imported_organization_stand_over_its_accounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    export = tmp_path / "export"
    (export / "accounts").mkdir(parents=True)
    trust = {"Version": "2012-10-17", "Statement": []}
    role = {
        "Path": "/",
        "RoleName": "app",
        "RoleId": "AROAEXAMPLEAPP000000A",
        "Arn": ROLE,
        "CreateDate": "2026-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": trust,
        "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": policy("Allow", "*")}],
        "AttachedManagedPolicies": [],
        "Tags": [],
    }
    details = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
    (export / "accounts" / f"{ACCOUNT}.json").write_text(json.dumps(details))
    guardrails = {
        "p-FullAWSAccess": {"Targets": ["r-root", "ou-prod", ACCOUNT], "Document": policy("Allow", "*")},
        "p-no-iam": {"Targets": ["ou-prod"], "Document": policy("Deny", "iam:*")},
    }
    organization = {
        "Id": "o-example0001",
        "Root": "r-root",
        "OrganizationalUnits": {"ou-prod": {"Name": "prod", "Parent": "r-root"}},
        "Accounts": {ACCOUNT: {"Parent": "ou-prod"}},
        "ServiceControlPolicies": guardrails,
    }
    (export / "organization.json").write_text(json.dumps(organization))
    (export / "resource-policies.json").write_text(json.dumps({ACCOUNT: {}}))
    assert run(["import", str(export)]) == 0
    states = {}
    for action in ("iam:CreateUser", "ec2:RunInstances"):
        capsys.readouterr()
        assert run(["can", ROLE, action, "--format", "json"]) == 0
        states[action] = json.loads(capsys.readouterr().out)["state"]
    assert states == {"iam:CreateUser": "DENIED", "ec2:RunInstances": "ALLOWED"}
