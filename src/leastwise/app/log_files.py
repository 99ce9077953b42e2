"""Files of logs: found, read whole, unpacked; what goes wrong with one is told as a cause and stops nothing else."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from leastwise.errors import InputError

_ENDS = (".json", ".jsonl", ".ndjson", ".log")
_GZIP = b"\x1f\x8b"


class UnreadableError(Exception):
    """A file that cannot be read now; the text says why. It is set aside, and the next run looks at it again."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as it was found. `name` is how it is called in answers and in the lake."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file as they are on the disk, and their SHA-256."""

    data: bytes
    sha256: str


def find(paths: Sequence[Path], order: Callable[[str], str]) -> list[LogFile]:
    """The files named, and those below the folders named that are called as logs are; each once, ordered.

    Raises:
        InputError: there is no such file or folder, or it cannot be listed.
    """
    found: dict[str, LogFile] = {}
    for path in paths:
        if not path.exists():
            raise InputError(path, "no such file or folder")
        for file in [path] if path.is_file() else _below(path):
            name = str(file.absolute()).encode("utf-8", "backslashreplace").decode()
            found.setdefault(name, LogFile(file, name))
    return sorted(found.values(), key=lambda one: (order(one.name), one.name))


def _below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(error.filename or folder, error.strerror or "cannot be listed")

    return [
        Path(place, name)
        for place, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if name.removesuffix(".gz").endswith(_ENDS) and not name.startswith(".")
    ]


def read(path: Path) -> Content:
    """The file's bytes.

    Raises:
        UnreadableError: it cannot be opened, or changed while it was read.
    """
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read()
            after = os.fstat(file.fileno())
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise UnreadableError("changed while it was read")
    return Content(data, hashlib.sha256(data).hexdigest())


def unpacked(data: bytes) -> bytes:
    """The content of gzip data (several members are one file), or the data if it is none.

    Raises:
        UnreadableError: it is truncated or corrupt.
    """
    parts = []
    while data.startswith(_GZIP):
        unpacker = zlib.decompressobj(31)
        try:
            parts.append(unpacker.decompress(data))
            parts.append(unpacker.flush())
        except zlib.error as error:
            raise UnreadableError(f"corrupt gzip: {error}") from error
        if not unpacker.eof:
            raise UnreadableError("truncated gzip")
        data = unpacker.unused_data
        if not data.strip(b"\0"):  # tools that write whole blocks fill the last one
            return b"".join(parts)
    if parts:
        raise UnreadableError("corrupt gzip: something else follows")
    return data
