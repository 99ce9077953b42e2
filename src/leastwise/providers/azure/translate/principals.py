"""Principals: everybody whom documents name, one row each.

Of most only the object id is told here, with the type that whoever names it gives: their names, whether they are
enabled, and who is in a group is the directory's to tell. They have the native word `directory_object`.
"""

from __future__ import annotations

from typing import Any

from leastwise.providers.azure.language.assignments import EVERYONE
from leastwise.providers.rows import Facts

DIRECTORY_OBJECT = "directory_object"
"""The native word of somebody of whom only others tell."""
_KINDS = {
    "user": "human", "group": "group", "foreigngroup": "group", "serviceprincipal": "workload", "msi": "workload",
    "device": "device", "agentidentity": "agent",
}  # fmt: skip
_UNTOLD = frozenset({"", "unknown"})
"""Types that say nothing; `Unknown` is what Azure writes of a principal that it no longer finds."""


class Principals:
    """Principals by object id, filled by whatever is told of them."""

    def __init__(self, top: str) -> None:
        self._top = top
        self._told: dict[str, dict[str, Any]] = {}
        self._types: dict[str, str] = {}
        self.lost: dict[str, str] = {}
        """Those that Azure itself calls unknown, and where it does."""

    def name(self, id: str, type: str, source: str, /, **columns: Any) -> str:
        """Register somebody by object id (`language.assignments.principal_key`); what was told first holds."""
        held = self._told.setdefault(id, {"source": source})
        low = type.lower().rpartition(".")[2]
        if low not in _UNTOLD:
            self._types.setdefault(id, low)
        elif low:
            self.lost.setdefault(id, source)
        for name, value in columns.items():
            if value is not None and value != "" and value != ():
                held.setdefault(name, value)
        return id

    def of_client(self, client: str) -> str:
        """Who has a client id; empty where nothing tells. The directory tells most."""
        return next((id for id, told in self._told.items() if str(told.get("unique_id", "")).lower() == client), "")

    def known(self, id: str) -> bool:
        """Whether something besides the id is told of somebody: it is no mere object of the directory."""
        return "native" in self._told.get(id, {})

    def finish(self, facts: Facts) -> None:
        """A row for everybody, in the order in which they were named."""
        for id, told in self._told.items():
            type = self._types.get(id, "")
            columns: dict[str, Any] = {
                "account": self._top,
                "kind": "external" if id == EVERYONE else _KINDS.get(type, "unknown" if not type else "external"),
                "native": "everyone" if id == EVERYONE else DIRECTORY_OBJECT,
                "name": "everyone" if id == EVERYONE else id,
                "path": "/",
                "directory": "foreign" if type == "foreigngroup" else "unknown",
            }
            facts.principals.add(id=id, **(columns | told))
