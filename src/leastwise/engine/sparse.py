"""Rows of numbers in two arrays (compressed sparse rows), and texts in two arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np

from .arrays import Array


@dataclass(frozen=True, slots=True)
class Rows:
    """Row i is `values[starts[i]:starts[i + 1]]`."""

    starts: Array
    values: Array

    def row(self, index: int) -> Array:
        """One row."""
        return self.values[self.starts[index] : self.starts[index + 1]]

    def gather(self, indices: Array) -> tuple[Array, Array]:
        """The rows one behind the other, and for each value the place of its row among `indices`."""
        begin = self.starts[indices]
        length = self.starts[indices + 1] - begin
        total = int(length.sum())
        owner = np.repeat(np.arange(len(indices)), length)
        if not total:
            return self.values[:0], owner
        inside = np.arange(total) - np.repeat(np.cumsum(length) - length, length)
        return self.values[np.repeat(begin, length) + inside], owner

    def codes(self, indices: Array) -> Array:
        """A number for each of some rows (of numbers below 2**31): equal exactly where rows are equal."""
        begin = self.starts[indices].astype(np.int64)
        length = self.starts[indices + 1] - begin
        codes = np.zeros(len(indices), np.int64)
        active = np.arange(len(indices))
        place = 0
        while len(active := active[length[active] > place]):
            _, values = np.unique(self.values[begin[active] + place], return_inverse=True)
            _, codes[active] = np.unique(codes[active] * (int(values.max()) + 1) + values, return_inverse=True)
            place += 1
        # Rows of one length were numbered together.
        _, numbers = np.unique(length * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
        return np.asarray(numbers)


def rows_of(keys: Array, values: Array, count: int) -> Rows:
    """Rows from pairs of row number and value; the order within a row is kept.

    Args:
        keys: row of each pair.
        values: value of each pair.
        count: number of rows.
    """
    order = np.argsort(keys, kind="stable")
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=count), out=starts[1:])
    return Rows(starts, np.asarray(values)[order])


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as UTF-8 bytes one behind the other."""

    starts: Array
    blob: Array

    def __len__(self) -> int:
        return len(self.starts) - 1

    def bytes(self, index: int) -> bytes:
        """One text's bytes."""
        return self.blob[self.starts[index] : self.starts[index + 1]].tobytes()

    def __getitem__(self, index: int) -> str:
        return self.bytes(index).decode()

    def many(self, indices: Array) -> list[str]:
        """Several texts."""
        raw = np.ascontiguousarray(self.blob).data
        places = zip(self.starts[indices].tolist(), self.starts[indices + 1].tolist(), strict=True)
        return [str(raw[a:b], "utf-8") for a, b in places]

    def all(self) -> list[str]:
        """Every text, in order."""
        raw = self.blob.tobytes()
        starts = self.starts.tolist()
        return [raw[a:b].decode() for a, b in pairwise(starts)]


def texts_of(texts: Iterable[str | bytes]) -> Texts:
    """Texts from values."""
    encoded = [text.encode() if isinstance(text, str) else text for text in texts]
    starts = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(one) for one in encoded], out=starts[1:])
    return Texts(starts, np.frombuffer(b"".join(encoded), np.uint8))


@dataclass(frozen=True, slots=True)
class Lookup:
    """Finds the number of a text by its checksum: checksums sorted, and whose they are."""

    sums: Array
    order: Array

    def find(self, texts: Texts, text: str) -> int | None:
        """The number of a text, or None."""
        raw = text.encode()
        wanted = np.uint32(crc32(raw))
        at = int(np.searchsorted(self.sums, wanted))
        while at < len(self.sums) and self.sums[at] == wanted:
            if texts.bytes(int(self.order[at])) == raw:
                return int(self.order[at])
            at += 1
        return None


def lookup_of(texts: Sequence[str]) -> Lookup:
    """A lookup of texts by number."""
    sums = np.fromiter((crc32(text.encode()) for text in texts), np.uint32, len(texts))
    order = np.argsort(sums, kind="stable").astype(np.int32)
    return Lookup(sums[order], order)
