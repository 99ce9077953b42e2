"""Files that must be on the disk before they count, names that are safe, times that sort as texts."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import StorageFullError, StoreError
from leastwise.store.clock import compact, from_text, to_text, utc
from leastwise.store.files import (
    HashingFile,
    canonical,
    file_sha256,
    remove_tree,
    replace_durably,
    safe_name,
    storage_errors,
    undoing,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_equal_values_give_equal_bytes(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value and text.isascii()
    assert canonical(json.loads(text)) == text


def test_order_and_spaces_do_not_count() -> None:
    assert canonical({"b": 1, "a": [1, 2]}) == canonical({"a": [1, 2], "b": 1}) == '{"a":[1,2],"b":1}'


@given(st.text(max_size=120), st.text(max_size=120))
def test_names_are_safe_and_as_different_as_what_they_stand_for(one: str, other: str) -> None:
    name = safe_name(one)
    assert len(name) <= 89 and "/" not in name and "\0" not in name and not name.startswith(".")
    assert (name.isascii() and name not in ("", ".", "..")) or one == ""
    assert (safe_name(one) == safe_name(other)) == (one == other)


@pytest.mark.parametrize("text", ["222222222222", "us-east-1", "A.b_c-9"])
def test_a_safe_name_stays(text: str) -> None:
    assert safe_name(text) == text


@pytest.mark.parametrize("text", ["../../etc/passwd", ".hidden", "a/b", "ü", "x" * 81, "a b", "nul\0"])
def test_an_unsafe_name_is_told_apart(text: str) -> None:
    assert "~" in safe_name(text)


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_a_hashing_file_knows_what_was_written(parts: list[bytes]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "f")
        with HashingFile(path) as file:
            assert [file.write(part) for part in parts] == [len(part) for part in parts]
            assert file.tell() == file.size == sum(map(len, parts))
        data = b"".join(parts)
        assert file.closed and path.read_bytes() == data
        assert file.sha256 == hashlib.sha256(data).hexdigest() == file_sha256(path)
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(FileExistsError):
            HashingFile(path)


def test_replacing_leaves_the_old_or_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, tmp = tmp_path / "f", tmp_path / "tmp"
    tmp.mkdir()
    replace_durably(path, b"old", tmp)
    replace_durably(path, b"new", tmp)
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_durably(path, b"newer", tmp)
    assert path.read_bytes() == b"new" and list(tmp.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StorageFullError),
        (errno.EDQUOT, StorageFullError),
        (errno.EFBIG, StorageFullError),
        (errno.EACCES, StoreError),
        (errno.EIO, StoreError),
    ],
)
def test_failures_of_the_system_are_one_line(number: int, kind: type[StoreError]) -> None:
    with pytest.raises(StoreError, match=r"^writing x: ") as caught, storage_errors("writing x"):
        raise OSError(number, os.strerror(number))
    assert type(caught.value) is kind
    assert str(caught.value).startswith(f"writing x: {os.strerror(number)}") and "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="mine"), storage_errors("writing x"):
        raise ValueError("mine")


def test_removing_goes_no_further_than_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(kept)
    link = tmp_path / "link"
    link.symlink_to(kept)
    for path in (folder, link, tmp_path / "missing"):
        remove_tree(path)
        assert not path.exists()
    assert (kept / "file").read_text() == "x"


MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]),
)  # fmt: skip


@given(MOMENTS, MOMENTS)
def test_texts_of_times_sort_as_the_times(one: datetime, other: datetime) -> None:
    assert from_text(to_text(one)) == one
    assert (to_text(one) < to_text(other)) == (one < other)
    assert len(to_text(one)) == 27


@pytest.mark.parametrize("text", ["", "2026-11-01", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00.000000+00:00"])
def test_another_spelling_of_a_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not match"):
        from_text(text)


def test_a_time_without_a_zone_is_utc() -> None:
    there = datetime(2026, 11, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert utc(there) == there and utc(there).tzinfo is UTC and utc(there).hour == 23
    assert utc(datetime(2026, 11, 1)).isoformat() == "2026-11-01T00:00:00+00:00"
    assert compact(there) == "20261031T230000Z"


@pytest.mark.parametrize(
    ("raised", "undoing_fails"), [(None, False), (ValueError, False), (KeyboardInterrupt, False), (ValueError, True)]
)
def test_what_stops_a_block_is_raised_and_what_it_did_is_undone(
    raised: type[BaseException] | None, undoing_fails: bool
) -> None:
    done = ["begun"]

    def undo() -> None:
        done.append("undone")
        if undoing_fails:
            raise OSError("the disk is gone")

    with pytest.raises(raised) if raised else nullcontext(), undoing(undo):
        done.append("ended")
        if raised:
            raise raised
    assert done == ["begun", "ended", *(["undone"] if raised else [])]


def test_of_what_undoing_does_wrong_nothing_is_hidden() -> None:
    def undo() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught, undoing(undo):
        raise ValueError
    assert isinstance(caught.value.__context__, ValueError)
