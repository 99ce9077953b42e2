"""The policies that are printed allow what each source calls, and nothing that it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import FakeAws
from fakes.history import History
from fakes.store import Store
from fakes.surroundings import fake_aws
from fakes.trails import event, write
from leastwise.cli.main import run

ACCOUNT, URL = "222222222222", "https://sqs.eu-west-1.amazonaws.com/222222222222/trail"
S3 = {"ListObjectsV2": "ListBucket", "GetObject": "GetObject"}
FREE = {"sts:GetCallerIdentity", "s3:HeadBucket"}
"""Needs no permission, or tells the region to whom it refuses as well."""
NEEDED_SOMETIMES = {"kms:Decrypt"}
BATCH = "Batch"


def actions(policy: Any) -> set[str]:
    found: set[str] = set()
    for one in policy["Statement"]:
        assert one["Effect"] == "Allow"
        found |= {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
    return found


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("leastwise.providers.aws.collect.log_history._INTERVAL", 0.0)
    monkeypatch.setattr("leastwise.providers.aws.collect.log_queue._LONG", 0)
    before = datetime.now(UTC) - timedelta(1)
    yesterday = before.strftime("%Y-%m-%dT%H:%M:%SZ")
    write(tmp_path / "logs", [event(1, yesterday)], 1, before.strftime("%Y%m%dT%H%MZ"))
    store, history = Store(tmp_path / "logs"), History()
    history.add([event(2, yesterday, eventCategory="Management")])
    (key,) = store.objects
    told = {
        "bucket": {"name": "trail"},
        "object": {"key": key, "size": len(store.objects[key]), "etag": store.tag(key)},
    }
    body = {"source": "aws.s3", "detail-type": "Object Created", "detail": told}
    messages = [{"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(body)}]
    trail = {"TrailARN": "arn:aws:cloudtrail:us-east-1:222222222222:trail/t", "S3BucketName": "trail",
             "HomeRegion": "us-east-1"}  # fmt: skip

    def receive(_: Any) -> dict[str, Any]:
        return {"Messages": [messages.pop()]} if messages else {}

    answers = {
        **store.answers(), **history.answers(), "sqs.ReceiveMessage": receive,
        "sqs.GetQueueAttributes": lambda _: {"Attributes": {"VisibilityTimeout": "30"}},
        "cloudtrail.DescribeTrails": lambda _: {"trailList": [trail]},
        "cloudtrail.GetEventSelectors": lambda _: {"TrailARN": trail["TrailARN"], "EventSelectors": []},
    }  # fmt: skip
    with fake_aws(monkeypatch, answers, (ACCOUNT,)) as found:
        found.services = tuple(sorted({*found.services, "sqs", "s3", "cloudtrail"}))
        yield found


def called(fake: FakeAws) -> set[str]:
    found = set()
    for _, _, service, operation in fake.calls:
        name = S3.get(operation, operation) if service == "s3" else operation.removesuffix(BATCH)
        found.add(f"{service}:{name}")
    return found - FREE


@pytest.mark.parametrize(
    "arguments, unused",
    [
        (["s3://trail/AWSLogs/"], set()),
        (["--lookup"], set()),
        # Visibility is changed where work is long; a message of S3 itself needs no look at the object.
        (["--queue", URL], {"sqs:ChangeMessageVisibility"}),
        (["--auto", "aws", "--yes"], {"cloudtrail:LookupEvents", "iam:GenerateServiceLastAccessedDetails",
                                      "iam:GetServiceLastAccessedDetails"}),
    ],
    ids=["s3", "lookup", "queue", "auto"],
)  # fmt: skip
def test_a_policy_allows_what_is_called(
    fake: FakeAws, arguments: list[str], unused: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["events", *arguments, "--print-policy"]) == 0
    policy = json.loads(capsys.readouterr().out)
    assert not fake.calls
    assert run(["events", *arguments]) == 0
    assert actions(policy) - NEEDED_SOMETIMES - unused == called(fake)


@pytest.mark.parametrize(
    "arguments, wanted",
    [
        (["s3://trail/a/AWSLogs/"], {"arn:aws:s3:::trail", "arn:aws:s3:::trail/a/AWSLogs/*"}),
        (["--queue", URL], {"arn:aws:sqs:eu-west-1:222222222222:trail", "arn:aws:s3:::*/AWSLogs/*"}),
        (["--queue", "https://sqs.cn-north-1.amazonaws.com.cn/222222222222/q"],
         {"arn:aws-cn:sqs:cn-north-1:222222222222:q", "arn:aws-cn:s3:::*/AWSLogs/*"}),
    ],
)  # fmt: skip
def test_grants_are_narrowed_to_what_is_named(
    arguments: list[str], wanted: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert run(["events", *arguments, "--print-policy"]) == 0
    told = json.loads(capsys.readouterr().out)["Statement"]
    assert {one["Resource"] for one in told if one["Action"] != "kms:Decrypt"} == wanted
    assert all("Condition" in one for one in told if one["Resource"] == "*")


@pytest.mark.parametrize(
    "role, wanted",
    [
        ("arn:aws:iam::333333333333:role/audit/Reader", {"Enter": "arn:aws:iam::333333333333:role/audit/Reader"}),
        ("Reader", {"Enter": "arn:aws:iam::*:role/Reader", "Accounts": "*"}),
    ],
)
def test_a_role_is_entered_by_its_own_statement(
    role: str, wanted: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert run(["events", "--lookup", "--role", role, "--print-policy"]) == 0
    told = {one["Sid"]: one["Resource"] for one in json.loads(capsys.readouterr().out)["Statement"]}
    assert {sid: told.get(sid) for sid in wanted} == wanted
