"""The file of the catalogue: operations with their planes, built-in roles (`providers.packed`)."""

from __future__ import annotations

import msgspec

from leastwise.providers.packed import BlockFile, Source

FORMAT = 1
OPERATIONS, ROLES = "operations", "roles"
"""The blocks."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the first line. The first source is that of the roles."""

    format: int
    sources: list[Source]
    counts: dict[str, int]
    blocks: dict[str, tuple[int, int]]


class OperationBlock(msgspec.Struct, frozen=True):
    """The operations, sorted without case. `planes` is a digit for each: 1 control, 2 data, 3 both."""

    names: list[str]
    planes: str


class EntryRow(msgspec.Struct, frozen=True, array_like=True):
    """A permissions entry; numbers are positions in the block's patterns."""

    actions: list[int]
    not_actions: list[int]
    data_actions: list[int]
    not_data_actions: list[int]
    condition: str = ""


class RoleRow(msgspec.Struct, frozen=True, array_like=True):
    """A built-in role."""

    key: str
    title: str
    entries: list[EntryRow]


class RoleBlock(msgspec.Struct, frozen=True):
    """The roles, and every pattern that they write, once."""

    patterns: list[str]
    roles: list[RoleRow]


class Packed(BlockFile[Header]):
    """An opened file of the catalogue. Raises InputError as `BlockFile` does."""

    def __init__(self, file: object, raw: bytes, check: bool = True) -> None:
        super().__init__(file, raw, Header, FORMAT, check)

    def operations(self) -> OperationBlock:
        """The operations."""
        return self.decoded(OPERATIONS, OperationBlock) or OperationBlock([], "")

    def roles(self) -> RoleBlock:
        """The built-in roles."""
        return self.decoded(ROLES, RoleBlock) or RoleBlock([], [])
