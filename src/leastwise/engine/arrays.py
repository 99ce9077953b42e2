"""Named arrays in one file that is mapped into memory, not read: the compiled form of an estate.

The file is a magic, length and checksum of a header, the header (JSON: name, type, shape and place of every array, and
what else the writer wants to say), then the arrays, each at a multiple of 64 bytes. The arrays themselves are not
checked: that would read them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import numpy as np

MAGIC = b"LWARRAY2"
_ALIGN = 64
_START = len(MAGIC) + 16

Array = np.ndarray[Any, np.dtype[Any]]


class DamagedError(ValueError):
    """The file is not what was written."""


class Sink(Protocol):
    """What is written to, in one go from its beginning."""

    def write(self, data: Any, /) -> int:
        """Append bytes, or anything that holds them."""


class Arrays:
    """Arrays by name, and the header's other facts. Opened ones are views into the mapped file, read-only."""

    def __init__(self, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> None:
        self._arrays = arrays
        self.facts = facts

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def names(self) -> list[str]:
        """The names of the arrays, in order."""
        return list(self._arrays)

    @property
    def size(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self._arrays.values())

    def write(self, file: Sink) -> None:
        """Write everything to an open file."""
        places: dict[str, Any] = {}
        offset = 0
        for name, array in self._arrays.items():
            offset = -(-offset // _ALIGN) * _ALIGN
            places[name] = [array.dtype.str, list(array.shape), offset]
            offset += array.nbytes
        header = json.dumps({"arrays": places, "facts": self.facts, "bytes": offset}).encode()
        start = -(-(_START + len(header)) // _ALIGN) * _ALIGN
        file.write(MAGIC + len(header).to_bytes(8, "little") + crc32(header).to_bytes(8, "little") + header)
        file.write(b"\0" * (start - _START - len(header)))
        at = 0
        for name, array in self._arrays.items():
            file.write(b"\0" * (places[name][2] - at))
            file.write(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
            at = places[name][2] + array.nbytes


def open_arrays(path: Path) -> Arrays:
    """The arrays of a file, mapped.

    Raises:
        OSError: the file cannot be opened.
        DamagedError: it was not written as a whole by `Arrays.write`.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_START)
        if head[: len(MAGIC)] != MAGIC:
            raise DamagedError(f"{path.name}: is no file of arrays")
        length, checksum = (int.from_bytes(head[at : at + 8], "little") for at in (len(MAGIC), len(MAGIC) + 8))
        raw = file.read(min(length, size))
    if len(head) != _START or len(raw) != length or crc32(raw) != checksum:
        raise DamagedError(f"{path.name}: its header is damaged")
    header = json.loads(raw)
    places, facts, total = header["arrays"], header["facts"], header["bytes"]
    start = -(-(_START + length) // _ALIGN) * _ALIGN
    if size != start + total:
        raise DamagedError(f"{path.name}: is cut off or has more than was written")
    mapped = np.memmap(path, dtype=np.uint8, mode="r", offset=start) if total else np.empty(0, np.uint8)
    return Arrays({name: _view(mapped, *place) for name, place in places.items()}, facts)


def _view(mapped: Array, dtype: str, shape: list[int], offset: int) -> Array:
    kind = np.dtype(dtype)
    count = int(np.prod(shape)) if shape else 1
    return np.asarray(mapped[offset : offset + count * kind.itemsize]).view(kind).reshape(shape)
