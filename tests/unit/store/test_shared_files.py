"""Files that did not change since the scope's last snapshot take no room again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from store_samples import NOW, collected, commit, day, tables

from leastwise.model.scope import RawDocument
from leastwise.model.snapshot import Manifest
from leastwise.store.snapshots import SnapshotStore


def place(store: SnapshotStore, manifest: Manifest, key: str) -> Path:
    return store.home.path / manifest.files[key].path


def shared(store: SnapshotStore, one: Manifest, other: Manifest) -> set[str]:
    return {key for key in one.files if place(store, one, key).samefile(place(store, other, key))}


def second(store: SnapshotStore) -> Manifest:
    """A later snapshot with another document of s3 and one more membership."""
    found = collected(day(1))
    changed = tuple(
        replace(document, body=b"{}") if document.service == "s3" else document for document in found.documents
    )
    return store.commit(replace(found, documents=changed), tables(rows=6), "0.1", NOW)


def test_unchanged_files_are_second_names_of_the_earlier_ones(store: SnapshotStore) -> None:
    first = commit(store)
    again = second(store)
    assert shared(store, again, first) == {"raw/iam.seg", "coverage"}
    assert store.verify() == ()
    assert [document.body for document in store.open(again).raw_documents() if document.service == "s3"] == [b"{}"]
    assert all(isinstance(document, RawDocument) for document in store.open(first).raw_documents())


def test_what_did_not_change_is_stored_once_whenever_it_was_asked(store: SnapshotStore) -> None:
    first = commit(store)
    again = store.commit(collected(day(1)), tables(), "0.1", NOW)
    assert again.id != first.id
    assert shared(store, again, first) == set(first.files) == set(again.files)
    assert {document.time for document in store.open(first).raw_documents()} == {NOW}
    assert {document.time for document in store.open(again).raw_documents()} == {day(1)}
    assert store.verify() == ()


def test_deleting_the_earlier_snapshot_leaves_the_later_one_whole(store: SnapshotStore) -> None:
    first = commit(store)
    again = second(store)
    store.delete(first.id, "test", NOW)
    assert store.verify() == ()
    assert store.open(again).table("memberships").num_rows == 6


def test_an_earlier_file_that_is_damaged_or_gone_is_not_shared(store: SnapshotStore) -> None:
    first = commit(store)
    segment, table = place(store, first, "raw/iam.seg"), place(store, first, "coverage")
    data = bytearray(segment.read_bytes())
    data[0] ^= 1
    segment.write_bytes(data)
    table.unlink()
    again = second(store)
    assert {problem.snapshot for problem in store.verify()} == {first.id}
    assert len(list(store.open(again).raw_documents())) == 3
