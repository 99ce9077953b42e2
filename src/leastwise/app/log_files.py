"""Files of logs: found, read whole, unpacked; what goes wrong with one is told as a cause and stops nothing else."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from isal import isal_zlib as zlib
from isal.igzip_lib import IsalError

from leastwise.errors import InputError

_ENDS = (".json", ".jsonl", ".ndjson", ".log")
_GZIP = b"\x1f\x8b"
_CHUNK, _PIECE, _ROOM = 1 << 20, 1 << 23, 1 << 26
LARGE = 1 << 24
"""Files of more bytes than that are not held in memory."""


# Its stubs say that it is an exception, not a class of them.
_Corrupt = cast("type[Exception]", IsalError)


class UnreadableError(Exception):
    """A file that cannot be read now; the text says why. It is set aside, and the next run looks at it again."""


@dataclass(frozen=True)
class LogFile:
    """A file as it was found. `name` is how it is called in answers and in the lake."""

    path: Path
    name: str

    def content(self) -> Content:
        """What it holds. UnreadableError when it cannot be read, or changed meanwhile."""
        return read(self.path)


@dataclass(frozen=True, slots=True)
class Content:
    """A file's size and SHA-256, and its bytes as they are on the disk; None for a large one, see `pieces`."""

    data: bytes | None
    sha256: str
    size: int
    modified: int


def find(paths: Sequence[Path], order: Callable[[str], str], ends: tuple[str, ...] = ()) -> list[LogFile]:
    """The files named, and those below the folders named that are called as logs are; each once, ordered.

    `ends` are endings of such names besides the usual.

    Raises:
        InputError: there is no such file or folder, or it cannot be listed.
    """
    found: dict[str, LogFile] = {}
    for path in paths:
        if not path.exists():
            raise InputError(path, "no such file or folder")
        for file in [path] if path.is_file() else _below(path, ends):
            name = str(file.absolute()).encode("utf-8", "backslashreplace").decode()
            found.setdefault(name, LogFile(file, name))
    return sorted(found.values(), key=lambda one: (order(one.name), one.name))


def _below(folder: Path, ends: tuple[str, ...]) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(error.filename or folder, error.strerror or "cannot be listed")

    return [
        Path(place, name)
        for place, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if is_called_as_a_log(name, ends)
    ]


def is_called_as_a_log(name: str, ends: tuple[str, ...] = ()) -> bool:
    """Whether a file in a folder is taken for a log by its name, which may have one of some endings besides."""
    return name.removesuffix(".gz").endswith((*_ENDS, *ends)) and not name.startswith(".")


def read(path: Path) -> Content:
    """The file's bytes; of a large file, what tells them from others.

    Raises:
        UnreadableError: it cannot be opened, or changed while it was read.
    """
    data = None
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > LARGE:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
            else:
                data = file.read()
                sha256, size = hashlib.sha256(data).hexdigest(), len(data)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read") from error
    if (before.st_size, before.st_mtime_ns, size) != (after.st_size, after.st_mtime_ns, after.st_size):
        raise UnreadableError("changed while it was read")
    return Content(data, sha256, size, after.st_mtime_ns)


def beginning(path: Path, size: int) -> bytes:
    """The first bytes of a file, unpacked: about so many, fewer only where there are no more.

    Raises:
        UnreadableError: it is truncated or corrupt before that, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(size)
            if not data.startswith(_GZIP):
                return data
            unpacker, found = zlib.decompressobj(31), b""
            while data and len(found) < size and not unpacker.eof:
                found += unpacker.decompress(data)
                data = file.read(size)
    except _Corrupt as error:
        raise UnreadableError(f"corrupt gzip: {error}") from error
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read") from error
    return found


def pieces(path: Path, content: Content) -> Iterator[bytes]:
    """A large file unpacked, some lines at a time; as one piece if its first line is no JSON of its own.

    Raises:
        UnreadableError: it is truncated or corrupt, cannot be read, or has changed since `read`.
    """
    held, decided = b"", False
    chunks = _unpacking(path, content)
    for chunk in chunks:
        held += chunk
        if not decided and (b"\n" in held or len(held) > _PIECE):
            decided = True
            if not _stands_alone(held):
                yield b"".join([held, *chunks])
                return
        end = held.rfind(b"\n") + 1 if len(held) > _PIECE else 0
        if end:
            yield held[:end]
            held = held[end:]
    if held:
        yield held


def _stands_alone(held: bytes) -> bool:
    """Whether the first line is a value of JSON."""
    line, end, _ = held.partition(b"\n")
    try:
        json.loads(line)
    except ValueError:
        return False
    return end != b""


def _unpacking(path: Path, content: Content) -> Iterator[bytes]:
    """The unpacked bytes of a file, read by and by."""
    unpacker = None
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if unpacker is None and file.tell() == len(chunk) and not chunk.startswith(_GZIP):
                    yield chunk
                    yield from iter(lambda: file.read(_CHUNK), b"")
                    break
                while chunk:
                    if unpacker is None or unpacker.eof:
                        if not chunk.strip(b"\0"):
                            break
                        unpacker = zlib.decompressobj(31)
                    yield unpacker.decompress(chunk)
                    chunk = unpacker.unused_data if unpacker.eof else b""
            after = os.fstat(file.fileno())
    except _Corrupt as error:
        raise UnreadableError(f"corrupt gzip: {error}") from error
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read") from error
    if unpacker is not None and not unpacker.eof:
        raise UnreadableError("truncated gzip")
    if (after.st_size, after.st_mtime_ns) != (content.size, content.modified):
        raise UnreadableError("changed while it was read")


def unpacked(data: bytes) -> bytes:
    """The content of gzip data (several members are one file), or the data if it is none.

    Raises:
        UnreadableError: it is truncated or corrupt.
    """
    parts = []
    while data.startswith(_GZIP):
        unpacker = zlib.decompressobj(31)
        try:
            # The last four bytes say how much it is: with room for it nothing is moved while it is unpacked.
            room = min(int.from_bytes(data[-4:], "little") + 1, _ROOM)
            parts.append(unpacker.decompress(data, room))
            if not unpacker.eof:
                parts.append(unpacker.decompress(unpacker.unconsumed_tail) + unpacker.flush())
        except _Corrupt as error:
            raise UnreadableError(f"corrupt gzip: {error}") from error
        if not unpacker.eof:
            raise UnreadableError("truncated gzip")
        data = unpacker.unused_data
        if not data.strip(b"\0"):  # tools that write whole blocks fill the last one
            return b"".join(parts)
    if parts:
        raise UnreadableError("corrupt gzip: something else follows")
    return data
