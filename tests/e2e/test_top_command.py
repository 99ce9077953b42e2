"""`leastwise top` and `findings --group cause` on the demo company, with a lake of a few rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.lake import Asked, Lake, used
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

ROOT, PROD, DATA = "111111111111", "222222222222", "333333333333"
JANITOR, PRINTER, CLOSE = (
    f"arn:aws:iam::{PROD}:role/{name}" for name in ("ops-janitor", "label-printer", "quarter-close")
)
GONE = f"arn:aws:iam::{ROOT}:user/m.ostrander"
BUSY = [
    used(JANITOR, "iam:ListUsers", "2026-10-30T10:00:00Z"),
    used(PRINTER, "s3:GetObject", "2026-10-30T10:00:00Z"),
]
Ask = Callable[..., dict[str, Any]]
ASKED = Asked()


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))

    def asked(*arguments: str, lake: Lake | None = None) -> dict[str, Any]:
        held = lake or Lake((ROOT, PROD, DATA), BUSY)
        monkeypatch.setattr(Workspace, "lake", property(lambda _: held), raising=False)

        def printed() -> str:
            capsys.readouterr()
            assert run([*arguments, "--format", "json"]) == 0
            return capsys.readouterr().out

        found: dict[str, Any] = ASKED.ask(held, arguments, printed)
        return found

    return asked


def test_causes_hold_every_finding_once_and_can_be_worked_out(ask: Ask) -> None:
    plain = ask("findings")["items"]
    causes = ask("findings", "--group", "cause")["items"]
    assert sorted(one["key"] for cause in causes for one in cause["items"]) == sorted(one["key"] for one in plain)
    assert [cause["score"] for cause in causes] == sorted((cause["score"] for cause in causes), reverse=True)
    for cause in causes:
        highest: dict[str, float] = {}
        for one in cause["items"]:
            rank = one["rank"]
            share = 1.0 if rank["unused"] is None else rank["unused"]
            assert rank["score"] == round(rank["reach"] * rank["sensitivity"] * share * rank["exposure"], 2)
            for about in one["about"]:
                highest[about] = max(highest.get(about, 0.0), rank["score"])
        assert cause["score"] == round(sum(highest.values()), 2)
        assert cause["findings"] == len(cause["items"]) and cause["about"] == sorted(highest)


def test_one_document_one_trust_one_owner(ask: Ask) -> None:
    causes = ask("findings", "--group", "cause")["items"]
    by = {(one["cause"], one["id"], one["target"]): one for one in causes}
    document = by["document", f"arn:aws:iam::{PROD}:policy/ops-janitor", ""]
    assert set(document["rules"]) == {"aws-iam-admin", "aws-wildcard-policy", "unused-escalation"}
    inline = by["document", "label-printer", PRINTER]
    assert set(inline["rules"]) == {"aws-inline-policy", "aws-wildcard-grant", "unused-permissions-management"}
    trust = by["trust", f"arn:aws:iam::{PROD}:role/gha-deploy", ""]
    assert trust["rules"] == ["federated-prefix-twin"] and trust["score"] > 0
    owner = by["owner", "team-finance", "aws-role-inactive"]
    assert owner["about"] == [CLOSE]
    # The vendor's policy can be changed nowhere, only where it is attached.
    targets = {one["target"] for one in causes if one["id"] == "arn:aws:iam::aws:policy/AdministratorAccess"}
    assert "" not in targets and f"arn:aws:iam::{ROOT}:role/terraform-apply" in targets
    assert f"arn:aws:iam::{ROOT}:group/admins" in targets


def test_break_glass_weighs_nothing(ask: Ask) -> None:
    drill = [one for one in ask("findings", "--group", "cause")["items"] if one["rules"] == ["break-glass-no-drill"]]
    assert [one["score"] for one in drill] == [0.0, 0.0]  # two of AWS, two of the directory
    told = json.dumps(ask("top", "--limit", "100")["items"])
    assert not [one for one in ("breakglass", *(one for cause in drill for one in cause["about"])) if one in told]


def test_five_actions_of_which_the_index_falls(ask: Ask) -> None:
    answer = ask("top")
    items = answer["items"]
    assert len(items) == 5
    assert [one["score"] for one in items] == sorted((one["score"] for one in items), reverse=True)
    gone = next(one for one in items if one["about"] == [GONE])
    assert gone["severity"] == "critical" and gone["owners"] == ["team-platform"]
    assert gone["cut"]["permissions"] > 10_000 and gone["cut"]["principals"] == gone["cut"]["counted"] == 1
    assert gone["creep"]["concerned_before"] > 99 and gone["creep"]["concerned_after"] == 0
    for one in items:
        if one["creep"] is not None:
            assert one["creep"]["after"] <= one["creep"]["before"]
            assert one["creep"]["drop"] == round(one["creep"]["before"] - one["creep"]["after"], 1)


def test_what_a_cut_takes_away_is_what_gap_calls_unused(ask: Ask) -> None:
    gap = ask("gap", JANITOR)
    cut = next(
        one for one in ask("top", "--limit", "50")["items"] if one["id"] == f"arn:aws:iam::{PROD}:policy/ops-janitor"
    )
    mine = {
        one["permission"]
        for one in gap["items"]
        if one["state"] == "UNUSED"
        and any("policy/ops-janitor" in name for name in one["grants"])
        and all("policy/ops-janitor" in name for name in one["grants"])
    }
    assert cut["cut"]["permissions"] == len(mine) > 100
    assert cut["do"] == f"Cut arn:aws:iam::{PROD}:policy/ops-janitor down: leave only what is used."
    assert cut["creep"]["concerned_before"] == gap["creep"]["index"]


def test_without_logs_there_are_actions_and_no_numbers_of_use(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    items = ask("top", lake=Lake(()))["items"]
    assert len(items) == 5 and {one["creep"] for one in items} == {None} == {one["cut"] for one in items}
    assert run(["top"]) == 0
    assert "Without logs nothing is said of unused permissions" in capsys.readouterr().out


def test_forms_and_filters(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert {owner for one in ask("top", "--owner", "team-fin*")["items"] for owner in one["owners"]} == {"team-finance"}
    assert run(["top", "--limit", "2", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["place"] for row in rows] == ["1", "2"] and all(row["do"] and row["score"] for row in rows)
    assert run(["findings", "--group", "owner"]) == 2
    assert "--group: 'owner' is not cause" in capsys.readouterr().err
    assert run(["top", "--limit", "0"]) == 2
