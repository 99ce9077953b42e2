"""Calls to Google Cloud's APIs: a declared call and its parameters as a request, its answer as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leastwise import __version__
from leastwise.providers.collecting.failure import Answer
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import Paging
from leastwise.providers.rest.placing import placed
from leastwise.providers.rest.session import Ask, Session

from .declaration import Call, Service
from .outcome import failure
from .signing import Signer
from .source import Source

_PAGING = Paging()
AGENT = f"leastwise/{__version__}"
_NAMED = 5


class Asking:
    """Makes declared calls; safe to use from many threads."""

    def __init__(self, source: Source) -> None:
        """UsageError when there are no credentials."""
        self.signer = Signer(source, AGENT)
        self._session = Session(AGENT, source.in_flight, bases=source.bases, reading=failure)

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends it: calls that are under way fail."""
        self._session.close()
        self.signer.close()

    def ask(
        self, service: Service, call: Call, region: str, parameters: Mapping[str, Any], credentials: Any = None
    ) -> Answer:
        """One page of an answer. Raises RestFailed."""
        ask = request(service, call, parameters)
        headers = self.signer.headers(ask, service.scopes, service.workspace)
        reply = self._session.ask(Ask(ask.method, ask.url, ask.query, ask.body, headers), signed=False)
        if not isinstance(reply.content, dict):
            raise RestFailed("NotJson", "the answer cannot be read", 500, reply.headers)
        return Answer(reply.content, _PAGING.more(reply), _lacks(call, reply.content))

    def stream(self, ask: Ask, scopes: tuple[str, ...], chunk: int) -> Iterator[bytes]:
        """The bytes of an answer as they lie at the vendor's. Raises RestFailed, also in their midst."""
        headers = {**ask.headers, **self.signer.headers(ask, scopes, False)}
        return self._session.stream(Ask(ask.method, ask.url, ask.query, ask.body, headers), chunk)

    def made(self, ask: Ask, scopes: tuple[str, ...]) -> dict[str, Any]:
        """The answer to a request that is not declared, such as one for permissions. Raises RestFailed."""
        headers = self.signer.headers(ask, scopes, False)
        reply = self._session.ask(Ask(ask.method, ask.url, ask.query, ask.body, headers), signed=False)
        return reply.content if isinstance(reply.content, dict) else {}


def request(service: Service, call: Call, parameters: Mapping[str, Any]) -> Ask:
    """The request that a call with these parameters is."""
    path, rest = placed(call.path, parameters)
    body = {name: value for name, value in rest.items() if name in call.post}
    query = {name: value for name, value in rest.items() if name not in call.post}
    return Ask(call.verb, f"https://{service.address}/{path}", query, body if call.verb == "POST" else None)


def _lacks(call: Call, members: Mapping[str, Any]) -> str:
    """What the vendor says that the answer lacks, such as places that could not be reached."""
    for member in call.partial:
        named = members.get(member)
        if isinstance(named, list) and named:
            more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
            return f"{member}: {', '.join(str(one) for one in named[:_NAMED])}{more}"
    return ""
