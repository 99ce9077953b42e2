"""How directory roles and app roles of Entra ID are made smaller.

https://learn.microsoft.com/entra/identity/role-based-access-control/custom-overview,
https://learn.microsoft.com/entra/identity/role-based-access-control/best-practices

Which actions custom roles can hold is told on pages, category by category (`data/tables.yaml`), and by no interface.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from leastwise.engine.access import Access
from leastwise.providers.base import ScopeTables
from leastwise.providers.base.regranting import Granted, Regranting

from ..compiled.port import EntraPort
from .commands import command
from .granted import Grants


def _granted(access: Access, scopes: Sequence[ScopeTables]) -> Granted:
    assert isinstance(access, EntraPort)
    grants = Grants(access)
    return Granted(grants.of, grants.offers, grants.written, lambda bundle: None)


def _lowest(permission: str, chain: Sequence[str]) -> str:
    """Not known: what is in an administrative unit today may not be what was in it when it was changed."""
    return ""


def _eventless() -> Collection[str]:
    return frozenset()


def _level(permission: str) -> str:
    """The kind of object of an action and its last word; of an app role all before its first dot."""
    if "/" not in permission:
        return permission.partition(".")[0].lower()
    return f"{'/'.join(permission.split('/')[:2]).lower()}:{permission.rpartition('/')[2].lower()}"


def _fixed(principal: str) -> str:
    return ""


def _gives(document: Mapping[str, Any]) -> Sequence[str]:
    return [str(one) for entry in document["rolePermissions"] for one in entry["allowedResourceActions"]]


REGRANTING = Regranting(
    reads={},
    granted=_granted,
    lowest=_lowest,
    eventless=_eventless,
    level=_level,
    fixed=_fixed,
    natives=frozenset({"user", "service_principal", "managed_identity"}),
    gives=_gives,
    command=command,
)
