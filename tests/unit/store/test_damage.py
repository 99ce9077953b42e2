from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import NOW, OTHER, SCOPE, collected, commit, day, open_store, tables

from fakes.nursery import nursery
from leastwise.errors import IntegrityError, StoreError
from leastwise.model.finding import Mute
from leastwise.model.scope import Collected, RawDocument
from leastwise.store.database import connect, database_url
from leastwise.store.mutes import Mutes
from leastwise.store.raw import digests, read_segments, write_segments
from leastwise.store.schema import METADATA
from leastwise.store.settings import Settings


def stored_files(store):
    return sorted(p for top in (store.home.raw, store.home.snapshots) for p in top.rglob("*") if p.is_file())


def test_one_flipped_byte_in_any_file_is_found(store):
    commit(store)
    commit(store, 1, scope=OTHER)
    chosen = random.Random(7)
    files = stored_files(store)
    assert {p.suffix for p in files} == {".seg", ".jsonl", ".parquet", ".json"}
    for path in files:
        good = path.read_bytes()
        places = {0, len(good) // 2, len(good) - 1, *(chosen.randrange(len(good)) for _ in range(12))}
        for place in places:
            bad = bytearray(good)
            bad[place] ^= 1 << chosen.randrange(8)
            path.write_bytes(bad)
            problems = store.verify()
            assert [p.file for p in problems] == [store.home.relative(path)], (path, place)
        path.write_bytes(good)
    assert store.verify() == ()


@pytest.mark.parametrize("damage", ["missing", "shorter", "longer", "foreign"])
def test_missing_cut_grown_and_foreign_files_are_found(store, damage):
    manifest = commit(store)
    for path in stored_files(store):
        good, changed = path.read_bytes(), path
        if damage == "missing":
            path.unlink()
        elif damage == "foreign":
            changed = path.with_name("foreign")
            changed.touch()
        else:
            path.write_bytes(good[:-1] if damage == "shorter" else good + b"\n")
        assert [p.file for p in store.verify()] == [store.home.relative(changed)]
        changed.unlink(missing_ok=True)
        path.write_bytes(good)
    assert store.verify([manifest.id]) == ()


def test_a_damaged_file_is_named_when_it_is_read(store):
    manifest = commit(store)
    opened = store.open(manifest)
    for path in stored_files(store):
        if path.name == "heads.json":
            continue
        name, good = store.home.relative(path), path.read_bytes()
        for bad in (None, good[:-3], good[: len(good) // 2] + b"\0\0\0" + good[len(good) // 2 + 3 :]):
            path.unlink(missing_ok=True)
            if bad is not None:
                path.write_bytes(bad)
            try:
                _ = opened.table(path.stem) if path.suffix == ".parquet" else list(opened.raw_documents())
            except IntegrityError as error:
                assert "\n" not in str(error) and name in str(error)
            else:
                assert bad is not None and len(bad) == len(good) and path.suffix == ".parquet"
        path.write_bytes(good)
    with pytest.raises(StoreError, match="no table principals"):
        opened.table("principals")
    with pytest.raises(StoreError, match="no column nope"):
        opened.table("memberships", ["nope"])


def test_a_missing_anchor_stops_writers_before_they_remove_anything(store):
    commit(store)
    (store.home.snapshots / "heads.json").unlink()
    assert [p.cause for p in store.verify()] == ["missing"]
    with pytest.raises(IntegrityError, match="missing beside existing snapshots"):
        commit(store, 1)


def test_another_database_never_costs_the_files(store, tmp_path):
    commit(store)
    before = stored_files(store)
    wrong = open_store(store.home.path, f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(IntegrityError, match="older than the home folder"):
        commit(wrong, 1)
    assert stored_files(store) == before
    assert wrong.verify() and store.verify() == ()


def test_an_undeclared_or_changed_table_is_refused(store):
    for wrong in ({"nope": tables()["coverage"]}, {"principals": tables()["coverage"]}):
        with pytest.raises(ValueError, match="declared"):
            store.commit(collected(), wrong, "0.1", NOW)
    assert store.list() == ()


@pytest.mark.parametrize("deletes", [False, True])
def test_a_writer_killed_at_any_moment_leaves_only_whole_snapshots(tmp_path, deletes):
    home, chosen = tmp_path / "home", random.Random(deletes)
    store = open_store(home)
    told: list[str] = []
    arguments = [str(home), "500", *(["delete"] if deletes else [])]
    interrupted = rounds = 0
    with nursery(tmp_path / "nursery", "store_samples", path=[Path(__file__).parent]) as writers:
        while rounds < 8 or (not interrupted and rounds < 40):
            rounds += 1
            writer = writers.begin("import commit_loop", *arguments)
            told.append(writer.stdout.readline())
            time.sleep(chosen.random() * 0.15)
            writer.kill()
            told += writer.stdout.read().splitlines(keepends=True)
            writer.wait()
            whole = store.list()
            for manifest in (*whole[:2], *whole[-3:]):
                assert len(list(store.open(manifest).raw_documents())) == 3
                assert store.open(manifest).table("memberships").num_rows == 5
            interrupted += bool(list(store.home.tmp.iterdir()) or store.verify())
            with store.writing("repair"):
                pass
            assert list(store.home.tmp.iterdir()) == []
            assert store.verify() == ()
    lines = [line.strip() for line in told if line.endswith("\n")]
    gone = {line.split()[1] for line in lines if line.startswith("deleted")}
    known = {m.id for m in store.list(include_deleted=True)}
    assert {line for line in lines if not line.startswith("deleted")} <= known
    assert gone.isdisjoint(m.id for m in store.list())
    assert interrupted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["iam", "s3", "a/b", "..", ""]), st.text(max_size=6), st.binary(max_size=40), st.booleans()
        ),
        max_size=12,
    )
)
def test_any_documents_are_read_back_in_order(tmp_path_factory, items):
    folder = tmp_path_factory.mktemp("raw")
    documents = tuple(
        RawDocument(
            OTHER if service == "s3" else SCOPE, service, kind, f"{kind}\udc80", body * (40_000 if big else 1), kind,
            [None, NOW, day(-1)][number % 3],
        )
        for number, (service, kind, body, big) in enumerate(items)
    )  # fmt: skip
    written = write_segments(folder, documents, digests(documents), SCOPE, NOW)
    assert tuple(read_segments(folder, SCOPE, NOW)) == documents
    assert {p.name: p.stat().st_size for p in folder.iterdir()} == {name: size for name, _, size in written.values()}


