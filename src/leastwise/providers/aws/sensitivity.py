"""How much harm each permission can do: the catalogue's access level, then `data/sensitivity.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from typing import Any

from leastwise import shipped
from leastwise.model.gap import SENSITIVITIES

from . import catalog

_LEVELS = {
    "List": "read", "Read": "read", "Write": "write", "Tagging": "write",
    "Permissions management": "permissions management",
}  # fmt: skip


def sensitivity() -> Mapping[str, str]:
    """The word of `SENSITIVITIES` for each permission of the catalogue in force."""
    return _of(catalog.current())


@cache
def _of(facts: catalog.Catalog) -> Mapping[str, str]:
    found: dict[str, str] = {}
    tables = table()
    verbs = tuple(tables["destructive"]["verbs"])
    for prefix in facts.prefixes:
        service = facts.service(prefix)
        for name in service.action_names if service else ():
            known = service.action(name) if service else None
            word = _LEVELS.get(known.level if known else "Write", "write")
            found[f"{prefix}:{name}"] = "destructive" if word == "write" and name.startswith(verbs) else word
    for word, said in tables.items():
        for pattern in said["patterns"]:
            found |= dict.fromkeys(facts.known_actions(pattern), word)
    return found


def table() -> dict[str, dict[str, Any]]:
    """The tables of our own, in the order in which they are applied."""
    raw = get_data("leastwise.providers.aws", "data/sensitivity.yaml")
    found: dict[str, dict[str, Any]] = shipped.values(raw or b"")
    assert set(found) <= set(SENSITIVITIES)
    return found
