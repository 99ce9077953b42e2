"""A policy in a language that nobody knows is never decided: what depends on it is UNKNOWN, and a finding names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)} if version else {"Statement": list(statements)}


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The answer whether ann, with one inline policy in an account that stands alone, may create a user."""
    home = tmp_path / "home"
    monkeypatch.setenv("LEASTWISE_HOME", str(home))

    def asked(*documents: dict[str, Any], command: tuple[str, ...] = ("can", USER, "iam:CreateUser")) -> Any:
        inline = [{"PolicyName": f"p{number}", "PolicyDocument": one} for number, one in enumerate(documents)]
        user = {
            "Path": "/", "UserName": "ann", "UserId": "AIDAEXAMPLEANN000000A", "Arn": USER, "GroupList": [],
            "CreateDate": "2026-01-01T00:00:00Z", "AttachedManagedPolicies": [], "UserPolicyList": inline, "Tags": [],
        }  # fmt: skip
        export = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        file = tmp_path / "details.json"
        file.write_text(json.dumps(export))
        home.mkdir(exist_ok=True)
        (home / "estate.yaml").write_text(f'version: 1\naccounts:\n  "{ACCOUNT}": {{organization: none}}\n')
        assert run(["import", "--replace", str(file)]) == 0
        capsys.readouterr()
        assert run([*command, "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    return asked


def test_the_language_that_is_known_is_decided(ask: Any) -> None:
    assert ask(policy(ALLOW))["state"] == "ALLOWED"
    assert ask(policy(ALLOW, version=None))["state"] == "ALLOWED"
    assert ask(policy(ALLOW, version="2008-10-17"))["state"] == "ALLOWED"
    assert ask(policy(ALLOW, DENY))["state"] == "DENIED"


FOREIGN: dict[str, dict[str, Any]] = {
    "operator": policy(ALLOW | {"Condition": {"StringFoo": {"aws:x": "1"}}}),
    "operator without keys": policy(ALLOW | {"Condition": {"StringFoo": {}}}),
    "quantifier": policy(ALLOW | {"Condition": {"ForSomeValues:StringLike": {"aws:x": "1"}}}),
    "suffix": policy(ALLOW | {"Condition": {"StringEqualsIfThere": {"aws:x": "1"}}}),
    "operator of a deny": policy(ALLOW, DENY | {"Condition": {"StringFoo": {"aws:x": "1"}}}),
    "version": policy(ALLOW, version="2099-01-01"),
    "version of a deny": policy(DENY, version="2012-10-18"),
    "no resource": policy({"Effect": "Allow", "Action": "*"}),
    "type of principal": policy(ALLOW | {"Principal": {"Martian": "*"}}),
    "value that is an object": policy(ALLOW | {"Condition": {"StringEquals": {"aws:x": {"a": "b"}}}}),
    "value that is null": policy(ALLOW | {"Condition": {"StringEquals": {"aws:x": None}}}),
    "values that are lists": policy(ALLOW | {"Condition": {"StringEquals": {"aws:x": [["a"]]}}}),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_depends_on_another_language_is_unknown(case: str, ask: Any) -> None:
    allowing = policy(ALLOW) if FOREIGN[case]["Statement"][0]["Effect"] == "Deny" else policy()
    answer = ask(allowing, FOREIGN[case])
    assert answer["state"] == "UNKNOWN"
    assert len(answer["missing"]) == 1 and "p1" in answer["missing"][0]
    found = ask(FOREIGN[case], command=("findings", "--rule", "aws-policy-unreadable"))
    assert len(found["items"]) == 1


@pytest.mark.parametrize("case", FOREIGN)
def test_a_deny_that_can_be_read_still_denies(case: str, ask: Any) -> None:
    assert ask(policy(ALLOW, DENY), FOREIGN[case])["state"] == "DENIED"


@pytest.mark.parametrize(("case", "cause"), [("operator", "StringFoo"), ("version", "2099-01-01")])
@pytest.mark.parametrize("with_file", [False, True])
def test_such_a_policy_of_a_file_is_refused(
    case: str, cause: str, with_file: bool, ask: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(policy(ALLOW))
    file = tmp_path / "session.json"
    file.write_text(json.dumps(FOREIGN[case]))
    options = ["--session-policy", str(file)]
    if with_file:
        put = {"on": USER, "layer": "identity", "policy": "p9", "document": FOREIGN[case]}
        file.write_text(json.dumps({"version": 1, "changes": [{"put": put}]}))
        options = ["--with", str(file)]
    assert run(["can", USER, "iam:CreateUser", *options]) == 2
    said = capsys.readouterr().err
    assert cause in said and said.count("\n") == 1 and "internal error" not in said
