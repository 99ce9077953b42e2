"""`leastwise doctor` names every question that collecting would leave unknown, and for want of what."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from fakes.aws import EXPIRED, FakeAws, denied, on, refused_by_scp
from fakes.aws_estate import ACCOUNTS
from fakes.surroundings import moto
from leastwise.cli.main import run
from leastwise.providers.aws.collect.declaration import declared

ONE, TWO, THREE = ACCOUNTS
SIMULATOR = denied(service="iam", operation="SimulatePrincipalPolicy")
BUCKET_POLICY = "who can read and write objects of buckets by the policy of the bucket"


class Doctor:
    """The command, on an estate.yaml."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        home.mkdir(mode=0o700)
        self.home, self._capsys = home, capsys
        self.sources("role: Reader")

    def sources(self, *sources: str) -> None:
        lines = [f"  - {one if one.startswith('provider') else f'provider: aws, {one}'}" for one in sources]
        flow = [f"  - {{{line[4:]}}}" for line in lines]
        (self.home / "estate.yaml").write_text("\n".join(["version: 1", "sources:", *flow, ""]))

    def run(self, *arguments: str) -> str:
        self._capsys.readouterr()
        assert run(["doctor", *arguments, "--home", str(self.home)]) == 0
        return self._capsys.readouterr().out

    def ask(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--format", "json"))

    def unknown(self) -> dict[str, dict[str, Any]]:
        return {one["question"]: one for one in self.ask()["unknown"]}


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    monkeypatch.setenv("COLUMNS", "200")
    return Doctor(tmp_path / "home", capsys)


def test_where_nothing_is_missing_no_question_is_unknown(aws: FakeAws, doctor: Doctor) -> None:
    told = doctor.ask()
    assert told["unknown"] == []
    assert {one["status"] for one in told["items"]} == {"ok"}
    assert "no question will be UNKNOWN" in doctor.run()


@pytest.mark.parametrize("simulated", [True, False])
def test_a_denied_permission_is_said_as_a_question(aws: FakeAws, doctor: Doctor, simulated: bool) -> None:
    """By the policy simulator (which API Gateway's grant, narrowed to its ARNs, must pass), or by trying."""
    if simulated:
        aws.disallowed = {"s3:GetBucketPolicy"}
    else:
        aws.faults = [SIMULATOR, denied(service="s3", operation="GetBucketPolicy")]
    (one,) = doctor.ask()["unknown"]
    assert one == {
        "provider": "aws", "source": 1, "question": BUCKET_POLICY, "want": "denied",
        "of": ["bucket policy: s3:GetBucketPolicy"], "because": "bucket policy: s3:GetBucketPolicy denied",
        "where": [ONE, TWO, THREE],
    }  # fmt: skip
    shown = doctor.run()
    assert BUCKET_POLICY in shown and "s3:GetBucketPolicy denied" in shown
    rows = doctor.run("--format", "csv")
    assert f"aws,1,{BUCKET_POLICY},unknown,bucket policy: s3:GetBucketPolicy denied" in rows
    assert bool(aws.count("s3", "ListBuckets")) is not simulated
    assert aws.most_in_flight <= 10, "no more at once than a collection"


@pytest.mark.parametrize("simulated", [True, False])
def test_what_cannot_be_listed_leaves_all_that_follows_unknown(aws: FakeAws, doctor: Doctor, simulated: bool) -> None:
    if simulated:
        aws.disallowed = {"s3:ListAllMyBuckets"}
    else:
        aws.faults = [SIMULATOR, denied(service="s3", operation="ListBuckets")]
    (service,) = [one for one in declared() if one.name == "s3api"]
    found = doctor.unknown()
    assert set(found) == {question for call in service.walk() for question in service.questions(call)}
    assert {one["because"] for one in found.values()} == {"buckets: s3:ListAllMyBuckets denied"}


def test_every_permission_has_its_question(aws: FakeAws, doctor: Doctor) -> None:
    """Denied one by one, every declared action leaves a question unknown."""
    doctor.sources("accounts: ['111111111111']")
    actions = {
        action for one in declared() if one.scope == "account" for call in one.walk() for action in one.actions(call)
    }
    for action in sorted(actions)[::25]:
        aws.disallowed = {action}
        found = doctor.ask()["unknown"]
        assert found and all(action in one["because"] and one["want"] == "denied" for one in found), action


def test_an_account_that_cannot_be_entered_and_a_region_that_denies(aws: FakeAws, doctor: Doctor) -> None:
    aws.refused = {TWO}
    aws.faults = [refused_by_scp(region="us-east-2")]
    found = doctor.unknown()
    assert found["who may use buckets"]["because"] == "sts:AssumeRole denied"
    assert found["who may use buckets"]["where"] == [TWO]
    region = found["what there is in us-east-2, and who may use it"]
    assert (region["want"], region["where"]) == ("denied", [ONE, THREE])
    organization = {question for one in declared() if one.scope == "organization" for question in one.affects}
    assert not organization & set(found)


def test_what_is_not_configured(aws: FakeAws, doctor: Doctor) -> None:
    doctor.sources("role: Reader, services: [iam], regions: [us-east-1]", "role: Reader, accounts: ['222222222222']")
    told = doctor.ask()["unknown"]
    first = {one["question"]: one for one in told if one["source"] == 1}
    assert first["who may use buckets"]["because"] == "not configured: services leave s3api out"
    assert first["what there is in other regions, and who may use it"]["want"] == "not configured"
    assert "which guardrails hold in which account" in first
    second = {one["question"]: one for one in told if one["source"] == 2}
    guardrails = second["which guardrails hold in which account"]
    assert guardrails["want"] == "not configured"
    assert f"the management account {ONE} is not among the accounts entered" in guardrails["because"]


def test_without_an_organization_to_ask_the_other_accounts_are_unknown(aws: FakeAws, doctor: Doctor) -> None:
    aws.faults = [denied(service="organizations", operation="ListAccounts")]
    found = doctor.unknown()
    assert found["who can do what in every other account"]["because"] == "organizations:ListAccounts denied"


def test_not_signed_in(aws: FakeAws, doctor: Doctor) -> None:
    aws.faults = [on(EXPIRED)]
    told = doctor.ask()
    (check,) = [one for one in told["items"] if one["check"] == "signed in"]
    assert check["status"] == "missing" and "ExpiredToken" in check["detail"]
    assert {one["because"] for one in told["unknown"]} == {"not signed in"}
    assert {one["question"] for one in told["unknown"]} == {
        question for service in declared() for question in service.affects
    }


def test_not_installed(aws: FakeAws, doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    doctor.sources("role: Reader", "provider: okta")
    real = builtins.__import__

    def without_sdk(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "botocore":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "leastwise.providers.aws.collect.doctor", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_sdk)
    told = doctor.ask()["unknown"]
    assert {one["because"] for one in told if one["source"] == 1} == {"not installed: Python package botocore"}
    (okta,) = [one for one in told if one["source"] == 2]
    assert (okta["question"], okta["because"]) == ("who can do what in okta", "not installed: provider okta")


def test_a_server_without_a_simulator_is_tried(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's server: what it answers is permitted, a denied call is a question, what it cannot do says so."""
    with moto(monkeypatch):
        boto3.client("s3").create_bucket(Bucket="doctor")
        services = "services: [iam, s3api, sqs, kms, secretsmanager]"
        doctor.sources(f"{services}, regions: [us-east-1]")
        told = doctor.ask()
        (check,) = [one for one in told["items"] if one["check"].startswith("permissions in ")]
        assert "were tried" in check["detail"]
        asked = {one["question"] for one in told["unknown"] if one["want"] != "not configured"}
        assert BUCKET_POLICY not in asked and "which buckets there are" not in asked
        assert "which queues there are" not in asked
