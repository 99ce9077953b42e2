"""Writing a list: a file a column, then the head that says which there are; at last the folder gets its name."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO
from zlib import crc32

import numpy as np
import pyarrow as pa

from leastwise.engine.arrays import Arrays

from ..files import PRIVATE_FILE, remove_tree, storage_errors
from . import bitmaps
from .columns import one_array, taken_apart, type_text
from .orders import FEW, Order, order_of, sets_of
from .texts import folded, grams_of

HEAD = "head.lwa"
FORMAT = 1
"""Changes with what files of a list hold."""


class ListWriter:
    """A list being written, in a folder beside its own; `finish` gives it its name, leaving without drops it.

    Raises:
        StorageFullError, StoreError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        self._columns: list[dict[str, Any]] = []
        self._rows: int | None = None

    def __enter__(self) -> ListWriter:
        with storage_errors(self._path.name):
            for folder in (self._path.parent.parent, self._path.parent, self._draft):
                folder.mkdir(mode=0o700, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with storage_errors(self._path.name):
            remove_tree(self._draft)

    def add(
        self, name: str, column: pa.ChunkedArray | pa.Array, ranks: Sequence[str] = (), searched: bool = False
    ) -> None:
        """Write a column; one that is not nested gets its order, and one that is `searched` what texts are found by."""
        array = one_array(column)
        if self._rows not in (None, len(array)):
            raise ValueError(f"{name}: has {len(array)} rows, and others {self._rows}")
        self._rows = len(array)
        facts: dict[str, Any] = {"name": name, "type": type_text(array.type)}
        held: dict[str, Any] = {}
        _put(held, facts, "values", array)
        if not pa.types.is_nested(array.type):
            order = order_of(array, ranks)
            facts |= {"tail": order.tail, "few": order.values <= FEW}
            held |= {"codes": order.codes, "order": order.order, "starts": order.starts}
            if facts["few"]:
                held["sets"], held["set_starts"] = bitmaps.stored(sets_of(order))
            if searched:
                _searched(held, facts, array, order)
        self._write(f"{len(self._columns)}.lwa", held, facts)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Write the head, with what else is to be said of the list, and give the list its name."""
        columns, self._columns = self._columns, []
        body = {"format": FORMAT, "rows": self._rows or 0, "columns": columns, "facts": dict(facts)}
        self._write(HEAD, {}, body)
        with storage_errors(self._path.name):
            try:
                self._draft.rename(self._path)
            except OSError:
                # Another made the same in the meantime; one that is damaged was removed before.
                if not (self._path / HEAD).exists():
                    raise

    def _write(self, file: str, held: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        with storage_errors(self._path.name):
            descriptor = os.open(self._draft / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            with os.fdopen(descriptor, "wb") as opened:
                counted = _Counted(opened)
                Arrays(held, facts).write(counted)
        self._columns.append({"name": facts.get("name"), "file": file, "size": counted.size, "sum": counted.sum})


class _Counted:
    """A file that knows the size and the checksum of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.sum = 0

    def write(self, data: Any) -> int:
        """Appends bytes (anything with the buffer protocol) and returns how many."""
        self.sum = crc32(data, self.sum)
        written = self._file.write(data)
        self.size += written
        return written


def _put(held: dict[str, Any], facts: dict[str, Any], name: str, array: pa.Array) -> None:
    """An Arrow array among the arrays of a file, its shape among the facts."""
    buffers: list[Any] = []
    facts[name] = taken_apart(array, buffers)
    held |= {f"{name}.{number}": buffer for number, buffer in enumerate(buffers)}


def _searched(held: dict[str, Any], facts: dict[str, Any], array: pa.Array, order: Order) -> None:
    """What texts are found by: the distinct values, folded, and which blocks of them hold what."""
    told = folded(array.take(pa.array(order.firsts()))) if order.values else array.slice(0, 0)
    facts["text_type"] = type_text(told.type)
    _put(held, facts, "texts", one_array(told))
    grams = grams_of(told)
    held |= {"gram_blocks": grams.blocks, "gram_starts": np.ascontiguousarray(grams.starts)}
