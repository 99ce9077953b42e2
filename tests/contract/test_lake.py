"""The usage lake's manifest and ingest, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leastwise.engine.columns import empty, table
from leastwise.errors import HomeLockedError, IntegrityError, StoreError
from leastwise.model.tables.usage import CHANGES, EVENTS, LATER, SESSIONS
from leastwise.store.lake.ingest import Drawn
from leastwise.store.lake.lake import Lake
from leastwise.store.lake.manifest import Source
from leastwise.store.lock import database_lock
from leastwise.store.schema import LAKE_PARTS

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
BLANK: dict[str, Any] = {
    "provider": "aws", "account": "1", "owner": "1", "region": "r", "principal": "ada", "kind": "user",
    "temporary": False, "mfa": None, "source": "s3", "name": "Get", "what": "call", "permission": "s3:Get",
    "outcome": "allowed", "ip": "192.0.2.1", "agent": "x/1", "read_only": None, "data": False, "log": "l",
}  # fmt: skip


def events(*ids: str, time: datetime = NOON, **fields: Any) -> pa.Table:
    rows = [dict.fromkeys(EVENTS.names(), "") | BLANK | fields | {"id": id, "time": time} for id in ids]
    return table(EVENTS, {name: [row[name] for row in rows] for name in EVENTS.names()})


def drawn(*ids: str, **fields: Any) -> Drawn:
    return Drawn(events(*ids, **fields), empty(CHANGES), empty(SESSIONS))


def source(name: str, content: str = "c", **told: Any) -> Source:
    return Source("aws", name, 5, content, NOON, **told)


@pytest.fixture
def lake(store, engine):
    return Lake(store.home, engine)


def test_an_event_counts_once_over_batches_and_runs(store, lake):
    with store.writing("events"):
        run = lake.ingest("aws")
        assert run.add(drawn("a", "b", "a"), [source("one")]).new == 2
        assert run.add(drawn("b", "c"), [source("two")]).duplicates == 1
        run.settle()
    with store.writing("events"):
        assert lake.ingest("aws").add(drawn("c", "d"), []).new == 1
    (row,) = lake.usage().to_pylist()
    assert (row["count"], row["first"], row["permission"]) == (4, NOON, "s3:Get")
    assert sorted(lake.events()["id"].to_pylist()) == ["a", "b", "c", "d"]


def test_sources_are_known_by_name_and_content(store, lake):
    done, failed = source("one"), source("two", state="failed", detail=(("line 3", "é\0"),))
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), [done, failed, source("three", state="partly", bad=2)])
    assert lake.manifest.taken([done.key, failed.key, source("one", "other").key]) == {done.key}
    assert lake.manifest.taken([]) == set()
    assert [one.name for one in lake.sources()] == ["one", "three", "two"]
    assert [one.detail for one in lake.sources(bad=True)] == [(), (("line 3", "é\0"),)]
    with store.writing("events"):
        lake.ingest("aws").add(drawn("b"), [source("two", "mended"), source("three", "mended")])
    assert lake.sources(bad=True) == []
    assert len(lake.sources()) == 3


def test_a_thousand_sources_are_one_transaction(store, lake):
    many = [source(str(number)) for number in range(1_000)]
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), many)
    assert lake.manifest.taken(one.key for one in many) == {one.key for one in many}


def test_a_database_that_refuses_leaves_no_file(store, lake, monkeypatch):
    def refuse(*_: object) -> None:
        raise StoreError("no")

    monkeypatch.setattr(lake.manifest, "commit", refuse)
    with store.writing("events"), pytest.raises(StoreError):
        lake.ingest("aws").add(drawn("a"), [])
    assert [one for one in store.home.lake.rglob("*") if one.is_file()] == []
    assert lake.usage().num_rows == 0


def test_what_is_not_listed_is_removed_by_the_next_writer(store, lake):
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), [])
    left = store.home.lake / "aws" / "2026-01" / "unlisted"
    left.mkdir()
    (left / "events.parquet").write_bytes(b"x")
    assert lake.events().num_rows == 1
    with store.writing("events"):
        lake.ingest("aws")
    assert not left.exists()
    assert lake.events().num_rows == 1


@pytest.mark.parametrize("damage", ["missing", "longer", "bytes"])
def test_a_damaged_part_is_said(store, lake, damage):
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), [])
    (part,) = lake.manifest.parts()
    path = store.home.path / part.files["usage"].path
    raw = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(raw + b"x" if damage == "longer" else b"\0" * len(raw))
    with pytest.raises(IntegrityError, match=r"usage\.parquet"):
        lake.usage()


def test_a_reader_sees_parts_that_were_replaced_meanwhile(store, lake, monkeypatch):
    with store.writing("events"):
        run = lake.ingest("aws")
        for number in range(8):
            run.add(drawn(str(number)), [])
    stale, real = lake.manifest.parts(), lake.manifest.parts
    with store.writing("events"):
        lake.ingest("aws").settle()
    assert len(real()) == 1
    answers = [stale, stale]
    monkeypatch.setattr(lake.manifest, "parts", lambda *_: answers.pop(0) if answers else real())
    assert lake.usage().to_pylist()[0]["count"] == 8


def begun(key: str, event: str, time: datetime, by: str) -> pa.Table:
    """The session that a call began."""
    row = dict.fromkeys(SESSIONS.names(), "") | {"provider": "aws", "key": key, "time": time, "by": by, "event": event}
    return table(SESSIONS, {name: [row[name]] for name in SESSIONS.names()})


def test_what_began_in_the_month_before_is_joined_with_a_month_that_was_taken_in_earlier(store, lake):
    """Files come in any order: the later month's part is written anew while its own sessions are still to be joined."""
    later = NOON + timedelta(days=1)
    with store.writing("events"):
        run = lake.ingest("aws")
        use = events("use", time=later, principal="role", credential="ASIA1")
        run.add(Drawn(use, empty(CHANGES), begun("ASIA2", "use", later, "role")), [])
        run.add(Drawn(events("issue"), empty(CHANGES), begun("ASIA1", "issue", NOON, "ada")), [])
        run.settle()
    told = {one["id"]: one["origin"] for one in lake.events().to_pylist()}
    assert told == {"issue": "", "use": "ada"}
    assert all(part.settled for part in lake.manifest.parts("aws"))


