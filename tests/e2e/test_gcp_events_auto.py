"""`events --auto gcp`: which sinks there are, which places together have all for the least, and what may read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakes.google.logs import DEFAULT, LogWorld, Table, entry
from fakes.google.reading import fake_of, ids, sign_in, unhurried
from fakes.google.server import DENIED, FakeGoogle, on
from leastwise.app.auto_events import survey, take_found
from leastwise.app.fetching import fetcher_of, signed_in
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.errors import InputError, UsageError
from leastwise.providers.fetching import Wanted
from leastwise.providers.gcp import catalog

NOW = datetime.now(UTC)
ALPHA, BETA = "projects/bw-alpha", "projects/bw-beta"
BUCKET, DATASET = "bw-audit-logs", "bw-audit.logs"
AUDIT = 'logName:"cloudaudit.googleapis.com"'
TO_BUCKET = {"name": "to-bucket", "destination": f"storage.googleapis.com/{BUCKET}", "includeChildren": True,
             "filter": AUDIT, "updateTime": "2025-01-01T00:00:00Z"}  # fmt: skip
TO_TABLES = {**TO_BUCKET, "name": "to-tables", "destination": "bigquery.googleapis.com/projects/bw-audit/datasets/logs"}


def at(days: float) -> str:
    return (NOW - timedelta(days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def world() -> LogWorld:
    found = LogWorld(
        entries={ALPHA: [entry(1, at(3))], BETA: [entry(2, at(2), project="bw-beta")]},
        tables={DATASET: {"cloudaudit_googleapis_com_activity": Table([entry(3, at(3))], True)}},
    )
    for number in range(4, 7):
        time = NOW - timedelta(number)
        name = f"cloudaudit.googleapis.com/activity/{time:%Y/%m/%d}/10:00:00_10:59:59_S0.json"
        found.put(BUCKET, name, json.dumps(entry(number, at(number))).encode())
    return found


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    unhurried(monkeypatch, tmp_path)
    with fake_of(world) as found:
        yield found


def found_places(fake: FakeGoogle, home: Path, **more: Any) -> tuple[list[str], list[str]]:
    told, _ = survey(Workspace(home), Wanted(auto=True, sign_in=sign_in(fake, **more)), "gcp")
    assert fake.strange == []
    return [one.url for one in told.places], list(told.notes)


def test_without_sinks_cloud_logging_is_asked(fake: FakeGoogle, tmp_path: Path) -> None:
    assert found_places(fake, tmp_path / "home") == (["logging://"], [])


def test_a_bucket_that_has_all_is_enough(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.sinks["organizations/1"] = [DEFAULT, TO_BUCKET]
    told, wanted = survey(Workspace(tmp_path / "home"), Wanted(auto=True, sign_in=sign_in(fake)), "gcp")
    [place] = told.places
    assert (place.url, place.files, place.exact) == (f"gs://{BUCKET}", 3, True)
    assert place.records == "activity logs, data_access logs" and place.requests > 0 and place.transfer > 0
    done = take_found(Workspace(tmp_path / "home"), told, wanted, "gcp")
    assert done.taken.new == 3 and ids(tmp_path / "home") == ["e4", "e5", "e6"]


def test_of_two_places_the_cheaper_is_read(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.sinks["organizations/1"] = [TO_BUCKET, TO_TABLES]
    urls, notes = found_places(fake, tmp_path / "home")
    assert urls == [f"bq://{DATASET}"] and any(f"gs://{BUCKET} is not read" in one for one in notes)


@pytest.mark.parametrize(
    "change",
    [{"filter": 'log_id("cloudaudit.googleapis.com/activity")'}, {"updateTime": at(5)}],
    ids=["data access left out", "made a few days ago"],
)
def test_what_a_sink_lacks_cloud_logging_is_asked_for(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, change: dict[str, str]
) -> None:
    world.sinks["organizations/1"] = [{**TO_BUCKET, **change}]
    assert found_places(fake, tmp_path / "home")[0] == [f"gs://{BUCKET}", "logging://"]


def test_containers_outside_of_a_sink_are_named(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.sinks["organizations/1"] = [{**TO_BUCKET, "includeChildren": False}]
    urls, _ = found_places(fake, tmp_path / "home")
    assert urls[0] == f"gs://{BUCKET}" and urls[1].startswith("logging://") and "organizations/1" not in urls[1]
    assert set(urls[1].removeprefix("logging://").split(",")) == {
        "folders/10", "folders/11", ALPHA, BETA, "projects/bw-gamma",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"filter": "severity>=ERROR"}, {"exclusions": [{"name": "a", "filter": "b"}]}, {"disabled": True},
     {"destination": "pubsub.googleapis.com/projects/p/topics/t"}],
)  # fmt: skip
def test_a_sink_that_is_not_sure_covers_nothing(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, change: dict[str, Any]
) -> None:
    world.sinks["organizations/1"] = [{**TO_BUCKET, **change}]
    assert found_places(fake, tmp_path / "home")[0] == ["logging://"]


def test_a_place_that_cannot_be_read_is_told_and_another_has_it(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    world.sinks["organizations/1"] = [TO_BUCKET, TO_TABLES]
    world.denied.add(DATASET)
    told, wanted = survey(Workspace(tmp_path / "home"), Wanted(auto=True, sign_in=sign_in(fake)), "gcp")
    assert [one.url for one in told.places] == [f"bq://{DATASET}", f"gs://{BUCKET}"]
    assert not told.places[1].cause
    assert "bigquery.tables.list" in told.places[0].cause
    done = take_found(Workspace(tmp_path / "home"), told, wanted, "gcp")
    assert done.places == [f"gs://{BUCKET}"] and any("is not taken in" in one for one in done.notes)


def test_sinks_that_were_collected_are_known_without_asking(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    data = {"name": "//logging.googleapis.com/organizations/1/sinks/to-bucket",
            "asset_type": "logging.googleapis.com/LogSink",
            "resource": {"data": TO_BUCKET, "parent": "//cloudresourcemanager.googleapis.com/organizations/1"},
            "ancestors": ["organizations/1"]}  # fmt: skip
    file = tmp_path / "assets.json"
    file.write_text(json.dumps([data]))
    assert run(["import", str(file), "--home", str(tmp_path / "home")]) == 0
    fake.faults = [on(DENIED, "logging.organizations.sinks.list"), on(DENIED, "logging.sinks.list")]
    urls, notes = found_places(fake, tmp_path / "home")
    assert urls == [f"gs://{BUCKET}"] and any("sinks of organizations/1 were not told" in one for one in notes)


def test_the_command_says_what_it_costs_and_reads_with_yes(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.sinks["organizations/1"] = [TO_BUCKET]
    home = tmp_path / "home"
    Workspace(home).home  # noqa: B018 - makes the folder
    home.mkdir(exist_ok=True)
    (home / "estate.yaml").write_text(json.dumps({"version": 1, "sources": [sign_in(fake)]}))
    arguments = ["events", "--auto", "gcp", "--home", str(home)]
    assert run([*arguments, "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [one["place"] for one in told["places"]] == [f"gs://{BUCKET}"] and "us-central1" in told["prices"]
    assert Workspace(home).lake.events().num_rows == 0
    assert run([*arguments, "--yes"]) == 0
    text = capsys.readouterr().out
    assert "Transfer is paid outside of Google Cloud only" in text and "3 new events" in text


def test_where_nothing_can_be_read_it_says_so(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.denied.update(("organizations/1", "folders/10", "folders/11", ALPHA, BETA, "projects/bw-gamma"))
    told, wanted = survey(Workspace(tmp_path / "home"), Wanted(auto=True, sign_in=sign_in(fake)), "gcp")
    with pytest.raises((InputError, UsageError), match="Policy Analyzer"):
        take_found(Workspace(tmp_path / "home"), told, wanted, "gcp")


def test_several_sources_must_be_chosen_from(fake: FakeGoogle, tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    (tmp_path / "estate.yaml").write_text(json.dumps({"version": 1, "sources": [
        sign_in(fake, projects=["bw-alpha"]), sign_in(fake, projects=["bw-beta"])]}))  # fmt: skip
    with pytest.raises(UsageError, match="2 sources of gcp"):
        signed_in(place, Wanted(lookup=True), "gcp")
    chosen = Wanted(lookup=True, sign_in={"projects": ["bw-alpha"]})
    assert signed_in(place, chosen, "gcp") is chosen


LEAST: dict[str, tuple[Wanted, set[str], str]] = {
    "a bucket": (Wanted("gs://bw-logs"), {"storage.objects.get", "storage.objects.list"}, "roles/storage.objectViewer"),
    "a dataset": (Wanted("bq://bw-audit.logs"), {
        "bigquery.tables.get", "bigquery.tables.getData", "bigquery.tables.list"}, "roles/bigquery.dataViewer"),
    "a project": (Wanted("logging://projects/bw-alpha"), {
        "logging.buckets.get", "logging.logEntries.list", "logging.privateLogEntries.list", "logging.sinks.list"},
        "roles/logging.privateLogViewer"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAST)
def test_the_least_role(tmp_path: Path, name: str) -> None:
    wanted, permissions, predefined = LEAST[name]
    text = fetcher_of(Workspace(tmp_path), "gcp").policy(wanted)
    assert set(yaml.safe_load(text)["includedPermissions"]) == permissions and predefined in text


def test_the_least_role_for_anything_is_of_known_permissions(tmp_path: Path) -> None:
    policy = fetcher_of(Workspace(tmp_path), "gcp").policy
    everything = set(yaml.safe_load(policy(Wanted(auto=True)))["includedPermissions"])
    assert everything > set().union(*(permissions for _, permissions, _ in LEAST.values()))
    assert "resourcemanager.folders.list" in everything
    assert [one for one in everything if not catalog.current().knows(one)] == []


def test_every_method_that_is_called_is_one_that_the_role_allows(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    """https://docs.cloud.google.com/logging/docs/access-control and the like pages of Storage and BigQuery."""
    allowed = {
        "cloudresourcemanager.organizations.search": "", "cloudresourcemanager.projects.search": "",
        "cloudresourcemanager.organizations.testIamPermissions": "",
        "cloudresourcemanager.folders.testIamPermissions": "", "cloudresourcemanager.projects.testIamPermissions": "",
        "cloudresourcemanager.folders.list": "resourcemanager.folders.list",
        "cloudresourcemanager.projects.list": "resourcemanager.projects.list",
        "logging.sinks.list": "logging.sinks.list", "logging.entries.list": "logging.logEntries.list",
        "logging.locations.buckets.get": "logging.buckets.get",
        "storage.objects.list": "storage.objects.list", "storage.objects.get": "storage.objects.get",
        "bigquery.tables.list": "bigquery.tables.list", "bigquery.tables.get": "bigquery.tables.get",
        "bigquery.tabledata.list": "bigquery.tables.getData",
    }  # fmt: skip
    world.sinks["organizations/1"] = [{**TO_BUCKET, "updateTime": at(2)}, {**TO_TABLES, "updateTime": at(2)}, DEFAULT]
    told, wanted = survey(Workspace(tmp_path / "home"), Wanted(auto=True, sign_in=sign_in(fake)), "gcp")
    take_found(Workspace(tmp_path / "home"), told, wanted, "gcp")
    called = {one.method.replace("organizations.sinks", "sinks").replace("projects.sinks", "sinks")
              .replace("folders.sinks", "sinks") for one in fake.log}  # fmt: skip
    assert called <= set(allowed), called - set(allowed)
    role = yaml.safe_load(fetcher_of(Workspace(tmp_path), "gcp").policy(wanted))["includedPermissions"]
    assert {allowed[one] for one in called} - {""} <= set(role)


def test_doctor_says_whether_logs_may_be_read(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    source = sign_in(fake, projects=["bw-alpha"])
    (home / "estate.yaml").write_text(json.dumps({"version": 1, "sources": [source]}))

    def told() -> dict[str, str]:
        assert run(["doctor", "gcp", "--home", str(home), "--format", "json"]) == 0
        rows = json.loads(capsys.readouterr().out)["items"]
        return {one["check"]: f"{one['status']} {one['detail']}" for one in rows}

    assert told()["audit logs of projects/101"] == "ok all 4"
    world.held = {"logging.logEntries.list", "logging.sinks.list", "logging.buckets.get"}
    assert "without it Data Access logs are left out" in told()["audit logs of projects/101"]
    world.held = set()
    assert told()["audit logs of projects/101"].startswith("missing 4 of 4: logging.logEntries.list")
