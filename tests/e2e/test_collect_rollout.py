"""The template of the documentation makes a role that collects, with all that `--print-policy` can print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from fakes.surroundings import moto
from leastwise.app.collecting import collect, policy
from leastwise.app.importing import Imported
from leastwise.app.wiring import Workspace

TEMPLATE = Path(__file__).parents[2] / "docs" / "examples" / "aws" / "leastwise-role.template.json"
OTHER = "222222222222"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Credentials in the account that is to be collected, on moto's server."""
    with moto(monkeypatch):
        arn = f"arn:aws:iam::{OTHER}:role/setup"
        given = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="setup")["Credentials"]
        yield {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
               "aws_session_token": given["SessionToken"]}  # fmt: skip


def test_the_template_makes_a_role_that_collects(keys: dict[str, str], tmp_path: Path) -> None:
    told: list[dict[str, Any]] = [
        {"ParameterKey": "Collector", "ParameterValue": "arn:aws:iam::123456789012:root"},
        {"ParameterKey": "ExternalId", "ParameterValue": "7d1f0c52"},
    ]
    boto3.client("cloudformation", **keys).create_stack(
        StackName="leastwise-role", TemplateBody=TEMPLATE.read_text(), Parameters=told,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )  # fmt: skip
    iam = boto3.client("iam", **keys)
    role = iam.get_role(RoleName="LeastwiseReadOnly")["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "7d1f0c52"}}
    place = Workspace(home_option=tmp_path / "home")
    # This moto makes the policy, and does not attach it to the role as the template says.
    assert json.loads(TEMPLATE.read_text())["Resources"]["Role"]["Properties"]["ManagedPolicyArns"] == [
        {"Ref": "Policy"}
    ]
    (held,) = iam.list_policies(Scope="Local")["Policies"]
    document = iam.get_policy_version(PolicyArn=held["Arn"], VersionId="v1")["PolicyVersion"]["Document"]
    printed = policy(place, {"provider": "aws", "access_advisor": True})
    assert json.loads(printed) == document
    source = {"provider": "aws", "role": "LeastwiseReadOnly", "external_id": "7d1f0c52", "accounts": [OTHER],
              "services": ["iam"], "regions": ["us-east-1"]}  # fmt: skip
    (one,) = collect(place, [source])
    assert isinstance(one, Imported) and one.manifest.scope.id == OTHER
    names = {row["name"] for row in place.store.open(one.manifest).table("principals").to_pylist()}
    assert "LeastwiseReadOnly" in names
