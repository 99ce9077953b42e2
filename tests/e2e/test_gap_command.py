"""`leastwise gap` and `usage` on the demo company, with a lake of a few rows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.lake import Lake, used
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

PROD, DATA = "222222222222", "333333333333"
PRINTER, CLOSE = (f"arn:aws:iam::{PROD}:role/{name}" for name in ("label-printer", "quarter-close"))


ROWS = [
    used(PRINTER, "s3:GetObject", "2026-10-30T10:00:00Z", bucket="arn:aws:s3:::bw-labels-eu"),
    used(PRINTER, "s3:GetObject", "2026-10-29T10:00:00Z", bucket="arn:aws:s3:::bw-labels-us", count=2),
    used(PRINTER, "sqs:SendMessage", "2026-10-29T10:00:00Z"),
    used(PRINTER, "s3:DeleteBucket", "2026-10-29T10:00:00Z", count=0, denied=3),
    used(CLOSE, "s3:PutObject", "2026-08-01T06:00:10Z"),
    used(CLOSE, "rds:CreateDBSnapshot", "2026-08-01T06:00:20Z"),
]


def lake(*lacking: str) -> Lake:
    """A lake of all accounts with logs, but for the folders whose names hold one of these."""
    return Lake(("111111111111", PROD, DATA), ROWS, lacking=lacking)


@pytest.fixture
def home(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(Workspace, "lake", property(lambda _: lake()), raising=False)
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    yield demo_home


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def states(answer: dict[str, Any]) -> dict[str, str]:
    return {one["permission"]: one["state"] for one in answer["items"]}


def test_what_cannot_be_known_says_why(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "gap", "customs-archive")
    objects = [one for one in answer["items"] if one["permission"].startswith("s3:")]
    assert {one["permission"] for one in objects} == {"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
    assert {one["state"] for one in objects} == {"UNOBSERVABLE"}
    assert {one["missing"] for one in objects} == {
        "S3 data events of bw-customs-records are off in trail bw-data-trail"
    }
    assert states(answer)["dynamodb:UpdateTable"] == "UNUSED"
    assert answer["counts"] | {"unknown": 0} == {
        "granted": 4,
        "used": 0,
        "implied": 0,
        "unused": 1,
        "unobservable": 3,
        "unknown": 0,
    }


def test_used_and_unused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "gap", "label-printer")
    uses = [one for one in answer["items"] if one["state"] == "USED"]
    assert [one["permission"] for one in uses] == ["s3:GetObject"]
    assert (uses[0]["count"], uses[0]["last_used"]) == (7, "2026-10-30T10:00:00+00:00")
    assert uses[0]["touched"] == ["arn:aws:s3:::bw-labels-eu", "arn:aws:s3:::bw-labels-us"]
    assert uses[0]["grants"]
    assert answer["drift"] == ["sqs:SendMessage"]
    assert answer["wanted"] == ["s3:DeleteBucket"]
    assert answer["creep"]["index"] > 50
    assert sum(one["used"] for one in answer["grants"]) == 1


@pytest.mark.parametrize(
    ("window", "needs"),
    [("90d", ["UNUSED", "UNUSED", "UNUSED"]), ("100d", ["NEEDED", "NEEDED", "UNUSED"])],
)
def test_which_grants_are_needed(home: Path, capsys: pytest.CaptureFixture[str], window: str, needs: list[str]) -> None:
    answer = asked(capsys, "gap", "quarter-close", "--grants", "--window", window)
    assert sorted(one["need"] for one in answer["items"]) == needs
    used = {each for one in answer["items"] for each in one["used_permissions"]}
    assert used == (set() if window == "90d" else {"s3:PutObject", "rds:CreateDBSnapshot"})
    assert all((one["last_used"] is None) is (one["need"] == "UNUSED") for one in answer["items"])


def test_grants_whose_use_cannot_be_known(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gap", "customs-archive", "--grants"]) == 0
    text = capsys.readouterr().out
    assert "2 grants: 1 unused, 1 unobservable, in the 90 days to 2026-11-01." in text
    assert run(["gap", "customs-archive", "--grants", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {(one["need"], one["permissions"]) for one in rows} == {("UNUSED", "1"), ("UNOBSERVABLE", "3")}


@pytest.mark.parametrize(("window", "state"), [("90d", "UNUSED"), ("100d", "USED")])
def test_the_window_decides_and_the_last_use_is_told(
    home: Path, capsys: pytest.CaptureFixture[str], window: str, state: str
) -> None:
    answer = asked(capsys, "gap", "quarter-close", "--window", window)
    item = next(one for one in answer["items"] if one["permission"] == "s3:PutObject")
    assert (item["state"], item["last_used"]) == (state, "2026-08-01T06:00:10+00:00")
    assert answer["window"]["days"] == int(window[:-1])


def test_a_window_longer_than_the_logs_leaves_nothing_unused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "gap", "quarter-close", "--window", "365d")
    assert set(states(answer).values()) == {"USED", "UNOBSERVABLE"}
    assert answer["logs"][PROD]["begin"].startswith("2026-07-04")
    missing = {one["missing"] for one in answer["items"] if one["state"] == "UNOBSERVABLE"}
    begun = "those parts of the log of trail bw-prod-trail that were taken in begin on 2026-07-04"
    assert any(one.startswith(begun) for one in missing)


def test_without_logs_nothing_is_unused(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Workspace, "lake", property(lambda _: Lake(())), raising=False)
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    assert set(states(asked(capsys, "gap", "label-printer")).values()) == {"UNOBSERVABLE"}


def test_a_person_is_not_held_to_what_others_of_its_role_did(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bram,) = asked(capsys, "identities", "--provider", "aws", "--text", "bram.kuyper@")["items"]
    answer = asked(capsys, "gap", bram["id"])
    assert set(states(answer).values()) == {"UNOBSERVABLE"}


def test_roles_that_have_not_used_most_of_what_they_hold(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "gap", "--kind", "role", "--unused-share", "0.9", "--account", PROD)
    assert answer["total"] == len(answer["items"]) > 5
    assert {one["native"] for one in answer["items"]} == {"role"}
    assert {one["account"] for one in answer["items"]} == {PROD}
    assert all(one["unused_share"] >= 0.9 for one in answer["items"])
    assert PRINTER in {one["principal"] for one in answer["items"]}
    indexes = [one["creep"]["index"] for one in answer["items"]]
    assert indexes == sorted(indexes, reverse=True)
    assert {one["account"] for one in answer["accounts"]} >= {PROD, DATA}


def test_the_list_says_what_one_question_says(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = {one["principal"]: one for one in asked(capsys, "gap", "--limit", "500")["items"]}
    for name in (PRINTER, CLOSE):
        answer = asked(capsys, "gap", name)
        counts = {key: answer["counts"][key] for key in ("granted", "used", "implied", "unused", "unobservable")}
        assert {key: listed[name][key] for key in counts} == counts
        assert listed[name]["creep"] == answer["creep"]


def test_usage_of_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "usage", "label-printer")
    told = [(one["permission"], one["bucket"], one["count"], one["denied"]) for one in answer["items"]]
    assert told[0] == ("s3:GetObject", "arn:aws:s3:::bw-labels-eu", 5, 0)
    assert ("s3:DeleteBucket", "", 0, 3) in told
    assert len(told) == 4
    assert asked(capsys, "usage", "quarter-close")["items"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--window", "90"), "--window: '90' is no number of days, as in 90d"),
        (("--window", "0d"), "--window: '0d' is no number of days, as in 90d"),
        (("--unused-share", "2"), "--unused-share: 2 does not lie from 0 to 1"),
        (("label-printer", "--kind", "role"), "--account, --kind and --unused-share are about a list"),
        (("--grants",), "--grants is about one principal: name it"),
        (("label-printer", "--grants", "--trend"), "--grants is about one principal: name it"),
        (("no-such-role",), "no-such-role: no user or role of that name"),
    ],
)
def test_wrong_questions(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert run(["gap", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_tables_and_csv(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gap", "customs-archive"]) == 0
    text = capsys.readouterr().out
    assert "1 unused, 3 unobservable, in the 90 days to 2026-11-01" in text
    assert "no logs of account 444444444444 have been read" in text
    assert run(["gap", "customs-archive", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {one["state"] for one in rows} == {"UNUSED", "UNOBSERVABLE"}
    assert {one["sensitivity"] for one in rows} == {"data read", "write", "destructive"}


@pytest.mark.parametrize(
    ("lacking", "why"),
    [
        ("bw-prod-trail-logs", "trail bw-prod-trail records it, but its log of this account was not taken in"),
        ("/2026/09/03/", "lack what lies between 2026-09-03 and 2026-09-04"),
        ("/us-east-1/", "was taken in of eu-west-1 only"),
        ("/2026/10/3", "end on 2026-10-30"),
    ],
)
def test_what_was_not_taken_in_is_not_called_unused(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lacking: str, why: str
) -> None:
    monkeypatch.setattr(Workspace, "lake", property(lambda _: lake(lacking)), raising=False)
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    answer = asked(capsys, "gap", "label-printer")
    assert set(states(answer).values()) == {"USED", "UNOBSERVABLE"}
    item = next(one for one in answer["items"] if one["permission"] == "s3:PutObject")
    assert why in item["missing"]


def test_what_files_do_not_show_can_be_said(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    monkeypatch.setattr(Workspace, "lake", property(lambda _: lake("bw-prod-trail-logs")), raising=False)
    monkeypatch.setenv("LEASTWISE_HOME", str(home))
    assert states(asked(capsys, "gap", "label-printer"))["s3:PutObject"] == "UNOBSERVABLE"
    with (home / "estate.yaml").open("a", encoding="utf-8") as file:
        file.write(
            f"""
logs:
  - log: arn:aws:cloudtrail:eu-west-1:{PROD}:trail/bw-prod-trail
    accounts: ["{PROD}"]
    from: 2026-07-01T00:00:00Z
    to: 2026-11-01T00:00:00Z
"""
        )
    assert states(asked(capsys, "gap", "label-printer"))["s3:PutObject"] == "UNUSED"
