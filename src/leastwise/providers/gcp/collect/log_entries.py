"""What Cloud Logging itself keeps, by `entries.list`: container by container, span by span, 60 calls a minute.

https://docs.cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
https://docs.cloud.google.com/logging/quotas (requests of entries.list a minute, lifetime of page tokens)
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.gcp.log_names import ACTIVITY, DATA_ACCESS, FILE, LOGGING, LOGS, containers_of, spans
from leastwise.providers.logs.moments import moment
from leastwise.providers.logs.spans import Asked, Span, cut, lacking, midnight, settled, stamp
from leastwise.providers.pace import Pace
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused
from leastwise.providers.rest.session import Ask
from leastwise.providers.rest.several import from_each

from .log_access import AT_ONCE, Access
from .log_standing import API, LISTING, MARGIN, REQUIRED, SCOPES, Standing, standing, within
from .source import LOGGING as SERVICE

DAYS = 90
"""So far back is asked where no first day is given."""
PER_MINUTE = 60
_PAGE = 1000
_TRIES = 10
_GUESS, _HELD = 1 << 18, 1 << 18
"""What a span is taken for, in bytes; and so much of a first page is kept until it is wanted."""
_EMPTY = 200
"""So many pages without an entry that follow one another are believed to lead somewhere."""
_LONG = 120


class Entries:
    """The audit logs of containers as Cloud Logging has them; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        self.notes: list[str] = []
        now = now or datetime.now(UTC)
        self._run, self._now = now.isoformat(), now.replace(microsecond=0)
        self._wanted = wanted
        self._access = Access(wanted.sign_in)
        self._named = containers_of(wanted.url) if wanted.url else []
        self.name = wanted.url if 0 < len(wanted.url) <= _LONG else LOGGING
        limit = self._access.source.per_minute.get(SERVICE, PER_MINUTE)
        self._pace = Pace(60.0 / limit * 1.02)
        self._closed = threading.Event()
        self._begin, self._end = self._window()

    def _window(self) -> tuple[datetime, datetime]:
        oldest = self._now - REQUIRED + MARGIN
        begin = midnight(self._wanted.begin) if self._wanted.begin else midnight(self._now.date() - timedelta(DAYS))
        if begin < oldest:
            self.notes.append(
                f"Cloud Logging keeps Admin Activity logs for 400 days, to {oldest.date()}, not {begin.date()}"
            )
        end = midnight(self._wanted.end) + timedelta(1) if self._wanted.end else self._now
        return max(begin, oldest), min(end, self._now)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece for each time of a container that the lake does not hold, several for a busy one.

        Raises:
            InputError: no container may be asked.
        """
        above = dict.fromkeys(self._named, "") or self._access.containers(self.notes)
        containers = list(above)
        if self._end <= self._begin:
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            alone = list(pool.map(lambda one: standing(self._access, one, self._now), containers))
        told = list(within(dict(zip(containers, alone, strict=True)), above).values())
        self._warn(dict(zip(containers, told, strict=True)))
        held = spans(self._wanted.held())
        standing_of = dict(zip(containers, told, strict=True))

        def of(container: str) -> Iterator[Piece]:
            for span in self._lacking(container, standing_of[container], held):
                for part in self._cut(span):
                    if stop.is_set():
                        return
                    yield self._piece(part)

        yield from from_each(containers, of, lambda one: f"{LOGGING}{one}", self.name, LISTING, self.notes)

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The entries of a span, a line each; see the port."""
        span: Asked = piece.key
        if span.first is not None:
            into.write(span.first)
            return
        token, empty = "", 0
        try:
            while True:
                page = self._page(span, token)
                into.write(_lines(page))
                token = str(page.get("nextPageToken") or "")
                empty = 0 if page.get("entries") else empty + 1
                if not token:
                    return
                if empty > _EMPTY:
                    raise FetchError(f"{empty} pages without an entry, and another is said to follow")
        except RestFailed as error:
            if error.ending:
                raise refused(self.name, error, LISTING) from None
            raise FetchError(str(error)) from None

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._closed.set()
        self._access.close()

    def _warn(self, told: dict[str, Standing]) -> None:
        """What window of which logs cannot be read, containers with the same cause together."""
        causes: dict[str, list[str]] = {}
        for container, state in told.items():
            if state.data_since is None:
                causes.setdefault(f"Data Access logs are not surely there: {state.why}", []).append(container)
            elif state.data_since > self._begin:
                since = f"Data Access logs are surely there from {stamp(state.data_since)} on only"
                causes.setdefault(since, []).append(container)
        for why, containers in causes.items():
            more = f" and {len(containers) - 3} more" if len(containers) > 3 else ""
            self.notes.append(f"{', '.join(containers[:3])}{more}: {why}")

    def _lacking(self, container: str, state: Standing, held: Sequence[Span]) -> Iterator[Asked]:
        """The times of a container that the lake does not hold with all the logs that are surely there."""
        complete = settled(self._now, self._end)
        data = min(max(state.data_since or complete, self._begin), complete)
        parts = ((self._begin, data, (ACTIVITY,)), (data, complete, (ACTIVITY, DATA_ACCESS)))
        yield from lacking(container, parts, held, complete, self._end)

    def _cut(self, span: Asked) -> Iterator[Asked]:
        """The span itself if one page answers it, else spans of about so many pages. RestFailed when it is refused."""
        page = self._page(span, "")
        if not page.get("nextPageToken"):
            lines = _lines(page)
            yield replace(span, first=lines) if len(lines) <= _HELD else span
            return
        entries = page.get("entries") or ()
        last = moment(str(entries[-1].get("timestamp"))) if entries else None
        if span.recent or last is None:
            yield span
            return
        yield from cut(span, datetime.fromtimestamp(last / 1e6, UTC) - span.begin)

    def _piece(self, span: Asked) -> Piece:
        content = f"asked {self._run}" if span.recent else "complete"
        return Piece(
            span.name(LOGGING, FILE), len(span.first) if span.first is not None else _GUESS, content, True, span
        )

    def _page(self, span: Asked, token: str) -> dict[str, Any]:
        """A page of entries. RestFailed when it is refused; FetchError when the run was ended."""
        if self._pace.wait(self._closed):
            raise FetchError("interrupted")
        body = {
            "resourceNames": [span.container], "filter": _filter(span.begin, span.end), "orderBy": "timestamp asc",
            "pageSize": _PAGE, **({"pageToken": token} if token else {}),
        }  # fmt: skip
        return self._access.ask(Ask("POST", f"{API}/entries:list", body=body), SCOPES, _TRIES)


def _filter(begin: datetime, end: datetime) -> str:
    """All audit logs of a time, in the language of Logging.

    https://docs.cloud.google.com/logging/docs/view/logging-query-language
    """
    logs = " OR ".join(f'log_id("cloudaudit.googleapis.com/{one}")' for one in LOGS)
    return f'({logs}) AND timestamp>="{stamp(begin)}" AND timestamp<"{stamp(end)}"'


def _lines(page: dict[str, Any]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in page.get("entries") or ())
