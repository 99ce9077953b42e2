"""What is wrong with a question is said in one line; names of principals are resolved, never guessed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

NAKAGAWA = "arn:aws:iam::111111111111:user/h.nakagawa"
OSTRANDER = "arn:aws:iam::111111111111:user/m.ostrander"
APPLY = "arn:aws:iam::111111111111:role/terraform-apply"
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:q"
GITHUB = "oidc-provider/token.actions.githubusercontent.com"


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    monkeypatch.setenv("COLUMNS", "400")

    def asked(*command: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(list(command))
        found = capsys.readouterr()
        return code, found.out, found.err

    return asked


WRONG = {
    ("can", NAKAGAWA, "s3:GetObjct"): "s3:GetObjct: AWS has no such action; did you mean s3:GetObject, ",
    ("can", NAKAGAWA, "s3:*"): "s3:*: is no action, as in s3:GetObject",
    ("can", NAKAGAWA, "GetObject"): "GetObject: is no action, as in s3:GetObject",
    ("who-can", "s3:GetObject", "bucket"): "bucket: is no ARN, as in arn:aws:s3:::bucket/key",
    ("who-can", "s3:GetObject", "arn:aws:s3"): "arn:aws:s3: is no ARN, as in arn:aws:s3:::bucket/key",
    ("who-can", "s3:GetObject", "arn:aws:s3:::" + "b" * 2048): "resource: is longer than the 2048 characters of an ARN",
    ("can", "nobody-at-all", "s3:GetObject"): "nobody-at-all: no user or role of that name",
    ("can", "m.ostrande", "s3:GetObject"): "m.ostrande: no user or role of that name; did you mean " + OSTRANDER,
    ("can", "terraform-aply", "s3:GetObject"): f"terraform-aply: no user or role of that name; did you mean {APPLY}?",
    ("can", OSTRANDER[:-1], "s3:GetObject"): f"{OSTRANDER[:-1]}: no such user or role in the estate; did you mean ",
    ("what-can", OSTRANDER[:-1]): f"{OSTRANDER[:-1]}: no such user or role in the estate; did you mean ",
    ("can", "OrganizationAccountAccessRole", "s3:GetObject"): (
        "OrganizationAccountAccessRole: is the name of 2 principals: "
        "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole, "
    ),
    ("can", GITHUB.partition("/")[2], "sts:TagSession"): f"{GITHUB.partition('/')[2]}: is the name of 3 principals: ",
    ("can", "arn:aws:s3:::bucket", "s3:GetObject"): "arn:aws:s3:::bucket: is no ARN, account, service, ",
    ("can", "123", "s3:GetObject"): "123: no user or role of that name",
    ("can", NAKAGAWA, "s3:GetObject", "--context", "x"): "--context: 'x' is no KEY=VALUE, as in aws:SourceIp=",
    ("can", NAKAGAWA, "s3:GetObject", "--context", "=x"): "--context: '=x' is no KEY=VALUE",
    ("can", NAKAGAWA, "s3:GetObject", "--context", "ip=x"): "ip: is no condition key, as in aws:SourceIp",
    ("can", NAKAGAWA, "s3:GetObject", "--context", f"aws:PrincipalArn={OSTRANDER}"): (
        f"--context aws:PrincipalArn={OSTRANDER}: contradicts the question: aws:PrincipalArn of principal "
    ),
    ("can", NAKAGAWA, "s3:GetObject", "--context", "aws:principalaccount=222222222222"): (
        "--context aws:principalaccount=222222222222: contradicts the question: "
    ),
    ("can", APPLY, "s3:GetObject", "--context", "aws:username=x"): f"--context aws:username=x: principal {APPLY} has ",
    ("what-can", NAKAGAWA, "--context", "aws:username=x"): "--context aws:username=x: contradicts the question: ",
    ("can", NAKAGAWA, "sqs:SendMessage", QUEUE, "--context", "aws:ResourceAccount=1"): (
        "--context aws:ResourceAccount=1: contradicts the question: aws:ResourceAccount of resource "
    ),
    ("who-can", "s3:GetObject", "--context", f"aws:PrincipalArn={OSTRANDER}"): (
        "--context aws:PrincipalArn: says which principal it is, and who-can asks for all (use can)"
    ),
    ("can", NAKAGAWA, "s3:GetObject", "--endpoint", "vpce-1", "--context", "aws:SourceVpce=vpce-2"): (
        "--context aws:SourceVpce=vpce-2: contradicts --endpoint vpce-1"
    ),
    ("can", NAKAGAWA, "s3:GetObject", "--at", "2026-10-01", "--snapshot", "x"): "--at and --snapshot exclude",
    ("can", NAKAGAWA, "s3:GetObject", "--at", "yesterday"): "--at: ",
    ("can", NAKAGAWA, "s3:GetObject", "--snapshot", "nothing-like-it"): "snapshot nothing-like-it: not found",
}  # fmt: skip


@pytest.mark.parametrize("command", WRONG, ids=[" ".join(one)[:60] for one in WRONG])
def test_what_is_wrong_is_said_in_one_line(command: tuple[str, ...], ask: Any) -> None:
    code, out, err = ask(*command)
    assert (code, out) == (2, "")
    assert err.startswith(f"leastwise: {WRONG[command]}"), err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "No such file or directory"),
        ("{", "is no JSON: "),
        ("[]", "is no policy: not an object"),
        ("[" * 100_000, "is no JSON: "),
    ],
)
def test_a_session_policy_that_cannot_be_read(content: str | None, cause: str, ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    if content is not None:
        file.write_text(content)
    code, out, err = ask("can", NAKAGAWA, "s3:GetObject", "--session-policy", str(file))
    assert (code, out) == (2, "") and f"session.json: {cause}" in err


def test_a_session_policy_that_is_none(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    file.write_text('{"Statement": {"Effect": "Maybe"}}')
    code, out, err = ask("can", NAKAGAWA, "s3:GetObject", "--session-policy", str(file))
    assert (code, out) == (2, "") and err.startswith("leastwise: session policy: ")


def test_a_session_policy_takes_away(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    file.write_text('{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}')
    assert ask("can", APPLY, "iam:CreateUser")[1].startswith("ALLOWED")
    assert ask("can", APPLY, "iam:CreateUser", "--session-policy", str(file))[1].startswith("DENIED")


@pytest.mark.parametrize("name", ["m.ostrander", "terraform-apply", "break-glass/breakglass-1", "breakglass-1"])
def test_a_name_is_as_good_as_the_id(name: str, ask: Any) -> None:
    code, out, _ = ask("can", name, "iam:CreateUser")
    assert code == 0 and out.startswith("ALLOWED")


@pytest.mark.parametrize("name", ["lambda.amazonaws.com", "*", "111111111111", "accounts.google.com"])
def test_who_is_no_user_or_role_can_be_asked_about(name: str, ask: Any) -> None:
    assert ask("can", name, "s3:GetObject", "arn:aws:s3:::a-bucket/key")[0] == 0


def test_what_agrees_with_the_question_is_taken(ask: Any) -> None:
    plain = ask("can", NAKAGAWA, "iam:CreateUser", "--format", "json")
    given = ask(
        "can", NAKAGAWA, "iam:CreateUser", "--format", "json", "--context", f"aws:PrincipalArn={NAKAGAWA}",
        "--context", "aws:PrincipalAccount=111111111111",
    )  # fmt: skip
    assert plain[0] == 0 and plain == given


def test_an_action_may_be_written_in_any_case(ask: Any) -> None:
    assert ask("can", NAKAGAWA, "IAM:createuser")[1] == ask("can", NAKAGAWA, "iam:CreateUser")[1]


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        (("can", NAKAGAWA, "iam:CreateUser"), ["state", "reasons", "residual", "chain", "missing", "exact"]),
        (("who-can", "iam:CreateUser"), ["principal", "kind", "account", "state", "when", "chain"]),
        (
            ("what-can", NAKAGAWA),
            ["count", "patterns", "permissions", "resources", "within", "exceptions", "state", "when"],
        ),
    ],
)
def test_the_three_forms_say_the_same(command: tuple[str, ...], columns: list[str], ask: Any) -> None:
    table, told, comma = (ask(*command, *form) for form in ((), ("--format", "json"), ("--format", "csv")))
    assert table[0] == told[0] == comma[0] == 0
    answer = json.loads(told[1])
    assert {"estate", "coverage"} <= set(answer)
    csv.field_size_limit(1 << 24)
    rows = list(csv.DictReader(io.StringIO(comma[1])))
    assert set(columns) <= set(rows[0])
    items = answer.get("items", [answer])
    assert [row["state"] for row in rows] == [item["state"] for item in items]
    for item in items[:5]:
        assert item["state"] in table[1]


def test_an_estate_as_it_was_and_one_snapshot_alone(ask: Any) -> None:
    now = json.loads(ask("who-can", "iam:CreateUser", "--format", "json")[1])
    before = json.loads(ask("who-can", "iam:CreateUser", "--at", "2026-05-01", "--format", "json")[1])
    assert before["estate"]["time"] < now["estate"]["time"]
    assert before["estate"]["snapshots"] != now["estate"]["snapshots"]
    name = next(one for one in now["estate"]["snapshots"] if "111111111111" in one)
    alone = json.loads(ask("who-can", "iam:CreateUser", "--snapshot", name, "--format", "json")[1])
    assert alone["estate"]["snapshots"] == [name]
    assert {one["account"] for one in alone["items"] if one["inside"]} == {"111111111111"}


def test_before_the_first_snapshot_there_is_nothing_to_ask(ask: Any) -> None:
    for at in ("2000-01-01", "2026-02-28T23:59:59.999999Z"):
        code, out, err = ask("who-can", "iam:CreateUser", "--at", at)
        assert (code, out) == (2, "")
        assert err.startswith(
            f"leastwise: nothing was read by {at[:10]}T23:59:59.999999+00:00: the first snapshot is of "
        )
        assert err.endswith(" 2026-03-01T00:00:00+00:00\n")


def test_an_empty_home_has_nothing_to_ask(tmp_path: Path, ask: Any) -> None:
    code, out, err = ask("can", "*", "s3:GetObject", "--home", str(tmp_path / "empty"))
    assert (code, out) == (2, "") and "the estate is empty" in err
