"""Access held against access: what changed for whom, and who has the same."""

from __future__ import annotations

from dataclasses import dataclass

from .decision import Cube


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody gained and lost between two estates.

    Args:
        principal: the vendor's id.
        name: the vendor's name.
        kind: see principals.kind; `everyone` and `other_account` for those that no id names.
        account: account that holds it; empty where there is none.
        inside: it is one of the estate.
        presence: `both`, `new` or `removed`: of which estate it is.
        gained: what it can do now and could not before; UNKNOWN where something that was not read would decide.
        lost: the other way round.
    """

    principal: str
    name: str
    kind: str
    account: str
    inside: bool
    presence: str
    gained: tuple[Cube, ...] = ()
    lost: tuple[Cube, ...] = ()


@dataclass(frozen=True, slots=True)
class Twin:
    """One of a group of principals that are alike.

    Args:
        principal: the vendor's id.
        kind: see principals.kind.
        account: account that holds it.
        more: permissions that it has and not all of the group have, as patterns.
        shared: how many of its permissions all of the group have, from 0 to 1.
        more_on: the resources on which it has these; empty where permissions are compared whatever the resource.
    """

    principal: str
    kind: str
    account: str
    more: tuple[str, ...] = ()
    shared: float = 1.0
    more_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """Principals whose access is alike.

    Args:
        equal: their effective access is the same, conditions and resources included.
        permissions: those that all of them have, as patterns.
        count: how many these are.
        similarity: the least share of permissions in common (Jaccard) of one of them with the first.
        twins: who they are, sorted by id.
        decided: False where some of them may have equal access, and it was not decided whether they have.
        on: the resources on which all have these; empty where permissions are compared whatever the resource.
    """

    equal: bool
    permissions: tuple[str, ...]
    count: int
    similarity: float
    twins: tuple[Twin, ...]
    decided: bool = True
    on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Groups of principals that are alike, the largest first; `missing`: who is left out, what was not read."""

    groups: tuple[Alike, ...]
    missing: tuple[str, ...] = ()
