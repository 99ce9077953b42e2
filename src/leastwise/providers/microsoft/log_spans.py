"""Logs that Azure or the directory answers itself, a page after the other, for a span of time, the newest first."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.logs.spans import Asked, cut, lacking, midnight, settled, spans
from leastwise.providers.pace import Pace
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused
from leastwise.providers.rest.paging import Paging
from leastwise.providers.rest.session import Ask, Reply
from leastwise.providers.rest.several import from_each

from .log_access import Access, following

EVENTS_FILE = "events.jsonl"
_MARGIN = timedelta(hours=1)
"""So much of the oldest time is let go, as a run takes time."""
_TRIES = 10
_GUESS, _HELD = 1 << 18, 1 << 18
"""What a span is taken for, in bytes; and so much of a first page is kept until it is wanted."""
_EMPTY = 200
"""So many pages without a record that follow one another are believed to lead somewhere."""


Part = tuple[datetime, datetime, tuple[str, ...]]


class Kind(NamedTuple):
    """A vendor's own history.

    Args:
        scheme: of the URLs of its pieces.
        place: the API that answers.
        needed: the permission without which it refuses.
        link: how a page leads to the next.
        days: so long it is kept at most.
        keeps: who keeps what, in words.
        every: seconds between two requests.
    """

    scheme: str
    place: str
    needed: str
    link: Paging
    days: int
    keeps: str
    every: float = 0.0


class Spanned(ABC):
    """The history of several containers; see `providers.fetching.LogSource`. Who derives it says what is asked."""

    def __init__(self, kind: Kind, wanted: Wanted, name: str, access: Access, now: datetime | None) -> None:
        self.notes: list[str] = []
        now = now or datetime.now(UTC)
        self._kind, self._access, self.name = kind, access, name
        self._run, self._now = now.isoformat(), now.replace(microsecond=0)
        self._wanted = wanted
        self._pace, self._closed = Pace(kind.every), threading.Event()
        self._begin, self._end = self._window()

    def _window(self) -> tuple[datetime, datetime]:
        days = self._kind.days
        oldest = self._now - timedelta(days) + _MARGIN
        begin = midnight(self._wanted.begin) if self._wanted.begin else oldest
        if begin < midnight(oldest.date()):
            self.notes.append(f"{self._kind.keeps} for {days} days, to {oldest.date()}, not {begin.date()}")
        end = midnight(self._wanted.end) + timedelta(1) if self._wanted.end else self._now
        return max(begin, oldest), min(end, self._now)

    @abstractmethod
    def containers(self) -> Sequence[str]:
        """What is asked, each by itself. InputError when nothing may be."""

    @abstractmethod
    def parts(self, container: str, begin: datetime, complete: datetime) -> Sequence[Part]:
        """From when to when which logs of a container are there, within a time, as the names of pieces call them.

        Raises RestFailed.
        """

    @abstractmethod
    def time(self, container: str) -> str:
        """The field of a container's records that has their time."""

    @abstractmethod
    def asked(self, span: Asked) -> Ask:
        """The first page of a span."""

    def record(self, one: Mapping[str, Any], container: str) -> Mapping[str, Any]:
        """A record as it is taken in."""
        return one

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece for each time of a container that the lake does not hold, several for a busy one.

        Raises:
            InputError: no container may be asked.
        """
        containers = self.containers()
        if self._end <= self._begin:
            return
        held = spans(self._kind.scheme, self._wanted.held())

        def of(container: str) -> Iterator[Piece]:
            complete = max(self._begin, settled(self._now, self._end))
            parts = self.parts(container, self._begin, complete)
            for span in lacking(container, parts, held, complete, self._end):
                for part in self._cut(span):
                    if stop.is_set():
                        return
                    yield self._piece(part)

        yield from from_each(
            containers, of, lambda one: f"{self._kind.scheme}{one}", self.name, self._kind.needed, self.notes
        )

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The records of a span, a line each; see the port."""
        span: Asked = piece.key
        if span.first is not None:
            into.write(span.first)
            return
        empty = 0
        ask: Ask | None = self.asked(span)
        try:
            while ask is not None:
                reply = self.page(ask)
                into.write(self._lines(reply, span))
                empty = 0 if records(reply) else empty + 1
                ask = following(reply, self._kind.link)
                if ask is not None and empty > _EMPTY:
                    raise FetchError(f"{empty} pages without a record, and another is said to follow")
        except RestFailed as error:
            if error.ending:
                raise refused(self.name, error, self._kind.needed) from None
            raise FetchError(str(error)) from None

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""
        return

    def close(self) -> None:
        """Ends what is being fetched."""
        self._closed.set()
        self._access.close()

    def page(self, ask: Ask) -> Reply:
        """An answer, in its turn. Raises RestFailed."""
        if self._kind.every and self._pace.wait(self._closed):
            raise RestFailed("Closed", "the run was ended", gone=True)
        return self._access.made(self._kind.place, ask, _TRIES)

    def _cut(self, span: Asked) -> Iterator[Asked]:
        """The span itself if one page answers it, else spans of about so many pages. RestFailed when it is refused."""
        reply = self.page(self.asked(span))
        if following(reply, self._kind.link) is None:
            lines = self._lines(reply, span)
            yield replace(span, first=lines) if len(lines) <= _HELD else span
            return
        # The newest come first.
        name = self.time(span.container)
        times = [found for one in records(reply) if (found := time_of(one.get(name))) is not None]
        if span.recent or not times:
            yield span
            return
        yield from cut(span, span.end - min(times))

    def _lines(self, reply: Reply, span: Asked) -> bytes:
        return b"".join(msgspec.json.encode(self.record(one, span.container)) + b"\n" for one in records(reply))

    def _piece(self, span: Asked) -> Piece:
        content = f"asked {self._run}" if span.recent else "complete"
        size = len(span.first) if span.first is not None else _GUESS
        return Piece(span.name(self._kind.scheme, EVENTS_FILE), size, content, True, span)


def records(reply: Reply) -> list[dict[str, Any]]:
    """The records of a page."""
    told = reply.content.get("value") if isinstance(reply.content, dict) else None
    return [one for one in told or () if isinstance(one, dict)]


def time_of(written: object) -> datetime | None:
    """A time as records write it, None for what is none."""
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
