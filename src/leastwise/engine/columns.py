"""Declared table schemas as Arrow schemas, and columns as Arrow tables.

A text column may be held as positions in a list of words (an Arrow dictionary array; a word may stand in it twice). In
tables that are being made that is the rule for columns whose values repeat; what is read from the store is plain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from leastwise.model.tables import Column, TableSpec

_KINDS: dict[str, pa.DataType] = {
    "string": pa.string(),
    "bool": pa.bool_(),
    "int": pa.int32(),
    "float": pa.float64(),
    "time": pa.timestamp("us", tz="UTC"),
    "binary": pa.binary(),
    "strings": pa.list_(pa.string()),
    "tags": pa.map_(pa.string(), pa.string()),
}


CODED = pa.dictionary(pa.int32(), pa.string())
"""The type of a text column that is held as positions in a list of words."""


def coded(codes: npt.ArrayLike, words: Sequence[str] | pa.Array) -> pa.DictionaryArray:
    """A text column given as the position of each row's word; a negative one is null.

    Raises:
        IndexError: there is no such word.
    """
    found = np.asarray(codes, dtype=np.int32)
    absent = found < 0
    indices = pa.array(found, mask=absent) if absent.any() else pa.array(found)
    held = words if isinstance(words, pa.Array) else pa.array(words, type=pa.string())
    return pa.DictionaryArray.from_arrays(indices, held)


def repeated(word: str, rows: int) -> pa.DictionaryArray:
    """A text column that says the same in every row."""
    return coded(np.zeros(rows, dtype=np.int32), [word])


def encoded(column: Any) -> pa.ChunkedArray:
    """A text column as positions in lists of words, a list a chunk."""
    chunked = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    if chunked.type == CODED:
        return chunked
    return pa.chunked_array([chunk.dictionary_encode() for chunk in chunked.chunks], CODED)


def texts_at(column: Any, rows: npt.NDArray[np.int64]) -> pa.Array:
    """The texts of these rows, which ascend, written out; the words of a coded column are not copied."""
    parts, before = [pa.array([], pa.string())], 0
    for chunk in encoded(column).chunks:
        first, last = np.searchsorted(rows, (before, before + len(chunk)))
        parts.append(chunk.dictionary.take(chunk.indices.take(pa.array(rows[first:last] - before))))
        before += len(chunk)
    return pa.concat_arrays(parts)


def with_coded_texts(table: pa.Table) -> pa.Table:
    """The table with every text column as positions in a list of words."""
    for index, field in enumerate(table.schema):
        if field.type == pa.string():
            table = table.set_column(index, field.with_type(CODED), encoded(table.column(index)))
    return table


def plain(table: pa.Table, kept: Collection[str] = ()) -> pa.Table:
    """The table with every text written out, but for the columns that are `kept` as they are."""
    schema = declared(table.schema, kept)
    columns = [
        column if column.type == field.type else column.cast(pa.string())
        for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def declared(schema: pa.Schema, kept: Collection[str] = ()) -> pa.Schema:
    """The schema that a table has when every text is written out, but for the columns that are `kept` as they are."""
    fields = [
        field.with_type(pa.string()) if field.type == CODED and field.name not in kept else field for field in schema
    ]
    return pa.schema(fields, metadata=schema.metadata)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of one declared schema, one below another; a text column is coded if it is so in one of them.

    Raises:
        IndexError: no table is given.
    """
    names = [name for name in tables[0].column_names if len({table.schema.field(name).type for table in tables}) > 1]
    for name in names:
        index = tables[0].schema.get_field_index(name)
        field = tables[0].schema.field(index).with_type(CODED)
        tables = [table.set_column(index, field, encoded(table.column(index))) for table in tables]
    return pa.concat_tables(tables)


@contextmanager
def reused_memory() -> Iterator[None]:
    """Columns made in the block take their memory from the C library, which gives freed memory out again.

    Arrow's own pool hands large blocks back to the system at once: where columns are made in great numbers, fetching
    them anew costs more than filling them.
    """
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


@cache
def arrow_schema(spec: TableSpec) -> pa.Schema:
    """The Arrow schema of a declared table; a column is nullable exactly if it is optional."""
    return pa.schema([pa.field(c.name, _KINDS[c.kind], nullable=c.optional) for c in spec.columns])


