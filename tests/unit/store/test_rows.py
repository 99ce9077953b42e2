"""Picking rows of a stored table without reading all of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from leastwise.errors import IntegrityError
from leastwise.store import parquet
from leastwise.store.parquet import read_rows, write_table

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
