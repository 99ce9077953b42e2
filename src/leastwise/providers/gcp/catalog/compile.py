"""The file of the catalogue from what was published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from leastwise.providers.packed import Source, pack

from .packed import (
    AGENTS,
    FORMAT,
    LEVELS,
    PERMISSIONS,
    ROLES,
    SERVICES,
    AgentRow,
    Header,
    PermissionBlock,
    RoleRow,
    runs,
)
from .published import PublishedRole


@dataclass(frozen=True, slots=True)
class Others:
    """What stands beside the roles: where permissions can be granted, risks, service agents, hosts of APIs.

    `levels` are permissions by a word of `LEVELS`, `tags` by a risk, `agents` titles with addresses, `hosts` the first
    label of an API's host by prefix of permissions.
    """

    levels: Mapping[str, Collection[str]] = field(default_factory=dict)
    tags: Mapping[str, Collection[str]] = field(default_factory=dict)
    agents: Sequence[tuple[str, str]] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)


def compile_catalog(roles: Sequence[PublishedRole], others: Others, sources: Sequence[Source]) -> bytes:
    """The file's content. `sources` are those of the roles, then those of the others."""
    held = {name for role in roles for name in role.permissions or ()}
    known = sorted(held.union(*others.levels.values()))
    places = {name: place for place, name in enumerate(known)}
    levels = [0] * len(known)
    for bit, level in enumerate(LEVELS):
        for name in others.levels.get(level, ()):
            levels[places[name]] |= 1 << bit
    tags = {tag: sorted(places[name] for name in names if name in places) for tag, names in others.tags.items()}
    rows = [_row(role, places) for role in sorted(roles, key=lambda role: role.name)]
    agents = [AgentRow(*agent) for agent in others.agents]
    blocks = {
        PERMISSIONS: msgspec.json.encode(PermissionBlock(known, levels, tags)),
        ROLES: msgspec.json.encode(rows),
        AGENTS: msgspec.json.encode(agents),
        SERVICES: msgspec.json.encode(dict(sorted(others.hosts.items()))),
    }
    counts = {
        "roles": len(rows),
        "permissions": len(known),
        "pairs": sum(len(role.permissions or ()) for role in roles),
        "service agents": len(agents),
    }
    header = Header(format=FORMAT, sources=list(sources), counts=counts, blocks={})
    return pack(header, blocks)


def _row(role: PublishedRole, places: Mapping[str, int]) -> RoleRow:
    holds = None if role.permissions is None else runs(sorted(places[name] for name in role.permissions))
    return RoleRow(role.name, role.title, role.stage, holds)
