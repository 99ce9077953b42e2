"""The Activity Log as Azure itself keeps it: container by container, span by span, for 90 days.

https://learn.microsoft.com/rest/api/monitor/activity-logs/list
https://learn.microsoft.com/rest/api/monitor/tenant-activity-logs/list
https://learn.microsoft.com/azure/azure-monitor/platform/activity-log (retention, management groups)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from leastwise.providers.azure.language.ids import ROOT
from leastwise.providers.azure.log_names import ACTIVITY, EVENTS_FILE, KIND, TENANT, containers_of, key_of
from leastwise.providers.azure.tree import SUBSCRIPTIONS
from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.logs.spans import Asked, cut, lacking, midnight, settled, spans, stamp
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused
from leastwise.providers.rest.session import Ask, Reply
from leastwise.providers.rest.several import from_each

from .log_access import Access

READING = "Microsoft.Insights/eventtypes/values/read"
DAYS = 90
"""So long Azure keeps it."""
_MARGIN = timedelta(hours=1)
"""So much of the oldest time is let go, as a run takes time."""
_VERSION, _ABOVE = "2015-04-01", "2017-03-01-preview"
_PATH = "/providers/Microsoft.Insights/eventtypes/management/values"
_TRIES = 10
_GUESS, _HELD = 1 << 18, 1 << 18
"""What a span is taken for, in bytes; and so much of a first page is kept until it is wanted."""
_EMPTY = 200
"""So many pages without a record that follow one another are believed to lead somewhere."""
_LONG = 120


class Activity:
    """The Activity Log of subscriptions, management groups and the tenant; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        self.notes: list[str] = []
        now = now or datetime.now(UTC)
        self._run, self._now = now.isoformat(), now.replace(microsecond=0)
        self._wanted = wanted
        self._named = containers_of(wanted.url) if wanted.url else []
        self._access = Access(wanted.sign_in)
        self.name = wanted.url if 0 < len(wanted.url) <= _LONG else ACTIVITY
        self._begin, self._end = self._window()

    def _window(self) -> tuple[datetime, datetime]:
        oldest = self._now - timedelta(DAYS) + _MARGIN
        begin = midnight(self._wanted.begin) if self._wanted.begin else oldest
        if begin < midnight(oldest.date()):
            self.notes.append(f"Azure keeps the Activity Log for {DAYS} days, to {oldest.date()}, not {begin.date()}")
        end = midnight(self._wanted.end) + timedelta(1) if self._wanted.end else self._now
        return max(begin, oldest), min(end, self._now)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece for each time of a container that the lake does not hold, several for a busy one.

        Raises:
            InputError: no container may be asked.
        """
        containers = self._named or self._access.containers(self.notes)
        if self._end <= self._begin:
            return
        held = spans(ACTIVITY, self._wanted.held())
        complete = max(self._begin, settled(self._now, self._end))
        parts = ((self._begin, complete, (KIND,)),)

        def of(container: str) -> Iterator[Piece]:
            for span in lacking(container, parts, held, complete, self._end):
                for part in self._cut(span):
                    if stop.is_set():
                        return
                    yield self._piece(part)

        yield from from_each(containers, of, lambda one: f"{ACTIVITY}{one}", self.name, READING, self.notes)

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The records of a span, a line each; see the port."""
        span: Asked = piece.key
        if span.first is not None:
            into.write(span.first)
            return
        empty = 0
        ask: Ask | None = self._asked(span)
        try:
            while ask is not None:
                reply = self._page(ask)
                into.write(_lines(reply))
                empty = 0 if _events(reply) else empty + 1
                ask = self._access.following(reply)
                if ask is not None and empty > _EMPTY:
                    raise FetchError(f"{empty} pages without a record, and another is said to follow")
        except RestFailed as error:
            if error.ending:
                raise refused(self.name, error, READING) from None
            raise FetchError(str(error)) from None

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._access.close()

    def _cut(self, span: Asked) -> Iterator[Asked]:
        """The span itself if one page answers it, else spans of about so many pages. RestFailed when it is refused."""
        reply = self._page(self._asked(span))
        if self._access.following(reply) is None:
            lines = _lines(reply)
            yield replace(span, first=lines) if len(lines) <= _HELD else span
            return
        # The newest come first.
        times = [found for one in _events(reply) if (found := _time(one.get("eventTimestamp"))) is not None]
        if span.recent or not times:
            yield span
            return
        yield from cut(span, span.end - min(times))

    def _piece(self, span: Asked) -> Piece:
        content = f"asked {self._run}" if span.recent else "complete"
        size = len(span.first) if span.first is not None else _GUESS
        return Piece(span.name(ACTIVITY, EVENTS_FILE), size, content, True, span)

    def _asked(self, span: Asked) -> Ask:
        return asked_of(self._access.source.address("arm"), span)

    def _page(self, ask: Ask) -> Reply:
        return self._access.made("arm", ask, _TRIES)


def asked_of(address: str, span: Asked) -> Ask:
    """The first page of a span, as the pages above ask for it: the reference of the tenant's names channels too."""
    key = key_of(span.container)
    filter = f"eventTimestamp ge '{stamp(span.begin)}' and eventTimestamp le '{stamp(span.end)}'"
    if key == ROOT:
        filter += " and eventChannels eq 'Admin, Operation'"
    above = "" if span.container == TENANT else key
    version = _VERSION if key == ROOT or key.startswith(SUBSCRIPTIONS) else _ABOVE
    return Ask("GET", f"{address}{above}{_PATH}", {"api-version": version, "$filter": filter})


def _events(reply: Reply) -> list[dict[str, Any]]:
    told = reply.content.get("value") if isinstance(reply.content, dict) else None
    return [one for one in told or () if isinstance(one, dict)]


def _lines(reply: Reply) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in _events(reply))


def _time(written: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
