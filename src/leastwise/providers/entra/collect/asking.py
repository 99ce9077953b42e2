"""Calls to Microsoft Graph, signed as a source says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers.collecting.failure import Answer
from leastwise.providers.microsoft.calling import Calling
from leastwise.providers.microsoft.graph import Graph
from leastwise.providers.microsoft.tokens import TokenProvider

from .declaration import Call, Service
from .source import Source


class Asking(Calling):
    """Makes declared calls; safe to use from many threads."""

    def __init__(self, source: Source, provider: TokenProvider | None = None) -> None:
        """UsageError when there is no way to sign in."""
        super().__init__(source, provider)
        self._graph = Graph(self, source.address("graph"))

    def ask(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Any = None
    ) -> Answer:
        """One page of an answer. Raises RestFailed."""
        return self._graph.ask(call, parameters)
