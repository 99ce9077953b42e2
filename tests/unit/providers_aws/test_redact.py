"""Secret values never reach a raw document, wherever AWS puts them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
from leastwise.providers.aws.exports.redact import Redactor

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
        {"thingName": "a", "attributes": {"value": "b"}},
        {"environment": "production"},
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
