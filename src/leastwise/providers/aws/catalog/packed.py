"""The file of the catalogue: a line of JSON (the header), a compressed block for each service, a hash of it all.

The header says where the facts come from, and where each block lies, so that a question about one service reads one
block. `head -1` shows it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from leastwise.errors import InputError

from .facts import Source

FORMAT = 1
NAMES, SECOND = "*names", "*second"
"""Blocks that belong to no service: all action names by service; what the second source adds."""
_BLOCK_LIMIT, _HASH = 64 << 20, 64

_T = TypeVar("_T")


class UseRow(msgspec.Struct, frozen=True, array_like=True):
    """A resource type of an action: position in the service's types, whether required, positions of its keys."""

    type: int
    required: bool
    keys: list[int]


class ActionRow(msgspec.Struct, frozen=True, array_like=True):
    """An action; numbers are positions in `LEVELS` and in the service's lists."""

    name: str
    level: int
    uses: list[UseRow]
    keys: list[int]
    dependent: list[str]
    source: str = ""


class TypeRow(msgspec.Struct, frozen=True, array_like=True):
    """A resource type; `keys` are positions in the service's list."""

    name: str
    arns: list[str]
    keys: list[int]


class ServiceBlock(msgspec.Struct, frozen=True):
    """One service. `keys` are the names of condition keys that its rows point at, `defined` the types of its own."""

    name: str
    keys: list[str]
    defined: dict[str, str]
    types: list[TypeRow]
    actions: list[ActionRow]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the first line. `blocks`: name → offset after the line, length.

    `differences` counts what the two sources tell differently, by kind; empty when only a part of one was there.
    `aliases` are prefixes of condition keys that other services than the one of that name define (`saml`: sts).
    """

    format: int
    sources: list[Source]
    counts: dict[str, int]
    differences: dict[str, int]
    rcp: list[str]
    global_keys: dict[str, str]
    aliases: dict[str, list[str]]
    blocks: dict[str, tuple[int, int]]


def pack(header: Header, blocks: Mapping[str, bytes]) -> bytes:
    """The file of these blocks; the header's `blocks` are filled in."""
    places: dict[str, tuple[int, int]] = {}
    body = bytearray()
    for name, block in blocks.items():
        squeezed = zlib.compress(block, 9)
        places[name] = (len(body), len(squeezed))
        body += squeezed
    content = msgspec.json.encode(msgspec.structs.replace(header, blocks=places)) + b"\n" + bytes(body)
    return content + hashlib.sha256(content).hexdigest().encode()


class Packed:
    """An opened file of the catalogue.

    Args:
        file: how to name it in errors.
        raw: its bytes.
        check: whether to compare the whole with its hash.

    Raises:
        InputError: it is no such file, is of another format, or is damaged.
    """

    def __init__(self, file: object, raw: bytes, check: bool = True) -> None:
        self._file = file
        line, _, self._body = raw.partition(b"\n")
        try:
            self.header = msgspec.json.decode(line, type=Header)
        except msgspec.MsgspecError as error:
            raise InputError(file, f"is no catalogue ({error})", "line 1") from None
        if self.header.format != FORMAT:
            raise InputError(file, f"has format {self.header.format}, this version reads {FORMAT}", "line 1")
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

    def service(self, prefix: str) -> ServiceBlock | None:
        """The facts of a service by its prefix in lower case, or None."""
        return self.decoded(prefix, ServiceBlock)

    def names(self) -> dict[str, list[str]]:
        """The names of all actions by service."""
        return self.decoded(NAMES, dict[str, list[str]]) or {}

    def decoded(self, name: str, type: type[_T]) -> _T | None:
        """A block as a value. Raises InputError when it holds something else."""
        content = self.block(name)
        if content is None:
            return None
        try:
            return msgspec.json.decode(content, type=type)
        except msgspec.MsgspecError as error:
            raise InputError(self._file, f"is damaged: {error}", name) from None
