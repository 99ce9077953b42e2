"""Calls to Microsoft Graph: a declared call as a request, its answer as a page.

https://learn.microsoft.com/graph/use-the-api
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from leastwise.providers.collecting.failure import Answer
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import URL, Paging
from leastwise.providers.rest.placing import placed
from leastwise.providers.rest.session import Ask

from .batches import Batches
from .calling import Calling
from .declaration import Call

_LINK = Paging("member", of="@odata.nextLink")


class Graph:
    """Makes declared calls to Graph; safe to use from many threads."""

    def __init__(self, calling: Calling, address: str) -> None:
        self._made = partial(calling.made, "graph")
        self._address = address
        self._batches = Batches(self._made, address)

    def ask(self, call: Call, parameters: Mapping[str, Any]) -> Answer:
        """One page of an answer. Raises RestFailed."""
        path, query = placed(call.path, {name: value for name, value in parameters.items() if name != URL})
        ask = Ask(call.verb, f"{self._address}/{path}", query, headers=call.headers)
        if URL in parameters:
            reply = self._made(_LINK.turned(ask, parameters))
        else:
            reply = self._batches.made(ask) if call.batch else self._made(ask)
        if not isinstance(reply.content, dict):
            raise RestFailed("NotJson", "the answer cannot be read", 500, reply.headers)
        return Answer(reply.content, None if call.paging == "none" else _LINK.more(reply))
