"""Calls to Microsoft Graph: a declared call as a request, its answer as a page.

https://learn.microsoft.com/graph/use-the-api
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import URL, Paging
from leastwise.providers.rest.placing import placed
from leastwise.providers.rest.session import Ask, Reply

from .batches import Batches
from .calling import Calling
from .declaration import Call

_LINK = Paging("member", of="@odata.nextLink")


class Graph:
    """Makes declared calls to Graph; safe to use from many threads."""

    def __init__(self, calling: Calling, address: str) -> None:
        self._made = partial(calling.made, "graph")
        self._signer = calling.signer
        self._address = address
        self._batches = Batches(self._made, address)
        self._unlicensed: dict[str, RestFailed] = {}
        """Calls for which the tenant has no licence, whatever they are asked for."""

    def ask(self, call: Call, parameters: Mapping[str, Any]) -> Answer:
        """One page of an answer. Raises RestFailed."""
        known = self._unlicensed.get(call.call)
        if known is not None:
            raise RestFailed(known.code, known.message, known.http, told=known.status)
        if call.signed_in:
            self._on_behalf(call.signed_in)
        try:
            reply = self._asked(call, parameters)
        except RestFailed as error:
            if error.status is CoverageStatus.UNLICENSED:
                self._unlicensed[call.call] = error
            raise
        if not isinstance(reply.content, dict):
            raise RestFailed("NotJson", "the answer cannot be read", 500, reply.headers)
        if call.paging == "none":
            return Answer(reply.content, None)
        more = _LINK.more(reply)
        listed = reply.content.get("value")
        if not isinstance(listed, list):
            raise RestFailed("NoList", "the answer has no list in it", 500, reply.headers)
        if call.empty_needs and not listed and more is None and URL not in parameters:
            self._prove(call.empty_needs)
        return Answer(reply.content, more)

    def _asked(self, call: Call, parameters: Mapping[str, Any]) -> Reply:
        path, query = placed(call.path, {name: value for name, value in parameters.items() if name != URL})
        ask = Ask(call.verb, f"{self._address}/{path}", query, headers=call.headers)
        if URL in parameters:
            return self._made(_LINK.turned(ask, parameters))
        return self._batches.made(ask) if call.batch else self._made(ask)

    def _on_behalf(self, needed: Sequence[str]) -> None:
        """That the token is one of a user, as far as it tells. Raises RestFailed."""
        claims = self._signer.token("graph").claims
        if claims and not claims.get("scp"):
            said = f"no application may read it: sign in as a user, with {' or '.join(needed)}"
            raise RestFailed("OnlyUsers", said, 403, told=CoverageStatus.UNSUPPORTED)

    def _prove(self, needed: Sequence[str]) -> None:
        """That the token holds permissions without which a list looks empty. Raises RestFailed.

        https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
        """
        claims = self._signer.token("graph").claims
        roles, scopes = claims.get("roles"), claims.get("scp")
        held = {*(roles if isinstance(roles, list) else ()), *(scopes.split() if isinstance(scopes, str) else ())}
        lacking = [one for one in needed if one not in held]
        if lacking:
            said = f"an empty list tells nothing without {', '.join(lacking)}"
            raise RestFailed("EmptyWithoutRight", said, 403)
