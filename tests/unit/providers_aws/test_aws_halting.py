"""Commands that stop a user, a role or a key, and those that take it back."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jmespath
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


LISTED = {
    "list-access-keys": "AKIA1\tAKIA2", "list-signing-certificates": "CERT1", "list-ssh-public-keys": "APKA1",
    "list-service-specific-credentials": "ACCA1", "list-attached-user-policies": POLICY,
    "list-user-policies": "own one", "list-mfa-devices": "arn:aws:iam::1:mfa/ana GAHT1", "list-groups-for-user": "ops",
    "list-attached-role-policies": POLICY, "list-role-policies": "inline", "list-instance-profiles-for-role": "web",
}  # fmt: skip
FAKE = """aws() {{ printf '%s\\n' "$*" >> "$LOG"; case "$2" in {cases} {fails}) return 1;; esac; }}
"""
GONE = {
    "user": [
        "delete-login-profile", "delete-access-key --access-key-id AKIA1", "delete-access-key --access-key-id AKIA2",
        "delete-signing-certificate --certificate-id CERT1", "delete-ssh-public-key --ssh-public-key-id APKA1",
        "delete-service-specific-credential --service-specific-credential-id ACCA1",
        "deactivate-mfa-device --serial-number arn:aws:iam::1:mfa/ana",
        "delete-virtual-mfa-device --serial-number arn:aws:iam::1:mfa/ana",
        "deactivate-mfa-device --serial-number GAHT1", f"detach-user-policy --policy-arn {POLICY}",
        "delete-user-policy --policy-name own", "delete-user-policy --policy-name one",
        "remove-user-from-group --group-name ops", "delete-user",
    ],
    "role": [
        f"detach-role-policy --policy-arn {POLICY}", "delete-role-policy --policy-name inline",
        "remove-role-from-instance-profile --instance-profile-name web", "delete-role",
    ],
}  # fmt: skip


def run_by_a_shell(native: str, folder: Path, fails: str) -> tuple[int, list[str]]:
    """How the last step ends where one call fails, and the calls that change something, without whom they are about."""
    cases = " ".join(f"{call}) echo '{text}';;" for call, text in LISTED.items())
    last = HALTING.retired(holder(native), 30)[-1]
    log = folder / "log"
    fake = FAKE.format(cases=cases, fails=fails)
    ended = subprocess.run(
        ["sh", "-c", fake + last.command], env={"LOG": str(log), "PATH": "/usr/bin:/bin"}, check=False
    )
    calls = [one for one in log.read_text().splitlines() if one.split()[1].split("-")[0] not in ("list", "get")]
    name = holder(native).name
    return ended.returncode, [
        one.replace(f"--{native}-name {name}", "").replace("iam ", "", 1).replace("  ", " ").strip() for one in calls
    ]


@pytest.mark.parametrize("native", GONE)
def test_nothing_is_left_that_keeps_somebody_from_being_deleted(native: str, tmp_path: Path) -> None:
    assert run_by_a_shell(native, tmp_path, "no-such-call") == (0, GONE[native])


@pytest.mark.parametrize(("native", "fails"), [
    ("user", "delete-access-key"), ("user", "delete-virtual-mfa-device"), ("role", "delete-role-policy"),
    ("user", "delete-login-profile"),
])  # fmt: skip
def test_nobody_is_deleted_after_a_call_that_fails(native: str, fails: str, tmp_path: Path) -> None:
    code, calls = run_by_a_shell(native, tmp_path, fails)
    assert code and f"delete-{native}" not in calls


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


WHEN = "2026-0{}-01T00:00:00Z"
VERSIONS = {
    "four": (["v1", "v2", "v3", "v4"], "v4", ""),
    "five": (["v3", "v4", "v5", "v6", "v7"], "v7", "v3"),
    "five, the oldest in force": (["v3", "v4", "v5", "v6", "v7"], "v3", "v4"),
}


@pytest.mark.parametrize(("versions", "default", "gone"), VERSIONS.values(), ids=VERSIONS)
def test_of_five_versions_the_oldest_goes_that_is_not_in_force(
    versions: list[str], default: str, gone: str, tmp_path: Path
) -> None:
    """Run by a shell, with a command line that answers as the vendor's does."""
    listed = [
        {"VersionId": one, "IsDefaultVersion": one == default, "CreateDate": WHEN.format(number)}
        for number, one in enumerate(versions, 1)
    ]
    command, inverse = HALTING.made(
        Change("put", {"policy": POLICY, "document": BODY}, (change("put", policy=POLICY, document=BODY),))
    )
    query = re.search(r"--query '(.*?)' --output", command.replace("'\"'\"'", "\0"))
    assert query is not None
    answer = jmespath.search(query[1].replace("\0", "'"), {"Versions": listed})
    assert answer == gone
    log = tmp_path / "log"
    aws = tmp_path / "aws"
    aws.write_text(f'#!/bin/sh\ncase "$2" in list-policy-versions) echo "{answer}";; *) echo "$@" >> {log};; esac\n')
    aws.chmod(0o755)
    done = subprocess.run(["sh", "-c", command], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
    assert done.returncode == 0
    calls = [line.split()[1:] for line in log.read_text().splitlines()]
    deleted = [["delete-policy-version", "--policy-arn", POLICY, "--version-id", gone]] if gone else []
    assert calls[:-1] == deleted
    assert calls[-1][:3] == ["create-policy-version", "--policy-arn", POLICY]
    assert calls[-1][-1] == "--set-as-default"
    assert "create-policy-version" in inverse and "list-policy-versions" in inverse


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
