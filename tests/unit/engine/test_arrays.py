"""Arrays in one mapped file: what was written comes back, and what was not written whole is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.arrays import MAGIC, Arrays, DamagedError, open_arrays

HELD = {
    "numbers": np.arange(7, dtype=np.int64),
    "none": np.empty(0, np.int32),
    "flags": np.array([True, False, True]),
    "table": np.arange(6, dtype=np.uint16).reshape(2, 3),
    "turned": np.arange(6, dtype=np.int32).reshape(2, 3).T,
    "one": np.array(5, np.int8),
    "last": np.empty(0, np.uint8),
}
FACTS = {"format": 3, "names": {"ä": ["x", None]}}


def written(path: Path, arrays: Arrays) -> Path:
    with path.open("wb") as file:
        arrays.write(file)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path / "held.lwa", Arrays(HELD, FACTS))


def test_what_was_written_comes_back(path: Path) -> None:
    found = open_arrays(path)
    assert found.names() == list(HELD)
    assert found.facts == FACTS
    assert found.size == sum(array.nbytes for array in HELD.values())
    for name, array in HELD.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert (found[name] == array).all()


def test_what_is_opened_cannot_be_changed(path: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        open_arrays(path)["numbers"][0] = 1


def test_every_array_begins_at_a_multiple_of_64_bytes(path: Path) -> None:
    base = open_arrays(path)["numbers"].__array_interface__["data"][0]
    assert base % 64 == 0
    for name in HELD:
        array = open_arrays(path)[name]
        if array.size:
            assert array.__array_interface__["data"][0] % 64 == 0, name


def test_no_arrays_at_all(tmp_path: Path) -> None:
    found = open_arrays(written(tmp_path / "x", Arrays({}, {})))
    assert found.names() == [] and found.facts == {} and found.size == 0


@given(st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=40), max_size=5))
def test_any_lengths(tmp_path_factory: pytest.TempPathFactory, rows: list[list[int]]) -> None:
    arrays = {f"a{number}": np.array(row, np.int32) for number, row in enumerate(rows)}
    found = open_arrays(written(tmp_path_factory.mktemp("arrays") / "x", Arrays(arrays, {})))
    assert [found[name].tolist() for name in found.names()] == rows


@pytest.mark.parametrize("share", [0, 0.02, 0.3, 0.6, 0.999])
def test_a_file_that_is_cut_off_is_refused(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DamagedError, match=r"held\.lwa"):
        open_arrays(path)


def test_every_cut_is_seen(path: Path) -> None:
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(DamagedError):
            open_arrays(path)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda raw: raw + b"more", "is cut off or has more than was written"),
        (lambda raw: b"PK\x03\x04" + raw[4:], "is no file of arrays"),
        (lambda raw: raw.replace(b'"arrays"', b'"arraxs"'), "its header is damaged"),
        (lambda raw: raw[:16] + b"\xff" + raw[17:], "its header is damaged"),
        (lambda raw: raw[: len(MAGIC)] + (1 << 62).to_bytes(8, "little") + raw[16:], "its header is damaged"),
        (lambda raw: raw.replace(b'"<i8"', b'"<x8"'), "its header is damaged"),
        (lambda raw: raw.replace(b"[7]", b"[9]"), "its header is damaged"),
        (lambda raw: raw[: len(MAGIC)] + b"\1" + raw[len(MAGIC) + 1 :], "its header is damaged"),
    ],
)
def test_a_damaged_file_is_refused(path: Path, change: object, cause: str) -> None:
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(DamagedError, match=f"held.lwa: {cause}"):
        open_arrays(path)


def test_a_file_that_is_not_there_is_no_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_arrays(tmp_path / "none")


def test_the_same_arrays_are_the_same_bytes() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        Arrays(HELD, FACTS).write(file)
    assert files[0].getvalue() == files[1].getvalue()
