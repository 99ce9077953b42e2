"""`collect --only ARN`: one identity as it is now, the rest of its account as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from fakes.surroundings import moto
from leastwise.cli.main import run

ACCOUNT = "123456789012"
USER, ROLE = f"arn:aws:iam::{ACCOUNT}:user/clerks/ada", f"arn:aws:iam::{ACCOUNT}:role/deploy"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def allow(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("collecting.run", "aws.collect.patient"):
        monkeypatch.setattr(f"leastwise.providers.{name}.pause", lambda tries: 0.01)
    with moto(monkeypatch) as url:
        urlopen(Request(f"{url}/moto-api/reset", method="POST"), timeout=10).close()
        yield boto3.client("iam")


def build(iam: Any) -> None:
    iam.create_group(GroupName="clerks")
    iam.put_group_policy(GroupName="clerks", PolicyName="look", PolicyDocument=allow("s3:Get*"))
    for name in ("ada", "bob"):
        iam.create_user(UserName=name, Path="/clerks/")
        iam.add_user_to_group(GroupName="clerks", UserName=name)
    policy = iam.create_policy(PolicyName="write", PolicyDocument=allow("s3:Put*"))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ada", PolicyArn=policy)
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(TRUST))


def collect(home: Path, *more: str) -> int:
    return run(["collect", "aws", "--services", "iam", "--regions", "us-east-1", "--home", str(home), *more])


def told(home: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, list[dict[str, Any]]]:
    """Identities, grants and credentials, without where they were read."""
    found = {}
    for what in ("identities", "grants", "credentials", "trusts"):
        capsys.readouterr()
        assert run([what, "--home", str(home), "--format", "json"]) == 0
        rows = json.loads(capsys.readouterr().out)["items"]
        # moto makes dates up anew for every report; of a new password only a new report knows the last use.
        left_out = ("source", "last_used", "last_used_known", "created")
        found[what] = sorted(
            ({key: value for key, value in row.items() if key not in left_out} for row in rows), key=repr
        )
    return found


def change(iam: Any) -> None:
    """Everything that can change about a user and a role, and something about another user."""
    iam.put_user_policy(UserName="ada", PolicyName="everything", PolicyDocument=allow("*"))
    iam.create_access_key(UserName="ada")
    iam.create_login_profile(UserName="ada", Password="a long password")
    iam.remove_user_from_group(GroupName="clerks", UserName="ada")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/write"
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow("s3:Delete*"), SetAsDefault=True)
    iam.put_role_policy(RoleName="deploy", PolicyName="deploy", PolicyDocument=allow("lambda:*"))


def test_one_identity_is_refreshed_and_nothing_else(
    iam: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(iam)
    home, whole = tmp_path / "home", tmp_path / "whole"
    assert collect(home) == 0
    change(iam)
    assert collect(home, "--only", USER) == 0
    after_user = told(home, capsys)
    assert "deploy" not in {row["policy"] for row in after_user["grants"]}
    assert collect(home, "--only", ROLE) == 0
    refreshed = told(home, capsys)
    assert collect(whole) == 0
    fresh = told(whole, capsys)
    for what in ("identities", "grants", "trusts"):
        assert refreshed[what] == fresh[what], what
    kinds = {(row["kind"], row["principal"], row["active"]) for row in refreshed["credentials"]}
    assert kinds == {(row["kind"], row["principal"], row["active"]) for row in fresh["credentials"]}
    capsys.readouterr()
    assert run(["coverage", "--home", str(home), "--format", "json"]) == 0
    coverage = json.loads(capsys.readouterr().out)["items"]
    assert any(row["call"] == "one identity" and ROLE in row["detail"] for row in coverage)
    assert run(["snapshots", "verify", "--home", str(home)]) == 0


def test_an_identity_that_is_gone_is_gone(iam: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(iam)
    assert collect(tmp_path / "home") == 0
    iam.delete_role(RoleName="deploy")
    assert collect(tmp_path / "home", "--only", ROLE) == 0
    assert ROLE not in {row["id"] for row in told(tmp_path / "home", capsys)["identities"]}


REFUSED = [
    ("arn:aws:s3:::bucket", "is neither an account nor the ARN of a user, role or group"),
    (USER, f"nothing is known of {ACCOUNT} yet; collect all of it first"),
    ("arn:aws:iam::999999999999:user/x", "no source has"),
]


@pytest.mark.parametrize(("only", "message"), REFUSED)
def test_what_cannot_be_refreshed_is_refused(
    iam: Any, only: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert collect(tmp_path / "home", "--only", only) == 2
    assert message in capsys.readouterr().err
