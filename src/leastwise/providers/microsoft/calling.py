"""Signed calls: each API has a token of its own, which is renewed once when it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from leastwise import __version__
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.session import Ask, Reply, Session

from .outcome import failure
from .signing import Signer
from .source import Source
from .tokens import Token, TokenProvider

AGENT = f"leastwise/{__version__}"


class Calling:
    """Makes calls, signed for the API that they are of; safe to use from many threads."""

    def __init__(self, source: Source, provider: TokenProvider | None = None) -> None:
        """UsageError when there is no way to sign in."""
        self.signer = Signer(source, AGENT, provider)
        self._first = source.first
        self._session = Session(AGENT, source.in_flight, reading=failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends it: calls that are under way fail."""
        self._session.close()

    def made(self, place: str, ask: Ask) -> Reply:
        """The answer to a request; signed anew, once, when its token is refused. Raises RestFailed."""
        token = self.signer.token(place)
        try:
            return self._session.ask(_signed(ask, token), signed=False)
        except RestFailed as error:
            new = self._renewed(place, token, error)
        try:
            return self._session.ask(_signed(ask, new), signed=False)
        except RestFailed as error:
            raise self._of(place, error) from None

    def stream(self, place: str, ask: Ask, chunk: int) -> Iterator[bytes]:
        """The bytes of an answer; signed anew, once, when its token is refused. Raises RestFailed, also in between."""
        token = self.signer.token(place)
        try:
            yield from self._session.stream(_signed(ask, token), chunk, signed=False)
            return
        except RestFailed as error:
            new = self._renewed(place, token, error)
        try:
            yield from self._session.stream(_signed(ask, new), chunk, signed=False)
        except RestFailed as error:
            raise self._of(place, error) from None

    def _renewed(self, place: str, token: Token, error: RestFailed) -> Token:
        """Another token in place of a refused one. Raises the failure when that was not why, or there is none."""
        if not error.ending or error.http != 401:
            raise error
        new = self.signer.renewed(place, token)
        if new is None:
            raise self._of(place, error) from None
        return new

    def _of(self, place: str, error: RestFailed) -> RestFailed:
        """The refusal of a token is no end where it is not that of the API without which nothing can be read."""
        if place == self._first:
            return error
        return RestFailed(error.code, error.message, error.http, error.headers)


def _signed(ask: Ask, token: Token) -> Ask:
    return Ask(ask.method, ask.url, ask.query, ask.body, {**ask.headers, "authorization": f"Bearer {token.text}"})
