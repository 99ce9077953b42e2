"""The unified audit log of Microsoft 365 as the Management Activity API gives it: content of the last seven days.

Content is listed by when it became available, a day at a time, which says nothing of when its records were made: it is
taken in, and nothing is called unused by it. What is not subscribed to is not listed; starting a subscription would be
a change of the tenant's settings, so that the note says how somebody may.

https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec

from leastwise.errors import InputError, UsageError
from leastwise.providers.entra.log_names import FEED, chosen
from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.logs.spans import midnight
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import Refusals, refused
from leastwise.providers.rest.session import Ask, Reply
from leastwise.providers.rest.several import from_each

from .log_access import Access

READING = "ActivityFeed.Read"
TYPES = ("Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.SharePoint", "Audit.General")
"""Content types whose records are read; `DLP.All` has findings, and needs a permission of its own."""
DAYS = 7
_PLACE, _TRIES = "office", 10
_WINDOW = timedelta(hours=24)
_MARGIN = timedelta(hours=1)
"""So much of the oldest time is let go, as a run takes time."""
_GUESS = 1 << 18
_MOST_PAGES = 10_000
_FORM = "%Y-%m-%dT%H:%M:%S"


class Feed:
    """Content of the Management Activity API; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        self._types = chosen(wanted.url, FEED, TYPES)
        self.name = wanted.url or FEED
        self.notes: list[str] = []
        self._now = (now or datetime.now(UTC)).replace(microsecond=0)
        self._access = Access(wanted.sign_in)
        if not self._access.source.address(_PLACE):
            self._access.close()
            raise UsageError(f"{FEED}: where it answers in this cloud is not known; name it in endpoints as {_PLACE}")
        self._refusals = Refusals(self.name, READING)
        self._begin, self._end = self._window(wanted)

    def _window(self, wanted: Wanted) -> tuple[datetime, datetime]:
        oldest = self._now - timedelta(DAYS) + _MARGIN
        begin = midnight(wanted.begin) if wanted.begin else oldest
        if begin < midnight(oldest.date()):
            self.notes.append(f"content is kept for {DAYS} days, to {oldest.date()}, not {begin.date()}")
        # What happens on a day may become available later: the end leaves nothing out.
        return max(begin, oldest), self._now

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece of every content of the types that are subscribed to, in the order in which it became available.

        Raises:
            InputError: nothing may be listed, or nothing is subscribed to.
        """
        yield from from_each(
            self._subscribed(), lambda type: self._listed(type, stop), lambda type: type, self.name, READING, self.notes
        )

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The records of a content, a line each; see the port."""
        with self._refusals.reading():
            told = self._made(Ask("GET", piece.key, self._publisher())).content
            if not isinstance(told, list):
                raise FetchError("the answer has no list in it")
            into.write(b"".join(msgspec.json.encode(one) + b"\n" for one in told))

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._access.close()

    def _subscribed(self) -> list[str]:
        """The types that are subscribed to; `notes` are told of the others. InputError when none is."""
        try:
            told = self._made(Ask("GET", f"{self._root}/subscriptions/list", self._publisher())).content
        except RestFailed as error:
            raise refused(self.name, error, READING) from None
        enabled = {
            str(one.get("contentType")) for one in told if isinstance(one, dict)
            and str(one.get("status", "")).lower() == "enabled"
        } if isinstance(told, list) else set[str]()  # fmt: skip
        lacking = [one for one in self._types if one not in enabled]
        how = f"POST {self._root}/subscriptions/start?contentType=…, once, by who may; nothing is changed from here"
        if len(lacking) == len(self._types):
            raise InputError(self.name, f"none of {', '.join(lacking)} is subscribed to ({how})")
        if lacking:
            self.notes.append(f"not subscribed to, and so not taken in: {', '.join(lacking)} ({how})")
        return [one for one in self._types if one in enabled]

    def _listed(self, type: str, stop: threading.Event) -> Iterator[Piece]:
        """The content of a type, a day at a time. RestFailed when it is refused."""
        begin = self._begin
        while begin < self._end and not stop.is_set():
            end = min(begin + _WINDOW, self._end)
            times = {"startTime": begin.strftime(_FORM), "endTime": end.strftime(_FORM)}
            ask = Ask("GET", f"{self._root}/subscriptions/content", {"contentType": type, **times, **self._publisher()})
            for reply in self._pages(ask):
                told = reply.content if isinstance(reply.content, list) else ()
                yield from (self._piece(type, one) for one in told if isinstance(one, dict) and _uri(one))
            begin = end

    def _pages(self, ask: Ask) -> Iterator[Reply]:
        """Every page of a list; the address of the next one is in a header. RestFailed, also for one elsewhere."""
        for _ in range(_MOST_PAGES):
            reply = self._made(ask)
            yield reply
            more = reply.headers.get("nextpageuri", "")
            if not more:
                return
            if more == ask.url:
                raise RestFailed("SamePage", "a page that leads to itself")
            ask = Ask("GET", self._here(more))
        raise RestFailed("TooManyPages", f"{_MOST_PAGES} pages, and another is said to follow")

    def _piece(self, type: str, one: Mapping[str, Any]) -> Piece:
        id, created = str(one.get("contentId") or _uri(one)), str(one.get("contentCreated") or "")
        name = f"{FEED}{self._access.tenant}/{type}/{created[:10]}/{_plain(id)}.json"
        return Piece(name, _GUESS, id, True, self._here(_uri(one)))

    def _here(self, uri: str) -> str:
        """An address that content or a page is said to have. RestFailed where it is elsewhere: it would get a token."""
        here, there = urlsplit(self._access.source.address(_PLACE)), urlsplit(uri)
        if (here.scheme, here.netloc.lower()) != (there.scheme, there.netloc.lower()):
            raise RestFailed("ForeignPage", "content is said to be at another place, which is not asked")
        return uri

    @property
    def _root(self) -> str:
        return f"{self._access.source.address(_PLACE)}/api/v1.0/{self._access.tenant}/activity/feed"

    def _publisher(self) -> dict[str, str]:
        """Who asks: without it the tenant shares a quota with all others who do not say."""
        return {"PublisherIdentifier": self._access.tenant}

    def _made(self, ask: Ask) -> Reply:
        return self._access.made(_PLACE, ask, _TRIES)


def _uri(one: Mapping[str, Any]) -> str:
    found = one.get("contentUri")
    return found if isinstance(found, str) else ""


def _plain(id: str) -> str:
    """An id of content as a part of a name."""
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in id)
