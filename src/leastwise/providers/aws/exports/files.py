"""Reading one exported file as bytes, whatever the tool that wrote it did to the encoding."""

from __future__ import annotations

import codecs
import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from leastwise.errors import InputError

MOST_BYTES = 2 << 30
"""Larger files are refused: no export of one account comes near two gibibytes."""


def read_bytes(path: Path) -> bytes:
    """The content, unpacked if gzip, as UTF-8 without a byte order mark.

    Raises InputError if the file cannot be read, is empty or too large.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(path, f"larger than {MOST_BYTES >> 30} GiB")
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(path, f"cannot be read: {cause}") from None
    if data[:3] == codecs.BOM_UTF8:
        data = data[3:]
    elif data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            raise InputError(path, "not valid UTF-16") from None
    if not data.strip():
        raise InputError(path, "the file is empty")
    return data


def parse(path: object, data: bytes) -> object:
    """Any JSON value. Raises InputError naming the file."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, f"not valid JSON: {error}") from None


def modified(path: Path) -> datetime:
    """When the file was last written (UTC, whole seconds)."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
