"""The least role of Azure that reading storage accounts and workspaces needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leastwise.providers.fetching import Wanted

from .log_names import OBJECTS, TABLES, store_of, workspace_of
from .log_objects import CONTAINERS, READING
from .log_tables import KNOWN, QUERY, TABLE, WORKSPACE

_QUERIES = (QUERY, *(f"{QUERY.removesuffix('/read')}/{table}/read" for table in KNOWN))

_ELSEWHERE = "storage accounts and workspaces that diagnostic settings write to, where they lie elsewhere"


@dataclass(slots=True)
class Needed:
    """A role that is put together: actions, data actions, where it can be assigned, and in words where it should."""

    scopes: list[str]
    actions: set[str] = field(default_factory=set)
    data: set[str] = field(default_factory=set)
    where: list[str] = field(default_factory=list)

    def add(self, wanted: Wanted) -> None:
        """What a place needs, or all places that diagnostic settings write to. UsageError when it is none."""
        if wanted.url.startswith(OBJECTS):
            account, container, _ = store_of(wanted.url)
            place = f"container {container} of storage account {account}" if container else f"storage account {account}"
            self.where.append(f"{place}; Storage Blob Data Reader would do as well")
        elif wanted.url.startswith(TABLES):
            id = workspace_of(wanted.url)
            self.scopes = [id]
            self.where.append(f"workspace {id.rpartition('/')[2]}; Log Analytics Reader would do as well")
        if wanted.auto or wanted.url.startswith(OBJECTS):
            self.actions.add(CONTAINERS)
            self.data.add(READING)
        if wanted.auto or wanted.url.startswith(TABLES):
            self.actions.update((WORKSPACE, TABLE, *_QUERIES))
        if wanted.auto:
            self.where.append(
                "storage accounts and workspaces that diagnostic settings write to, where they lie elsewhere"
            )

    def told(self) -> dict[str, Any]:
        """The role as `az role definition create` takes it, and where to assign it."""
        role = {
            "Name": "Leastwise log reader", "IsCustom": True, "Description": "Reads audit logs for Leastwise",
            "Actions": sorted(self.actions, key=str.lower), "NotActions": [],
            "DataActions": sorted(self.data), "NotDataActions": [], "AssignableScopes": self.scopes,
        }  # fmt: skip
        return {"role": role, "assign": self.where}
