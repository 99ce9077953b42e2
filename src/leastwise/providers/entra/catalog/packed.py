"""The file of the catalogue: built-in roles, permissions of Microsoft Graph, requests to it (`providers.packed`)."""

from __future__ import annotations

import msgspec

from leastwise.providers.packed import BlockFile, Source

FORMAT = 1
ROLES, VALUES, REQUESTS = "roles", "values", "requests"
"""The blocks."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the first line. The first source is that of the roles."""

    format: int
    sources: list[Source]
    counts: dict[str, int]
    blocks: dict[str, tuple[int, int]]


class EntryRow(msgspec.Struct, frozen=True, array_like=True):
    """A permissions entry; numbers are positions in the block's actions."""

    actions: list[int]
    condition: str = ""
    left_out: list[int] = []


class RoleRow(msgspec.Struct, frozen=True, array_like=True):
    """A built-in role."""

    key: str
    title: str
    privileged: bool
    inherits: list[str]
    entries: list[EntryRow]


class RoleBlock(msgspec.Struct, frozen=True):
    """The roles, and every action that they name, once; `tiers` is a digit for each action, `-` where not told."""

    actions: list[str]
    tiers: str
    roles: list[RoleRow]


class ValueRow(msgspec.Struct, frozen=True, array_like=True):
    """A permission of Graph: an app role or a delegated scope. `tier` is a digit, empty where not told."""

    id: str
    value: str
    delegated: bool
    tier: str = ""


class ValueBlock(msgspec.Struct, frozen=True):
    """The permissions of Graph."""

    values: list[ValueRow]


class RequestRow(msgspec.Struct, frozen=True, array_like=True):
    """A request; numbers are positions in the block's sets: values for an app alone, and on behalf of a user."""

    request: str
    application: int
    delegated: int


class RequestBlock(msgspec.Struct, frozen=True):
    """The requests; `sets` are positions in `values`."""

    values: list[str]
    sets: list[list[int]]
    requests: list[RequestRow]


class Packed(BlockFile[Header]):
    """An opened file of the catalogue. Raises InputError as `BlockFile` does."""

    def __init__(self, file: object, raw: bytes, check: bool = True) -> None:
        super().__init__(file, raw, Header, FORMAT, check)

    def roles(self) -> RoleBlock:
        """The built-in roles."""
        return self.decoded(ROLES, RoleBlock) or RoleBlock([], "", [])

    def values(self) -> ValueBlock:
        """The permissions of Graph."""
        return self.decoded(VALUES, ValueBlock) or ValueBlock([])

    def requests(self) -> RequestBlock:
        """The requests to Graph."""
        return self.decoded(REQUESTS, RequestBlock) or RequestBlock([], [], [])
