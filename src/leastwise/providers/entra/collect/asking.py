"""Calls to Microsoft Graph, and to Resource Manager for what only that tells, signed as a source says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers.collecting.failure import Answer
from leastwise.providers.microsoft.calling import Calling
from leastwise.providers.microsoft.graph import Graph
from leastwise.providers.microsoft.tokens import TokenProvider
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.placing import placed
from leastwise.providers.rest.session import Ask

from .declaration import Call, Service
from .source import Source


class Asking(Calling):
    """Makes declared calls; safe to use from many threads."""

    def __init__(self, source: Source, provider: TokenProvider | None = None) -> None:
        """UsageError when there is no way to sign in."""
        super().__init__(source, provider)
        self._source = source
        self._graph = Graph(self, source.address("graph"))

    def ask(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Any = None
    ) -> Answer:
        """One page of an answer. Raises RestFailed."""
        if service.place == "graph":
            return self._graph.ask(call, parameters)
        path, query = placed(call.path, parameters)
        ask = Ask(call.verb, f"{self._source.address(service.place)}/{path}", query)
        reply = self.made(service.place, ask)
        if not isinstance(reply.content, dict) or not isinstance(reply.content.get("value"), list):
            raise RestFailed("NoList", "the answer has no list in it", 500, reply.headers)
        return Answer(reply.content, None)
