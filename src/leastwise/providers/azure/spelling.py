"""What code calls principals, roles and scopes of Azure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.providers.base.spelling import Spelling, rows_of
from leastwise.providers.microsoft.spelling import Called

from . import catalog


def spelling(scopes: Sequence[Any]) -> Spelling:
    """What code calls what some scopes hold. A role is called by its id or its name, of which a tenant has each once.

    https://learn.microsoft.com/azure/role-based-access-control/custom-roles
    """
    called = Called(rows_of(scopes, "principals"))
    titles = {id: one["name"] for id, one in rows_of(scopes, "policies").items()}

    def title(role: str) -> str:
        found = catalog.role(role)
        return str(titles.get(role) or ("" if found is None else found.title))

    return Spelling(
        principal=called.names, bundle=lambda role: tuple(one for one in (role, title(role)) if one), title=title,
        scope=lambda scope: (scope,), placed=lambda scope: scope,
        terms=lambda told: told if isinstance(told, str) else "",
        named=lambda document: str(document["properties"]["roleName"]), fold=True,
    )  # fmt: skip
