"""A source of estate.yaml (or the options of the command line) for Azure: which trees, who signs in, which cloud."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from leastwise.errors import UsageError
from leastwise.providers.microsoft import source as shared
from leastwise.providers.microsoft.declaration import Service as AnyService

from .declaration import Service, by_name

GROUPS = "/providers/Microsoft.Management/managementGroups/"
SUBSCRIPTIONS = "/subscriptions/"
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_GROUP = re.compile(r"[-\w().]{1,90}")
_NEEDED = ("management", "resources")
"""What everything else is asked of."""


class Source(shared.Source, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the keys of a source mean; without any, the whole tenant that is signed in to, as far as it may be read.

    Besides those that are shared: `management_groups` and `subscriptions` are trees to read in place of the whole, each
    a scope of its own. `graph_token_env`, `storage_token_env` and `logs_token_env` name variables that hold tokens
    beside that for Resource Manager. `directory`: users, groups and service principals are read too.
    """

    PLACES: ClassVar[Sequence[str]] = ("arm", "graph", "login", "imds", "storage", "logs")
    first: ClassVar[str] = "arm"
    beside: ClassVar[Sequence[str]] = ("graph", "storage", "logs")

    management_groups: list[str] = []
    subscriptions: list[str] = []
    graph_token_env: str = ""
    storage_token_env: str = ""
    logs_token_env: str = ""
    directory: bool = True

    @property
    def roots(self) -> list[str]:
        """The ids of the trees to read; empty: the tenant."""
        groups = [GROUPS + one.removeprefix(GROUPS) for one in self.management_groups]
        return groups + [SUBSCRIPTIONS + one.removeprefix(SUBSCRIPTIONS).lower() for one in self.subscriptions]

    def known(self) -> Mapping[str, Service]:
        """Every declared service, by name."""
        return by_name()

    def why_left_out(self, service: AnyService) -> str:
        """Why a service is not collected; empty when it is."""
        graph = service.place == "graph"
        chosen = not self.services or service.service in (*self.services, *_NEEDED)
        if chosen and (self.directory or not graph):
            return ""
        return f"left out by the choice of {'services or directory' if graph else 'services'}"


def read_source(keys: Mapping[str, Any]) -> Source:
    """The source with these keys. UsageError names the key that is wrong."""
    source = shared.read_source(keys, Source, "azure")
    for group in source.management_groups:
        if not _GROUP.fullmatch(group.removeprefix(GROUPS)):
            raise UsageError(f"source azure: management_groups: {group} is no id of a management group")
    for one in source.subscriptions:
        if not _GUID.fullmatch(one.removeprefix(SUBSCRIPTIONS)):
            raise UsageError(f"source azure: subscriptions: {one} is no id of a subscription")
    source.declared()
    return source
