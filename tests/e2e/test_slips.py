"""Slips on the command line are named: what nothing can match is no "Nothing matches", what is empty says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ROOT_USER = "arn:aws:iam::111111111111:root"


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))

    def asked(*command: str) -> tuple[int, str, str]:
        code = run([*command])
        found = capsys.readouterr()
        return code, found.out, found.err

    return asked


REFUSED: dict[tuple[str, ...], str] = {
    ("findings", "--provider", "foo"): "--provider: 'foo' is none of aws",
    ("findings", "--account", "5"): "--account: '5' is none of 111111111111, ",
    ("findings", "--since", "2036-12-01"): "--since: 2036-12-01T23:59:59.999999+00:00 is later than the estate",
    ("findings", "--since", "2026-11-01", "--at", "2026-10-01"): "is later than the estate",
    ("grants", "--kind", "foo"): "--kind: 'foo' is none of ",
    ("identities", "--kind", "foo"): "--kind: 'foo' is none of ",
    ("can", "", "s3:GetObject"): "principal: is empty",
    ("can", " ", "s3:GetObject"): "principal: is empty",
    ("can", "data-science", ""): "action: is empty",
    ("can", "data-science", "s3:GetObject", ""): "resource: is empty",
    ("who-can", ""): "action: is empty",
    ("what-can", ""): "principal: is empty",
    ("reach", "s3:GetObject", ""): "principal: is empty",
    ("compare", "", "data-science"): "principal: is empty",
    ("can",): "Missing argument 'PRINCIPAL'",
    ("mute",): "Missing argument 'KEY'",
    ("snapshots", "show"): "Missing argument 'NAME'",
}


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_a_slip_is_one_line(command: tuple[str, ...], ask: Any) -> None:
    code, out, said = ask(*command)
    assert (code, out) == (2, "")
    assert said.startswith("leastwise: ") and said.count("\n") == 1
    assert REFUSED[command] in said


@pytest.mark.parametrize(
    "command",
    [("findings", "--provider", "aws"), ("findings", "--account", "444444444444"), ("grants", "--kind", "inline"),
     ("findings", "--since", "2026-10-15"), ("findings", "--account", "111111111111", "--since", "2026-10-15")],
    ids=" ".join,
)  # fmt: skip
def test_what_can_match_is_asked(command: tuple[str, ...], ask: Any) -> None:
    assert ask(*command)[::2] == (0, "")


def test_since_before_the_first_snapshot_says_so(ask: Any) -> None:
    code, out, said = ask("findings", "--since", "2020-01-01", "--format", "json")
    assert code == 0
    assert {one["change"] for one in json.loads(out)["items"]} == {"new"}
    assert said == "leastwise: --since: there is no snapshot of that time or before: everything is new\n"


def test_the_root_user_has_a_reason(ask: Any) -> None:
    _, out, _ = ask("can", ROOT_USER, "iam:CreateUser", "--format", "json")
    answer = json.loads(out)
    assert answer["state"] == "ALLOWED"
    assert [one["text"] for one in answer["reasons"]] == [
        "the root user may do everything in its account; no policy has to allow it"
    ]


def lines(out: str) -> list[str]:
    return [line for line in out.splitlines() if line.startswith("  ")]


def test_why_names_policies_and_what_allows_in_vain(ask: Any) -> None:
    _, out, _ = ask("can", "data-science", "ec2:RunInstances", "--why")
    because, policy, although, read = lines(out)
    assert because == "  because no permissions boundary allows it"
    assert policy == "    policy arn:aws:iam::333333333333:policy/ds-boundary"
    assert although.startswith(
        "  although identity policy arn:aws:iam::aws:policy/AdministratorAccess, statement 1, allows"
    )
    assert read.startswith("    read in account-authorization-details.json#/RoleDetailList/")
    _, out, _ = ask("can", "data-science", "ec2:RunInstances")
    assert lines(out) == [because, "  and 1 more (--why)"]


def test_each_reason_is_followed_by_its_own_file(ask: Any) -> None:
    _, out, _ = ask("can", "data-science", "iam:CreateUser", "--why")
    told = lines(out)
    guardrail = next(place for place, line in enumerate(told) if "service control policy" in line)
    boundary = next(place for place, line in enumerate(told) if "permissions boundary" in line)
    assert told[guardrail + 1].startswith("    read in ") and "organizations" in told[guardrail + 1]
    assert told[boundary + 1] == "    policy arn:aws:iam::333333333333:policy/ds-boundary"
