"""A document of ten thousand statements, far above AWS's quotas, is answered in seconds, never with a wrong DENIED."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

STATEMENTS = 10_000


def statement(number: int) -> dict[str, Any]:
    """Every third denies, the others allow, under conditions, each in a bucket of its own; the last without them."""
    told = {"Sid": f"s{number}", "Action": ["s3:GetObject", "s3:Put*"], "Resource": f"arn:aws:s3:::b{number}/*"}
    if number == STATEMENTS - 1:
        return told | {"Effect": "Allow"}
    tests = {
        "StringLike": {"aws:SourceVpc": [f"vpc-{number}*"], "aws:UserAgent": f"*{number}*"},
        "IpAddress": {"aws:SourceIp": f"10.{number % 256}.0.0/16"},
    }
    return told | {"Effect": "Allow" if number % 3 else "Deny", "Condition": tests}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("huge")
    document = {"Version": "2012-10-17", "Statement": [statement(number) for number in range(STATEMENTS)]}
    user = {
        "Path": "/",
        "UserName": "big",
        "UserId": "AIDABIG",
        "Arn": "arn:aws:iam::111111111111:user/big",
        "CreateDate": "2024-01-01T00:00:00Z",
        "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": document}],
        "GroupList": [],
        "AttachedManagedPolicies": [],
    }
    details = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    (folder / "details.json").write_text(json.dumps(details))
    assert run(["import", str(folder / "details.json"), "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.mark.parametrize("number", [STATEMENTS - 1, STATEMENTS - 3, 1])
def test_one_decision(number: int, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["can", "big", "s3:GetObject", f"arn:aws:s3:::b{number}/x", "--home", str(home), "--format", "json"]
    assert run(asked) == 0
    found = json.loads(capsys.readouterr().out)
    # Neither the bucket nor the organization was collected, so that it cannot be sure either.
    assert found["state"] == "UNKNOWN"
    assert any(f"statement s{number}," in one["text"] and one["effect"] == "allows" for one in found["reasons"])


@pytest.mark.slow
def test_every_direction_ends(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def asked(*command: str) -> dict[str, Any]:
        assert run([*command, "--home", str(home), "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    states = {one["principal"]: one["state"] for one in asked("who-can", "s3:GetObject")["items"]}
    assert states["arn:aws:iam::111111111111:user/big"] == "UNKNOWN"
    told = asked("what-can", "big")["items"]
    assert any("s3:GetObject" in one["permissions"] for one in told)
