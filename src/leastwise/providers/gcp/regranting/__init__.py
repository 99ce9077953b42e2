"""How bindings of Google Cloud are made smaller.

https://cloud.google.com/iam/docs/creating-custom-roles, https://cloud.google.com/iam/quotas
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from leastwise.engine.access import Access
from leastwise.providers.base import ScopeTables
from leastwise.providers.base.regranting import Granted, Regranting

from .. import catalog
from ..compiled.port import GcpPort
from .commands import command
from .granted import Grants
from .scopes import lowest


def _granted(access: Access, scopes: Sequence[ScopeTables]) -> Granted:
    assert isinstance(access, GcpPort)
    grants = Grants(access)
    return Granted(grants.of, grants.offers, grants.written, lambda bundle: None)


def _eventless() -> Collection[str]:
    return frozenset()


def _level(permission: str) -> str:
    """The service of a permission, and whether it reads."""
    verb = permission.rpartition(".")[2]
    return f"{permission.partition('.')[0]}:{'read' if verb.startswith(('get', 'list', 'search')) else 'write'}"


def _fixed(principal: str) -> str:
    if principal.startswith("serviceAccount:") and (what := catalog.service_agent(principal.partition(":")[2])):
        return f"a service agent of the vendor ({what}): what it needs is the vendor's affair"
    return ""


def _gives(document: Mapping[str, Any]) -> Sequence[str]:
    return [str(one) for one in document["includedPermissions"]]


REGRANTING = Regranting(
    reads={},
    granted=_granted,
    lowest=lowest,
    eventless=_eventless,
    level=_level,
    fixed=_fixed,
    natives=frozenset({"user", "service_account", "workload_identity", "kubernetes_service_account", "agent_identity",
                       "workforce_identity", "principal"}),
    gives=_gives,
    command=command,
)  # fmt: skip
