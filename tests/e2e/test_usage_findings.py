"""Findings about what is not used, on the demo company with a lake of a few rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes.lake import Asked, Lake, seen, used
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

ROOT, PROD, DATA = "111111111111", "222222222222", "333333333333"
ACCOUNTS = (ROOT, PROD, DATA)
STORIES = yaml.safe_load((Path(__file__).parent / "stories.yaml").read_text())


def role(name: str, account: str = PROD) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


JANITOR, PRINTER, CLOSE = role("ops-janitor"), role("label-printer"), role("quarter-close")
BUSY = [
    used(JANITOR, "iam:ListUsers", "2026-10-30T10:00:00Z"),
    used(PRINTER, "s3:GetObject", "2026-10-30T10:00:00Z"),
    used(role("web-shop"), "sqs:SendMessage", "2026-10-30T10:00:00Z"),
]
OF_USE = {"unused-escalation", "unused-credential-exposure", "unused-permissions-management", "unused-permissions"}
Ask = Callable[..., dict[str, Any]]
ASKED = Asked()


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))

    def asked(lake: Lake, *arguments: str, fresh: bool = False) -> dict[str, Any]:
        monkeypatch.setattr(Workspace, "lake", property(lambda _: lake), raising=False)

        def printed() -> str:
            capsys.readouterr()
            assert run(["findings", *arguments, "--format", "json"]) == 0
            return capsys.readouterr().out

        found: dict[str, Any] = ASKED.ask(lake, arguments, printed, fresh)
        return found

    return asked


def rules_of(answer: dict[str, Any], subject: str) -> set[str]:
    return {one["rule"] for one in answer["items"] if one["subject"] == subject}


def test_what_was_not_used_is_told_once_by_the_worst_of_it(ask: Ask) -> None:
    answer = ask(Lake(ACCOUNTS, BUSY))
    assert rules_of(answer, JANITOR) & OF_USE == {"unused-escalation"}
    assert rules_of(answer, PRINTER) & OF_USE == {"unused-permissions-management"}
    found = next(one for one in answer["items"] if one["rule"] == "unused-escalation" and one["subject"] == JANITOR)
    evidence = found["evidence"]
    assert evidence["escalation"] >= 10 and evidence["exact"]
    assert evidence["granted"] == evidence["used"] + evidence["unused"] + evidence["unobservable"]
    assert len(evidence["sensitive"]) == 5 and all(one.startswith("iam:") for one in evidence["sensitive"])
    assert {one["rule"] for one in evidence["also"]} >= {"unused-permissions-management", "unused-permissions"}
    assert answer["usage"]["window"]["days"] == 90 and set(answer["usage"]["logs"]) == set(ACCOUNTS)


def test_the_numbers_are_those_of_gap(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(Lake(ACCOUNTS, BUSY))
    for subject in (role("terraform-apply", ROOT), role("data-science", DATA)):
        (found,) = [one for one in answer["items"] if one["rule"] in OF_USE and one["subject"] == subject]
        assert run(["gap", subject, "--format", "json"]) == 0
        counts = json.loads(capsys.readouterr().out)["counts"]
        assert {name: found["evidence"][name] for name in ("granted", "unused", "unobservable")} == {
            name: counts[name] for name in ("granted", "unused", "unobservable")
        }


def test_who_is_out_of_use_as_a_whole_has_one_finding(ask: Ask) -> None:
    answer = ask(Lake(ACCOUNTS, BUSY))
    assert rules_of(answer, CLOSE) & ({"aws-role-inactive"} | OF_USE) == {"aws-role-inactive"}
    assert rules_of(answer, f"arn:aws:iam::{ROOT}:user/m.ostrander") == {"dormant-admin"}


def test_without_logs_nothing_is_said_of_use(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(Lake(()))
    assert {one["rule"] for one in answer["items"]} & OF_USE == set()
    assert {one["rule"] for one in answer["unknown"]} & OF_USE == set()
    assert answer["usage"]["logs"] == {}
    assert run(["findings"]) == 0
    assert "Without logs nothing is said of unused permissions" in capsys.readouterr().out


@pytest.mark.parametrize(
    "lake",
    [
        Lake((ROOT, DATA), BUSY),
        Lake(ACCOUNTS, BUSY, begin=datetime(2026, 10, 1, tzinfo=UTC)),
        Lake(ACCOUNTS, BUSY, end=datetime(2026, 10, 1, tzinfo=UTC)),
    ],
    ids=["no logs of the account", "logs begin late", "logs end early"],
)
def test_logs_that_do_not_cover_the_window_claim_nothing(ask: Ask, lake: Lake) -> None:
    answer = ask(lake)
    spoken = {one["subject"] for one in answer["items"] if one["rule"] in OF_USE and one["account"] == PROD}
    # Access Advisor, which needs no log, says that nobody ever used any service of this permission set's role.
    assert [one.rpartition("_")[0].rpartition("/")[2] for one in spoken] == ["AWSReservedSSO_CostReader"]
    unknown = {one["rule"]: one for one in answer["unknown"]}
    assert unknown["unused-escalation"]["missing"] == ["escalation"]
    assert unknown["unused-permissions"]["missing"] == ["unused_percent"]


def test_a_use_silences(ask: Ask) -> None:
    before = ask(Lake(ACCOUNTS, BUSY), "--rule", "unused-escalation")
    held = next(one for one in before["items"] if one["subject"] == role("depot-cluster"))
    uses = [used(role("depot-cluster"), name, "2026-10-30T10:00:00Z") for name in held["evidence"]["sensitive"]]
    after = ask(Lake(ACCOUNTS, [*BUSY, *uses]), "--rule", "unused-escalation")
    assert role("depot-cluster") not in {one["subject"] for one in after["items"]}
    denied = [one | {"count": 0, "denied": 5, "first_used": None, "last_used": None} for one in uses]
    wanted = ask(Lake(ACCOUNTS, [*BUSY, *denied]), "--rule", "unused-escalation")
    assert role("depot-cluster") in {one["subject"] for one in wanted["items"]}


def test_what_the_logs_saw_is_in_use_whatever_the_vendor_told(ask: Ask) -> None:
    late = used(CLOSE, "s3:PutObject", "2026-10-15T06:00:00Z")
    assert "aws-role-inactive" not in rules_of(ask(Lake(ACCOUNTS, [*BUSY, late])), CLOSE)
    gone = f"arn:aws:iam::{ROOT}:user/m.ostrander"
    back = used(gone, "iam:ListUsers", "2026-10-15T06:00:00Z")
    key = seen(gone, "AKIARTXV5AHDQDEMO222", "2026-10-15T06:00:00Z")
    spoken = rules_of(ask(Lake(ACCOUNTS, [*BUSY, back], [key])), gone)
    assert {"dormant-admin", "aws-key-unused", "aws-user-inactive"} & spoken == set()
    later = used(CLOSE, "s3:PutObject", "2026-11-15T06:00:00Z")
    assert "aws-role-inactive" in rules_of(ask(Lake(ACCOUNTS, [*BUSY, later])), CLOSE), "it has not happened yet"


def test_near_misses_stay_silent_and_high_findings_are_the_same(ask: Ask) -> None:
    items = ask(Lake(ACCOUNTS, BUSY), "--severity", "low")["items"]
    for miss in STORIES["near_misses"]:
        assert miss["silent_from"] == "low"
        assert [one for one in items if fnmatchcase(one["subject"], miss["subject"])] == [], miss["id"]
    high = {(one["rule"], one["subject"], one["severity"]) for one in items if one["severity"] in ("high", "critical")}
    assert high == {(one["rule"], one["subject"], one["severity"]) for one in STORIES["findings"] if one["since"] == 1}
    assert sorted(one["rule"] for one in items if "breakglass" in one["subject"]) == ["break-glass-no-drill"] * 2


def test_the_aggregates_are_read_once(ask: Ask) -> None:
    lake = Lake(ACCOUNTS, BUSY)
    ask(lake, fresh=True)
    assert lake.reads == 1
