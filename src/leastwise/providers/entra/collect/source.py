"""A source of estate.yaml (or the options of the command line) for a directory: who signs in, what is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from leastwise.providers.microsoft import source as shared

from .declaration import Service, by_name


class Source(shared.Source, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the keys of a source mean; without any, the directory that is signed in to.

    `services` are those to collect, besides who there is and who is in which group, which is always read.
    `arm_token_env`, `storage_token_env`, `logs_token_env` and `office_token_env` name variables that hold tokens beside
    that for Graph: for Resource Manager, storage accounts, workspaces, and the Office 365 Management APIs.
    """

    PLACES: ClassVar[Sequence[str]] = ("graph", "arm", "login", "imds", "storage", "logs", "office")
    beside: ClassVar[Sequence[str]] = ("arm", "storage", "logs", "office")

    arm_token_env: str = ""
    storage_token_env: str = ""
    logs_token_env: str = ""
    office_token_env: str = ""

    def known(self) -> Mapping[str, Service]:
        """Every declared service, by name."""
        return by_name()

    def why_left_out(self, service: Any) -> str:
        """Why a service is not collected; empty when it is."""
        return "" if service.service == "graph" else super().why_left_out(service)


def read_source(keys: Mapping[str, Any]) -> Source:
    """The source with these keys. UsageError names the key that is wrong."""
    source = shared.read_source(keys, Source, "entra")
    source.declared()
    return source
