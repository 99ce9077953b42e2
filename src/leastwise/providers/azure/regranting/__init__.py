"""How role assignments of Azure are made smaller.

https://learn.microsoft.com/azure/role-based-access-control/custom-roles
https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from leastwise.engine.access import Access
from leastwise.providers.base import ScopeTables
from leastwise.providers.base.regranting import Granted, Regranting

from .. import catalog
from ..compiled.port import AzurePort
from ..language.operations import DATA, Plane, canonical
from .commands import command
from .granted import Grants
from .scopes import lowest


def _granted(access: Access, scopes: Sequence[ScopeTables]) -> Granted:
    assert isinstance(access, AzurePort)
    grants = Grants(access)
    return Granted(grants.of, grants.offers, grants.written, grants.defined)


@cache
def _eventless() -> Collection[str]:
    return frozenset()


def _level(permission: str) -> str:
    """The resource provider and the last word of an operation."""
    return f"{permission.partition('/')[0].lower()}:{permission.rpartition('/')[2].lower()}"


def _fixed(principal: str) -> str:
    return ""


def _gives(document: Mapping[str, Any]) -> Sequence[str]:
    [entry] = document["properties"]["permissions"]
    return [*entry["actions"], *(f"{DATA}{one}" for one in entry["dataActions"])]


def _normal(pattern: str) -> str:
    """In lower case, with what says that it is of the data plane, where that is not told by the name alone."""
    low = canonical(pattern)
    return f"{DATA}{low}" if not low.startswith(DATA) and catalog.planes(low) == {Plane.DATA} else low


REGRANTING = Regranting(
    reads={},
    granted=_granted,
    lowest=lowest,
    eventless=_eventless,
    level=_level,
    fixed=_fixed,
    natives=frozenset({"user", "service_principal", "managed_identity"}),
    gives=_gives,
    command=command,
    normal=_normal,
)
