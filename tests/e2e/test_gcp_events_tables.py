"""Tables of a BigQuery sink (our own fake): days of partitions and tables of a day, rows as the entries they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakes.google.logs import SCHEMA, LogWorld, Table, cells, entry
from fakes.google.reading import fake_of, ids, taken, unhurried
from fakes.google.server import QUOTA, FakeGoogle, on
from leastwise.app.events import take_in
from leastwise.app.wiring import Workspace
from leastwise.engine.columns import plain
from leastwise.errors import InputError, UsageError
from leastwise.providers.gcp.events.reading import read
from leastwise.providers.gcp.events.rows import COLUMNS, columns, entries
from leastwise.providers.gcp.log_names import dataset_of

NOW = datetime.now(UTC)
DATASET = "bw-audit.logs"
ACTIVITY, DATA = "cloudaudit_googleapis_com_activity", "cloudaudit_googleapis_com_data_access"
# Nothing on the day before, which is whole only from six in the morning.
WRITTEN = ((1, 6), (2, 2), (4, 4))
CASES = Path(__file__).parents[1] / "cases/gcp_events/entries.jsonl"


def at(days: int) -> str:
    """At nine in the morning so many days ago."""
    return f"{NOW - timedelta(days):%Y-%m-%d}T09:00:00.123456Z"


def day(days: int) -> date:
    return (NOW - timedelta(days)).date()


@pytest.fixture
def world() -> LogWorld:
    found = LogWorld()
    found.tables[DATASET] = {
        ACTIVITY: Table([entry(one, at(days)) for one, days in WRITTEN], True, created=f"{day(10)}T00:00:00Z"),
        f"{DATA}_{day(3):%Y%m%d}": Table([entry(13, at(3), log="data_access")]),
        f"{DATA}_{day(5):%Y%m%d}": Table([entry(15, at(5), log="data_access")]),
        "syslog": Table([], True),
        f"{DATA}_recent": Table([]),
    }
    return found


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    unhurried(monkeypatch, tmp_path)
    with fake_of(world) as found:
        yield found


def rows(fake: FakeGoogle) -> list[str]:
    return [str(one.parameters["tableId"]) for one in fake.log if one.method == "bigquery.tabledata.list"]


def test_days_are_read_once_and_what_changed_again(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.page = 2
    first = taken(tmp_path / "home", fake, url=f"bq://{DATASET}")
    assert first.taken.new == 5 and first.taken.failed == 0
    assert ids(tmp_path / "home") == ["e1", "e13", "e15", "e2", "e4"]
    assert not any(one.method.startswith("bigquery.jobs") for one in fake.log), "nothing is queried"
    seen = len(rows(fake))
    table = world.tables[DATASET][f"{DATA}_{day(5):%Y%m%d}"]
    table.entries.append(entry(16, at(5), log="data_access"))
    table.modified += 1
    second = taken(tmp_path / "home", fake, url=f"bq://{DATASET}")
    assert (second.taken.new, second.taken.duplicates) == (1, 1)
    again = {one for one in rows(fake)[seen:] if one.partition("$")[2] not in (f"{day(0):%Y%m%d}", f"{day(1):%Y%m%d}")}
    assert again == {f"{DATA}_{day(5):%Y%m%d}"}, "complete days are not asked for again"


def test_what_is_held_is_named_by_log_and_day(fake: FakeGoogle, tmp_path: Path) -> None:
    taken(tmp_path / "home", fake, url=f"bq://{DATASET}")
    held = set(Workspace(tmp_path / "home").lake.folders("gcp"))
    place = f"bq://{DATASET}/cloudaudit.googleapis.com"
    assert {f"{place}/activity/{day(one):%Y/%m/%d}/" for one in range(2, 11)} <= held, "quiet days are held, too"
    assert f"{place}/data_access/{day(3):%Y/%m/%d}/" in held and f"{place}/data_access/{day(4):%Y/%m/%d}/" not in held
    assert f"{place}/activity/{day(0):%Y/%m/%d}/" not in held


def test_only_wanted_days(fake: FakeGoogle, tmp_path: Path) -> None:
    found = taken(tmp_path / "home", fake, url=f"bq://{DATASET}", begin=day(4), end=day(3))
    assert found.taken.new == 2 and set(rows(fake)) == {
        f"{ACTIVITY}${day(4):%Y%m%d}", f"{ACTIVITY}${day(3):%Y%m%d}", f"{DATA}_{day(3):%Y%m%d}",
    }  # fmt: skip


def test_a_table_without_days_is_read_whole_and_a_view_is_not(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    world.tables[DATASET] = {ACTIVITY: Table([entry(1, at(1))]), DATA: Table([], type="VIEW"),
                             "cloudaudit_googleapis_com_policy": Table([], fields=[])}  # fmt: skip
    found = taken(tmp_path / "home", fake, url=f"bq://{DATASET}")
    assert found.taken.new == 1
    said = {one.partition(" ")[0]: one for one in found.notes}
    assert "read whole" in said[ACTIVITY] and "a view" in said[DATA]
    assert "no columns of log entries" in said["cloudaudit_googleapis_com_policy"]


@pytest.mark.parametrize(
    ("url", "said"),
    [("bq://bw-audit.other", "there is no such dataset"), ("bq://bw-audit.shut", "bigquery.tables.list"),
     ("bq://bw-audit.none", "no table of audit logs")],
)  # fmt: skip
def test_what_cannot_be_listed(fake: FakeGoogle, world: LogWorld, tmp_path: Path, url: str, said: str) -> None:
    world.tables["bw-audit.shut"] = world.tables["bw-audit.none"] = {}
    world.denied.add("bw-audit.shut")
    with pytest.raises(InputError, match=said):
        taken(tmp_path / "home", fake, url=url)


def test_the_quota_is_waited_for_and_what_cannot_be_understood_is_set_aside(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    fake.faults = [on(QUOTA, "bigquery.tabledata", first=3)]
    table = world.tables[DATASET][f"{DATA}_{day(3):%Y%m%d}"]
    table.entries[0] = {**table.entries[0], "protoPayload": {"status": {"code": "many"}}}
    found = taken(tmp_path / "home", fake, url=f"bq://{DATASET}")
    assert found.taken.new == 4 and "cannot be understood" in found.taken.set_aside[0][2]


@pytest.mark.parametrize("url", ["bq://", "bq://logs", "bq://bw-audit.l.o", "bq://bw-audit/logs/x"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match=r"is no bq://PROJECT\.DATASET"):
        dataset_of(url)


def test_a_row_tells_what_its_entry_told(tmp_path: Path) -> None:
    """What the schema holds of each case is told alike by its row, and by the row of an exported table."""
    fields = columns({"fields": SCHEMA})
    assert [one["name"] for one in fields if one["name"] in COLUMNS] == [one["name"] for one in fields]
    seen = 0
    for line in CASES.read_text().splitlines():
        told = json.loads(line)["entry"]
        if "protoPayload" not in told:
            continue
        [row] = entries({"rows": [cells(told, fields)]}, fields)
        exported = json.dumps({**row, "timestamp": row["timestamp"].replace("T", " ").replace("Z", " UTC")})
        ours, theirs, saved = (read(one.encode()).records for one in (json.dumps(told), json.dumps(row), exported))
        for one, other, third in zip(ours, theirs, saved, strict=True):
            assert (one.id, one.time, one.log, one.service, one.method, one.resource, one.project) == (
                other.id, other.time, other.log, other.service, other.method, other.resource, other.project,
            )  # fmt: skip
            assert other == third
            # What is false stands in a row, and is left out of an entry.
            left = [
                {key: part for key, part in info.items() if key != "granted" or part} for info in other.authorization
            ]
            assert [info.get("permission") for info in left] == [info.get("permission") for info in one.authorization]
            assert other.request == one.request and other.metadata == one.metadata
            seen += 1
    assert seen > 40


def test_a_dataset_that_was_exported_gives_the_same_events(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    taken(tmp_path / "home", fake, url=f"bq://{DATASET}")
    fields = columns({"fields": SCHEMA})
    rows = [
        row
        for table in world.tables[DATASET].values()
        for row in entries({"rows": [cells(one, fields) for one in table.entries]}, fields)
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in rows))
    there = take_in(Workspace(tmp_path / "home"), [file], "gcp")
    assert (there.new, there.duplicates) == (0, 5)
    take_in(Workspace(tmp_path / "other"), [file], "gcp")
    first, second = (
        plain(Workspace(tmp_path / one).lake.events()).sort_by("id").drop_columns(["id"]) for one in ("home", "other")
    )
    assert first.equals(second)


def test_cells_that_are_none_of_their_type() -> None:
    fields: list[dict[str, Any]] = [{"name": "timestamp", "type": "TIMESTAMP"}, {"name": "logName", "type": "STRING"}]
    with pytest.raises(ValueError, match="other cells"):
        list(entries({"rows": [{"f": [{"v": "1"}]}]}, fields))
    [row] = entries({"rows": [{"f": [{"v": "1.7E9"}, {"v": None}]}]}, fields)
    assert row == {"timestamp": "2023-11-14T22:13:20.000000Z"}
