"""Rows of equal columns found by one sort: columns of codes packed into one number a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]
_ROOM = 1 << 62


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column: the position of each row's word, and the words, each once."""

    codes: Codes
    words: pa.Array

    @property
    def size(self) -> int:
        """How many words there are; at least one."""
        return max(len(self.words), 1)

    def position(self, word: str) -> int:
        """Where a word stands; -1 if it does not."""
        return int(pc.index(self.words, word).as_py())

    def at(self, rows: npt.NDArray[np.int64]) -> pa.DictionaryArray:
        """The column of these rows, with only the words that occur in them."""
        codes = self.codes[rows]
        used = np.zeros(len(self.words), bool)
        used[codes] = True
        kept = np.flatnonzero(used)
        place = np.zeros(len(self.words), np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(place[codes]), self.words.take(pa.array(kept)))


def coded_column(table: pa.Table, name: str) -> Coded:
    """A text column of a table, however it is held."""
    column = table[name]
    column = column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], pa.string()).dictionary_encode()
    words, codes = array.dictionary, array.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    distinct = words.dictionary_encode()
    if len(distinct.dictionary) < len(words):  # a word may stand in a list twice
        codes = distinct.indices.to_numpy(zero_copy_only=False).astype(np.int64)[codes]
        words = distinct.dictionary
    return Coded(codes, words)


def numbers(column: Any) -> npt.NDArray[np.int64]:
    """A column of times or integers as numbers; null becomes the smallest there is."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    whole = array.cast(pa.int64()) if not pa.types.is_timestamp(array.type) else array.view(pa.int64())
    if whole.null_count:
        whole = pc.fill_null(whole, np.iinfo(np.int64).min)
    return np.asarray(whole.to_numpy(zero_copy_only=False))


def keys(columns: Sequence[tuple[npt.NDArray[np.int64], int]]) -> npt.NDArray[np.int64]:
    """A number for each row, equal where all columns are; the first column counts most in its order.

    Each column is given as codes that are not negative, and how many there can be.
    """
    rows = len(columns[0][0])
    packed, room = np.zeros(rows, np.int64), 1
    for codes, size in columns:
        if room * size >= _ROOM:
            packed, room = _dense(packed)
        if room * size >= _ROOM:
            codes, size = _dense(codes)
        packed = packed * size + codes
        room *= size
    return packed


def _dense(codes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """The same order with numbers from 0, and how many there are."""
    distinct, dense = np.unique(codes, return_inverse=True)
    return dense, max(len(distinct), 1)


def groups(packed: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows in order of their numbers, those of one number anyhow, and where in that order each group begins."""
    order = np.argsort(packed)
    ordered = packed[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else order
    return order, starts
