"""Diagnostic settings as resources of a snapshot: what they are on, which categories they let through, and where to.

https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_ADMINISTRATIVE, _ALL = "administrative", "alllogs"
DESTINATIONS = (
    "workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "eventHubName", "marketplacePartnerId",
)  # fmt: skip
"""Members of a setting that say where its logs go."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A diagnostic setting: what it is on (a key), which categories and groups are enabled, where they go.

    Args:
        storage: the name of the storage account; empty without one.
        workspace: the key of the workspace; empty without one.
        tables: how the workspace keeps categories.
    """

    on: str
    categories: frozenset[str]
    groups: frozenset[str]
    storage: str
    workspace: str
    tables: str

    def takes(self, category: str, groups: frozenset[str] = frozenset()) -> bool:
        """Whether it lets a category through, or a group that has it."""
        return category.lower() in self.categories or bool(self.groups & groups)

    @property
    def activity(self) -> bool:
        """Whether it lets through what was done in the Activity Log."""
        return self.takes(_ADMINISTRATIVE, frozenset((_ALL,)))

    @property
    def destinations(self) -> list[str]:
        """In words."""
        found = [f"storage account {self.storage}"] if self.storage else []
        return found + ([f"workspace {self.workspace.rpartition('/')[2]}"] if self.workspace else [])


def setting_of(told: Mapping[str, str]) -> Setting:
    """The setting that details of a resource tell."""
    return Setting(
        told.get("on", ""), _words(told.get("logs")), _words(told.get("groups")),
        told.get("storageAccountId", "").rpartition("/")[2].lower(), told.get("workspaceId", "").lower().rstrip("/"),
        told.get("tables", ""),
    )  # fmt: skip


def _words(text: str | None) -> frozenset[str]:
    return frozenset(one.lower() for one in (text or "").split(",") if one)
