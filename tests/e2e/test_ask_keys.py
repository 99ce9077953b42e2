"""Condition keys and values of a question: what is a slip is refused, since the answer would be to another question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

RECORDS = "arn:aws:s3:::bw-customs-records/*"
GOOD = [
    "aws:SourceIp=203.0.113.7", "aws:sourceip=2001:db8::1", "aws:MultiFactorAuthPresent=true",
    "aws:PrincipalTag/Team=x",
    "aws:MultiFactorAuthAge=3600", "aws:CurrentTime=2026-11-01T08:00:00Z", "aws:EpochTime=1793520000",
    "aws:RequestTag/cost:center=1", "s3:ExistingObjectTag/class=secret", "s3:prefix=", "kms:EncryptionContext:a=b",
    "saml:aud=https://signin.aws.amazon.com/saml", "token.actions.githubusercontent.com:sub=repo:a/b", "aws:SourceArn=",
    "aws:SourceArn=arn:aws:sns:eu-west-1:111111111111:t", "idp.example.com:sub=x", "aws:Referer=anything at all",
]  # fmt: skip
BAD = {
    "aws:MultiFactorAuthPresnt=true": "AWS has no such condition key; did you mean aws:MultiFactorAuthPresent",
    "aws:Nope=1": "aws:Nope: AWS has no such condition key",
    "s3:prefx=a": "did you mean s3:prefix",
    "awz:SourceIp=203.0.113.7": "did you mean aws:SourceIp",
    "SourceIp=203.0.113.7": "is no condition key",
    ":SourceIp=203.0.113.7": "is no condition key",
    "aws:CurrentTime=zzz": "aws:CurrentTime=zzz: the value is no date or time",
    "aws:MultiFactorAuthPresent=maybe": "no boolean",
    "aws:MultiFactorAuthAge=old": "no number",
    "aws:SourceIp=here": "no address",
    "aws:SourceIp=203.0.113.0/24": "no address",
    "aws:PrincipalArn=ann": "no ARN",
}


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))

    def asked(*command: str) -> tuple[int, str]:
        code = run([*command, "--format", "json"])
        return code, capsys.readouterr().err

    return asked


def test_keys_that_there_are_and_their_values_are_taken(ask: Any) -> None:
    wrong = {one: said for one in GOOD if (said := ask("can", "*", "s3:GetObject", RECORDS, "--context", one))[0]}
    assert wrong == {}


@pytest.mark.parametrize("given", BAD)
@pytest.mark.parametrize("strict", [[], ["--strict"]], ids=["open", "strict"])
def test_a_slip_is_refused(given: str, strict: list[str], ask: Any) -> None:
    code, said = ask("can", "customs-archive", "s3:GetObject", RECORDS, "--context", given, *strict)
    assert code == 2 and said.count("\n") == 1
    assert BAD[given] in said


@pytest.mark.parametrize(
    "command",
    [("who-can", "s3:GetObject", RECORDS), ("what-can", "customs-archive"),
     ("reach", "s3:GetObject", "customs-archive"),
     ("compare", "customs-archive", "data-science")],
    ids=lambda one: one[0],
)  # fmt: skip
def test_every_question_refuses_it(command: tuple[str, ...], ask: Any) -> None:
    code, said = ask(*command, "--context", "aws:MultiFactorAuthPresnt=true")
    assert code == 2 and "aws:MultiFactorAuthPresent" in said


def test_a_key_that_a_policy_names_is_one(ask: Any, tmp_path: Path) -> None:
    condition = {"StringEquals": {"aws:BrandNewKey": "a"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": statement}
    question = ("can", "customs-archive", "s3:GetObject", RECORDS, "--context", "aws:brandnewkey=a")
    assert ask(*question)[0] == 2
    session = tmp_path / "session.json"
    session.write_text(json.dumps(policy))
    assert ask(*question, "--session-policy", str(session))[0] == 0
    change = {"put": {"on": "customs-archive", "layer": "identity", "policy": "new", "document": policy}}
    changes = tmp_path / "changes.json"
    changes.write_text(json.dumps({"version": 1, "changes": [change]}))
    assert ask(*question, "--with", str(changes))[0] == 0
