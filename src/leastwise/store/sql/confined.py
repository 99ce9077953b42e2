"""A database in memory that holds the tables it is given, and reaches nothing else.

After `locked` it opens no file but those of its own tables, loads no extension, and takes no setting. What memory does
not hold is spilled to a private folder of the system's temporary one, which goes with the database.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pyarrow as pa

from leastwise.errors import StoreError, UsageError

from .parsed import cause

Found = TypeVar("Found")
MEMORY = "1GiB"
SPILLED = "16GiB"
_THREADS = 4
_BATCH = 8_192
"""Rows that are handed over at a time."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows of an answer.

    Args:
        names: of the columns, each once: a second `id` is `id_2`.
        types: of the columns, in DuckDB's words.
        batches: the rows, some thousand at a time. Reading them raises UsageError where the query fails on the way.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]


class FilesGoneError(StoreError):
    """A file of a table cannot be read any more; a writer may have put others in its place."""


class Confined:
    """The database; a context manager that ends it.

    Args:
        memory: how much it may hold, in DuckDB's words.
    """

    def __init__(self, memory: str = MEMORY) -> None:
        import duckdb

        self._spill = Path(tempfile.mkdtemp(prefix="leastwise-sql-"))
        self._paths: list[str] = []
        self._held: list[Any] = []
        self._locked = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="sql")
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "threads": str(max(1, min(_THREADS, os.cpu_count() or 1))),
            "temp_directory": str(self._spill),
            "max_temp_directory_size": SPILLED,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
        }
        try:
            self._connection = duckdb.connect(":memory:", config=settings)
            self._connection.execute("SET TimeZone = 'UTC'")
        except duckdb.Error as error:
            shutil.rmtree(self._spill, ignore_errors=True)
            raise StoreError(f"sql: {cause(error)}") from None

    def __enter__(self) -> Confined:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.interrupt()
        self._worker.shutdown()
        self._connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def add_table(self, name: str, table: pa.Table) -> None:
        """Makes a view of an Arrow table."""
        self._held.append(table)
        self._connection.register(name, table)

    def add_batches(self, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        """Makes a table of rows that are worked out on the way: they are held here, and spilled where they are many.

        Raises:
            UsageError: there is no room for them.
            BaseException: what the rows raise while they are worked out, as it is.
        """
        import duckdb

        raised: list[BaseException] = []

        def watched() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except BaseException as error:
                raised.append(error)  # what lies between makes a text of it
                raise

        reader = pa.RecordBatchReader.from_batches(schema, watched())
        try:
            self._connection.from_arrow(reader).create(name)
        except duckdb.Error as error:
            if raised:
                raise raised[0] from None
            raise UsageError(f"sql: {name}: {cause(error)}") from None

    def add_files(self, name: str, paths: Sequence[Path], selects: str = "SELECT * FROM {files}") -> None:
        """Makes a view of Parquet files of one schema; `selects` is the SELECT, where `{files}` stands for their rows.

        Raises:
            FilesGoneError: a file cannot be opened.
        """
        import duckdb

        told = [str(path) for path in paths]
        self._paths += told
        listed = ", ".join(_quoted(one) for one in told)
        try:
            self._connection.execute(f'CREATE VIEW "{name}" AS {selects.format(files=f"read_parquet([{listed}])")}')
        except duckdb.Error as error:
            raise FilesGoneError(f"sql: {name}: {cause(error)}") from None

    def add_empty(self, name: str, table: pa.Table, selects: str) -> None:
        """Makes the view that `add_files` would, where there is no file: of a table without rows."""
        self.add_table(f"{name} given", table)
        self._connection.execute(f'CREATE VIEW "{name}" AS {selects.format(files=_identifier(f"{name} given"))}')

    def lock(self) -> None:
        """From here on nothing outside is reached, and no setting changes."""
        allowed = ", ".join(map(_quoted, self._paths))
        self._connection.execute(f"SET allowed_paths = [{allowed}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._locked = True

    def ask(self, text: str, given: Mapping[str, str]) -> Answered:
        """Puts one query that `parsed.parse` has let pass. An interrupt ends it.

        Raises:
            UsageError: it does not fit the views, or fails.
            FilesGoneError: a file of a view cannot be read any more.
            ValueError: the database is not locked.
        """
        if not self._locked:
            raise ValueError("the database is not locked")
        reader, types = self._interruptible(lambda: self._begun(text, given))
        return Answered(_once_each(reader.schema.names), types, self._batches(reader))

    def _begun(self, text: str, given: Mapping[str, str]) -> tuple[Any, tuple[str, ...]]:
        import duckdb

        statements = self._connection.extract_statements(text)
        if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
            raise UsageError("sql: not one SELECT")
        relation = self._connection.sql(text, params=dict(given)) if given else self._connection.sql(text)
        if relation is None:
            raise UsageError("sql: the query has no rows to answer with")
        return relation.to_arrow_reader(_BATCH), tuple(str(one) for one in relation.types)

    def _batches(self, reader: Any) -> Iterator[pa.RecordBatch]:
        def following() -> pa.RecordBatch | None:
            try:
                return reader.read_next_batch()
            except StopIteration:
                return None

        while (batch := self._interruptible(following)) is not None:
            yield batch

    def _interruptible(self, work: Callable[[], Found]) -> Found:
        """What the work gives. It is done in a thread: while it is in C, no signal would be looked at."""
        import duckdb

        doing = self._worker.submit(work)
        try:
            return doing.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            raise
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if any(not Path(one).exists() for one in self._paths):
                raise FilesGoneError(f"sql: {cause(error)}") from None
            raise UsageError(f"sql: {cause(error)}") from None


def _once_each(names: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        fresh, number = name, 1
        while fresh in found:
            number += 1
            fresh = f"{name}_{number}"
        found.append(fresh)
    return tuple(found)


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
