from __future__ import annotations

import shutil
from datetime import UTC

import pytest
from sqlalchemy import text
from store_samples import NOW, OTHER, SCOPE, collected, commit, day, tables, unreadable

from leastwise.errors import HomeLockedError, IntegrityError, NotFoundError, StoreError
from leastwise.model.snapshot import SnapshotState
from leastwise.store import lock
from leastwise.store.database import connect
from leastwise.store.home import Home
from leastwise.store.settings import Settings
from leastwise.store.snapshots import SnapshotStore


def test_what_was_committed_is_read_back(store):
    taken = collected(documents=7)
    manifest = store.commit(taken, tables(), "0.1", NOW)
    assert store.get(manifest.id) == manifest
    opened = store.open(manifest)
    assert tuple(opened.raw_documents()) == taken.documents
    assert [d.name for d in opened.raw_documents({"kind1"})] == ["one.json#1", "one.json#4"]
    assert opened.table("memberships").equals(tables()["memberships"])
    assert opened.table("memberships", ["source", "member"]).column_names == ["source", "member"]
    assert opened.tables == ("coverage", "memberships")
    assert manifest.coverage == taken.coverage
    assert store.verify() == ()


def test_the_same_content_at_the_same_time_is_kept_once(store):
    first = commit(store)
    assert commit(store) == first
    assert commit(store, 0, "other") != first
    again = commit(store)
    assert again.id == f"{first.id}-2"
    assert commit(store) == again
    assert store.verify() == ()


def test_the_estate_is_the_newest_complete_snapshot_of_every_scope(store):
    a, b, other = commit(store, 0), commit(store, 2, "two"), commit(store, 1, scope=OTHER)
    assert store.estate().manifests == (other, b)
    assert store.estate(day(1)).manifests == (other, a)
    assert store.estate(day(1).replace(tzinfo=None)).time == day(1).astimezone(UTC)
    assert store.estate(day(0)).manifests == (a,)
    assert store.estate(day(-1)).entries == ()
    assert store.estate().oldest == other.time


def test_an_unreadable_scope_keeps_its_last_good_snapshot_marked_stale(store):
    good = commit(store)
    failed = store.commit(unreadable(day(1)), {}, "0.1", NOW)
    store.commit(unreadable(day(1), OTHER), {}, "0.1", NOW)
    never, entry = store.estate().entries
    assert (entry.manifest, entry.stale) == (good, True)
    assert entry.stale_reason == "iam ListUsers denied: AccessDenied"
    assert (never.manifest, never.scope, never.stale) == (None, OTHER, True)
    assert not store.estate(NOW).entries[0].stale
    newer = commit(store, 2)
    assert (store.estate().entries[1].manifest, store.estate().entries[1].stale) == (newer, False)
    with pytest.raises(StoreError, match="is unreadable: iam ListUsers denied"):
        store.open(failed)


def test_a_snapshot_is_found_by_a_unique_prefix_and_missed_with_a_hint(store):
    first, second = commit(store), commit(store, 1)
    assert store.get(first.id[:-3]) == first
    with pytest.raises(NotFoundError, match=f"not unique; one of: {first.id}, {second.id}"):
        store.get("aws-222")
    with pytest.raises(NotFoundError, match=f"not found; near: .*{first.id}"):
        store.get(first.id.replace("aws", "azs"))
    with pytest.raises(NotFoundError):
        store.get("")


def test_deleting_leaves_a_tombstone_and_takes_the_files(store):
    old, new = commit(store), commit(store, 1)
    tombstone = store.delete(new.id, "asked\nfor", NOW)
    assert (tombstone.state, tombstone.tombstone_of) == (SnapshotState.DELETED, new.id)
    assert (tombstone.sequence, tombstone.previous) == (3, new.hash)
    assert not [p for p in store.home.path.rglob("*") if new.id in p.name]
    assert store.list() == (old,)
    shown = store.list(SCOPE, include_deleted=True)[1]
    assert (shown.id, shown.state, shown.reason) == (new.id, SnapshotState.DELETED, "asked for")
    assert store.chain() == (old, new, tombstone)
    assert store.estate().manifests == (old,)
    assert store.verify() == ()
    with pytest.raises(StoreError, match="is deleted: asked for"):
        store.open(store.get(new.id))
    with pytest.raises(StoreError, match="deleted already"):
        store.delete(new.id, "", NOW)
    assert commit(store, 1).id == f"{new.id}-2"


@pytest.mark.parametrize(
    ("days", "last", "kept"),
    [
        (None, None, [0, 1, 2, 3]),
        (2, None, [2, 3]),
        (None, 2, [2, 3]),
        (None, 1, [3]),
        (1, 3, [3]),
        (100, 9, [0, 1, 2, 3]),
    ],
)
def test_retention_deletes_the_old_and_keeps_the_newest(store, engine, days, last, kept):
    manifests = [commit(store, n) for n in range(4)]
    lonely = commit(store, -50, scope=OTHER)
    settings = Settings(engine)
    settings.set("retention_days", days)
    settings.set("retention_last", last)
    gone = store.apply_retention(day(4))
    assert list(store.list(SCOPE)) == [manifests[n] for n in kept]
    assert len(gone) == 4 - len(kept)
    assert store.list(OTHER.key) == (lonely,)
    assert store.verify() == ()


