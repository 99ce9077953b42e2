"""Calls to Resource Manager and Microsoft Graph: a declared call as a request, its answer as a page."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from leastwise.providers.collecting.failure import Answer
from leastwise.providers.microsoft.calling import Calling
from leastwise.providers.microsoft.graph import Graph
from leastwise.providers.microsoft.outcome import VERSIONS
from leastwise.providers.microsoft.tokens import TokenProvider
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import Paging
from leastwise.providers.rest.placing import placed
from leastwise.providers.rest.session import Ask, Reply

from .declaration import Call, Service
from .source import SUBSCRIPTIONS, Source

_LINK = Paging("member", of="nextLink")
_TOKEN = "$skipToken"  # noqa: S105 - the name of a member
_CUT = "resultTruncated"


class Asking(Calling):
    """Makes declared calls; safe to use from many threads."""

    def __init__(self, source: Source, provider: TokenProvider | None = None) -> None:
        """UsageError when there is no way to sign in."""
        super().__init__(source, provider)
        self._source = source
        self._graph = Graph(self, source.address("graph"))
        self._versions: dict[str, str] = {}
        self._lock = threading.Lock()
        self.tenant = ""
        """The directory whose things are kept of lists that hold others' too (`own`); empty: all."""

    def ask(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Any = None
    ) -> Answer:
        """One page of an answer. Raises RestFailed."""
        if service.place == "graph":
            return self._graph.ask(call, parameters)
        own = {name: value for name, value in parameters.items() if name not in (_TOKEN, "$url")}
        more = {name: parameters[name] for name in (_TOKEN, "$url") if name in parameters}
        reply, version = self._versioned(service, call, own, more)
        if not isinstance(reply.content, dict):
            raise RestFailed("NotJson", "the answer cannot be read", 500, reply.headers)
        lacks = call.older.get(version, "")
        return Answer(self._kept(call, reply.content), self._more(call, reply), lacks)

    def request(self, service: Service, call: Call, parameters: Mapping[str, Any], version: str) -> Ask:
        """The request that a call with these parameters is, in a version."""
        path, rest = placed(call.path, parameters)
        body = {name: _told(name, value) for name, value in rest.items() if name in call.post}
        query = {name: value for name, value in rest.items() if name not in call.post}
        if version:
            query["api-version"] = version
        url = f"{self._source.address(service.place)}/{path.lstrip('/')}"
        return Ask(call.verb, url, query, body if call.verb == "POST" else None)

    def _versioned(
        self, service: Service, call: Call, parameters: Mapping[str, Any], more: Mapping[str, Any]
    ) -> tuple[Reply, str]:
        """The answer, in the newest of the declared versions that is known there."""
        name = f"{service.service} {call.call}"
        left = [call.version, *call.older]
        known = self._versions.get(name)
        left = left[left.index(known) :] if known in left else left
        while True:
            version = left.pop(0)
            ask = self.request(service, call, parameters, version)
            if "$url" in more:
                ask = _LINK.turned(ask, more)
            elif more:
                options = {**(ask.body or {}).get("options", {}), **more}
                ask = Ask(ask.method, ask.url, ask.query, {**(ask.body or {}), "options": options})
            try:
                reply = self.made(service.place, ask)
            except RestFailed as error:
                if error.code not in VERSIONS or not left:
                    raise
                continue
            with self._lock:
                self._versions[name] = version
            return reply, version

    def _more(self, call: Call, reply: Reply) -> dict[str, Any] | None:
        """What asks for the next page. RestFailed for a page that is cut off and does not say how to go on."""
        if call.paging == "none":
            return None
        if call.paging == "link":
            return _LINK.more(reply)
        token = reply.content.get(_TOKEN)
        if token:
            return {_TOKEN: token}
        if str(reply.content.get(_CUT, "")).lower() == "true":
            raise RestFailed("Truncated", "the answer was cut off, and says nothing of another page", 0, reply.headers)
        return None

    def _kept(self, call: Call, members: dict[str, Any]) -> dict[str, Any]:
        """The answer without what another directory owns and only lends."""
        listed = members.get(call.own) if call.own and self.tenant else None
        if not isinstance(listed, list):
            return members
        mine = [
            one for one in listed
            if not isinstance(one, dict) or str(one.get("tenantId", self.tenant)).lower() == self.tenant
        ]  # fmt: skip
        return {**members, call.own: mine}


def _told(name: str, value: Any) -> Any:
    """A member of a body; Resource Graph takes subscriptions by their GUIDs alone."""
    if name == "subscriptions" and isinstance(value, list):
        return [str(one).removeprefix(SUBSCRIPTIONS) for one in value]
    return value
