"""Compiled estates in the home folder: whole or not at all, and no more than a few."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from leastwise.errors import StorageFullError, StoreError
from leastwise.store.compiled import compiled_path, keep_compiled, used
from leastwise.store.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def text(content: bytes):
    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


def names(home: Home) -> list[str]:
    return sorted(path.name for path in home.compiled.iterdir())


def test_what_is_kept_is_for_the_owner_alone(home: Home) -> None:
    path = keep_compiled(home, "a", text(b"one"))
    assert path == compiled_path(home, "a") and path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
    assert home.compiled.stat().st_mode & 0o777 == 0o700


def test_a_second_one_of_the_name_takes_its_place_and_the_reader_keeps_the_first(home: Home) -> None:
    with keep_compiled(home, "a", text(b"one")).open("rb") as reader:
        keep_compiled(home, "a", text(b"two"))
        assert reader.read() == b"one"
    assert compiled_path(home, "a").read_bytes() == b"two"
    assert names(home) == ["a.lwa"]


@pytest.mark.parametrize("error", [RuntimeError("bad"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_nothing(home: Home, error: BaseException) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    keep_compiled(home, "a", text(b"one"))
    for name in ("a", "b"):
        with pytest.raises(type(error)):
            keep_compiled(home, name, write)
    assert names(home) == ["a.lwa"] and compiled_path(home, "a").read_bytes() == b"one"


def test_a_full_disk_is_said_in_one_line(home: Home) -> None:
    def write(file: BinaryIO) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageFullError, match=r"^compiled/a\.lwa: No space left on device; nothing of it was kept"):
        keep_compiled(home, "a", write)
    assert names(home) == []


def test_a_folder_that_cannot_be_written_is_said_in_one_line(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, flags: int, mode: int = 0o777) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    keep_compiled(home, "a", text(b"one"))
    monkeypatch.setattr("leastwise.store.compiled.os.open", refuse)
    with pytest.raises(StoreError, match=r"^compiled/b\.lwa: Permission denied"):
        keep_compiled(home, "b", text(b"two"))


def test_eight_are_kept_those_that_were_used_last(home: Home) -> None:
    for number in range(24):
        os.utime(keep_compiled(home, f"n{number}", text(b"x")), (1000 + number, 1000 + number))
    used(compiled_path(home, "n0"))
    keep_compiled(home, "new", text(b"x"))
    assert names(home) == sorted(["n0.lwa", "new.lwa", *(f"n{number}.lwa" for number in range(2, 24))])


def test_the_one_just_written_stays_even_if_the_clock_was_set_back(home: Home) -> None:
    for number in range(24):
        os.utime(keep_compiled(home, f"n{number}", text(b"x")), (2**33, 2**33))
    keep_compiled(home, "new", text(b"x"))
    assert "new.lwa" in names(home)


def test_use_of_one_that_is_gone_is_no_error(home: Home) -> None:
    used(compiled_path(home, "none"))
