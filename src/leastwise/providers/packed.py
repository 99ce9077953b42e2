"""A file of facts that a vendor publishes: a line of JSON (the header), compressed blocks, a hash of it all.

The header says where the facts come from, and where each block lies, so that a question reads only the block that it
is about. `head -1` shows it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from leastwise.errors import InputError

_BLOCK_LIMIT, _HASH = 64 << 20, 64

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from. Dates are YYYY-MM-DD; `date` is what the source says of itself, empty when it does not."""

    name: str
    version: str
    licence: str
    date: str
    compiled: str


class BlockHeader(Protocol):
    """What every header has, a frozen struct. `blocks`: name → offset after the line, length."""

    @property
    def format(self) -> int:
        """The number of the form of file."""
        ...

    @property
    def blocks(self) -> dict[str, tuple[int, int]]:
        """Where the blocks lie."""
        ...


_H = TypeVar("_H", bound=BlockHeader)


def pack(header: msgspec.Struct, blocks: Mapping[str, bytes]) -> bytes:
    """The file of these blocks; the header's `blocks` (see `BlockHeader`) are filled in."""
    places: dict[str, tuple[int, int]] = {}
    body = bytearray()
    for name, block in blocks.items():
        squeezed = zlib.compress(block, 9)
        places[name] = (len(body), len(squeezed))
        body += squeezed
    content = msgspec.json.encode(msgspec.structs.replace(header, blocks=places)) + b"\n" + bytes(body)
    return content + hashlib.sha256(content).hexdigest().encode()


class BlockFile(Generic[_H]):
    """An opened file of facts.

    Args:
        file: how to name it in errors.
        raw: its bytes.
        type: of its header.
        format: the one that is read.
        check: whether to compare the whole with its hash.

    Raises:
        InputError: it is no such file, is of another format, or is damaged.
    """

    def __init__(self, file: object, raw: bytes, type: type[_H], format: int, check: bool = True) -> None:
        self._file = file
        line, _, self._body = raw.partition(b"\n")
        try:
            self.header = msgspec.json.decode(line, type=type)
        except msgspec.MsgspecError as error:
            raise InputError(file, f"is no catalogue ({error})", "line 1") from None
        if self.header.format != format:
            raise InputError(file, f"has format {self.header.format}, this version reads {format}", "line 1")
        if check and hashlib.sha256(raw[:-_HASH]).hexdigest().encode() != raw[-_HASH:]:
            raise InputError(file, "is damaged: its content differs from the hash at its end")

    def block(self, name: str) -> bytes | None:
        """The content of a block, or None when there is none of that name."""
        place = self.header.blocks.get(name)
        if place is None:
            return None
        start, length = place
        inflate = zlib.decompressobj()
        try:
            found = inflate.decompress(self._body[start : start + length], _BLOCK_LIMIT)
        except zlib.error as error:
            raise InputError(self._file, f"is damaged: {error}", name) from None
        if not inflate.eof:
            raise InputError(self._file, "is damaged: a block is cut off or too large", name)
        return found

    def decoded(self, name: str, type: type[_T]) -> _T | None:
        """A block as a value. Raises InputError when it holds something else."""
        content = self.block(name)
        if content is None:
            return None
        try:
            return msgspec.json.decode(content, type=type)
        except msgspec.MsgspecError as error:
            raise InputError(self._file, f"is damaged: {error}", name) from None


class CountedHeader(Protocol):
    """A header that says where its facts come from, and how many there are."""

    @property
    def sources(self) -> list[Source]:
        """Where the facts come from."""
        ...

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        ...


class CountedFile(Protocol):
    """A file with such a header."""

    @property
    def header(self) -> CountedHeader:
        """What stands in its first line."""
        ...


_F = TypeVar("_F", bound=CountedFile)


class Published(Generic[_F]):
    """What one file says of itself; questions to its facts stand in the classes below.

    Args:
        packed: the file.
        place: `bundled`, or where it lies.
    """

    def __init__(self, packed: _F, place: str) -> None:
        self._packed = packed
        self.place = place

    @property
    def sources(self) -> list[Source]:
        """Where the facts come from."""
        return self._packed.header.sources

    @property
    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        return self._packed.header.counts
