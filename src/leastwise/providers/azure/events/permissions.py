"""What an operation needs: of the Activity Log itself, of resource logs what tables of Microsoft's pages say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pkgutil import get_data
from typing import Any, Literal

from leastwise import shipped
from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.operations import DATA, Plane, canonical

What = Literal["call", "free", "service", "unknown"]
_OPERATION = re.compile(
    r"[a-z][a-z0-9.-]*/.+/(?:read|write|delete|action)|[a-z][a-z0-9.-]*/(?:register|unregister)/action"
)
_BOTH = frozenset(Plane)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an operation is, what it needs, surely or perhaps; `implied` is needed by what another log records itself.

    `why` is the reason where it needs nothing that is known.
    """

    what: What
    needs: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    why: str = ""


def written(operation: str, *, data: bool = False) -> str:
    """An operation as questions name it: spelled as the catalogue spells it, else in lower case.

    `data`: where it is on both planes, that of the data plane is meant.
    """
    return _written(catalog.current(), operation, data)


@lru_cache(maxsize=1 << 14)
def _written(facts: catalog.Catalog, operation: str, data: bool) -> str:
    name = canonical(operation)
    found = facts.written(name)
    if found is None:
        return name
    return f"{DATA}{found}" if data and facts.planes(name) == _BOTH else found


def of_activity(operation: str, action: str) -> Resolved:
    """What an operation of the Activity Log needs: itself."""
    return _of_activity(catalog.current(), operation, action)


@lru_cache(maxsize=1 << 14)
def _of_activity(facts: catalog.Catalog, operation: str, action: str) -> Resolved:
    for name in (action, operation):
        if name and facts.written(canonical(name)) is not None:
            return Resolved("call", (_written(facts, name, False),))
    for name in (action, operation):
        if _OPERATION.fullmatch(canonical(name)):
            return Resolved("call", (canonical(name),))
    return Resolved("unknown", why=f"no operation of a resource provider is called {operation}")


def of_resource_log(log: str, service: str, operation: str) -> Resolved:
    """What an operation of a resource log needs. `service`: of storage, as `blob`."""
    table = _table(catalog.current(), "keyvault" if log == "AuditEvent" else "storage")
    groups = list(table) if log == "AuditEvent" or not service else [service] if service in table else []
    for group in groups:
        if operation in table[group]:
            return table[group][operation]
    return Resolved("unknown", why=f"no page tells what the operation {operation} needs")


@lru_cache(maxsize=4)
def _table(facts: catalog.Catalog, name: str) -> Mapping[str, Mapping[str, Resolved]]:
    told: dict[str, Any] = shipped.values(get_data("leastwise.providers.azure", f"data/events/{name}.yaml") or b"")
    prefix = told.pop("prefix")
    return {
        group: {operation: _resolved(facts, row, prefix) for operation, row in rows.items()}
        for group, rows in told.items()
    }


def _resolved(facts: catalog.Catalog, row: Mapping[str, Any], prefix: str) -> Resolved:
    if "free" in row:
        return Resolved("free", why=row["free"])
    if "service" in row:
        return Resolved("service", why=row["service"])
    needs, implied, possible = (
        tuple(_written(facts, prefix + one, True) for one in row.get(part, ()))
        for part in ("needs", "implied", "possible")
    )
    return Resolved("call", needs, implied, possible)
