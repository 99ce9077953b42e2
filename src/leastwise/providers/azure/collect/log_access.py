"""Whose credentials fetch logs, how what is asked for them is paged and tried again, and what a source reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.providers.azure.language.ids import ROOT
from leastwise.providers.azure.log_names import container_of
from leastwise.providers.microsoft import log_access as shared
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import pages
from leastwise.providers.rest.session import Ask

from .asking import Asking
from .roots import trees
from .source import GROUPS, SUBSCRIPTIONS, read_source

_SUBSCRIPTIONS, _GROUPS = "2022-12-01", "2020-05-01"


class Access(shared.Access):
    """Calls signed by who reads the logs, and what its source reaches; safe to use from many threads."""

    def __init__(self, sign_in: Mapping[str, Any]) -> None:
        """UsageError when the keys are wrong, or there are no credentials."""
        source = read_source({"in_flight": shared.AT_ONCE, **sign_in, "services": [], "directory": False})
        self._source, self._asking = source, Asking(source)
        super().__init__(source, self._asking)

    def listed(self, path: str, query: Mapping[str, Any], verb: str = "GET") -> Iterator[dict[str, Any]]:
        """The objects of every page of a list of Resource Manager's. Raises RestFailed."""
        ask = Ask(verb, f"{self.source.address('arm')}{path}", query)
        for reply in pages(lambda one: self.made("arm", one), ask, shared.ARM_LINK):
            told = reply.content.get("value") if isinstance(reply.content, dict) else None
            yield from (one for one in told or () if isinstance(one, dict))

    def containers(self, notes: list[str]) -> list[str]:
        """The tenant, management groups and subscriptions of the source, as pieces of the Activity Log call them.

        Of what is denied `notes` are told, and the rest goes on. UsageError when there is nothing to read.
        """
        found: dict[str, None] = {}
        for tree in trees(self._source, self._asking):
            if tree.kind == "tenant":
                found |= dict.fromkeys((container_of(ROOT), container_of(tree.root)))
                self._tenant(tree.tenant, found, notes)
            elif tree.kind == "management_group":
                found[container_of(tree.root)] = None
                self._below(tree.root, found, notes)
            elif tree.kind == "subscription":
                found[container_of(tree.root.lower())] = None
        if not found:
            raise UsageError("source azure: there is no subscription to read")
        return list(found)

    def _tenant(self, tenant: str, found: dict[str, None], notes: list[str]) -> None:
        try:
            path = "/providers/Microsoft.Management/getEntities"
            for one in self.listed(path, {"api-version": _GROUPS}, "POST"):
                _add(str(one.get("id") or ""), found)
        except RestFailed as error:
            self._refused("management groups", error, notes)
        try:
            for one in self.listed("/subscriptions", {"api-version": _SUBSCRIPTIONS}):
                if str(one.get("tenantId") or tenant).lower() == tenant:
                    _add(str(one.get("id") or ""), found)
        except RestFailed as error:
            self._refused("subscriptions", error, notes)

    def _below(self, root: str, found: dict[str, None], notes: list[str]) -> None:
        try:
            for one in self.listed(f"{root}/descendants", {"api-version": _GROUPS}):
                _add(str(one.get("id") or ""), found)
        except RestFailed as error:
            self._refused(f"what lies in {root}", error, notes)

    def _refused(self, what: str, error: RestFailed, notes: list[str]) -> None:
        if error.ending:
            raise InputError("Resource Manager", error.ending) from None
        notes.append(f"{what} were not told, their logs are not taken in: {error}")


def _add(id: str, found: dict[str, None]) -> None:
    """A subscription or management group; lists of management groups write a subscription below its group, too."""
    below = id.rpartition(SUBSCRIPTIONS)
    if below[1]:
        found[container_of(f"{SUBSCRIPTIONS}{below[2].lower()}")] = None
    elif id.lower().startswith(GROUPS.lower()):
        found[container_of(id)] = None
