"""The second wall: a database that reaches nothing, also for queries that the first would not let pass."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leastwise.errors import NotFoundError, UsageError
from leastwise.store.sql.confined import Confined, FilesGoneError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "a[b]*'c"
    folder.mkdir()
    pq.write_table(pa.table({"n": [1, 2, 3]}), folder / "part.parquet")
    return folder / "part.parquet"


@pytest.fixture
def database(file: Path):
    with Confined() as made:
        made.add_table("small", pa.table({"a": [1, 2], "b": ["x", "y"]}))
        made.add_files("parts", [file])
        made.add_batches("made", pa.schema([("n", pa.int64())]), (pa.record_batch({"n": [i]}) for i in range(50)))
        made.lock()
        yield made


def rows(database: Confined, text: str, **given: str) -> list[dict]:
    answered = database.ask(text, given)
    return [row for batch in answered.batches for row in batch.to_pylist()]


def test_tables_of_every_kind_answer(database):
    assert rows(database, "SELECT sum(n)::INT AS n FROM parts") == [{"n": 6}]
    assert rows(database, "SELECT count(*) AS n FROM made m, made o") == [{"n": 2500}]  # read twice
    assert rows(database, "SELECT b FROM small WHERE a = $a", a="2") == [{"b": "y"}]


def test_an_empty_table_has_the_view_that_files_would(tmp_path):
    with Confined() as made:
        made.add_empty("parts", pa.table({"n": pa.array([], pa.int32())}), "SELECT n + 1 AS m FROM {files}")
        made.lock()
        assert made.ask("SELECT * FROM parts", {}).names == ("m",)
        assert rows(made, "SELECT * FROM parts") == []


def test_columns_have_names_of_their_own(database):
    answered = database.ask("SELECT a.a, b.a, 1 AS a_2 FROM small a, small b", {})
    assert answered.names == ("a", "a_2", "a_2_2")
    assert answered.types == ("BIGINT", "BIGINT", "INTEGER")


def outside(tmp_path: Path) -> list[str]:
    target, other = tmp_path / "written", tmp_path / "other"
    other.mkdir(exist_ok=True)
    (other / "state.db").write_text("secret")
    return [
        f"WITH x AS (COPY small TO '{target}') SELECT * FROM x",
        f"COPY small TO '{target}'",
        f"SELECT * FROM read_text('{other}/state.db')",
        f"SELECT * FROM read_blob('{other}/state.db')",
        f"SELECT * FROM '{other}/state.db'",
        f"SELECT * FROM read_csv('{other}/state.db')",
        f"SELECT * FROM read_json('{other}/state.db')",
        f"SELECT * FROM read_parquet('{other}/*')",
        f"SELECT * FROM parquet_metadata('{other}/state.db')",
        f"SELECT * FROM sniff_csv('{other}/state.db')",
        f"SELECT * FROM glob('{other}/*')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SELECT * FROM read_text('/proc/self/environ')",
        f"ATTACH '{target}'",
        f"EXPORT DATABASE '{target}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        f"SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = '{target}')",
        f"CALL enable_logging('QueryLog', storage = 'file', storage_path = '{target}')",
        f"PRAGMA profiling_output = '{target}'",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "SET python_enable_replacements = true",
        "SELECT * FROM target",  # a variable of the caller
        "CREATE PERSISTENT SECRET s (TYPE s3)",
    ]


def test_nothing_outside_is_read_or_written(database, tmp_path):
    before = {one for one in tmp_path.rglob("*") if one.name not in ("other", "state.db")}
    for text in outside(tmp_path):
        with pytest.raises((UsageError, FilesGoneError)):
            rows(database, text)
    assert {one for one in tmp_path.rglob("*") if one.name not in ("other", "state.db")} == before


def test_the_walls_do_not_rest_on_the_kind_of_statement(database, tmp_path):
    """Put to the connection itself, without the look at what kind of statement it is."""
    import duckdb

    before = sorted(tmp_path.rglob("*"))
    for text in outside(tmp_path):
        with pytest.raises(duckdb.Error):
            database._connection.execute(text).fetchall()
    assert [one for one in sorted(tmp_path.rglob("*")) if one not in before] == [
        tmp_path / "other", tmp_path / "other" / "state.db"
    ]  # fmt: skip


def test_a_database_that_is_not_locked_does_not_answer():
    with Confined() as made, pytest.raises(ValueError, match="not locked"):
        made.ask("SELECT 1", {})


@pytest.mark.parametrize(
    "text, said",
    [
        ("SELECT nope FROM small", "nope"),
        ("SELECT b::INT FROM small", "Could not convert"),
        ("SELECT 1 / 'a'", "sql: "),
        ("SELECT a FROM small GROUP BY b", "GROUP BY"),
    ],
)
def test_a_query_that_fails_says_so_in_one_line(database, text, said):
    with pytest.raises(UsageError) as caught:
        rows(database, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "LINE" not in str(caught.value)


def test_a_file_that_went_away_is_told_apart(database, file):
    file.unlink()
    with pytest.raises(FilesGoneError):
        rows(database, "SELECT * FROM parts")


def test_memory_is_bounded_and_what_is_spilled_goes():
    """80 MB of rows are sorted in 64 MiB, by the disk."""
    with Confined("64MiB") as made:
        made.lock()
        spill = made._spill
        (row,) = rows(
            made, "SELECT count(*) AS n FROM (SELECT hash(range) h FROM range(10000000) ORDER BY h LIMIT 9000000)"
        )
        assert row["n"] == 9_000_000
        assert spill.stat().st_mode & 0o777 == 0o700
    assert not spill.exists()


def test_more_than_memory_is_said():
    with Confined("64MiB") as made:
        made.lock()
        with pytest.raises(UsageError, match=r"(?i)memory"):
            rows(made, "SELECT length(list(range)) FROM range(30000000)")


def test_rows_come_as_they_are_read():
    with Confined("64MiB") as made:
        made.lock()
        answered = made.ask("SELECT range AS n, repeat('x', 100) AS s FROM range(1000000000000)", {})
        assert next(answered.batches).num_rows > 0


@pytest.mark.parametrize("error", [NotFoundError("principal x: not found"), KeyboardInterrupt()])
def test_what_rows_raise_on_the_way_comes_out_as_it_is(error):
    def failing():
        yield pa.record_batch({"n": [1]})
        raise error

    with Confined() as made, pytest.raises(type(error)) as caught:
        made.add_batches("made", pa.schema([("n", pa.int64())]), failing())
    assert caught.value is error
