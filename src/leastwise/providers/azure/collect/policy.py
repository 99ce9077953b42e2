"""The least role that the declared calls need, as the vendor takes it, and what a run would call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from leastwise.providers.base import PlannedCall
from leastwise.providers.collecting.planning import planned
from leastwise.providers.microsoft.declaration import graph_permissions

from .declaration import Call, Root, Service, asked
from .source import GROUPS, Source

_TITLE = "Leastwise reader"
_PERMISSIONS = "Microsoft.Authorization/permissions/read"
"""With it `leastwise doctor` asks what is held; everybody may ask that of themselves."""


def operations(services: Iterable[Service], root: Root) -> list[str]:
    """The operations of Azure that collecting a tree with such a root needs."""
    found = {one for _, call in _made(services, root) for one in call.permission}
    return sorted(found, key=str.lower)


def policy_text(source: Source) -> str:
    """A custom role as `az role definition create` takes it, and the permissions of Graph, as one JSON object.

    `role` can be assigned at the management group (or subscriptions) in its scopes; `graph` are application
    permissions, to be granted to the collector's own service principal with an administrator's consent.
    https://learn.microsoft.com/azure/role-based-access-control/custom-roles-rest
    """
    services = source.declared()
    role = {
        "Name": _TITLE,
        "IsCustom": True,
        "Description": "Reads what Leastwise collects, no data, no secrets",
        "Actions": sorted({one for root in _roots(source) for one in operations(services, root)}, key=str.lower),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": source.roots or [f"{GROUPS}{source.tenant or 'ROOT-MANAGEMENT-GROUP'}"],
    }
    return json.dumps({"role": role, "graph": graph_permissions(services)}, indent=2)


def plan(source: Source) -> list[PlannedCall]:
    """Every kind of call that collecting the source makes, once, in order."""
    found: dict[tuple[str, str], PlannedCall] = {}
    for root in _roots(source):
        found |= {key: one for key, one in planned(asked(source.declared(), root), _needs).items() if key not in found}
    return list(found.values())


def _needs(call: Call) -> tuple[str, ...]:
    return (*call.permission, *(f"Graph: {one}" for one in call.privilege))


def _roots(source: Source) -> list[Root]:
    found: list[Root] = ["directory"]
    if not source.roots:
        return [*found, "tenant"]
    found += ["management_group"] if source.management_groups else []
    return [*found, "subscription"] if source.subscriptions else found


def _made(services: Iterable[Service], root: Root) -> Iterator[tuple[Service, Call]]:
    """Every call that is made for such a root."""
    for service in asked(services, root):
        for call in service.walk():
            if call.of or not call.roots or root in call.roots:
                yield service.of(call), call
