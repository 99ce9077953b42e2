"""`leastwise gap --trend`, `--by` and `--resource` on the demo company, with a lake of a few rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fakes.lake import Asked, Lake, used
from leastwise.app.gaps import Gaps
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

ROOT, PROD, DATA = "111111111111", "222222222222", "333333333333"
CLOSE, NEW = (f"arn:aws:iam::{PROD}:role/{name}" for name in ("quarter-close", "returns-v2"))
ROWS = [
    used(CLOSE, "s3:PutObject", "2026-08-01T06:00:10Z"),
    used(CLOSE, "rds:CreateDBSnapshot", "2026-08-01T06:00:20Z"),
]
LONG = datetime(2026, 3, 1, tzinfo=UTC)
Ask = Callable[..., dict[str, Any]]
ASKED = Asked()
EVERYONE: dict[Any, Any] = {}
"""What all principals hold and used, by lake and window: each way to sum it up begins with the same."""


@pytest.fixture
def ask(demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    worked_out = Gaps.everyone

    def asked(*arguments: str, lake: Lake | None = None) -> dict[str, Any]:
        held = lake or Lake((ROOT, PROD, DATA), ROWS, begin=LONG)
        monkeypatch.setattr(Workspace, "lake", property(lambda _: held), raising=False)

        def everyone(gaps: Gaps) -> Any:
            key = held.key, gaps.window
            if key not in EVERYONE:
                EVERYONE[key] = worked_out(gaps)
            return EVERYONE[key]

        monkeypatch.setattr(Gaps, "everyone", everyone if type(held) is Lake else worked_out)

        def printed() -> str:
            capsys.readouterr()
            assert run(["gap", *arguments, "--format", "json"]) == 0
            return capsys.readouterr().out

        found: dict[str, Any] = ASKED.ask(held, arguments, printed)
        return found

    return asked


def test_the_index_at_each_day_with_snapshots(ask: Ask) -> None:
    items = ask("--trend", "--limit", "3")["items"]
    assert [one["time"][:10] for one in items] == ["2026-09-01", "2026-10-01", "2026-11-01"]
    assert all(one["comparable"] and one["index"] > 90 for one in items)
    assert {tuple(one["accounts"]) for one in items} == {(ROOT, PROD, DATA)}


def test_a_day_that_the_logs_do_not_cover_has_no_number(ask: Ask) -> None:
    late = Lake((ROOT, PROD, DATA), ROWS, begin=datetime(2026, 7, 4, tzinfo=UTC))
    items = ask("--trend", "--limit", "3", lake=late)["items"]
    assert [one["index"] is None for one in items] == [True, False, False]
    assert "begin on 2026-07-04" in items[0]["because"] and not items[0]["comparable"]
    assert items[2]["comparable"]


def test_days_about_other_accounts_cannot_be_compared(ask: Ask) -> None:
    late = Lake((DATA,), begin=datetime(2026, 8, 3, tzinfo=UTC))

    class Uneven(Lake):
        def spans(self) -> list[Any]:
            return [*super().spans(), *late.spans()]

        def folders(self, provider: str) -> dict[str, bool]:
            return super().folders(provider) | late.folders(provider)

    items = ask("--trend", "--limit", "2", lake=Uneven((ROOT, PROD), ROWS, begin=LONG))["items"]
    assert [one["comparable"] for one in items] == [False, True]
    assert items[0]["because"] == f"without {DATA}"


def test_the_trend_of_one_principal_ends_at_its_index_today(ask: Ask) -> None:
    items = ask(CLOSE, "--trend", "--limit", "2")["items"]
    assert items[-1]["index"] == ask(CLOSE)["creep"]["index"]
    # On 1 October the run of 1 August lay inside the window.
    assert items[0]["index"] < items[1]["index"]


def test_a_principal_that_was_not_there_has_no_number(ask: Ask) -> None:
    items = ask(NEW, "--trend", "--limit", "2")["items"]
    assert items[0]["index"] is None and items[1]["index"] is not None
    assert "returns-v2" in items[0]["because"]


def test_of_whom_several_know_each_tells_the_trend(ask: Ask) -> None:
    """It was asked of the first provider alone."""
    items = ask("selma.yildiz@brightwater.example", "--trend", "--limit", "1")["items"]
    assert {"azure", "entra"} <= {one["provider"] for one in items}
    assert len(items) == len({(one["provider"], one["time"]) for one in items})


def test_by_account_organization_and_group(ask: Ask) -> None:
    answer = ask("--limit", "500")
    accounts = {one["id"]: one["index"] for one in ask("--by", "account")["items"]}
    assert accounts == {one["account"]: one["creep"] for one in answer["accounts"]}
    organizations = {one["provider"]: one for one in ask("--by", "organization")["items"]}
    # Of Azure, its directory and Google Cloud no logs were taken in: its principals are listed, and do not count.
    whole, ours = organizations["aws"], [one for one in answer["items"] if one["provider"] == "aws"]
    assert whole["index"] == answer["creep"] and whole["counted"] == len(ours)
    others = [organizations[cloud] for cloud in ("azure", "entra", "gcp")]
    assert {one["index"] for one in others} == {None}
    assert sum(one["members"] for one in others) == answer["total"] - len(ours)
    groups = {one["name"]: one for one in ask("--by", "group")["items"]}
    members = {one["name"]: one for one in answer["items"]}
    weights = [sum(members[name]["creep"]["parts"].values()) for name in ("h.nakagawa", "m.ostrander")]
    mean = sum(weights) / 2
    assert groups["admins"]["index"] == round(100 * mean / (mean + 100), 1)
    # People act through roles: of them alone nothing is known.
    assert (groups["developers"]["index"], groups["developers"]["counted"], groups["developers"]["members"]) == (
        None,
        0,
        14,
    )


def test_accounts_without_logs_have_no_number(ask: Ask) -> None:
    found = {one["id"]: one for one in ask("--by", "account", lake=Lake((PROD,), ROWS))["items"]}
    assert found[PROD]["index"] is not None
    assert (found[DATA]["index"], found[DATA]["counted"]) == (None, 0)


def test_of_resources(ask: Ask) -> None:
    labels, records = "arn:aws:s3:::bw-labels-eu", "arn:aws:s3:::bw-customs-records"
    found = ask("--resource", labels, "--resource", records)["items"]
    assert {one["id"] for one in found} == {labels, records}
    assert found[0]["index"] >= found[1]["index"] > 0
    weight = sum(found[0]["parts"].values())
    assert found[0]["index"] == round(100 * weight / (weight + 100), 1)
    (unknown,) = ask("--resource", records, lake=Lake((PROD,), ROWS))["items"]
    assert unknown["index"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--by", "colour"), "--by: 'colour' is none of account, organization, group"),
        (("--by", "group", "label-printer"), "--by and --resource go with --window and --limit alone"),
        (("--trend", "--kind", "role"), "--trend goes with --window, --at, --limit and a principal alone"),
        (("--resource", "arn:aws:s3:::nothing"), "resource arn:aws:s3:::nothing: not found"),
    ],
)
def test_slips(ask: Ask, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    assert run(["gap", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_roles_that_did_not_use_most_of_what_they_hold_are_one_command(ask: Ask) -> None:
    answer = ask("--kind", "role", "--unused-share", "0.9", "--window", "90d")
    assert answer["total"] == len(answer["items"]) > 20 and answer["window"]["days"] == 90
    assert all(one["native"] == "role" and one["unused_share"] >= 0.9 for one in answer["items"])
    everyone = ask("--kind", "role", "--limit", "500")["items"]
    left = {one["principal"] for one in everyone} - {one["principal"] for one in answer["items"]}
    assert left and all(
        one["unused_share"] is None or one["unused_share"] < 0.9 for one in everyone if one["principal"] in left
    )
