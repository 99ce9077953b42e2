"""How an API says that there is a next page: a token, a link in the answer, or a link in a header."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from .failure import RestFailed
from .session import Ask, Reply

_LINK = re.compile(r'<([^<>]*)>\s*((?:;\s*[^,;="]+(?:=\s*(?:"[^"]*"|[^,;"]*))?\s*)*)')
_NEXT = re.compile(r'(?i);\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)')
URL = "$url"
"""The name under which a link is kept among the parameters of a page."""


@dataclass(frozen=True, slots=True)
class Paging:
    """A style: `token` (member `of` of the answer becomes the parameter `to`), `member` (`of` is a link), `header`.

    A link is followed only to where the first page came from: another place must not be given a token.
    """

    style: Literal["token", "member", "header"] = "token"
    of: str = "nextPageToken"
    to: str = "pageToken"

    def more(self, reply: Reply) -> dict[str, Any] | None:
        """The parameters that ask for the page after this one; None when it is the last. Raises RestFailed."""
        link: Any
        if self.style == "header":
            link = _next_link(reply.headers.get("link", ""))
        else:
            link = reply.content.get(self.of) if isinstance(reply.content, dict) else None
        if not link:
            return None
        if self.style == "token":
            return {self.to: link}
        if not _same_origin(str(link), reply.asked.url):
            raise RestFailed("ForeignPage", "the next page is said to be at another place, which is not asked")
        return {URL: link}

    def turned(self, ask: Ask, more: Mapping[str, Any]) -> Ask:
        """The request for the page that `more` of the page before leads to."""
        if URL in more:
            return replace(ask, url=str(more[URL]), query={})
        return replace(ask, query={**ask.query, **more})


def pages(make: Callable[[Ask], Reply], ask: Ask, paging: Paging) -> Iterator[Reply]:
    """Every page. Raises RestFailed, also when a page leads to itself."""
    more: dict[str, Any] | None = {}
    while more is not None:
        reply = make(paging.turned(ask, more))
        yield reply
        following = paging.more(reply)
        if following is not None and following == more:
            raise RestFailed("SamePage", "a page that leads to itself")
        more = following


def _same_origin(link: str, url: str) -> bool:
    """Whether a link leads to where a URL does; one that cannot be read leads nowhere."""
    try:
        return _origin(link) == _origin(url)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def _next_link(header: str) -> str:
    for link, parameters in _LINK.findall(header):
        if _NEXT.search(parameters):
            return str(link)
    return ""
