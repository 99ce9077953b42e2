"""Commands that stop a user, a role or a key, and those that take it back."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from typing import Any

import pytest

from leastwise.model.plan import Change
from leastwise.providers.aws.halting import HALTING
from leastwise.providers.base.halting import Holder

USER = "arn:aws:iam::111111111111:user/team/ana"
ROLE = "arn:aws:iam::111111111111:role/service/etl"
POLICY = "arn:aws:iam::111111111111:policy/own"
GROUP = "arn:aws:iam::111111111111:group/team/ops"
BODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "it's $HOME"}]}


def holder(native: str = "user", **more: Any) -> Holder:
    return Holder(USER if native == "user" else ROLE, "ana" if native == "user" else "etl", native, "1", **more)


def key(kind: str = "access_key", active: bool | None = True) -> dict[str, Any]:
    return {"id": "AKIAEXAMPLE", "kind": kind, "active": active}


def test_keys_are_deactivated_and_come_back() -> None:
    step = HALTING.credential(holder(), key())
    assert step is not None
    begin = "aws iam update-access-key --user-name ana --access-key-id AKIAEXAMPLE --status"
    assert (step.does, step.command, step.inverse) == ("deactivate key", f"{begin} Inactive", f"{begin} Active")


OTHERS = {
    "a password": (key("password"), "aws iam delete-login-profile --user-name ana"),
    "a key that is not known to be active": (key(active=None), "Inactive"),
    "a key that is not active": (key(active=False), None),
    "what IAM does not stop": (key("mfa"), None),
}


@pytest.mark.parametrize(("credential", "expected"), OTHERS.values(), ids=OTHERS)
def test_other_credentials(credential: dict[str, Any], expected: str | None) -> None:
    step = HALTING.credential(holder(), credential)
    assert (step is None) == (expected is None)
    assert step is None or step.command.endswith(expected or "")


@pytest.mark.parametrize("native", ["user", "role"])
def test_older_sessions_are_denied(native: str) -> None:
    step = HALTING.sessions(holder(native), datetime(2026, 11, 1, 6, tzinfo=UTC))
    assert step is not None
    words = shlex.split(step.command)
    assert words[:3] == ["aws", "iam", f"put-{native}-policy"]
    [statement] = json.loads(words[-1])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"DateLessThan": {"aws:TokenIssueTime": "2026-11-01T06:00:00Z"}}
    assert shlex.split(step.inverse)[:3] == ["aws", "iam", f"delete-{native}-policy"]


def test_groups_have_no_sessions() -> None:
    assert HALTING.sessions(Holder(GROUP, "ops", "group", "1"), datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_whom_nobody_uses_goes_step_by_step() -> None:
    steps = HALTING.retired(holder(credentials=[key(), key("password")], groups=[GROUP]), 30)
    assert [one.does for one in steps] == [
        "deactivate key", "take the console password away", "leave group", "delete after 30 days",
    ]  # fmt: skip
    assert [one.after for one in steps] == [0, 0, 0, 30]
    assert steps[2].command == "aws iam remove-user-from-group --user-name ana --group-name ops"
    role = HALTING.retired(holder("role"), 30)
    assert [one.does for one in role] == ["deny everything", "delete after 30 days"]
    assert "AWSDenyAll" in role[0].command


def change(verb: str, **told: Any) -> Change:
    return Change(verb, told)


MADE = {
    "an inline document": (
        change("put", policy="in", on=ROLE, layer="identity", document=BODY),
        ["put-role-policy", "--role-name", "etl", "--policy-name", "in", "--policy-document", BODY],
    ),
    "a bundle": (
        change("put", policy=POLICY, document=BODY),
        ["create-policy-version", "--policy-arn", POLICY, "--policy-document", BODY, "--set-as-default"],
    ),
    "one taken away": (
        change("remove", policy="in", on=USER, layer="identity"),
        ["delete-user-policy", "--user-name", "ana", "--policy-name", "in"],
    ),
    "a bundle detached": (
        change("detach", **{"policy": POLICY, "from": USER, "layer": "identity"}),
        ["detach-user-policy", "--user-name", "ana", "--policy-arn", POLICY],
    ),
    "a bundle attached": (
        change("attach", policy=POLICY, to=ROLE, layer="identity"),
        ["attach-role-policy", "--role-name", "etl", "--policy-arn", POLICY],
    ),
    "a group left": (
        change("leave", principal=USER, group=GROUP),
        ["remove-user-from-group", "--user-name", "ana", "--group-name", "ops"],
    ),
    "a group joined": (
        change("join", principal=USER, group=GROUP),
        ["add-user-to-group", "--user-name", "ana", "--group-name", "ops"],
    ),
}


@pytest.mark.parametrize(("made", "expected"), MADE.values(), ids=MADE)
def test_changes_as_commands(made: Change, expected: list[Any]) -> None:
    command, inverse = HALTING.made(Change(made.verb, made.told, (made,)))
    words: list[Any] = shlex.split(command)
    assert words[:2] == ["aws", "iam"]
    assert [json.loads(one) if one.startswith("{") else one for one in words[2:]] == expected
    assert inverse == command


AGENTS = {
    "aws-cli/2.28 md/installer#exe app/courier-manifest md/command#s3.cp": "courier-manifest",
    "app/first": "first",
    "Boto3/1.34 md/Botocore#1.34": "",
    "my-app/3": "",
    "": "",
}


@pytest.mark.parametrize(("agent", "expected"), AGENTS.items())
def test_applications(agent: str, expected: str) -> None:
    assert HALTING.application(agent) == expected
