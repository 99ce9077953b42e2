"""Questions to the facts of one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from leastwise.providers.packed import Published

from .packed import LEVELS, Packed, PermissionBlock, RoleRow, positions

BASIC = frozenset(f"roles/{name}" for name in ("owner", "editor", "viewer", "admin", "writer", "reader"))
"""Basic roles, the three that came first and their successors.

https://docs.cloud.google.com/iam/docs/roles-overview
"""


@dataclass(frozen=True, slots=True)
class Role:
    """A predefined role. `stage` is Google's word (GA, BETA, ALPHA, DEPRECATED); `permissions` None when not known."""

    name: str
    title: str
    stage: str
    permissions: frozenset[str] | None


class Catalog(Published[Packed]):
    """What one file says: its sources, that of the roles first, and roles, permissions and the like."""

    def __init__(self, packed: Packed, place: str) -> None:
        super().__init__(packed, place)
        self._held: dict[str, frozenset[str] | None] = {}

    @cached_property
    def _permissions(self) -> PermissionBlock:
        return self._packed.permissions()

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self._permissions.names)}

    @cached_property
    def _roles(self) -> Mapping[str, RoleRow]:
        return {row.name: row for row in self._packed.roles()}

    @property
    def permissions(self) -> tuple[str, ...]:
        """All permissions as Google writes them, sorted."""
        return tuple(self._permissions.names)

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of all predefined and basic roles, sorted."""
        return tuple(sorted(self._roles))

    def knows(self, permission: str) -> bool:
        """Whether there is a permission of exactly this name."""
        return permission in self._places

    def role(self, name: str) -> Role | None:
        """A role by its name (`roles/storage.admin`), or None."""
        row = self._roles.get(name)
        return None if row is None else Role(row.name, row.title, row.stage, self.permissions_of(name))

    def permissions_of(self, role: str) -> frozenset[str] | None:
        """The permissions of a predefined or basic role.

        None when they are not known: the role is not in the catalogue, or Google told of it without permissions, which
        it also does where these are not public.
        """
        if role not in self._held:
            row = self._roles.get(role)
            names = self._permissions.names
            known = None if row is None or row.holds is None else frozenset(names[at] for at in positions(row.holds))
            self._held[role] = known
        return self._held[role]

    def levels(self, permission: str) -> frozenset[str]:
        """Where it can be granted: words of `LEVELS`; empty when no source says it."""
        at = self._places.get(permission)
        bits = 0 if at is None else self._permissions.levels[at]
        return frozenset(level for bit, level in enumerate(LEVELS) if bits >> bit & 1)

    @property
    def tags(self) -> Mapping[str, tuple[str, ...]]:
        """Permissions by the risk that the source of the roles tells of (PrivEsc, DataAccess, CredentialExposure)."""
        block = self._permissions
        return {tag: tuple(block.names[at] for at in places) for tag, places in block.tags.items()}

    @cached_property
    def hosts(self) -> Mapping[str, str]:
        """First label of the API's host by prefix of permissions (`resourcemanager`), where they differ."""
        return self._packed.services()

    @cached_property
    def agents(self) -> list[tuple[str, str]]:
        """Service agents: what each is for, and the pattern of its mail address."""
        return [(row.title, row.address) for row in self._packed.agents()]

    @cached_property
    def _agents(self) -> dict[str, list[tuple[int, str, str]]]:
        """Agents with their places in the list, by the domain of their address; by none where that varies."""
        found: dict[str, list[tuple[int, str, str]]] = {}
        for place, (title, address) in enumerate(self.agents):
            domain = address.rpartition("@")[2]
            found.setdefault("" if _VARIABLE.search(domain) else domain.lower(), []).append((place, address, title))
        return found

    def service_agent(self, address: str) -> str | None:
        """What the service agent of this mail address is for, or None when no pattern fits."""
        lower = address.lower()
        near = sorted((*self._agents.get(lower.rpartition("@")[2], ()), *self._agents.get("", ())))
        return next((title for _, pattern, title in near if _address(pattern).fullmatch(lower)), None)


_VARIABLE = re.compile(r"([A-Z][A-Z_]{3,})")


@cache
def _address(pattern: str) -> re.Pattern[str]:
    """The addresses that a pattern of the source stands for; what is written in capitals varies."""
    pieces = []
    for piece in _VARIABLE.split(pattern):
        if piece.endswith("_NUMBER"):
            pieces.append(r"\d+")
        elif _VARIABLE.fullmatch(piece):
            pieces.append("[a-z0-9-]+")
        else:
            pieces.append(re.escape(piece.lower()))
    return re.compile("".join(pieces))
