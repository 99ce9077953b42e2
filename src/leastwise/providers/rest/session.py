"""Calls to an HTTP API that answers with JSON: one try each, every outcome said in the same words.

Who calls decides about tries: a runner with lanes puts a call back into its queue, `patiently` waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from leastwise.errors import UsageError

from .failure import RestFailed

Reading = Callable[[int, Mapping[str, str], Any], RestFailed]
"""A vendor's error (HTTP status, headers in lower case, decoded body or None) as a failure."""
_CONNECT, _READ = 10.0, 60.0
_EMPTY = 204
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: `query` values that are lists are repeated, those that are None left out; `body` becomes JSON."""

    method: str
    url: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: decoded JSON (an empty object where there was no body), headers in lower case."""

    asked: Ask
    content: Any
    headers: Mapping[str, str]


def plain_failure(http: int, headers: Mapping[str, str], content: Any) -> RestFailed:
    """A failure of which only the HTTP status is understood."""
    return RestFailed(f"HTTP {http}", "", http, headers)


class Session:
    """Makes calls; safe to use from many threads, of which `in_flight` get through at once.

    `bases` puts other addresses in place of the beginnings of URLs (a private endpoint, a test's own server).
    `sign(ask)` gives the headers that prove who calls; it raises RestFailed. `transport` is for tests.
    """

    def __init__(
        self, agent: str, in_flight: int, *, bases: Mapping[str, str] | None = None,
        sign: Callable[[Ask], Mapping[str, str]] = lambda ask: {}, reading: Reading = plain_failure,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._bases = sorted((bases or {}).items(), key=lambda one: -len(one[0]))
        self._sign, self._reading = sign, reading
        self._places = threading.BoundedSemaphore(in_flight)
        self._closed = threading.Event()
        self._client = httpx.Client(
            headers={"user-agent": agent, "accept": "application/json"},
            timeout=httpx.Timeout(_READ, connect=_CONNECT, pool=None),
            limits=httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight),
            follow_redirects=False, transport=transport, trust_env=True,
        )  # fmt: skip

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends it: calls that are under way fail, others are not made any more."""
        self._closed.set()
        self._client.close()

    def placed(self, url: str) -> str:
        """The URL as it is asked: with the base that stands in place of its beginning."""
        for begin, base in self._bases:
            if url.startswith(begin):
                return base.rstrip("/") + "/" + url[len(begin) :].lstrip("/")
        return url

    def ask(self, ask: Ask, signed: bool = True) -> Reply:
        """One answer, after one try. Raises RestFailed; it names neither the URL's query nor a header."""
        ask = replace(ask, url=self.placed(ask.url))
        typed = {} if ask.body is None else {"content-type": "application/json"}
        with self._places:
            headers = {**typed, **ask.headers, **(self._sign(ask) if signed else {})}
            with self._told(ask):
                answer = self._client.request(
                    ask.method, ask.url, params=_flat(ask.query) or None, headers=headers,
                    content=None if ask.body is None else msgspec.json.encode(ask.body),
                )  # fmt: skip
        return self._understood(ask, answer)

    def stream(self, ask: Ask, chunk: int, signed: bool = True) -> Iterator[bytes]:
        """The bytes of one answer as they lie at the vendor's, after one try. Raises RestFailed, also in between."""
        ask = replace(ask, url=self.placed(ask.url))
        with self._places:
            headers = {**ask.headers, **(self._sign(ask) if signed else {})}
            with (
                self._told(ask),
                self._client.stream(ask.method, ask.url, params=_flat(ask.query) or None, headers=headers) as answer,
            ):
                if answer.is_success:
                    # A store unpacks what was packed, and httpx too, unless it is taken as it comes.
                    yield from answer.iter_raw(chunk)
                    return
                answer.read()
        self._understood(ask, answer)

    @contextmanager
    def _told(self, ask: Ask) -> Iterator[None]:
        """What goes wrong on the way as a failure."""
        try:
            if self._closed.is_set():
                raise RestFailed("Closed", "the run was ended", gone=True)
            yield
        except (httpx.TransportError, httpx.DecodingError) as error:
            # The class says what happened; the text may hold an address, and of a proxy its password.
            raise RestFailed(type(error).__name__, urlsplit(ask.url).hostname or "", gone=True) from None
        except RuntimeError as error:
            if self._closed.is_set():
                raise RestFailed("Closed", "the run was ended", gone=True) from None
            raise error

    def _understood(self, ask: Ask, answer: httpx.Response) -> Reply:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        content = {} if answer.status_code == _EMPTY else _decoded(answer.content)
        if answer.is_success:
            if content is None:
                # A proxy's page, or an answer that was cut off: no word of the vendor.
                raise RestFailed("NotJson", "the answer cannot be read", 500, headers)
            return Reply(ask, content, headers)
        if answer.has_redirect_location:
            raise RestFailed(f"HTTP {answer.status_code}", "it leads elsewhere, which is not followed", 0, headers)
        raise self._reading(answer.status_code, headers, content)


def base_of(url: str, what: str) -> str:
    """An address to put in place of a vendor's. UsageError unless it is https, or http on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return url
    raise UsageError(f"{what}: {url} is no https address (http only on this machine: it would carry a token)")


def _flat(query: Mapping[str, Any]) -> list[tuple[str, str | int | float | bool | None]]:
    return [
        (name, str(one).lower() if isinstance(one, bool) else str(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list | tuple) else [value])
        if one is not None
    ]


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
