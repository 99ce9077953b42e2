"""What principals hold, as sets of permissions: the form in which usage is taken from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.model.decision import State

if TYPE_CHECKING:
    from pyroaring import BitMap


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers of permissions that are held alike: on which resources, in which state."""

    permissions: BitMap
    resources: tuple[str, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Hidden:
    """Numbers of permissions of which logs do not tell that this principal used them, and why."""

    permissions: BitMap
    why: str


@dataclass(frozen=True, slots=True)
class GivenBy:
    """What one statement gives: `policy` and `statement` name it, `layer` is the kind of policy."""

    layer: str
    policy: str
    statement: str
    source: str
    permissions: BitMap
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one principal holds.

    Args:
        principal: the vendor's id.
        parts: what it holds; several may name the same permission.
        missing: what was not read and would decide about some permissions; those parts are UNKNOWN.
        hidden: what logs do not tell of it, though they may of others.
    """

    principal: str
    kind: str
    native: str
    account: str
    parts: tuple[Part, ...]
    missing: tuple[str, ...] = ()
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """Principals of one account and kind that hold the same bundles under the same limits.

    Args:
        principals: the vendor's ids, sorted.
        native: the vendor's noun for them.
        bundles: numbers of what they hold, see `Everybody`.
        limit: the permissions that no limit takes away everywhere and always; None for all.
        exact: nothing else can take a permission away wholly, nor let them in besides.
        unread: something of their policies was not read.
        hidden: see `Holdings`.
    """

    principals: tuple[str, ...]
    kind: str
    native: str
    account: str
    bundles: tuple[int, ...]
    limit: BitMap | None
    exact: bool
    unread: bool
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Everybody:
    """What every principal holds by policies of its own.

    A permission counts where some bundle gives it and no limit surely takes it away; so where a group is not `exact`,
    it may hold less (conditions that nothing meets, denials of some resources), or what resources give it besides.

    Args:
        bundles: the parts of each bundle, by number; every number that a group names is there when the group is told.
        groups: every principal, once.
    """

    bundles: Mapping[int, tuple[Part, ...]]
    groups: Iterator[Alike]