@pytest.mark.parametrize("hold", [["*"], [SCOPE.key]])
def test_a_legal_hold_stops_every_deletion(store, engine, hold):
    first = commit(store)
    commit(store, 1)
    Settings(engine).set("legal_hold", hold)
    with pytest.raises(StoreError, match="aws:222222222222 is under legal hold"):
        store.delete(first.id, "", NOW)
    assert store.apply_retention(day(9), keep_last=1) == ()
    Settings(engine).set("legal_hold", [])
    assert len(store.apply_retention(day(9), keep_last=1)) == 1


CHANGES = {
    "provider": "'gcp'",
    "scope_kind": "'tenant'",
    "scope_id": "'222222222223'",
    "scope_key": "'aws:222222222223'",
    "sequence": "9",
    "time": "'2026-11-02T12:00:00.000001Z'",
    "committed": "'2026-11-01T12:00:00.00000Z'",
    "state": "'unreadable'",
    "files": "replace(files, '0', '1')",
    "schema_version": "schema_version + 1",
    "engine_version": "'0.2'",
    "coverage": "'[]'",
    "tombstone_of": "'x'",
    "reason": "'because'",
    "previous": "'" + "0" * 64 + "'",
    "hash": "'" + "0" * 64 + "'",
    "id": "id || 'x'",
}


@pytest.mark.parametrize("row", [1, 2, 3])
@pytest.mark.parametrize("column", CHANGES)
def test_verify_finds_a_change_to_any_field_of_any_row(store, engine, column, row):
    for number in range(3):
        commit(store, number)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE snapshots SET {column} = {CHANGES[column]} WHERE sequence = {row}"))
    assert store.verify()


@pytest.mark.parametrize("row", [1, 2, 3])
def test_verify_finds_a_missing_row_and_writers_stop(store, engine, row):
    for number in range(3):
        commit(store, number)
    with engine.begin() as connection:
        connection.execute(text(f"DELETE FROM snapshots WHERE sequence = {row}"))
    assert any("gap" in p.cause or "older than the home folder" in p.cause for p in store.verify())
    if row == 3:
        before = sorted(store.home.path.rglob("*"))
        with pytest.raises(IntegrityError, match="ends at row 2, but row 3 was written"):
            commit(store, 4)
        assert sorted(store.home.path.rglob("*")) == before
        store.accept_database()
        commit(store, 4)
        assert store.verify() == ()


def test_every_column_of_the_table_has_a_change_case(engine):
    from leastwise.store.schema import SNAPSHOTS

    assert set(CHANGES) == {column.name for column in SNAPSHOTS.columns}


def test_a_unit_is_one_transaction(store, engine):
    known = commit(store, 0, scope=OTHER)
    with pytest.raises(KeyError), store.together("test") as unit:
        for scope in (SCOPE, OTHER):
            unit.add(collected(day(1), "two", scope), tables("two"), "0.1", NOW)
        raise KeyError
    assert store.chain() == (known,)
    with store.together("test") as unit:
        for scope in (SCOPE, OTHER):
            unit.add(collected(day(1), "two", scope), tables("two"), "0.1", NOW)
    assert [one for one, _ in unit.finished] == list(store.estate().manifests)[::-1]
    assert store.verify() == ()


def test_another_home_on_the_same_database_is_refused_until_it_takes_it_over(store, engine, tmp_path):
    commit(store)
    other = SnapshotStore(Home(tmp_path / "other"), engine)
    for act in (lambda: commit(other, 1), lambda: other.delete(store.list()[0].id, "x", NOW)):
        with pytest.raises(StoreError, match="this database belongs to home"):
            act()
    assert store.verify() == ()
    assert str(store.home.path) in other.accept_database()
    with pytest.raises(StoreError, match="this database belongs to home"):
        commit(store, 2)


def test_a_writer_elsewhere_is_waited_for_and_then_refused(store, engine, url, tmp_path, monkeypatch):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite: the lock of its home is enough")
    monkeypatch.setattr(lock, "_TRIES", 1)
    commit(store)
    copied = tmp_path / "copied"  # the same id, as on a second machine that was cloned
    shutil.copytree(store.home.path, copied)
    second = SnapshotStore(Home(copied), connect(url))
    with store.writing("test"), pytest.raises(HomeLockedError, match="is being written") as caught:
        commit(second, 1)
    assert "\n" not in str(caught.value)
    commit(second, 1)
    assert second.verify() == ()


def test_a_lock_whose_connection_was_lost_is_given_back(store, engine, monkeypatch):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite: the kernel gives the lock back")
    with store.writing("test"), engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 4953180 "
                 "AND objid::int8 = (hashtext(current_schema())::int8 & 4294967295)")
        )  # fmt: skip
    commit(store)
    assert store.verify() == ()


def test_what_lies_later_is_counted(store):
    commit(store)
    commit(store, 1)
    commit(store, 2, scope=OTHER)
    assert [store.estate(at).later for at in (day(-1), day(0), day(2), None)] == [3, 2, 0, 0]
    assert store.estate(day(-1)).entries == ()


def test_what_retention_would_delete_is_said_before(store):
    manifests = [commit(store, n) for n in range(3)]
    assert store.outlived(day(3), keep_last=1) == tuple(manifests[:2])
    assert store.list() == tuple(manifests)
