"""CloudTrail's event history: ninety days of management events of every region, a day of a region at a time.

Two requests a second are allowed in an account and region, of fifty events each; data events are never in it.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted
from leastwise.providers.pace import Pace

from .clients import CallFailed
from .log_access import AT_ONCE, Access, every_account, refused
from .patient import regions_of

DAYS = 90
NEVER = "data events (objects of S3, items of tables, functions' invocations …) are never in CloudTrail's event history"
_GUESS = 1 << 18
"""What a day of a region is taken for, in bytes."""
_LATE = timedelta(hours=6)
"""A day is complete so long after its end: events are delivered within minutes, seldom within hours."""
_MARGIN = timedelta(minutes=10)
"""So much of the oldest day is let go, as a run takes time."""
_INTERVAL = 0.55
"""Seconds between requests to a region: two a second, and a little for how unevenly they arrive."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A region of an account."""

    access: Access
    region: str
    pace: Pace

    @property
    def name(self) -> str:
        return f"cloudtrail-lookup://{self.access.entered.scope.id}/{self.region}"


class History:
    """The event history of an account, or of every account of the source; see `providers.fetching.LogSource`."""

    name = "cloudtrail-lookup"

    def __init__(self, wanted: Wanted, now: datetime | None = None) -> None:
        self.notes: list[str] = [NEVER]
        self._now = now or datetime.now(UTC)
        oldest = self._now.date() - timedelta(DAYS)
        if wanted.begin and wanted.begin < oldest:
            self.notes.append(f"the event history goes back to {oldest}, not to {wanted.begin}")
        self._begin = max(wanted.begin or oldest, oldest)
        self._end = min(wanted.end or self._now.date(), self._now.date())
        self._closed = threading.Event()
        self._places = self._enter(wanted)

    def _enter(self, wanted: Wanted) -> list[_Place]:
        regions = {"regions": list(wanted.regions)} if wanted.regions else {}
        source, clients, accounts = every_account({**wanted.sign_in, **regions})
        found = []
        for one in accounts:
            if one.credentials is None:
                self.notes.append(f"{one.scope.id}: not entered: {one.coverage[0].detail}")
                continue
            places, gaps = regions_of(source, one, clients)
            self.notes += [f"{one.scope.id}: {gap.detail}" for gap in gaps]
            found += [_Place(Access(clients, one), region, Pace(_INTERVAL)) for region in places]
        return found

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """A piece a region and day, the oldest first; regions without any event are left out, refused ones told once.

        Raises:
            InputError: no region may be asked.
        """
        if self._end < self._begin:
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = list(pool.map(self._probe, self._places))
        errors = [(place, found) for place, found in asked if isinstance(found, CallFailed)]
        if errors and len(errors) == len(asked):
            raise refused(self.name, errors[0][1], "cloudtrail:LookupEvents")
        self.notes += [f"{place.name} is not taken in: {error}" for place, error in errors]
        busy = [place for place, found in asked if found is True]
        for number in range((self._end - self._begin).days + 1):
            day = self._begin + timedelta(number)
            for place in busy:
                if stop.is_set():
                    return
                yield Piece(f"{place.name}/{day}", _GUESS, self._identity(day), True, (place, day))

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The records of a day, a line each; see the port."""
        place, day = piece.key
        try:
            for page in self._pages(place, *self._kept(day, day)):
                records = [str(one["CloudTrailEvent"]) for one in page["Events"] if one.get("CloudTrailEvent")]
                into.write("".join(one.replace("\n", " ") + "\n" for one in records).encode())
        except CallFailed as error:
            raise FetchError(str(error)) from None

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._closed.set()

    def _kept(self, first: date, last: date) -> tuple[datetime, datetime]:
        """The days as far as the history keeps them: times outside of it are refused."""
        oldest = self._now - timedelta(DAYS) + _MARGIN
        return max(_span(first)[0], oldest), max(min(_span(last)[1], self._now), oldest)

    def _identity(self, day: date) -> str:
        """The same for a day that is complete; one that is not is asked for again."""
        _, end = _span(day)
        return "complete" if end + _LATE < self._now else f"until {self._now.isoformat()}"

    def _probe(self, place: _Place) -> tuple[_Place, bool | CallFailed]:
        """The place, and whether it has any event in the window; or with why it cannot be asked."""
        try:
            return place, bool(next(self._pages(place, *self._kept(self._begin, self._end), 1))["Events"])
        except CallFailed as error:
            return place, error

    def _pages(self, place: _Place, begin: datetime, end: datetime, most: int = 50) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {"StartTime": begin, "EndTime": end, "MaxResults": most}
        following: dict[str, Any] | None = {}
        while following is not None:
            if place.pace.wait(self._closed):
                raise FetchError("interrupted")
            answer = place.access.ask("cloudtrail", "LookupEvents", place.region, **asked, **following)
            following = answer.more
            yield answer.members


def _span(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and its last second; the API takes seconds, both ends included."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return begin, begin + timedelta(days=1, seconds=-1)
