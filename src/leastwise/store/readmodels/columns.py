"""Joins and groupings over columns: what the read models are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import CODED, coded

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TAKE_ROWS = 1 << 17
"""Rows gathered at once: the offsets of an Arrow string array end at 2 GiB, so long gathers are cut in chunks."""


def flat(column: Any) -> pa.Array:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:  # joining a single one would copy it
        return column.chunk(0)
    if column.type == CODED and column.num_chunks > 1:
        return _stacked(column.chunks)
    return column.combine_chunks()


def _stacked(chunks: list[pa.DictionaryArray]) -> pa.DictionaryArray:
    """Coded chunks as one, with their words one list below another: nothing is compared."""
    codes, words, before = [], [], 0
    for chunk in chunks:
        found = ints(chunk.indices)
        codes.append(np.where(found < 0, found, found + before) if chunk.null_count else found + before)
        words.append(chunk.dictionary)
        before += len(chunk.dictionary)
    return coded(np.concatenate(codes), pa.concat_arrays(words))


def text(column: Any) -> pa.Array:
    """A text column as one array of texts written out."""
    found = flat(column)
    return found.cast(pa.string()) if found.type == CODED else found


def says(column: Any, *words: str) -> Bools:
    """Which rows of a text column say one of these words; null says none."""
    found, wanted = flat(column), pa.array(words, pa.string())
    if found.type != CODED:
        return flags(pc.is_in(found, value_set=wanted))
    holds = np.append(flags(pc.is_in(found.dictionary, value_set=wanted)), False)
    result: Bools = holds[ints(found.indices)]
    return result


def distinct(column: Any) -> pa.Array:
    """The distinct texts of a column."""
    found = flat(column)
    if found.type != CODED:
        return found.unique()
    used = np.unique(ints(found.indices))
    return found.dictionary.take(pa.array(used[used >= 0])).unique()


def ints(column: Any) -> Ints:
    """An integer column with -1 for null."""
    result: Ints = _filled(column, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return result


def _filled(column: Any, value: int | bool) -> pa.Array:
    """The column with this value for null; one without nulls is not copied for it."""
    found = flat(column)
    return pc.fill_null(found, value) if found.null_count else found


def truths(column: Any) -> Ints:
    """A bool column as 1, 0, and -1 for null."""
    return ints(flat(column).cast(pa.int8()))


def flags(mask: Any) -> Bools:
    """A bool column without nulls (null counts as false)."""
    result: Bools = _filled(mask, False).to_numpy(zero_copy_only=False)
    return result


def times(column: Any) -> Ints:
    """A time column as microseconds, with the smallest integer for null."""
    raw = flat(column).cast(pa.int64())
    result: Ints = pc.fill_null(raw, np.iinfo(np.int64).min).to_numpy(zero_copy_only=False)
    return result


def lookup(values: Any, ids: Any) -> Ints:
    """Row of each value in `ids`, -1 where it is not there."""
    if not len(values) or not len(ids):  # nothing to find: `ids` need not be hashed
        return np.full(len(values), -1, dtype=np.int64)
    return lookups([values], ids)[0]


def lookups(columns: Sequence[Any], ids: Any) -> list[Ints]:
    """`lookup` of several columns, for which the ids are hashed once."""
    found = [flat(column) for column in columns]
    words = [one.dictionary if one.type == CODED else one for one in found]
    rows, result, before = ints(pc.index_in(pa.concat_arrays(words), value_set=text(ids))), [], 0
    for one, held in zip(found, words, strict=True):
        here = rows[before : before + len(held)]
        result.append(np.append(here, -1)[ints(one.indices)] if one.type == CODED else here)
        before += len(held)
    return result


def take(column: Any, rows: Ints) -> pa.ChunkedArray:
    """The column's values at these rows; null where the row is negative."""
    source = flat(column)
    if len(rows) == len(source) and np.array_equal(rows, np.arange(len(rows))):
        return pa.chunked_array([source])
    absent = rows < 0
    indices = pa.array(rows, pa.int64(), mask=absent if absent.any() else None)
    if source.type == CODED:
        return pa.chunked_array([source.take(indices)])
    parts = [source.take(indices.slice(start, TAKE_ROWS)) for start in range(0, len(indices), TAKE_ROWS)]
    return pa.chunked_array(parts, type=source.type)


