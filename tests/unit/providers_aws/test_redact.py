"""Secret values never reach a raw document, wherever AWS puts them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.exports.read import read_exports
from leastwise.providers.aws.exports.redact import Redactor, is_policy_file
from leastwise.providers.aws.translate import translate

SECRET = "hunter2-" + "x" * 20
CASES = {
    "lambda": {"Functions": [{"FunctionName": "f", "Environment": {"Variables": {"DB_PASSWORD": SECRET}}}]},
    "ecs": {"containerDefinitions": [{"environment": [{"name": "TOKEN", "value": SECRET}]}]},
    "codebuild": {"environment": {"environmentVariables": [{"name": "T", "value": SECRET, "type": "PLAINTEXT"}]}},
    "user data": {"Instances": [{"UserData": SECRET}]},
    "access key": {"AccessKey": {"SecretAccessKey": SECRET, "AccessKeyId": "AKIAEXAMPLE"}},
    "stack": {"Parameters": [{"ParameterKey": "k", "ParameterValue": SECRET}]},
    "secret": {"SecretString": SECRET},
    "config text": {"configuration": json.dumps({"environment": {"variables": {"A": SECRET}}})},
    "parameter": {"Type": "String", "Name": "p", "Value": SECRET},
    "job": {"DefaultArguments": {"--db-password": SECRET, "--ClientName": SECRET}},
    "stage": {"stageVariables": {"apiName": SECRET}, "Variables": {"k": SECRET}},
    "output": {
        "outputs": [{"outputKey": "o", "outputValue": SECRET}],
        "parameters": [{"parameterKey": "k", "parameterValue": SECRET}],
    },
    "container": {"ContainerDefinitions": [{"Command": ["--password", SECRET], "EntryPoint": [SECRET], "Image": "i"}]},
    "log driver": {"logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": SECRET}}},
    "batch": {"container": {"environment": [{"name": "A", "value": SECRET}], "command": [SECRET]}},
    "state machine": {
        "definition": json.dumps(
            {"States": {"A": {"Resource": "arn:aws:lambda:x:1:function:f", "Parameters": {"A": SECRET}}}}
        )
    },
    "code": {"Code": {"Location": "https://bucket/x?X-Amz-Signature=" + SECRET}},
    "input": {"Targets": [{"Id": "1", "Arn": "arn:aws:lambda:x", "Input": json.dumps({"password": SECRET})}]},
    "broker": {"Users": [{"Username": "u", "Password": SECRET}]},
    "document": {"Name": "d", "Content": "echo " + SECRET, "Document": SECRET},
    "anything new": {"NextYearsField": [SECRET, {"Deep": SECRET}]},
    "upper case": {"TokenText": SECRET.upper()},
    "deep": [[{"x": {"Environment": {"Variables": {"A": {"B": SECRET}}}}}]],
}


@pytest.mark.parametrize("value", CASES.values(), ids=CASES)
def test_a_secret_value_becomes_a_hash_and_its_name_stays(value: object) -> None:
    clean = Redactor(b"key").document(json.dumps(value).encode())
    assert SECRET.encode() not in clean
    assert b"redacted:" in clean
    assert Redactor(b"key").document(clean) == clean
    assert Redactor(b"key").document(json.dumps(value).encode()) == clean
    assert Redactor(b"other").document(json.dumps(value).encode()) != clean


@pytest.mark.parametrize(
    "value",
    [
        {"Policy": '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'},
        {
            "Arn": "arn:aws:iam::1:role/r",
            "Name": "n",
            "fooId": "i-1",
            "State": "ACTIVE",
            "CreateDate": "2026-01-01T00:00:00Z",
        },
        {"Organization": {"Id": "o-abcdefghij", "MasterAccountId": "111122223333"}, "Parent": "ou-ab12-child1"},
        {"thingName": "a", "attributes": {"value": "b"}},
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        {"ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", "OwningService": "rds"},
        {"stage": {"region": "eu-west-1", "memorySize": 128}},
    ],
)
def test_what_holds_no_secret_stays_byte_for_byte(value: object) -> None:
    body = json.dumps(value).encode()
    assert Redactor(b"key").document(body) == body


def test_no_stored_byte_of_an_import_holds_the_secret(tmp_path: Path) -> None:
    folder = tmp_path / "123456789012"
    folder.mkdir()
    function = {
        "FunctionName": "f",
        "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "Environment": {"Variables": {"TOKEN": SECRET}},
    }
    (folder / "lambda-list-functions.json").write_text(json.dumps({"Functions": [function]}))
    workspace = Workspace(tmp_path / "home")
    manifest = import_paths(workspace, [folder])[0].manifest
    raw = b"".join(one.body for one in workspace.store.open(manifest).raw_documents())
    assert b"TOKEN" in raw
    assert b"redacted:" in raw
    assert SECRET.encode() not in raw
    assert (workspace.home.path / "redaction.key").stat().st_mode & 0o777 == 0o600


def test_the_demo_translates_the_same_without_what_is_redacted(unpacked: Path) -> None:
    last = max(path for path in unpacked.iterdir() if path.name[:2] == "20")
    for collected in read_exports([last]):
        documents = tuple(replace(one, body=PROVIDER.redact(one, b"key")) for one in collected.documents)
        clean, whole = translate(replace(collected, documents=documents)), translate(collected)
        assert all(clean[name].equals(whole[name]) for name in whole), collected.scope


def test_policy_files_of_a_download_stay_as_they_are() -> None:
    for name in ("iam/role/r/trust-policy.json", "policy.json", "s3/b/tags.json", "iam/user/u/inline-policies.json"):
        assert is_policy_file(name), name
    assert not is_policy_file("lambda/f/metadata.json")


def test_a_secret_that_looks_like_a_hash_is_hashed() -> None:
    redactor = Redactor(b"key")
    once = redactor.hashed("redacted:my secret")
    assert "secret" not in once
    assert redactor.hashed(once) == once


@pytest.mark.parametrize(
    ("url", "start", "end"),
    [
        ("https://user:s3cret@example.com/a?b=c", "https://redacted:", "@example.com/a?b=c"),
        ("https://ghp_token@example.com", "https://redacted:", "@example.com"),
        ("https://sqs.eu-west-1.amazonaws.com/1/q", "https://sqs.", ".amazonaws.com/1/q"),
        ("https://example.com/a@b", "https://example.com/", "a@b"),
        ("mailto:ann@example.com", "mailto:", "ann@example.com"),
    ],
)
@pytest.mark.parametrize("member", ["url", "QueueUrl", "description", "endpoint", "issuer"])
def test_what_a_url_says_of_who_signs_in_is_hashed(url: str, start: str, end: str, member: str) -> None:
    redactor = Redactor(b"k" * 32)
    kept = json.loads(redactor.document(json.dumps({member: f"see {url}"}).encode()))[member]
    assert kept.startswith(f"see {start}") and kept.endswith(end)
    assert "s3cret" not in kept and "ghp_token" not in kept
    again = json.dumps({member: kept}).encode()
    assert redactor.document(again) == again