@pytest.mark.parametrize("identifier", ["../../etc", "a/b", ".hidden", "x" * 230, "Ünïcode", "con:1"])
def test_any_scope_id_gives_a_safe_folder(store, identifier):
    scope = replace(SCOPE, id=identifier)
    manifest = store.commit(Collected(scope, NOW, collected().documents), tables(), "0.1", NOW)
    assert store.open(manifest).table("memberships").num_rows == 5
    assert [d.scope for d in store.open(manifest).raw_documents()] == [SCOPE] * 3
    assert store.verify() == ()
    store.delete(manifest.id, "", NOW)
    assert [p.name for p in stored_files(store)] == ["heads.json"]


@pytest.mark.parametrize("place", ["file", "folder", "anchor"])
def test_a_link_in_place_of_a_stored_file_is_found(store, tmp_path, place):
    manifest = commit(store)
    file = store.home.path / next(iter(manifest.files.values())).path
    path = {"file": file, "folder": file.parent, "anchor": store.home.snapshots / "heads.json"}[place]
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert store.home.relative(path) in {p.file for p in store.verify()}


@pytest.mark.parametrize("stray", ["lake/x.parquet", "lake/a/", "snapshots/x/", "raw/aws/", "raw/aws/1/x/", "raw/x"])
def test_strangers_are_found_where_only_snapshots_and_usage_lie(store, stray):
    commit(store, 0, scope=OTHER)
    path = store.home.path / stray
    if stray.endswith("/"):
        store.delete(store.list()[0].id, "test", NOW)
        path.mkdir(parents=True)
    else:
        path.touch()
    assert [p.file for p in store.verify()] == [stray]
    with store.writing("recovery"):
        pass
    left = store.verify()
    assert left == () if stray.startswith(("raw/aws", "snapshots")) else [p.file for p in left] == [stray]


def test_journals_of_a_collection_are_no_problem(store):
    commit(store)
    store.home.collecting.mkdir()
    (store.home.collecting / "aws-1.journal").touch()
    assert store.verify() == ()


def test_a_flipped_byte_in_the_database_that_changes_what_it_says_is_found(store):
    engine = connect(database_url(store.home, {}))
    Mutes(engine).add(Mute("a" * 16, "known", "ann", NOW, None))
    Settings(engine).set("retention_days", 30)
    store.redaction_key()
    commit(store)
    commit(store, 1, scope=OTHER)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store._ledger.engine.dispose()
    engine.dispose()
    path, chosen = store.home.database, random.Random(5)
    good, said = path.read_bytes(), _said(path)
    used = [n for n in range(len(good)) if good[n]]
    found = 0
    for place in chosen.sample(used, 400):
        bad = bytearray(good)
        bad[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(bad)
        if _said(path) != said:
            found += 1
            try:
                assert open_store(store.home.path).verify() != (), place
            except StoreError as error:
                assert "\n" not in str(error)
        for name in ("state.db-wal", "state.db-shm"):
            (store.home.path / name).unlink(missing_ok=True)
    path.write_bytes(good)
    assert found > 100
    assert store.verify() == ()


def _said(path: Path) -> object:
    """Every row of every table; None when it cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
            return [
                sorted(map(repr, connection.execute(f"SELECT * FROM {table.name} NOT INDEXED")))
                for table in METADATA.sorted_tables
            ]
    except (sqlite3.Error, UnicodeDecodeError):
        return None
