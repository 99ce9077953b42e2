"""The file of the catalogue: permissions, predefined roles, service agents, names of services (`providers.packed`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from leastwise.providers.packed import BlockFile, Source

FORMAT = 1
PERMISSIONS, ROLES, AGENTS, SERVICES = "permissions", "roles", "agents", "services"
"""The blocks."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the first line. The first source is that of the roles."""

    format: int
    sources: list[Source]
    counts: dict[str, int]
    blocks: dict[str, tuple[int, int]]


class RoleRow(msgspec.Struct, frozen=True, array_like=True):
    """A role; `holds` are runs of positions in the list of permissions (see `runs`), None when it tells of none."""

    name: str
    title: str
    stage: str
    holds: list[int] | None


class PermissionBlock(msgspec.Struct, frozen=True):
    """The permissions, sorted. `levels` is a number for each (see `LEVELS`), `tags` positions by what others say."""

    names: list[str]
    levels: list[int]
    tags: dict[str, list[int]]


class AgentRow(msgspec.Struct, frozen=True, array_like=True):
    """A service agent: what it is for, and its address with `PROJECT_NUMBER` and the like for what varies."""

    title: str
    address: str


LEVELS = ("project", "folder", "organization")
"""Where a permission can be granted, a bit each; 0 when no source says it."""


def runs(positions: Iterable[int]) -> list[int]:
    """Ascending positions as pairs: how many are left out, how many follow.

    >>> runs([2, 3, 4, 9])
    [2, 3, 4, 1]
    """
    found: list[int] = []
    end = 0
    for position in positions:
        if found and position == end:
            found[-1] += 1
        else:
            found += (position - end, 1)
        end = position + 1
    return found


def positions(of: Sequence[int]) -> list[int]:
    """The positions that runs stand for."""
    found: list[int] = []
    at = 0
    for left_out, many in zip(of[::2], of[1::2], strict=True):
        found += range(at + left_out, at + left_out + many)
        at += left_out + many
    return found


class Packed(BlockFile[Header]):
    """An opened file of the catalogue. Raises InputError as `BlockFile` does."""

    def __init__(self, file: object, raw: bytes, check: bool = True) -> None:
        super().__init__(file, raw, Header, FORMAT, check)

    def permissions(self) -> PermissionBlock:
        """The permissions."""
        return self.decoded(PERMISSIONS, PermissionBlock) or PermissionBlock([], [], {})

    def roles(self) -> list[RoleRow]:
        """The predefined roles, basic ones among them."""
        return self.decoded(ROLES, list[RoleRow]) or []

    def agents(self) -> list[AgentRow]:
        """The service agents."""
        return self.decoded(AGENTS, list[AgentRow]) or []

    def services(self) -> dict[str, str]:
        """Where the host of a service's API is called otherwise than the prefix of its permissions."""
        return self.decoded(SERVICES, dict[str, str]) or {}
