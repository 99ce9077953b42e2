"""An estate of three clouds: the commands that ask every provider answer for all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

GOLDEN = Path(__file__).parents[1] / "golden"
TAKEN = "2026-11-01T00:00:00Z"
ACCOUNT = "012345678901"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}],
}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
DETAILS: dict[str, Any] = {
    "UserDetailList": [{
        "Path": "/", "UserName": "ann", "UserId": "AIDA00000000000000001", "Arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
        "CreateDate": "2026-01-01T00:00:00Z", "GroupList": [], "AttachedManagedPolicies": [],
        "UserPolicyList": [{"PolicyName": "all", "PolicyDocument": ALL}],
    }],
    "GroupDetailList": [],
    "RoleDetailList": [{
        "Path": "/", "RoleName": "partner", "RoleId": "AROA00000000000000001",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/partner", "CreateDate": "2026-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": TRUST, "InstanceProfileList": [], "RolePolicyList": [],
        "AttachedManagedPolicies": [],
    }],
    "Policies": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("three")
    (folder / "details.json").write_text(json.dumps(DETAILS))
    for place in (folder / "details.json", GOLDEN / "gcp" / "corp", GOLDEN / "azure" / "corp"):
        assert run(["import", str(place), "--taken", TAKEN, "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.mark.parametrize("command", ["external", "identities", "findings", "credentials", "grants"])
def test_a_list_holds_what_each_cloud_tells(home: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run([command, "--home", str(home), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"]


def test_those_outside_reach_something_in_each(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["external", "--home", str(home), "--format", "json"]) == 0
    resources = [one["resource"] for one in json.loads(capsys.readouterr().out)["items"]]
    for beginning in ("arn:aws:", "//", "/subscriptions/"):
        assert any(one.startswith(beginning) for one in resources), beginning


def test_assertions_about_each(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resource = "/subscriptions/11111111-1111-4111-8111-111111111111"
    assertions = [
        {"name": "aws", "nobody": "kind human", "permission": "s3:GetObject"},
        {"name": "gcp", "nobody": "kind human", "permission": "resourcemanager.projects.delete"},
        {"name": "azure", "nobody": "kind human", "permission": "Microsoft.Compute/virtualMachines/write",
         "resource": resource, "transitive": True},
    ]  # fmt: skip
    file = tmp_path / "check.yaml"
    file.write_text(json.dumps({"version": 1, "assertions": assertions}))
    assert run(["check", str(file), "--home", str(home)]) == 1
    told = capsys.readouterr()
    assert "3 assertions" in told.out and "not answered" not in told.err
