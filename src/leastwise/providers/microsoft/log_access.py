"""Whose credentials fetch logs: calls signed, paced by whoever answers, tried again; places with several tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leastwise.providers.rest.paging import Paging
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask, Reply

from .calling import Calling
from .source import Source

AT_ONCE = 16
"""So many requests at most are on their way."""
ARM_LINK, GRAPH_LINK = Paging("member", of="nextLink"), Paging("member", of="@odata.nextLink")


class Access:
    """Calls signed by who reads the logs; safe to use from many threads."""

    def __init__(self, source: Source, calling: Calling) -> None:
        self.source = source
        self._calling = calling

    def close(self) -> None:
        """Ends it: calls that are under way fail."""
        self._calling.close()

    def made(self, place: str, ask: Ask, tries: int = 5) -> Reply:
        """An answer, tried again while the vendor throttles or is away. Raises RestFailed."""
        return patiently(lambda: self._calling.made(place, ask), tries)

    def arm(self, path: str, query: Mapping[str, Any], tries: int = 5) -> Reply:
        """What Resource Manager answers. Raises RestFailed."""
        return self.made("arm", Ask("GET", f"{self.source.address('arm')}{path}", query), tries)

    def stream(self, place: str, ask: Ask, chunk: int) -> Iterator[bytes]:
        """The bytes of an answer, after one try. Raises RestFailed, also in their midst."""
        return self._calling.stream(place, ask, chunk)


Opened = Callable[[Mapping[str, Any]], Access]
"""Signs in as the keys of a source say. UsageError when they are wrong, or there are no credentials."""


def following(reply: Reply, link: Paging) -> Ask | None:
    """The request for the page after a page; None after the last. Raises RestFailed."""
    more = link.more(reply)
    return None if more is None else link.turned(reply.asked, more)
