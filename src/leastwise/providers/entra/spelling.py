"""What code calls principals, roles and scopes of Entra ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from leastwise.providers.base.spelling import IDENTITY, Spelling, rows_of
from leastwise.providers.microsoft.spelling import Called

from . import catalog
from .language.ids import TENANT

_UNIT, _APPLICATION = "entra:administrative_unit", "entra:application"
_LAYERS = {"owner": "owner", "member": "member"}
"""What is no role, by the first word of its id."""


def spelling(scopes: Sequence[Any]) -> Spelling:
    """What code calls what a tenant holds."""
    called = Called(rows_of(scopes, "principals"))
    titles = {id: one["name"] for id, one in rows_of(scopes, "policies").items()}
    things = rows_of(scopes, "resources")
    units = {id: one["name"] for id, one in things.items() if one["kind"] == _UNIT}
    held = Counter(one["name"] for one in things.values() if one["kind"] == _APPLICATION)
    applications = {
        id: one["name"] for id, one in things.items() if one["kind"] == _APPLICATION and held[one["name"]] == 1
    }

    def title(role: str) -> str:
        found = catalog.current().role(role)
        return str(titles.get(role) or ("" if found is None else found.title))

    def scope(id: str) -> Sequence[str]:
        if id == TENANT:
            return (TENANT,)
        names = [*called.names(id), *([f"unit:{units[id]}"] if id in units else ())]
        if id in applications:
            names.append(f"registration:{applications[id]}")
        return tuple(each for one in names for each in (one, f"/{one}", f"/administrativeUnits/{one}"))

    def placed(id: str) -> str:
        if id == TENANT:
            return TENANT
        return f"/administrativeUnits/{id}" if id in units else f"/{id}"

    return Spelling(
        principal=called.names,
        bundle=lambda role: tuple(dict.fromkeys(one for one in (role, title(role), role.rpartition("/")[2]) if one)),
        title=title, scope=scope, placed=placed, terms=lambda told: "",
        named=lambda document: str(document.get("displayName", "")),
        layer=lambda bundle: _LAYERS.get(bundle.partition("/")[0], IDENTITY) if "/" in bundle else IDENTITY, fold=True,
    )  # fmt: skip
