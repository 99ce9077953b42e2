"""Tables as Parquet files with declared schemas."""

from __future__ import annotations

import base64
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from leastwise.engine.columns import CODED, arrow_schema, declared, plain
from leastwise.errors import IntegrityError, StoreError
from leastwise.model.tables import BY_NAME, SCHEMA_VERSION, VIEW_TABLES

from .files import HashingFile

_LEVEL = 1
_VIEWS = frozenset(spec.name for spec in VIEW_TABLES)
_ROW_GROUP, _PAGED = 1 << 17, 1 << 15
"""Rows of a group; small in read models, of which a page reads only the groups that it shows."""

_FEW = 64
"""As many words are written in each group of rows without a thought."""

_DICTIONARY_BYTES = 1 << 23
_DISTINCT = {
    "documents": ("hash", "text"),
    "principals": ("id", "name", "unique_id", "source"),
    "identities": ("id", "name", "source"),
    "attachments": ("target", "source"),
    "grants": ("principal", "source"),
    "memberships": ("member", "source"),
    "policies": ("id", "name", "source"),
    "requests": ("id", "reason", "source"),
    "requests_view": ("id", "reason", "source"),
    "resources": ("id", "name", "source"),
    "resources_view": ("id", "name", "source"),
    "runs_as": ("subject", "object", "source"),
    "trusts": ("principal",),
    "trusts_view": ("principal", "principal_name", "source"),
}
"""Columns whose values hardly repeat, or only in rows next to each other: a dictionary of them is made in vain."""


def check_declared(name: str, table: pa.Table) -> None:
    """Raises ValueError unless the table has exactly its declared columns and types."""
    spec = BY_NAME.get(name)
    if spec is None:
        raise ValueError(f"{name}: not a declared table")
    if not declared(table.schema).equals(arrow_schema(spec)):
        raise ValueError(f"{name}: columns or types differ from the declared schema")


def write_table(path: Path, table: pa.Table) -> tuple[str, int]:
    """Writes a new file and returns its SHA-256 and size; does not sync. OSError as the operating system says.

    Coded columns of many words are written out a group of rows at a time; those of few go to Parquet as they are.
    """
    labels = {"schema_version": str(SCHEMA_VERSION), "table": path.stem}
    told = declared(table.schema).with_metadata(labels)
    # As the writer would add it, but for the columns whose words it is given: what is read is plain.
    metadata = {**labels, "ARROW:schema": base64.b64encode(told.serialize()).decode()}
    few = frozenset(name for name in table.column_names if _few_words(table[name]))
    schema = declared(table.schema, few).remove_metadata()
    with (
        HashingFile(path) as file,
        pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            compression_level=_LEVEL,
            write_page_checksum=True,
            write_statistics=False,
            store_schema=False,
            dictionary_pagesize_limit=_DICTIONARY_BYTES,
            use_dictionary=[name for name in _leaves(told) if name not in _DISTINCT.get(path.stem, ())],
        ) as writer,
    ):
        writer.add_key_value_metadata(metadata)
        rows = _PAGED if path.stem in _VIEWS else _ROW_GROUP
        for start in range(0, max(table.num_rows, 1), rows):
            part = _in_order(plain(table.slice(start, rows), few), few)
            writer.write_table(part.replace_schema_metadata(None), row_group_size=rows)
    return file.sha256, file.size


def _few_words(column: pa.ChunkedArray) -> bool:
    return column.type == CODED and all(len(chunk.dictionary) <= _FEW for chunk in column.chunks)


def _in_order(table: pa.Table, few: Collection[str]) -> pa.Table:
    """The table with the words of its coded columns sorted, and only those that occur: equal rows give equal bytes."""
    for name in few:
        column = table[name].unify_dictionaries().combine_chunks()
        chunk = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        codes = pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False)
        words = chunk.dictionary.to_pylist()
        used = np.flatnonzero(np.bincount(codes + 1, minlength=len(words) + 1)[1:])
        # A word may stand in the list more than once.
        kept_words = sorted({words[position] for position in used.tolist()})
        rank = {word: position for position, word in enumerate(kept_words)}
        place = np.array([*(rank.get(word, -1) for word in words), -1], np.int32)
        placed = place[codes]
        indices = pa.array(placed, mask=codes < 0)
        kept = pa.DictionaryArray.from_arrays(indices, pa.array(kept_words, pa.string()))
        table = table.set_column(table.column_names.index(name), table.schema.field(name), kept)
    return table


def _leaves(schema: pa.Schema) -> list[str]:
    """Names of the columns as Parquet counts them: those inside lists and maps have a path."""
    found = []
    for field in schema:
        if pa.types.is_map(field.type):
            found += [f"{field.name}.key_value.key", f"{field.name}.key_value.value"]
        else:
            found.append(f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name)
    return found


def read_table(path: Path, shown: str, size: int, columns: Sequence[str] | None = None) -> pa.Table:
    """The table, or only the named columns in the order asked for, read through a memory map.

    Raises:
        IntegrityError: the file is missing, has another size, or does not hold what was written.
        StoreError: a named column is not in the file.
    """
    with _opened(path, shown, size) as file:
        missing = sorted(set(columns or ()) - set(file.schema_arrow.names))
        if missing:
            raise StoreError(f"{shown}: no column {', '.join(missing)}")
        table = file.read(columns=None if columns is None else list(columns), use_threads=True)
    return table if columns is None else table.select(list(columns))


def read_rows(path: Path, shown: str, size: int, rows: pa.Array) -> pa.Table:
    """The rows at these positions (int64), in that order; only the row groups that hold one of them are decoded.

    Raises:
        IntegrityError: the file is missing, has another size, or does not hold what was written.
        IndexError: there is no such row.
    """
    with _opened(path, shown, size) as file:
        starts = [0]
        for index in range(file.metadata.num_row_groups):
            starts.append(starts[-1] + file.metadata.row_group(index).num_rows)
        wanted = rows.to_pylist()
        if any(not 0 <= row < starts[-1] for row in wanted):
            raise IndexError(f"{shown}: has {starts[-1]} rows")
        groups = sorted({bisect_right(starts, row) - 1 for row in wanted})
        table = file.read_row_groups(groups) if groups else file.schema_arrow.empty_table()
    shift, before = {}, 0
    for group in groups:
        shift[group] = before - starts[group]
        before += starts[group + 1] - starts[group]
    return table.take(pa.array([row + shift[bisect_right(starts, row) - 1] for row in wanted], pa.int64()))


@contextmanager
def _opened(path: Path, shown: str, size: int) -> Iterator[pq.ParquetFile]:
    try:
        actual = path.stat().st_size
        if actual != size:
            raise IntegrityError(f"{shown}: {actual} bytes instead of {size}")
        with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
            yield file
    except FileNotFoundError as error:
        raise IntegrityError(f"{shown}: missing") from error
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        raise IntegrityError(f"{shown}: damaged: {' '.join(str(error).split())[:200]}") from error
