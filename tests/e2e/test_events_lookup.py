"""CloudTrail's event history (our own fake): every region, every page, at the pace that AWS allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import FakeAws, Fault, denied, on, refused_by_scp
from fakes.history import History
from fakes.surroundings import fake_aws
from fakes.trails import assumed, event, session, user, write
from leastwise.app.events import take_in
from leastwise.app.fetching import Wanted, fetch_in
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.engine.columns import plain
from leastwise.errors import InputError
from leastwise.providers.aws.collect import log_history

ACCOUNT, OTHER = "222222222222", "333333333333"
NOW = datetime.now(UTC)
LOOKUP = Wanted(lookup=True)


def at(days: float) -> str:
    """So many days ago."""
    return (NOW - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def call(number: int, days: float, **more: Any) -> dict[str, Any]:
    told = {"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "requestParameters": None}
    return event(number, at(days), **{**told, "eventCategory": "Management", "managementEvent": True, **more})


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def fake(history: History, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    monkeypatch.setattr("leastwise.providers.aws.collect.patient.pause", lambda tries: 0.01)
    monkeypatch.setattr(log_history, "_INTERVAL", 0.0)
    with fake_aws(monkeypatch, history.answers(), (ACCOUNT, OTHER)) as found:
        yield found


def rows(home: Path, *tables: str) -> list[list[str]]:
    lake = Workspace(home).lake
    return [sorted(map(str, plain(getattr(lake, one)()).to_pylist())) for one in tables]


def test_rows_are_those_of_the_same_records_from_files(fake: FakeAws, history: History, tmp_path: Path) -> None:
    inside = session("deploy", "ada", "ASIA1")
    first = [call(number, 1 + number / 40) for number in range(130)]
    second = [call(200, 80), call(201, 3, userIdentity=inside), call(202, 3, errorCode="AccessDenied")]
    second.append(assumed(203, "deploy", "ada", "ASIA1", user(), at(3.1)))
    for one in second:
        one["eventCategory"] = "Management"
    history.add(first)
    history.add(second, "us-east-2")
    taken = fetch_in(Workspace(tmp_path / "home"), LOOKUP).taken
    write(tmp_path / "logs", first + second)
    take_in(Workspace(tmp_path / "disk"), [tmp_path / "logs"])
    tables = ("events", "usage", "sightings", "sessions", "changes")
    assert rows(tmp_path / "home", *tables) == rows(tmp_path / "disk", *tables)
    assert (taken.new, taken.failed, taken.bad) == (134, 0, 0)


def test_a_second_run_asks_only_for_days_that_are_not_over(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 40), call(2, 2), call(3, 0.001)])
    place = Workspace(tmp_path / "home")
    first = fetch_in(place, LOOKUP).taken
    history.add([call(4, 0.0005)])
    calls = fake.count("cloudtrail", "LookupEvents")
    again = fetch_in(place, LOOKUP).taken
    assert (first.new, again.new) == (3, 1)
    assert first.files == again.files == 91 and again.known >= 89
    assert fake.count("cloudtrail", "LookupEvents") - calls <= 2 + 2


def test_a_region_without_any_event_is_asked_once(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 2)], "us-east-2")
    fetch_in(Workspace(tmp_path / "home"), LOOKUP)
    assert fake.count("cloudtrail", "LookupEvents", region="us-east-1") == 1
    assert fake.count("cloudtrail", "LookupEvents", region="us-east-2") == 1 + 91


def test_days_cut_what_is_asked_and_more_than_ninety_are_told(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 5), call(2, 3), call(3, 1), call(4, 89)])
    day = (NOW - timedelta(3)).date()
    found = fetch_in(Workspace(tmp_path / "some"), Wanted(lookup=True, begin=day, end=day))
    assert (found.taken.files, found.taken.new) == (1, 1)
    found = fetch_in(Workspace(tmp_path / "all"), Wanted(lookup=True, begin=date(2020, 1, 1)))
    oldest = (NOW - timedelta(90)).date()
    assert found.taken.new == 4
    assert found.notes[1] == f"the event history goes back to {oldest}, not to 2020-01-01"


def test_no_time_is_asked_for_that_the_history_does_not_keep(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 89.9), call(2, 0.01)])
    assert fetch_in(Workspace(tmp_path / "home"), LOOKUP).taken.new == 2
    times = [
        (float(one.parameters["StartTime"]), float(one.parameters["EndTime"]))
        for one in fake.log if one.operation == "LookupEvents"
    ]  # fmt: skip
    now = datetime.now(UTC).timestamp()
    assert all(now - 90 * 86_400 < begin <= end <= now for begin, end in times)


def test_it_says_that_data_events_are_never_in_it(
    fake: FakeAws, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    history.add([call(1, 1), event(2, at(1))])
    assert run(["events", "--lookup", "--regions", "us-east-1"]) == 0
    text = capsys.readouterr().out
    assert "1 new events" in text and "Note: data events" in text and "never in CloudTrail's event history" in text
    assert run(["events", "--lookup", "--format", "json"]) == 0
    assert "never" in json.loads(capsys.readouterr().out)["notes"][0]


def test_a_refused_region_is_told_once_and_the_others_are_taken(
    fake: FakeAws, history: History, tmp_path: Path
) -> None:
    history.add([call(1, 1)])
    history.add([call(2, 1)], "us-east-2")
    fake.faults.append(refused_by_scp(operation="LookupEvents", region="us-east-2"))
    place = Workspace(tmp_path / "home")
    found = fetch_in(place, LOOKUP)
    assert (found.taken.new, found.taken.failed) == (1, 0)
    (told,) = [one for one in found.notes if "us-east-2" in one]
    assert told.startswith(f"cloudtrail-lookup://{ACCOUNT}/us-east-2 is not taken in: ") and "control policy" in told
    fake.faults.clear()
    again = fetch_in(place, LOOKUP)
    assert again.taken.new == 1 and not [one for one in again.notes if "us-east-2" in one]


def test_refused_everywhere_is_one_line(fake: FakeAws, tmp_path: Path) -> None:
    fake.faults.append(denied(operation="LookupEvents"))
    with pytest.raises(InputError, match="cloudtrail:LookupEvents is needed"):
        fetch_in(Workspace(tmp_path / "home"), LOOKUP)


def test_a_day_that_fails_is_set_aside_and_taken_the_next_time(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 2), call(2, 5)])
    begin = datetime.combine((NOW - timedelta(5)).date(), datetime.min.time(), UTC).timestamp()

    def on_that_day(request: Any) -> Fault | None:
        ours = request.operation == "LookupEvents" and float(request.parameters["StartTime"]) == begin
        return Fault("InternalFailure", "x", 500) if ours else None

    fake.faults.append(on_that_day)
    place = Workspace(tmp_path / "home")
    taken = fetch_in(place, LOOKUP).taken
    assert (taken.new, taken.failed) == (1, 1) and "InternalFailure" in taken.set_aside[0][2]
    fake.faults.clear()
    assert fetch_in(place, LOOKUP).taken.new == 1
    assert place.lake.manifest.sources(bad=True) == []


def test_the_pace_that_aws_allows_is_kept(history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.limited = True
    day = (NOW - timedelta(2)).date()
    history.add([call(number, 2) for number in range(180)])
    history.add([call(1000 + number, 2) for number in range(120)], "us-east-2")
    with fake_aws(monkeypatch, history.answers(), (ACCOUNT,)) as fake:
        taken = fetch_in(Workspace(tmp_path / "home"), Wanted(lookup=True, begin=day, end=day)).taken
        assert (taken.new, taken.failed, history.refused) == (300, 0, 0)
        assert fake.count("cloudtrail", "LookupEvents") == 2 + 4 + 3


def test_throttling_is_waited_out(fake: FakeAws, history: History, tmp_path: Path) -> None:
    from fakes.aws import THROTTLED, first

    history.add([call(1, 2)])
    fake.faults.append(first(6, on(THROTTLED, operation="LookupEvents", region="us-east-1", share=0.5)))
    assert fetch_in(Workspace(tmp_path / "home"), LOOKUP).taken.new == 1


def test_a_role_by_name_means_every_account(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 2)])
    history.add([call(2, 2, userIdentity=user("bo", OTHER), recipientAccountId=OTHER)], account=OTHER)
    own = fetch_in(Workspace(tmp_path / "own"), LOOKUP).taken
    whole = fetch_in(Workspace(tmp_path / "whole"), Wanted(lookup=True, sign_in={"role": "Reader"})).taken
    one = fetch_in(
        Workspace(tmp_path / "one"), Wanted(lookup=True, sign_in={"role": f"arn:aws:iam::{OTHER}:role/Reader"})
    ).taken
    assert (own.new, whole.new, one.new) == (1, 2, 1)


def test_an_account_that_cannot_be_entered_is_told(fake: FakeAws, history: History, tmp_path: Path) -> None:
    history.add([call(1, 2)])
    fake.refused.add(OTHER)
    found = fetch_in(Workspace(tmp_path / "home"), Wanted(lookup=True, sign_in={"role": "Reader"}))
    assert found.taken.new == 1
    assert any(one.startswith(f"{OTHER}: not entered: ") for one in found.notes)


def test_secrets_of_the_history_are_in_no_file_of_the_home(fake: FakeAws, history: History, tmp_path: Path) -> None:
    began = assumed(3, "deploy", "ada", "ASIA1", user(), at(2))
    history.add([began | {"eventCategory": "Management"}])
    fetch_in(Workspace(tmp_path / "home"), LOOKUP)
    for path in (tmp_path / "home").rglob("*"):
        assert not path.is_file() or b"CANARY" not in path.read_bytes()
