"""Tables as files: what is read is plain and equal, however the columns were held when they were written."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from leastwise.engine.columns import coded, plain, table
from leastwise.model.tables import MEMBERSHIPS, SCHEMA_VERSION
from leastwise.store.parquet import read_table, write_table

MANY = [f"arn:aws:iam::111111111111:user/{number}" for number in range(200)]


def part(kinds: list[str], codes: list[int]) -> pa.Table:
    columns = {
        "member": coded([code % len(MANY) for code in range(len(codes))], MANY),
        "group": coded(codes, kinds),
        "kind": coded(codes, kinds),
        "until": [None] * len(codes),
        "source": pa.array([f"file#{number}" for number in range(len(codes))]),
    }
    return table(MEMBERSHIPS, columns)


@pytest.mark.parametrize(
    "parts",
    [
        [part(["a", "b"], [0, 1, 1, 0] * 100)],
        [part(["a", "b"], [0, 1]), part(["b", "c", "a"], [0, 1, 2, 0])],
        [part(["twice", "twice", "once"], [0, 1, 2, 1])],
        [part([], [])],
    ],
    ids=["few words", "other words in another part", "a word twice", "no row"],
)
def test_coded_columns_are_read_as_the_texts_that_they_stand_for(parts: list[pa.Table], tmp_path: Path) -> None:
    whole = pa.concat_tables(parts)
    path = tmp_path / "memberships.parquet"
    _, size = write_table(path, whole)
    found = read_table(path, "memberships", size)
    assert found.equals(plain(whole))
    assert found.schema.equals(plain(whole).schema)
    assert found.schema.metadata == {b"schema_version": str(SCHEMA_VERSION).encode(), b"table": b"memberships"}


@pytest.mark.parametrize("words", [["b", "a"], ["a", "b", "b"], ["z", "b", "a", "a"]])
def test_equal_rows_are_equal_bytes_however_their_words_are_listed(tmp_path: Path, words: list[str]) -> None:
    values = ["a", "b", "b", "a", "b"]
    rows = {"member": [f"m{n}" for n in range(5)], "group": ["g"] * 5, "until": [None] * 5, "source": ["s"] * 5}
    listed = pa.DictionaryArray.from_arrays(pa.array([words.index(v) for v in values], pa.int32()), pa.array(words))
    last = len(words) - 1 - words[::-1].index("b")
    moved = pa.array([words.index(v) if v == "a" else last for v in values], pa.int32())
    again = pa.DictionaryArray.from_arrays(moved, pa.array(words))
    sums = set()
    for number, kinds in enumerate((values, listed, again)):
        made = table(MEMBERSHIPS, rows | {"kind": values})
        if number:
            made = made.set_column(made.column_names.index("kind"), "kind", pa.chunked_array([kinds]))
            sums.add(write_table(tmp_path / str(number) / "memberships.parquet", made)[0])
        (tmp_path / str(number + 1)).mkdir(exist_ok=True)
    assert len(sums) == 1
