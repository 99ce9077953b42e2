"""Columns of text as arrays of numbers: each word once, and for each row the position of its word.

A `-1` stands for none, `-2` for one that was not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.arrays import Array
from leastwise.engine.columns import encoded
from leastwise.engine.sparse import Rows, texts_of

from .scopes import ScopeTables, joined

NONE, UNREAD = -1, -2
Coded = tuple[Array, pa.Array]
"""A text column as the position of each row's word (-1 for none), and the words."""


class Codes:
    """Numbers of the distinct documents: `of(scope, row)` for a document of a scope's table."""

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        hashes = joined(scopes, "documents", ["hash"])["hash"].combine_chunks().dictionary_encode()
        self.all = hashes.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        self.count = len(hashes.dictionary)
        sizes = [one.tables["documents"].num_rows if "documents" in one.tables else 0 for one in scopes]
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        first = np.full(self.count, len(self.all), np.int64)
        np.minimum.at(first, self.all, np.arange(len(self.all)))
        self.first = first

    def of(self, scope: int, rows: pa.Array | pa.ChunkedArray) -> Array:
        """The numbers of rows of a scope's documents; UNREAD where the row is null."""
        filled = pc.fill_null(rows, -1)
        local = (filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled).to_numpy(
            zero_copy_only=False
        )
        found = np.full(len(local), UNREAD, np.int32)
        known = local >= 0
        found[known] = self.all[self.starts[scope] + local[known]]
        return found


def coded(column: pa.ChunkedArray) -> Coded:
    """A text column as positions in a list of words."""
    one = encoded(column).unify_dictionaries().combine_chunks()
    return pc.fill_null(one.indices, NONE).to_numpy(zero_copy_only=False), one.dictionary


def picked_of(column: pa.ChunkedArray, rows: Array) -> Coded:
    """The words of these rows, as positions: the list of words itself is not copied."""
    codes, words = coded(column)
    return codes[rows], words


def numbers_of(ids: pa.ChunkedArray, numbers: Mapping[str, int]) -> Array:
    """The number of each id; -1 for one that has none."""
    at, words = coded(ids)
    known = np.fromiter((numbers.get(id, -1) for id in words.to_pylist()), np.int32)
    return np.asarray(known[at]) if len(known) else np.empty(0, np.int32)


def intern(name: str, column: pa.ChunkedArray, arrays: dict[str, Array]) -> None:
    """Keeps a text column under a name: each word once, and the position of each row's."""
    intern_codes(name, *coded(column), arrays)


def intern_codes(name: str, codes: Array, words: pa.Array, arrays: dict[str, Array]) -> None:
    """The same of a column that is positions already."""
    used, places = np.unique(codes, return_inverse=True)
    given = used[used >= 0]
    # A list of words may hold words that no row has, and one twice.
    distinct = words.take(pa.array(given)).dictionary_encode()
    numbers = np.full(len(used), NONE, np.int32)
    numbers[len(used) - len(given) :] = distinct.indices.to_numpy(zero_copy_only=False)
    arrays[name] = numbers[places]
    store(f"{name}.texts", distinct.dictionary, arrays)


def intern_rows(name: str, parts: Sequence[Coded], order: Array, arrays: dict[str, Array]) -> None:
    """Interns the words of several lists of rows, one behind the other, in this order."""
    codes, before = [np.empty(0, np.int64)], 0
    for found, words in parts:
        codes.append(np.where(found < 0, NONE, found + before))
        before += len(words)
    listed = [words for _, words in parts] or [pa.array([], pa.string())]
    intern_codes(name, np.concatenate(codes)[order], pa.concat_arrays(listed), arrays)


def store(name: str, texts: pa.Array | Sequence[str], arrays: dict[str, Array]) -> list[str]:
    """Keeps texts under a name, and returns them."""
    values = texts.to_pylist() if isinstance(texts, pa.Array) else list(texts)
    made = texts_of(values)
    arrays[f"{name}.starts"], arrays[f"{name}.blob"] = made.starts, made.blob
    return values


def store_rows(name: str, rows: Rows, arrays: dict[str, Array]) -> None:
    """Keeps what belongs to what under a name."""
    arrays[f"{name}.starts"], arrays[f"{name}.values"] = rows.starts, rows.values