def table(spec: TableSpec, columns: Mapping[str, Sequence[Any] | pa.Array | pa.ChunkedArray]) -> pa.Table:
    """An Arrow table of the declared schema.

    Args:
        spec: the declared table.
        columns: one sequence of equal length a column; Arrow arrays are taken as they are (and cast), a text column
            also as positions in a list of words.

    Raises:
        KeyError: a declared column is missing, or an undeclared one is given.
        ValueError: a column that is not optional holds a null.
    """
    unknown = set(columns) - set(spec.names())
    if unknown:
        raise KeyError(f"{spec.name}: undeclared columns {sorted(unknown)}")
    arrays = [column_of(spec, column, columns[column.name]) for column in spec.columns]
    fields = [field.with_type(array.type) for field, array in zip(arrow_schema(spec), arrays, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def column_of(
    spec: TableSpec, column: Column, values: Sequence[Any] | pa.Array | pa.ChunkedArray
) -> pa.Array | pa.ChunkedArray:
    """One column of a declared table, given as for `table`.

    Raises:
        ValueError: it is not optional and holds a null.
    """
    kind = _KINDS[column.kind]
    if isinstance(values, pa.Array | pa.ChunkedArray):
        kept = values.type in (kind, CODED) and (values.type == kind or kind == pa.string())
        array = values if kept else values.cast(kind)
    else:
        array = _BUILDERS[column.kind](values, kind) if column.kind in _BUILDERS else _plain(values, kind)
    if array.null_count and not column.optional:
        raise ValueError(f"{spec.name}.{column.name}: null in a column that is not optional")
    return array


def _plain(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    """A column of single values; one that says the same in every row is not looked at value by value."""
    same = len(values) > 1 and isinstance(values, list) and values[0] is values[-1] is values[len(values) // 2]
    if same and values.count(values[0]) == len(values):
        return pa.repeat(pa.scalar(values[0], type), len(values))
    return pa.array(values, type=type)


def binaries(values: Sequence[bytes]) -> pa.Array | pa.ChunkedArray:
    """A column of byte strings, joined once: a builder that grows would move them again and again."""
    ends = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, values), dtype=np.int64, count=len(values)), out=ends[1:])
    if ends[-1] > np.iinfo(np.int32).max:
        return pa.array(values, type=pa.binary())
    offsets, data = pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(b"".join(values))
    return pa.Array.from_buffers(pa.binary(), len(values), [None, offsets, data])


def _lists(values: Sequence[Sequence[str]], type: pa.DataType) -> pa.Array:
    """A list column from nested sequences, flattened first: several times faster than letting Arrow look at each."""
    flat = pa.array(list(chain.from_iterable(values)), type=pa.string())
    return pa.ListArray.from_arrays(_offsets(values), flat)


def _maps(values: Sequence[Sequence[tuple[str, str]]], type: pa.DataType) -> pa.Array:
    """A map column; what is one value in many rows is made once."""
    places: dict[int, int] = {}
    rows = [places.setdefault(id(value), len(places)) for value in values]
    if len(places) < len(values):
        distinct = list({id(value): value for value in values}.values())
        return _maps(distinct, type).take(pa.array(rows, pa.int32()))
    flat = list(chain.from_iterable(values))
    keys = pa.array([key for key, _ in flat], type=pa.string())
    return pa.MapArray.from_arrays(_offsets(values), keys, pa.array([value for _, value in flat], type=pa.string()))


def _offsets(values: Sequence[Sequence[object]]) -> pa.Array:
    offsets = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, values), dtype=np.int32, count=len(values)), out=offsets[1:])
    return pa.array(offsets)


_BUILDERS: dict[str, Callable[[Sequence[Any], Any], Any]] = {"strings": _lists, "tags": _maps}


@cache
def empty(spec: TableSpec) -> pa.Table:
    """The declared table without rows."""
    return table(spec, {name: [] for name in spec.names()})


def with_rows(table: pa.Table, more: pa.Table) -> pa.Table:
    """A table with more rows of its kind, as far as it has their columns."""
    return pa.concat_tables(
        [plain(table), plain(more.select(table.column_names)).cast(plain(table.slice(0, 0)).schema)]
    )
