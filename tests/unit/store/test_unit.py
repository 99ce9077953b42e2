"""Several scopes become visible together, or none of them does."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import event
from store_samples import NOW, SCOPES, collected, commit, day, open_store, tables, unreadable

from fakes.nursery import nursery
from leastwise.errors import StorageFullError, StoreError
from leastwise.store import anchor


def add_all(unit, number: int = 0, scopes=SCOPES, documents: int = 3) -> None:
    for scope in scopes:
        taken = collected(day(number), f"t{number}", scope, documents)
        unit.add(taken, tables(f"t{number}"), "0.1", NOW)


def files_of(store) -> set[str]:
    return {store.home.relative(p) for top in (store.home.raw, store.home.snapshots) for p in top.rglob("*")}


def test_nothing_is_visible_before_the_unit_ends(store):
    with store.together("test") as unit:
        add_all(unit)
        assert store.list() == ()
        assert store.estate().entries == ()
        assert store.verify() == ()
    assert [one.scope for one in store.estate().manifests] == list(SCOPES)
    assert [(one.scope, new) for one, new in unit.finished] == [(scope, True) for scope in SCOPES]
    assert store.verify() == ()


def test_what_was_stored_before_and_what_is_unreadable_belongs_to_a_unit_too(store):
    known = commit(store, 0, "t0", SCOPES[2])
    with store.together("test") as unit:
        unit.add(unreadable(day(0), SCOPES[3]), {}, "0.1", NOW)
        add_all(unit, scopes=SCOPES[1:3])
    assert [(one.scope, new) for one, new in unit.finished] == [
        (SCOPES[3], True), (SCOPES[1], True), (SCOPES[2], False)
    ]  # fmt: skip
    assert unit.finished[2][0] == known
    assert store.verify() == ()


def test_raw_documents_first_and_tables_later_are_the_same_snapshot(store, tmp_path):
    taken = collected(day(0), "t0", SCOPES[0], 3)
    other = open_store(tmp_path / "other")
    with store.together("test") as unit:
        assert unit.begin(taken, "0.1", NOW)
        unit.complete(tables("t0"))
    with other.together("test") as whole:
        whole.add(taken, tables("t0"), "0.1", NOW)
    assert unit.finished == whole.finished
    assert store.verify() == ()
    with store.together("test") as again:
        assert not again.begin(taken, "0.1", NOW)
        assert not again.begin(unreadable(day(0), SCOPES[3]), "0.1", NOW)
    assert [new for _, new in again.finished] == [False, True]


def test_what_was_begun_has_to_be_completed(store):
    taken = collected(day(0), "t0", SCOPES[0], 3)
    with pytest.raises(ValueError, match="begun without its tables"), store.together("test") as unit:
        unit.begin(taken, "0.1", NOW)
    with pytest.raises(ValueError, match="begun without its tables"), store.together("test") as unit:
        unit.begin(taken, "0.1", NOW)
        unit.begin(collected(day(0), "t0", SCOPES[1], 3), "0.1", NOW)
    with pytest.raises(ValueError, match="no snapshot was begun"), store.together("test") as unit:
        unit.complete(tables("t0"))
    assert store.list() == ()
    assert files_of(store) <= {"snapshots/heads.json"}
    assert not list(store.home.tmp.iterdir())


def test_a_failing_block_leaves_nothing(store):
    good = commit(store, 0, scope=SCOPES[0])
    before = files_of(store)
    with pytest.raises(KeyError), store.together("test") as unit:
        add_all(unit, 1)
        raise KeyError("x")
    with pytest.raises(ValueError, match="aws:111111111111: added twice"), store.together("test") as unit:
        add_all(unit, 1, (*SCOPES, SCOPES[0]))
    assert store.list() == (good,)
    assert files_of(store) == before
    assert store.verify() == ()


def test_a_database_that_refuses_one_row_keeps_none(store):
    """The rows go in one transaction: what refuses the third undoes the first two."""

    def refuse(connection, cursor, statement, parameters, context, many):
        if statement.startswith("INSERT INTO snapshots"):
            cursor.execute(
                "CREATE TEMP TRIGGER IF NOT EXISTS no BEFORE INSERT ON snapshots WHEN NEW.scope_id LIKE '333%' "
                "BEGIN SELECT RAISE(FAIL, 'refused'); END"
            )

    event.listen(store._ledger.engine, "before_cursor_execute", refuse)
    with pytest.raises(StoreError), store.together("test") as unit:
        add_all(unit)
    assert store.list() == ()
    assert files_of(store) <= {"snapshots/heads.json"}


@pytest.mark.parametrize("lost", [1, 2, 4])
def test_an_anchor_that_lags_by_one_row_in_several_scopes_is_repaired(store, lost):
    with store.together("test") as unit:
        add_all(unit)
    heads = anchor.read(store.home)
    with store.together("test") as unit:
        add_all(unit, 1)
    newest = anchor.read(store.home)
    store.home.tmp.mkdir(exist_ok=True)
    anchor.write(store.home, {**newest, **{scope.key: heads[scope.key] for scope in SCOPES[:lost]}})
    assert store.verify() == ()
    with store.writing("repair"):
        pass
    assert anchor.read(store.home) == newest


def test_a_writer_killed_at_any_moment_leaves_whole_units_only(tmp_path):
    home, chosen = tmp_path / "home", random.Random(3)
    store, told = open_store(home), []
    interrupted = rounds = 0
    with nursery(tmp_path / "nursery", "store_samples", path=[Path(__file__).parent]) as writers:
        while rounds < 10 or (not interrupted and rounds < 40):
            rounds += 1
            writer = writers.begin("import unit_loop", str(home))
            told.append(writer.stdout.readline())
            time.sleep(chosen.random() * 0.15)
            writer.kill()
            told += writer.stdout.read().splitlines(keepends=True)
            writer.wait()
            times = {one.time for one in store.estate().manifests}
            assert len(times) == 1
            assert len(store.list()) % len(SCOPES) == 0
            interrupted += bool(list(store.home.tmp.iterdir()) or store.verify())
            with store.writing("repair"):
                pass
            assert store.verify() == ()
            listed = {"heads.json", *(m.id for m in store.list())}
            assert {path.name for path in store.home.snapshots.iterdir()} == listed
    assert interrupted
    done = [int(line) for line in told if line.endswith("\n")]
    assert len(store.list()) >= len(SCOPES) * (max(done) + 1)


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs is not allowed here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_disk_that_fills_up_in_the_middle_keeps_none_of_the_scopes(small_disk):
    store = open_store(small_disk / "home")
    with store.together("test") as unit:
        add_all(unit)
    good, filler, failures = store.list(), small_disk / "filler", 0
    free = os.statvfs(small_disk)
    room = free.f_bavail * free.f_frsize
    for left in range(0, 600_000, 16384):
        filler.write_bytes(b"x" * (room - left) if room > left else b"")
        try:
            with store.together("test") as unit:
                add_all(unit, 1, documents=100)
        except StorageFullError:
            failures += 1
            assert store.list() == good
        else:
            break
        finally:
            filler.unlink()
        assert list(store.home.tmp.iterdir()) == []
        assert store.verify() == ()
    assert failures > 5
    assert len(store.list()) == 2 * len(SCOPES)
    assert store.verify() == ()