def ranges(starts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """For each range its positions, one after another: (which range, position)."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return owner, first + np.arange(len(owner), dtype=np.int64)


def join(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Every pair (row of left, row of right) with equal keys; keys below zero match nothing. Ordered by left."""
    order = np.argsort(right, kind="stable")
    keys = right[order]
    start = np.searchsorted(keys, left, side="left")
    count = np.where(left < 0, 0, np.searchsorted(keys, left, side="right") - start)
    owner, position = ranges(start, count)
    return owner, order[position]


def distinct_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """The distinct pairs, ordered by first, then by where the pair stood first."""
    if not len(first):
        return first, second
    width = int(second.max()) + 1
    _, index = np.unique(first * width + second, return_index=True)
    index = index[np.lexsort((index, first[index]))]
    return first[index], second[index]


def lists(rows: int, parent: Ints, values: Any) -> pa.Array:
    """A list column of `rows` rows: the distinct values of each parent, in the order given."""
    named = pc.dictionary_encode(text(values))
    parents, codes = distinct_pairs(parent, ints(named.indices))
    return raw_lists(rows, parents, pc.take(named.dictionary, pa.array(codes, pa.int64())))


def raw_lists(rows: int, parent: Ints, values: pa.Array) -> pa.Array:
    """A list column of `rows` rows from values that stand ordered by their parent."""
    offsets = np.zeros(rows + 1, dtype=np.int32)
    np.cumsum(np.bincount(parent, minlength=rows), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def unlist(column: Any) -> tuple[Ints, pa.Array]:
    """A list column taken apart: (row, value) for every element."""
    source = flat(column)
    return ints(pc.list_parent_indices(source)), pc.list_flatten(source)


def count(rows: int, parent: Ints) -> Ints:
    """How often each row is a parent."""
    return np.bincount(parent, minlength=rows).astype(np.int64)


def mark(rows: int, parent: Ints) -> Bools:
    """Which rows are a parent at least once."""
    marks = np.zeros(rows, dtype=np.bool_)
    marks[parent] = True
    return marks


def constant(text: str, rows: int) -> pa.Array:
    """The same text in every row."""
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def words(choices: list[str], codes: Ints) -> pa.Array:
    """The chosen word of each row."""
    return pa.array(choices, pa.string()).take(pa.array(codes, pa.int64()))


def fill_text(table: pa.Table, name: str, word: str) -> pa.Table:
    """The table with this text where the column is empty."""
    index = table.schema.get_field_index(name)
    column = table.column(index)
    blank = says(column, "")
    if not blank.any():
        return table
    filled = pc.if_else(pa.array(blank), word, text(column))
    return table.set_column(index, table.schema.field(index).with_type(pa.string()), filled)


OWNER_TAGS = ("owner", "team", "squad")
"""Tag keys that name an owner, whatever their case; an earlier one wins. A cost centre pays, it does not repair."""


def owner_by_tag(tags: Any) -> pa.Array:
    """The owner that each row's tags name; null where they name none."""
    column = flat(tags)
    rows = len(column)
    if not rows:
        return pa.array([], pa.string())
    offsets = column.offsets.to_numpy().astype(np.int64)
    start, stop = int(offsets[0]), int(offsets[-1])
    keys, values = column.keys.slice(start, stop - start), column.items.slice(start, stop - start)
    rank = lookup(pc.utf8_lower(keys), pa.array(OWNER_TAGS, pa.string()))
    wanted = np.flatnonzero((rank >= 0) & flags(pc.not_equal(values, "")))
    parent = np.repeat(np.arange(rows, dtype=np.int64), np.diff(offsets))[wanted]
    order = np.lexsort((wanted, rank[wanted], parent))
    owners, first = np.unique(parent[order], return_index=True)
    chosen = np.full(rows, -1, dtype=np.int64)
    chosen[owners] = wanted[order][first]
    return flat(take(values, chosen))
