"""The file of the catalogue from what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from leastwise.providers.packed import Source, pack

from .packed import (
    FORMAT,
    REQUESTS,
    ROLES,
    VALUES,
    EntryRow,
    Header,
    RequestBlock,
    RequestRow,
    RoleBlock,
    RoleRow,
    ValueBlock,
    ValueRow,
)


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """A permissions entry of a role, its actions as they are written."""

    actions: tuple[str, ...]
    condition: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A built-in role, its actions as they are written."""

    key: str
    title: str
    entries: tuple[NamedEntry, ...]
    inherits: tuple[str, ...] = ()
    privileged: bool = False


@dataclass(frozen=True, slots=True)
class Allowing:
    """The values that allow a request: of an app alone, and on behalf of a user."""

    application: tuple[str, ...] = ()
    delegated: tuple[str, ...] = ()


@dataclass(slots=True)
class Told:
    """What is told of the directory: roles, tiers of actions, permissions of Graph, requests."""

    roles: list[NamedRole] = field(default_factory=list)
    tiers: dict[str, str] = field(default_factory=dict)
    values: list[ValueRow] = field(default_factory=list)
    requests: dict[str, Allowing] = field(default_factory=dict)


def compile_catalog(told: Told, sources: Sequence[Source]) -> bytes:
    """The file's content; `sources` are those of the roles, then the others."""
    values = sorted(told.values, key=lambda one: (one.delegated, one.value, one.id))
    roles = _roles(told.roles, told.tiers)
    blocks = {
        ROLES: msgspec.json.encode(roles),
        VALUES: msgspec.json.encode(ValueBlock(values)),
        REQUESTS: msgspec.json.encode(_requests(told.requests)),
    }
    counts = {
        "roles": len(told.roles),
        "actions": len(roles.actions),
        "app roles": sum(not one.delegated for one in values),
        "scopes": sum(one.delegated for one in values),
        "requests": len(told.requests),
    }
    return pack(Header(format=FORMAT, sources=list(sources), counts=counts, blocks={}), blocks)


def _roles(roles: Sequence[NamedRole], tiers: Mapping[str, str]) -> RoleBlock:
    entries = [entry for role in roles for entry in role.entries]
    names = sorted({name for entry in entries for name in (*entry.actions, *entry.left_out)} | set(tiers))
    at = {name: place for place, name in enumerate(names)}

    def row(one: NamedEntry) -> EntryRow:
        return EntryRow(sorted(at[name] for name in one.actions), one.condition, [at[name] for name in one.left_out])

    rows = [
        RoleRow(role.key, role.title, role.privileged, list(role.inherits), [row(entry) for entry in role.entries])
        for role in sorted(roles, key=lambda role: role.key)
    ]
    return RoleBlock(names, "".join(tiers.get(name) or "-" for name in names), rows)


def _requests(requests: Mapping[str, Allowing]) -> RequestBlock:
    names = sorted({value for one in requests.values() for value in (*one.application, *one.delegated)})
    at = {name: place for place, name in enumerate(names)}
    sets: dict[tuple[int, ...], int] = {}

    def number(values: Sequence[str]) -> int:
        return sets.setdefault(tuple(sorted(at[value] for value in values)), len(sets))

    rows = [
        RequestRow(request, number(one.application), number(one.delegated)) for request, one in sorted(requests.items())
    ]
    return RequestBlock(names, [list(one) for one in sets], rows)
