"""The redaction key, the owner of a database, and what is sealed."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy import text
from store_samples import NOW, commit, open_store

from leastwise.errors import IntegrityError, StoreError
from leastwise.model.finding import Mute
from leastwise.store.binding import check_owner
from leastwise.store.database import connect, database_url
from leastwise.store.mutes import Mutes
from leastwise.store.settings import Settings

MUTE = Mute("a" * 16, "known", "ann", NOW, None)


def test_the_key_is_made_once_and_pinned(store):
    key = store.redaction_key()
    assert len(key) == 32
    assert store.redaction_key() == key == open_store(store.home.path).redaction_key()
    assert store.verify() == ()


@pytest.mark.parametrize("damage", ["missing", "another", "empty", "cut", "longer", "folder"])
@pytest.mark.parametrize("used", [True, False])
def test_a_key_that_is_not_the_one_that_was_used_is_refused(store, damage, used):
    path = store.home.path / "redaction.key"
    if used:
        store.redaction_key()
    path.unlink(missing_ok=True)
    contents = {"another": b"k" * 32, "empty": b"", "cut": b"k" * 31, "longer": b"k" * 33}
    if damage in contents:
        path.write_bytes(contents[damage])
    elif damage == "folder":
        path.mkdir()
    if not used and damage in ("missing", "another"):
        assert len(store.redaction_key()) == 32
        return
    with pytest.raises(StoreError, match=r"^redaction.key: ") as caught:
        store.redaction_key()
    assert "\n" not in str(caught.value) and "backup" in str(caught.value)
    assert [p.file for p in store.verify()] == ["redaction.key"]


def test_a_lost_key_can_be_given_up(store):
    old = store.redaction_key()
    path = store.home.path / "redaction.key"
    path.unlink()
    with pytest.raises(IntegrityError, match="accept-key"):
        store.redaction_key()
    store.accept_key()
    assert store.redaction_key() != old
    path.write_bytes(b"k" * 32)
    store.accept_key()
    assert store.redaction_key() == b"k" * 32
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="0 bytes instead of 32"):
        store.accept_key()


def test_a_database_belongs_to_the_home_that_wrote_to_it_first(store, tmp_path):
    url = database_url(store.home, {})
    manifest = commit(store)
    other = open_store(tmp_path / "other", url)
    with pytest.raises(StoreError, match=r"belongs to home [0-9a-f]{8} \(made at .*/home\)") as caught:
        commit(other, 1)
    assert "accept-database" in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="belongs to home"):
        check_owner(other.home, connect(url))
    assert "home.id" in {p.file for p in other.verify()}
    assert store.list() == (manifest,)
    assert store.verify() == ()


def test_a_database_is_moved_to_another_home_by_saying_so(store, tmp_path):
    url = database_url(store.home, {})
    commit(store)
    new = tmp_path / "new"
    for name in ("raw", "snapshots"):
        shutil.copytree(store.home.path / name, new / name)
    moved = open_store(new, url)
    with pytest.raises(StoreError, match="belongs to home"):
        commit(moved, 1)
    assert "/home)" in (moved.accept_database() or "")
    assert moved.accept_database() is None
    commit(moved, 1)
    assert moved.verify() == ()
    with pytest.raises(StoreError, match="belongs to home"):
        commit(store, 2)


def test_a_home_that_lost_its_id_says_so(store):
    commit(store)
    (store.home.path / "home.id").unlink()
    with pytest.raises(StoreError, match="lost its id"):
        commit(store, 1)
    (store.home.path / "home.id").write_text("")
    with pytest.raises(StoreError, match=r"home\.id: is not the id of a home"):
        commit(store, 1)
    (store.home.path / "home.id").unlink()
    store.accept_database()
    commit(store, 1)
    assert store.verify() == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mutes SET reason = 'knowm'",
        "UPDATE mutes SET until = '2027-01-01T00:00:00.000000Z'",
        "DELETE FROM mutes",
        "INSERT INTO mutes SELECT 'b', reason, muted_by, created, until FROM mutes",
        "UPDATE settings SET value = '[\"aws:2\"]'",
        "DELETE FROM settings",
        "DELETE FROM pins WHERE name LIKE 'seal%'",
        "UPDATE pins SET name = 'x' WHERE name = 'seal of mutes'",
        "UPDATE pins SET value = 'x' WHERE name = 'seal of settings'",
        "UPDATE pins SET value = 'x' WHERE name = 'redaction_key'",
        "UPDATE pins SET name = 'x' WHERE name = 'redaction_key'",
        "UPDATE pins SET value = 'x' WHERE name = 'home'",
    ],
)
def test_verify_finds_a_change_of_what_is_in_no_chain(store, change):
    engine = connect(database_url(store.home, {}))
    mutes, settings = Mutes(engine), Settings(engine)
    store.redaction_key()
    mutes.add(MUTE)
    settings.set("legal_hold", ["aws:1"])
    assert store.verify() == ()
    with engine.begin() as connection:
        connection.execute(text(change))
    assert store.verify() != ()
    if "mutes" in change.split("WHERE")[0]:
        mutes.add(MUTE)  # an own change is the way out, and says nothing about what was changed before
        assert store.verify() == ()


def test_mutes_that_come_and_go_leave_a_sound_seal(store):
    mutes = Mutes(connect(database_url(store.home, {})))
    mutes.add(MUTE)
    mutes.remove(MUTE.key)
    assert store.verify() == ()
