"""What the lake holds of Google Cloud's logs, by the names that fetching gives: spans, days of sinks, both together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from gcp_support import ORG, RM, asset, organization, project

from leastwise.app.asking import scope_tables
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.providers.base import Folder, Told
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.log_names import recent_name, span_name
from leastwise.providers.gcp.observing import kept
from leastwise.providers.gcp.observing.sinks import taken

NOW = datetime(2026, 11, 20, tzinfo=UTC)
CONTAINERS = (ORG, "folders/2", "projects/shop")
BOTH = ("activity", "data_access")
TO_BUCKET, TO_TABLES = "storage.googleapis.com/logs-b", "bigquery.googleapis.com/projects/bw-audit/datasets/logs"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def estate(home: Path, *sinks: dict[str, Any]) -> list[Told]:
    """An organization with a folder and a project, and its sinks, as an import stores and tells them."""
    folder = asset(f"{RM}folders/2", "cloudresourcemanager.googleapis.com/Folder", ["folders/2", ORG],
                   resource={"data": {"name": "folders/2", "parent": ORG}})  # fmt: skip
    written = [
        asset(f"//logging.googleapis.com/{ORG}/sinks/{number}", "logging.googleapis.com/LogSink", [ORG],
              resource={"data": {"name": str(number), "includeChildren": True, **one}})
        for number, one in enumerate(sinks)
    ]  # fmt: skip
    file = home.parent / "assets.json"
    file.write_text(json.dumps([organization(), folder, project(), *written]))
    assert run(["import", str(file), "--home", str(home)]) == 0
    place = Workspace(home)
    assert PROVIDER.observing is not None
    return [Told(NOW, scope_tables(place, place.store.estate(), "gcp", PROVIDER.observing.reads))]


def held(told: Sequence[Told], names: Sequence[str]) -> set[tuple[str, str, str]]:
    """Log, begin and end of what is held of every account of the tree."""
    found, _ = kept(told, [Folder(f"{name.rpartition('/')[0]}/") for name in names])
    by_account: dict[str, set[tuple[str, str, str]]] = {ORG: set(), "folders/2": set(), "shop": set()}
    for one in found:
        by_account[one.account].add((one.log.rpartition("%2F")[2], str(one.begin)[:10], str(one.end)[:10]))
    return set.intersection(*by_account.values())


def span(container: str, first: int, last: float, logs: Sequence[str] = BOTH) -> str:
    begin, end = (datetime(2026, 11, 1, tzinfo=UTC) + timedelta(one) for one in (first, last))
    return span_name(container, logs, begin, end)


def everywhere(*spans: tuple[Any, ...]) -> list[str]:
    return [span(one, *each) for one in CONTAINERS for each in spans]


def test_a_span_of_every_container_is_held(home: Path) -> None:
    told = estate(home)
    assert held(told, everywhere((0, 5))) == {(log, "2026-11-01", "2026-11-06") for log in BOTH}
    assert held(told, everywhere((0, 5, ["activity"]))) == {("activity", "2026-11-01", "2026-11-06")}
    assert held(told, everywhere((0, 5))[:2]) == set(), "one container lacks"
    assert held(told, [recent_name(one, NOW) for one in CONTAINERS]) == set()


def test_spans_that_follow_one_another_are_one_and_parts_of_days_are_none(home: Path) -> None:
    told = estate(home)
    found = held(told, everywhere((0, 2.5), (2.5, 3.25)))
    assert found == {(log, "2026-11-01", "2026-11-04") for log in BOTH}
    found = held(told, everywhere((0, 2.5), (2.75, 4)))
    assert found == {
        (log, *days) for log in BOTH for days in (("2026-11-01", "2026-11-03"), ("2026-11-04", "2026-11-05"))
    }


def test_a_bucket_and_what_cloud_logging_gave_add_up(home: Path) -> None:
    """The sink has the project's logs alone, the rest was listed."""
    told = estate(home, {"destination": TO_BUCKET, "filter": 'logName:"cloudaudit.googleapis.com"'})
    file = "gs://logs-b/cloudaudit.googleapis.com/activity/2026/11/03/10:00:00_10:59:59_S0.json"
    assert held(told, [file]) == {("activity", "2026-11-03", "2026-11-04")}
    assert held(told, [file, *everywhere((3, 5, ["activity"]))]) == {("activity", "2026-11-03", "2026-11-06")}


def test_days_of_a_dataset_are_held_as_those_of_a_bucket(home: Path) -> None:
    told = estate(home, {"destination": TO_TABLES, "filter": 'LOG_ID("cloudaudit.googleapis.com/activity")'})
    place = "bq://bw-audit.logs/cloudaudit.googleapis.com"
    assert held(told, [f"{place}/activity/2026/11/03/rows.jsonl"]) == {("activity", "2026-11-03", "2026-11-04")}
    assert held(told, [f"{place}/data_access/2026/11/03/rows.jsonl"]) == set()
    assert held(told, ["bq://bw-audit.logs/recent/activity-20261103/rows.jsonl"]) == set()
    assert held(told, ["bq://other.logs/cloudaudit.googleapis.com/activity/2026/11/03/rows.jsonl"]) == set()


@pytest.mark.parametrize(
    ("filter", "stays"),
    [
        ('logName:"cloudaudit.googleapis.com"', True), ('LOG_ID("cloudaudit.googleapis.com/activity")', True),
        ('log_id("a/b") OR log_id("cloudaudit.googleapis.com/data_access")', True), ("", True),
        ('NOT log_id("cloudaudit.googleapis.com/activity") AND NOT LOG_ID("x/y")', True),
        ('logName:"cloudaudit.googleapis.com" AND protoPayload.request.password="hunter2"', False),
        ("hunter2", False), ('textPayload:"hunter2"', False),
    ],
)  # fmt: skip
def test_filters_of_names_alone_are_stored_and_others_are_not(home: Path, filter: str, stays: bool) -> None:
    [told] = estate(home, {"destination": TO_BUCKET, "filter": filter})
    [details] = [
        dict(row["details"] or ()) for row in told.scopes[0].tables["resources"].to_pylist()
        if row["kind"] == "logging:logsink"
    ]  # fmt: skip
    assert details["destination"] == TO_BUCKET and (details.get("filter", "") == filter) is stays
    assert "hunter2" not in json.dumps(details)
    if not stays:
        assert taken(details["filter"]) == frozenset(), "what is not known covers nothing"
