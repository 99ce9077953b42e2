"""Reading one exported file as bytes, whatever the tool that wrote it did to the encoding."""

from __future__ import annotations

import codecs
import gzip
import stat
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, RawDocument, Scope

from .encoding import broken

MOST_BYTES = 2 << 30
"""Larger files are refused: no export of one account comes near two gibibytes."""


HEAD = 1 << 16
"""As much as is read to recognise a file."""


@dataclass(slots=True)
class Found:
    """What one file tells of one scope."""

    scope: Scope
    documents: list[RawDocument]
    coverage: list[Coverage] = field(default_factory=list)


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """The content, unpacked if gzip, as UTF-8 without a byte order mark; with `most`, only about as much of it.

    Raises InputError if the file cannot be read, is no regular file, is empty or too large.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise InputError(path, "not a regular file")
        if about.st_size > MOST_BYTES:
            raise InputError(path, f"larger than {MOST_BYTES >> 30} GiB")
        # Unbuffered: a buffered stream reads what is left and then copies it behind what it has read ahead.
        with path.open("rb", buffering=0) as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    data = unpacked.read(MOST_BYTES + 1 if most is None else most)
            else:
                data = stream.read(-1 if most is None else most)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(path, f"cannot be read: {cause}") from None
    if len(data) > MOST_BYTES:
        raise InputError(path, f"larger than {MOST_BYTES >> 30} GiB when unpacked")
    if data[:3] == codecs.BOM_UTF8:
        data = data[3:]
    elif data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        try:
            data = data.decode("utf-16", "strict" if most is None else "ignore").encode()
        except UnicodeError:
            raise InputError(path, "not valid UTF-16") from None
    if not data or data.isspace():
        raise InputError(path, "the file is empty")
    return data


def name_of(path: Path) -> str:
    """The file's name as text that can be stored, also when its bytes are not UTF-8."""
    return path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def parse(path: object, data: bytes) -> object:
    """Any JSON value. Raises InputError naming the file."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, broken(error, data)) from None


def modified(path: Path) -> datetime:
    """When the file was last written (UTC, whole seconds)."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