def test_a_row_of_a_newer_leastwise_is_refused(store, lake, engine):
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), [])
    with engine.begin() as connection:
        connection.execute(LAKE_PARTS.update().values(schema_version=99))
    with pytest.raises(IntegrityError, match="newer Leastwise"):
        lake.usage()


def test_parts_from_before_a_column_came_are_read_without_it(store, lake, engine):
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), [])
    (part,) = lake.manifest.parts("aws")
    files = {}
    for name, stored in part.files.items():
        path = store.home.path / stored.path
        if name in LATER:
            older = pq.read_table(path).drop_columns(list(LATER[name]))
            pq.write_table(older, path, write_page_checksum=True)
        files[name] = asdict(stored) | {"size": path.stat().st_size}
    with engine.begin() as connection:
        connection.execute(LAKE_PARTS.update().values(schema_version=1, files=json.dumps(files)))
    with store.writing("events"):
        run = lake.ingest("aws")
        run.add(drawn("b", grant_id="g1"), [])
        run.add(drawn(*map(str, range(7))), [])
        run.settle()
    grants = {row["id"]: row["grant_id"] for row in lake.events().to_pylist()}
    assert (grants["a"], grants["b"]) == ("", "g1")
    assert lake.events(columns=("grant_id", "id")).column_names == ["grant_id", "id"]
    told = {row["grant_id"]: row["count"] for row in lake.usage(begin=0).to_pylist()}
    assert told == {"": 8, "g1": 1}


def test_another_writer_is_turned_away(store, lake, engine):
    with store.writing("events"), pytest.raises(HomeLockedError):
        other = type(store)(store.home, engine)
        with other.writing("events"):
            pass
    if engine.dialect.name == "postgresql":
        with database_lock(engine), pytest.raises(HomeLockedError), store.writing("events"):
            pass


def test_filters_choose_by_account_principal_provider_and_day(store, lake):
    day = NOON.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    with store.writing("events"):
        run = lake.ingest("aws")
        run.add(drawn("a"), [])
        run.add(drawn("b", principal="bo", owner="2"), [])
        run.add(drawn("c", time=NOON.replace(month=3, day=1)), [])
    assert lake.usage(accounts=["2"])["principal"].to_pylist() == ["bo"]
    assert lake.usage(principals=["ada"]).num_rows == 2
    assert lake.usage(begin=day + 1).num_rows == 1
    assert lake.usage(begin=day, end=day).num_rows == 2
    assert lake.usage(provider="azure").num_rows == 0
    assert lake.sightings(principals=["bo"])["count"].to_pylist() == [1]
    assert lake.events(begin=NOON.replace(month=2, day=1)).num_rows == 1
    assert lake.events(end=NOON, columns=["id"]).num_rows == 2


def test_folders_are_told_with_whether_all_of_them_was_read(store, lake):
    found = [
        source("/logs/a/one.json.gz"), source("/logs/a/two.json.gz"), source("/logs/b/1.gz", state="partly"),
        source("/logs/b/2.gz"), source("/logs/c/x.gz", state="failed"), source("/logs/d/digest.gz", state="skipped"),
        source("s3://bucket/p/2026/é/1.gz"), source("plain.json"),
    ]  # fmt: skip
    with store.writing("events"):
        lake.ingest("aws").add(drawn("a"), found)
    assert lake.folders("aws") == {
        "": True, "/logs/a/": True, "/logs/b/": False, "/logs/c/": False, "s3://bucket/p/2026/é/": True,
    }  # fmt: skip
    assert lake.folders("gcp") == {}
