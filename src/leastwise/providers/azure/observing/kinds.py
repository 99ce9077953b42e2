"""In which log a use of a permission stands, by `data/logged.yaml`.

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pkgutil import get_data
from typing import Any

from leastwise import shipped
from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.operations import DATA, Patterns, Plane, canonical

ACTIVITY = "activity"
"""The kind of the Activity Log."""
CONTROL = "* activity"
"""The family of what is in the Activity Log."""
_LEFT_OUT = ("along", "elsewhere", "unread")
READS = "* read"
"""The family of what is only read, on the control plane, and so in no log."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What a diagnostic setting on resources of a type switches on.

    Args:
        type: of the resources, in lower case.
        listed: service and call of which the coverage says that all resources of the type are known.
        changing: permissions of the calls by which such resources come and go.
        categories: those that together show the permissions.
        groups: groups of categories, in lower case, that have all of these.
        tables: the table of a workspace, by the destination type of the setting.
        permissions: data actions, in canonical spelling.
    """

    type: str
    listed: tuple[str, str]
    changing: tuple[str, ...]
    categories: tuple[str, ...]
    groups: frozenset[str]
    tables: Mapping[str, str]
    permissions: frozenset[str]

    @property
    def family(self) -> str:
        """What its permissions are told together as."""
        return f"{self.type} {'+'.join(self.categories)}"

    @property
    def kind(self) -> str:
        """The kind of rows of such resources."""
        space, _, noun = self.type.partition("/")
        return f"{space.removeprefix('microsoft.')}:{noun}"

    def table(self, mode: str) -> str:
        """The table that a workspace keeps them in."""
        return self.tables.get(mode, self.tables[""])


@dataclass(frozen=True, slots=True)
class Kinds:
    """What the file says. `unlogged` and `unsure` are patterns with the reason, the first that fits counts."""

    ends: tuple[str, ...]
    unlogged: tuple[tuple[Patterns, str], ...]
    unsure: tuple[tuple[Patterns, str], ...]
    resources: tuple[Logged, ...]


@cache
def kinds() -> Kinds:
    """The bundled file."""
    told = shipped.values(get_data("leastwise.providers.azure", "data/logged.yaml") or b"")
    activity = told["activity"]
    return Kinds(
        ends=tuple(f"/{one}" for one in activity["ends"]),
        unlogged=tuple((Patterns(one["patterns"]), one["why"]) for part in _LEFT_OUT for one in activity[part]),
        unsure=tuple((Patterns([one["pattern"]]), one["why"]) for one in told["unsure"]),
        resources=tuple(map(_logged, told["resources"])),
    )


def _logged(one: Mapping[str, Any]) -> Logged:
    type = canonical(one["type"])
    service, _, call = one["listed"].partition(" ")
    return Logged(
        type=type, listed=(service, call), changing=tuple(one["changing"]), categories=tuple(one["categories"]),
        groups=frozenset(canonical(group) for group in one["groups"]), tables=one["tables"],
        permissions=frozenset(f"{type}/{canonical(name)}" for name in one["permissions"]),
    )  # fmt: skip


@lru_cache(maxsize=1 << 16)
def family(permission: str) -> str:
    """What a permission is told together with; empty where no page that was read tells of its uses."""
    name = canonical(permission.removeprefix(DATA))
    if _data(permission):
        return next((one.family for one in kinds().resources if name in one.permissions), "")
    if name.endswith("/read"):
        return READS
    # What the catalogue does not know may be of the other plane.
    known = Plane.CONTROL in catalog.planes(name)
    return CONTROL if known and name.endswith(kinds().ends) and not _of(kinds().unlogged, name) else ""


def why_unseen(permission: str) -> str:
    """Why no log surely shows a permission; empty where its family says more, or nothing but that is known."""
    name = canonical(permission.removeprefix(DATA))
    if _data(permission):
        return "" if family(permission) else _of(kinds().unsure, name)
    return "" if name.endswith("/read") else _of(kinds().unlogged, name)


@cache
def unseen() -> Mapping[str, str]:
    """Permissions of the catalogue, as users see them, that no log surely shows, and why."""
    found: dict[str, str] = {}
    for plane in (Plane.DATA, Plane.CONTROL):
        for name in catalog.every(plane):
            both = plane is Plane.DATA and Plane.CONTROL in catalog.planes(canonical(name))
            permission = f"{DATA}{name}" if both else name
            if why := why_unseen(permission):
                found[permission] = why
    return found


def _data(permission: str) -> bool:
    """Whether it is a data action: said so, or on that plane alone."""
    planes = catalog.planes(canonical(permission.removeprefix(DATA)))
    return permission.startswith(DATA) or planes == frozenset({Plane.DATA})


def _of(patterns: tuple[tuple[Patterns, str], ...], name: str) -> str:
    return next((why for some, why in patterns if some.take(name)), "")
