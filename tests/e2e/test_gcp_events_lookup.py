"""What Cloud Logging keeps (our own fake): containers, spans, pages, the quota, what is not surely there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.google.logs import DEFAULT, LogWorld, entry
from fakes.google.reading import fake_of, ids, sign_in, taken, unhurried
from fakes.google.server import BROKEN, EXPIRED, QUOTA, FakeGoogle, Fault, on
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.errors import InputError, UsageError
from leastwise.providers.fetching import Wanted
from leastwise.providers.gcp.collect.log_entries import Entries
from leastwise.providers.gcp.log_names import spans
from leastwise.providers.logs.spans import Span, missing
from leastwise.providers.pace import Pace

NOW = datetime.now(UTC).replace(microsecond=0)
ALPHA, BETA = "projects/bw-alpha", "projects/bw-beta"
LISTED = "logging.entries.list"


def at(days: float) -> str:
    """So many days ago."""
    return (NOW - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%S.000001Z")


@pytest.fixture
def world() -> LogWorld:
    data = entry(9, at(2), log="data_access", method="storage.objects.get")
    return LogWorld(entries={
        ALPHA: [entry(one, at(10 * one)) for one in range(1, 6)] + [data],
        BETA: [entry(7, at(3), project="bw-beta")],
        "organizations/1": [entry(8, at(1), logName="organizations/1/logs/cloudaudit.googleapis.com%2Factivity")],
    })  # fmt: skip


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    unhurried(monkeypatch, tmp_path)
    with fake_of(world) as found:
        yield found


def asked(fake: FakeGoogle, container: str = "") -> list[Any]:
    bodies = [one.body for one in fake.log if one.method == LISTED]
    return [one for one in bodies if not container or one["resourceNames"] == [container]]


def test_every_container_is_asked_for_what_is_not_held_and_nothing_twice(fake: FakeGoogle, tmp_path: Path) -> None:
    first = taken(tmp_path / "home", fake, lookup=True)
    assert (first.taken.new, first.taken.duplicates) == (8, 0)
    assert {body["resourceNames"][0] for body in asked(fake)} == {
        "organizations/1", "folders/10", "folders/11", ALPHA, BETA, "projects/bw-gamma",
    }  # fmt: skip
    before = len(asked(fake))
    assert isinstance(fake.world, LogWorld)
    fake.world.entries[ALPHA].append(entry(10, at(0.01)))
    second = taken(tmp_path / "home", fake, lookup=True)
    assert second.taken.new == 1
    spans_asked = [body["filter"] for body in asked(fake)[before:]]
    assert len(spans_asked) == 6, "of each container the last hours alone"
    oldest = min(one.split('timestamp>="')[1][:20] for one in spans_asked)
    assert oldest > (NOW - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_what_is_older_than_its_bucket_keeps_is_told_and_counts_for_no_span(fake: FakeGoogle, tmp_path: Path) -> None:
    found = taken(tmp_path / "home", fake, lookup=True, begin=(NOW - timedelta(500)).date())
    notes = " ".join(found.notes)
    assert "for 400 days" in notes and "Data Access logs are surely there from" in notes
    held = [one for one in spans(Workspace(tmp_path / "home").lake.folders("gcp")) if one.container == ALPHA]
    data = [one for one in held if "data_access" in one.logs]
    assert len(data) == 1 and timedelta(29) < NOW - data[0].begin < timedelta(30)
    assert min(one.begin for one in held) > NOW - timedelta(400)
    assert max(one.end for one in held) <= NOW - timedelta(hours=5), "the last hours count for none"


@pytest.mark.parametrize(
    ("sinks", "why"),
    [
        ([], "no sink surely puts"),
        ([{**DEFAULT, "disabled": True}], "no sink surely puts"),
        ([{**DEFAULT, "exclusions": [{"name": "x", "filter": "a"}]}], "no sink surely puts"),
        ([{**DEFAULT, "filter": 'NOT LOG_ID("cloudaudit.googleapis.com/data_access")'}], "no sink surely puts"),
        ([{**DEFAULT, "filter": "severity>=ERROR"}], "no sink surely puts"),
        ([{**DEFAULT, "destination": "storage.googleapis.com/b"}], "no sink surely puts"),
    ],
)
def test_data_access_logs_are_not_surely_there(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, sinks: list[Any], why: str
) -> None:
    world.sinks[ALPHA] = sinks
    found = taken(tmp_path / "home", fake, url=f"logging://{ALPHA}")
    assert any(why in one for one in found.notes)
    held = spans(Workspace(tmp_path / "home").lake.folders("gcp"))
    assert held and all(one.logs == {"activity"} for one in held)
    assert found.taken.new == 6, "what comes is taken all the same"


@pytest.mark.parametrize("filter", ["", 'LOG_ID("cloudaudit.googleapis.com/data_access")'])
def test_data_access_logs_are_surely_there_since_the_sink_was_altered(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, filter: str
) -> None:
    altered = NOW - timedelta(5)
    world.sinks[ALPHA] = [{**DEFAULT, "filter": filter, "updateTime": altered.strftime("%Y-%m-%dT%H:%M:%SZ")}]
    taken(tmp_path / "home", fake, url=f"logging://{ALPHA}")
    held = spans(Workspace(tmp_path / "home").lake.folders("gcp"))
    assert {one.begin for one in held if "data_access" in one.logs} == {altered}


def test_without_the_permission_for_private_logs_they_are_not_held(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    world.held = {"logging.logEntries.list"}
    found = taken(tmp_path / "home", fake, url=f"logging://{ALPHA}")
    assert found.taken.new == 5 and "logging.privateLogEntries.list is not held" in " ".join(found.notes)
    world.held = None
    again = taken(tmp_path / "home", fake, url=f"logging://{ALPHA}")
    assert again.taken.new == 1, "with the permission the same time is read again"
    assert ids(tmp_path / "home") == ["e1", "e2", "e3", "e4", "e5", "e9"]


def test_logs_that_a_sink_above_intercepts_are_not_surely_there(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    taking = {"name": "all", "destination": "storage.googleapis.com/b", "includeChildren": True}
    world.sinks["folders/10"] = [DEFAULT, {**taking, "interceptChildren": True}]
    found = taken(tmp_path / "home", fake, lookup=True)
    assert any("a sink of folders/10 keeps logs of what lies below" in one for one in found.notes)
    held = {
        one.container for one in spans(Workspace(tmp_path / "home").lake.folders("gcp")) if "data_access" in one.logs
    }
    assert held == {"organizations/1", "folders/10", ALPHA}, "not beta, folder 11 and gamma, which lie below"


def test_a_project_that_is_denied_is_told_and_the_rest_goes_on(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    world.denied.add(ALPHA)
    found = taken(tmp_path / "home", fake, lookup=True)
    assert found.taken.new == 2
    assert any(one.startswith(f"logging://{ALPHA} is not taken in: PERMISSION_DENIED") for one in found.notes)
    world.denied.clear()
    assert taken(tmp_path / "home", fake, lookup=True).taken.new == 6


def test_where_all_are_denied_one_line_says_what_is_needed(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.denied.update((ALPHA, BETA))
    with pytest.raises(InputError, match=r"logging\.logEntries\.list is needed"):
        taken(tmp_path / "home", fake, sign_in(fake, projects=["bw-alpha", "bw-beta"]), lookup=True)


def test_a_busy_project_comes_in_spans_and_pages(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.logs.spans.PAGES", 2)
    world.page = 5
    world.entries[ALPHA] = [entry(one, at(20 - one / 5)) for one in range(95)]
    found = taken(tmp_path / "home", fake, url=f"logging://{ALPHA}", begin=(NOW - timedelta(20)).date())
    assert found.taken.new == 95 and found.taken.files > 5
    held = [(one.begin, one.end) for one in spans(Workspace(tmp_path / "home").lake.folders("gcp"))]
    (rest,) = missing(min(held)[0], NOW, held)
    assert rest[0] > NOW - timedelta(hours=8), "the spans follow one another without a hole"


def test_the_quota_is_waited_for(fake: FakeGoogle, tmp_path: Path) -> None:
    fake.faults = [on(QUOTA, LISTED, first=4), on(BROKEN, LISTED, first=2)]
    found = taken(tmp_path / "home", fake, url=f"logging://{ALPHA}")
    assert found.taken.new == 6 and found.taken.failed == 0


def test_a_span_that_fails_is_set_aside_and_completed_by_the_next_run(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.gcp.collect.log_entries._TRIES", 2)
    world.page = 2
    pages = [0]

    def third(request: Any) -> Fault | None:
        pages[0] += request.method == LISTED and "pageToken" in request.body
        return BROKEN if request.method == LISTED and "pageToken" in request.body else None

    fake.faults = [third]
    found = taken(tmp_path / "home", fake, url=f"logging://{ALPHA}")
    assert found.taken.failed == 2 and found.taken.new == 0 and pages[0] == 4, "each is tried twice"
    assert "UNAVAILABLE" in found.taken.set_aside[0][2]
    fake.faults = []
    assert taken(tmp_path / "home", fake, url=f"logging://{ALPHA}").taken.new == 6
    assert ids(tmp_path / "home") == ["e1", "e2", "e3", "e4", "e5", "e9"]


def test_a_token_that_expires_ends_the_run_and_the_next_goes_on(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    left = [2]

    def later(request: Any) -> Fault | None:
        left[0] -= request.method == LISTED
        return EXPIRED if request.method == LISTED and left[0] < 0 else None

    fake.faults = [later]
    home = tmp_path / "home"
    with pytest.raises(InputError, match="not accepted any more"):
        taken(home, fake, sign_in(fake, projects=["bw-alpha", "bw-beta"]), lookup=True)
    fake.faults = []
    taken(home, fake, sign_in(fake, projects=["bw-alpha", "bw-beta"]), lookup=True)
    assert ids(home) == ["e1", "e2", "e3", "e4", "e5", "e7", "e9"]


def test_empty_pages_lead_on(fake: FakeGoogle, tmp_path: Path) -> None:
    """A search that took too long gives no entries and a token.

    https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list (nextPageToken)
    """
    empty = Fault(body=json.dumps({"nextPageToken": "x"}).encode())
    whole = json.dumps({"entries": [entry(1, at(1))]}).encode()
    first = [2]

    def later(request: Any) -> Fault | None:
        if request.method != LISTED or 'timestamp>="' + at(0.2)[:10] in request.body["filter"]:
            return None
        if "pageToken" not in request.body:
            return empty
        first[0] -= 1
        return empty if first[0] >= 0 else Fault(body=whole)

    fake.faults = [later]
    assert taken(tmp_path / "home", fake, url=f"logging://{BETA}", end=(NOW - timedelta(2)).date()).taken.new == 1


def test_days_and_the_command(fake: FakeGoogle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    estate = tmp_path / "home/estate.yaml"
    Workspace(home).home  # noqa: B018 - makes the folder
    estate.parent.mkdir(exist_ok=True)
    estate.write_text(json.dumps({"version": 1, "sources": [sign_in(fake, projects=["bw-alpha"])]}))
    day = str((NOW - timedelta(10)).date())
    arguments = ["events", "--lookup", "--provider", "gcp", "--from", day, "--to", day, "--home", str(home)]
    assert run([*arguments, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["taken"]["events"]["new"] == 1
    assert run(["events", "--status", "--home", str(home)]) == 0
    assert "bw-alpha" in capsys.readouterr().out
    assert run(["events", "logging://bw-alpha", "--home", str(home)]) == 2
    assert "is no logging://KIND/ID" in capsys.readouterr().err
    assert run(["events", "ftp://x/y", "--home", str(home)]) == 2
    assert "logs are fetched from s3://" in capsys.readouterr().err
    assert run([*arguments, "--regions", "eu"]) == 2
    assert "--projects" in capsys.readouterr().err


def test_the_quota_of_a_minute_is_kept() -> None:
    times = [0.0]

    class _Closed(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            times.append(times[-1] + max(timeout or 0.0, 0.0))
            return False

    pace = Pace(1.02, lambda: times[-1])
    for _ in range(61):
        pace.wait(_Closed())
    assert times[-1] > 60.0


def test_the_source_asks_no_more_than_it_may(fake: FakeGoogle) -> None:
    plain = {name: value for name, value in sign_in(fake).items() if name != "per_minute"}
    source = Entries(Wanted(lookup=True, sign_in=plain))
    assert source._pace._interval * 60 >= 60.0
    source.close()
    with pytest.raises(UsageError, match="logs"):
        Entries(Wanted(lookup=True, sign_in={**plain, "per_minute": {"logs": 5}}))


def test_names_of_spans_are_read_back() -> None:
    found = spans({
        "logging://projects/p/activity+data_access/2026-11-01T00:00:00Z_2026-11-02T06:00:00Z": True,
        "logging://projects/q/activity/2026-11-01T00:00:00Z_2026-11-02T06:00:00Z": False,
        "logging://projects/p/since/2026-11-01T00:00:00Z": True,
        "logging://projects/p/activity/2026-13-01T00:00:00Z_2026-11-02T06:00:00Z": True,
        "/tmp/logging/2026": True,
    })  # fmt: skip
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, 6, tzinfo=UTC)
    assert found == [Span("projects/p", frozenset(("activity", "data_access")), begin, end)]
