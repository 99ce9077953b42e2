"""Picking rows of a stored table without reading all of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from leastwise.engine.columns import coded, repeated
from leastwise.errors import IntegrityError
from leastwise.store import parquet
from leastwise.store.files import file_sha256
from leastwise.store.parquet import read_rows, read_table, write_table

TABLE = pa.table({"id": [f"row{number}" for number in range(25)]})


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parquet, "_ROW_GROUP", 10)
    path = tmp_path / "groups.parquet"
    write_table(path, TABLE)
    return path


@pytest.mark.parametrize("rows", [[], [0], [24], [9, 10], [24, 3, 3, 11, 0], list(range(24, -1, -1))])
def test_rows_come_in_the_order_asked_for(stored: Path, rows: list[int]) -> None:
    found = read_rows(stored, "groups", stored.stat().st_size, pa.array(rows, pa.int64()))
    assert found["id"].to_pylist() == [f"row{row}" for row in rows]
    assert found.schema.names == TABLE.schema.names


def test_coded_columns_are_read_as_plain_text(stored: Path) -> None:
    words = ["a", "b", "a"]  # a word may stand twice
    codes = [number % 4 - 1 for number in range(25)]
    table = pa.table({"text": coded(codes, words), "same": repeated("x", 25)})
    path = stored.with_name("coded.parquet")
    sha256, size = write_table(path, table)
    assert (size, sha256) == (path.stat().st_size, file_sha256(path))
    found = read_table(path, "coded", size)
    assert [field.type for field in found.schema] == [pa.string(), pa.string()]
    assert found["text"].to_pylist() == [None if code < 0 else words[code] for code in codes]
    assert found["same"].to_pylist() == ["x"] * 25


@pytest.mark.parametrize("row", [-1, 25])
def test_a_row_that_is_not_there_is_an_error(stored: Path, row: int) -> None:
    with pytest.raises(IndexError, match="groups: has 25 rows"):
        read_rows(stored, "groups", stored.stat().st_size, pa.array([row], pa.int64()))


def test_a_damaged_row_group_is_named(stored: Path) -> None:
    data = bytearray(stored.read_bytes())
    data[8] ^= 0xFF
    stored.write_bytes(data)
    with pytest.raises(IntegrityError, match="groups: damaged"):
        read_rows(stored, "groups", len(data), pa.array([0], pa.int64()))
