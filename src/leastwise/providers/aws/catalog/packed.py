"""The file of the catalogue: a block for each service (`providers.packed`)."""

from __future__ import annotations

import msgspec

from leastwise.providers.packed import BlockFile, Source, pack

__all__ = [
    "FORMAT", "NAMES", "SECOND", "ActionRow", "Header", "Packed", "ServiceBlock", "TypeRow", "UseRow", "pack",
]  # fmt: skip

FORMAT = 1
NAMES, SECOND = "*names", "*second"
"""Blocks that belong to no service: all action names by service; what the second source adds."""


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
    """What stands in the first line.

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


class Packed(BlockFile[Header]):
    """An opened file of the catalogue.

    Args:
        file: how to name it in errors.
        raw: its bytes.
        check: whether to compare the whole with its hash.

    Raises:
        InputError: it is no such file, is of another format, or is damaged.
    """

    def __init__(self, file: object, raw: bytes, check: bool = True) -> None:
        super().__init__(file, raw, Header, FORMAT, check)

    def service(self, prefix: str) -> ServiceBlock | None:
        """The facts of a service by its prefix in lower case, or None."""
        return self.decoded(prefix, ServiceBlock)

    def names(self) -> dict[str, list[str]]:
        """The names of all actions by service."""
        return self.decoded(NAMES, dict[str, list[str]]) or {}
