"""Count events with an engine for more than one machine holds: the same rows as the lake's own counts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from leastwise.engine.columns import arrow_schema
from leastwise.errors import InputError, StoreError, UsageError
from leastwise.model.tables import TableSpec
from leastwise.model.tables.usage import EVENTS, LATER, SIGHTINGS, USAGE

if TYPE_CHECKING:
    from .wiring import Workspace

ENGINES = ("duckdb", "spark")
_TIME = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Counted:
    """A table that was counted.

    Args:
        name: usage or sightings.
        table: its rows, of the declared schema.
        digest: SHA-256 over the rows, in whatever order they came.
        same: whether the lake's own counts are these rows; None where other events were counted.
    """

    name: str
    table: pa.Table
    digest: str
    same: bool | None = None


def aggregate(workspace: Workspace, paths: Sequence[Path], engine: str, master: str | None = None) -> list[Counted]:
    """Count the events of Parquet files or folders, or of the lake where none is named.

    `engine` is one of ENGINES; `master` is Spark's, as `spark://host:7077`: this machine by default.

    Raises:
        UsageError: no such engine, or the extra is not installed.
        InputError: a path does not exist, or holds no events.
        StoreError: the engine fails.
    """
    from leastwise.store.lake.files import table_files

    if engine not in ENGINES:
        raise UsageError(f"--engine: {engine!r} is none of {', '.join(ENGINES)}")
    own = not paths
    lake = workspace.lake
    files = table_files(workspace.home, lake.manifest, "events") if own else list(_files(paths))
    if not files:
        raise UsageError("aggregate: the lake holds no events yet (leastwise events PATH)")
    for file in files:
        _check(file)
    held = {"usage": lake.usage, "sightings": lake.sightings} if own else {}
    found = []
    for spec, table in _counted(files, engine, master):
        told = digest(table)
        same = told == digest(declared(spec, held[spec.name]())) if spec.name in held else None
        found.append(Counted(spec.name, table, told, same))
    return found


def _counted(files: Sequence[Path], engine: str, master: str | None) -> Iterator[tuple[TableSpec, pa.Table]]:
    try:
        from ibis.common.exceptions import IbisError

        from leastwise.usage.aggregation import sightings_of, usage_of
    except ImportError:
        raise UsageError("aggregate: needs the extra [scale]: pip install 'leastwise[scale]'") from None
    opened = _spark(files, master) if engine == "spark" else _duckdb(files)
    with opened as (backend, events):
        for spec, made in ((USAGE, usage_of), (SIGHTINGS, sightings_of)):
            try:
                table = backend.to_pyarrow(made(events))
            except (IbisError, *_failures(engine)) as error:
                told = " ".join(str(error).split())[:300]
                raise StoreError(f"aggregate: {engine}: {told}") from None
            yield spec, declared(spec, table)


@contextmanager
def _duckdb(files: Sequence[Path]) -> Iterator[tuple[Any, Any]]:
    import ibis

    backend = ibis.duckdb.connect()
    try:
        backend.raw_sql("SET TimeZone = 'UTC'")
        yield backend, backend.read_parquet([str(file) for file in files], union_by_name=True)
    finally:
        backend.disconnect()


@contextmanager
def _spark(files: Sequence[Path], master: str | None) -> Iterator[tuple[Any, Any]]:
    import ibis

    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("aggregate: needs the extra [scale]: pip install 'leastwise[scale]'") from None
    made = SparkSession.builder.appName("leastwise aggregate").config("spark.sql.session.timeZone", "UTC")
    if master is not None or "SPARK_REMOTE" not in os.environ:
        made = made.master(master or "local[*]")
    made = made.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    session = made.getOrCreate()
    try:
        session.read.option("mergeSchema", "true").parquet(*map(str, files)).createOrReplaceTempView("events")
        backend = ibis.pyspark.connect(session)
        yield backend, backend.table("events")
    finally:
        session.stop()


def _failures(engine: str) -> tuple[type[Exception], ...]:
    if engine == "duckdb":
        import duckdb

        return (duckdb.Error,)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JError)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(one for one in path.rglob("*.parquet") if one.is_file())
            if not found:
                raise InputError(path, "holds no Parquet file")
            yield from found
        elif path.exists():
            yield path
        else:
            raise InputError(path, "does not exist")


def _check(file: Path) -> None:
    """Raises InputError where a file is none of events."""
    try:
        names = set(pq.read_schema(file).names)
    except (OSError, pa.ArrowException) as error:
        raise InputError(file, f"is no Parquet file: {' '.join(str(error).split())[:120]}") from None
    missing = [name for name in EVENTS.names() if name not in (*names, *LATER["events"])]
    if missing:
        raise InputError(file, f"is no table of events: no column {missing[0]}")


def declared(spec: TableSpec, table: pa.Table) -> pa.Table:
    """Rows of an engine in the declared schema: it may give times without their zone, which is UTC."""
    columns = []
    for field in arrow_schema(spec):
        column = table[field.name]
        if pa.types.is_timestamp(field.type) and column.type.tz is None:
            column = column.cast(pa.timestamp("us")).cast(_TIME)
        columns.append(column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=arrow_schema(spec))


def digest(table: pa.Table) -> str:
    """SHA-256 over the rows, in whatever order they are."""
    whole = hashlib.sha256()
    ordered = table.sort_by([(name, "ascending") for name in table.column_names])
    for batch in ordered.to_batches(max_chunksize=1 << 16):
        held = pa.BufferOutputStream()
        pyarrow.csv.write_csv(batch, held)
        whole.update(held.getvalue())
    return whole.hexdigest()


def write(counted: Sequence[Counted], to: Path) -> list[Path]:
    """Writes the tables as Parquet into a folder, which is made. Raises InputError where that cannot be."""
    written = []
    try:
        to.mkdir(parents=True, exist_ok=True)
        for one in counted:
            path = to / f"{one.name}.parquet"
            pq.write_table(one.table, path, compression="zstd")
            written.append(path)
    except OSError as error:
        raise InputError(to, error.strerror or str(error)) from None
    return written
