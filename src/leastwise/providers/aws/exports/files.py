"""Reading one exported file as bytes, whatever the tool that wrote it did to the encoding."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import stat
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, RawDocument, Scope
from leastwise.providers.aws.encoding import broken

TWELVE = re.compile(r"[0-9]{12}")
"""An account id."""

REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,2}-[0-9]{1,2}")
"""A region, as https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html names them."""

_MEMBER = re.compile(rb'[ \t\r\n]*[{,][ \t\r\n]*"(?:[^"\\]|\\.)*"[ \t\r\n]*:[ \t\r\n]*')
_CLOSED = re.compile(rb"[ \t\r\n]*\{?[ \t\r\n]*\}[ \t\r\n]*")

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


def folder_account(path: Path) -> str | None:
    """The account that the file or a folder above is named after."""
    names = [path.stem, *(parent.name for parent in path.absolute().parents)]
    return next((name for name in names if TWELVE.fullmatch(name)), None)


def folder_region(path: Path) -> str:
    """The region that a folder above, within the account's folder, is named after; empty when none is."""
    for parent in path.absolute().parents:
        if REGION.fullmatch(parent.name):
            return parent.name
        if TWELVE.fullmatch(parent.name):
            break
    return ""


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


def read_head(path: Path, length: int = 1 << 16) -> bytes:
    """The beginning of a file, enough to tell its kind; all of one that is packed or in another encoding."""
    try:
        with path.open("rb") as file:
            head = file.read(length)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    return head if head[:1] == b"{" else read_bytes(path)


def parse(path: object, data: bytes) -> object:
    """Any JSON value. Raises InputError naming the file."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, broken(error, data)) from None


def members(path: object, data: bytes) -> dict[str, msgspec.Raw]:
    """The members of a JSON object, each still as its bytes.

    Raises InputError naming the file for what is no JSON object, and for a member that stands twice: which of the two
    counts differs between readers, and the other one would be lost.
    """
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        parse(path, data)
        raise InputError(path, "must be an object") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(path, broken(error, data)) from None
    # Names, values and what stands between them are the whole text, unless a value was replaced by a later one.
    place = 0
    for raw in found.values():
        match = _MEMBER.match(data, place)
        if match is None:
            break
        place = match.end() + memoryview(raw).nbytes
    if not _CLOSED.fullmatch(data, place):
        raise InputError(path, f'"{_repeated(data)}" stands twice')
    return found


def _repeated(data: bytes) -> str:
    """The first name that an object gives to two members; empty if there is none."""
    outer: list[str] = []

    def keep(pairs: list[tuple[str, object]]) -> None:
        outer[:] = [name for name, _ in pairs]  # the outermost object is the last that is read

    json.loads(data.decode("utf-8", "replace"), object_pairs_hook=keep)
    return next((name for place, name in enumerate(outer) if name in outer[:place]), "")


def modified(path: Path) -> datetime:
    """When the file was last written (UTC, whole seconds)."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
