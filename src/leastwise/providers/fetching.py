"""The port of a place that audit logs are fetched from: a bucket, a queue of notices, an event history.

A source names pieces; the ingest leaves out those it knows, fetches some ahead, and tells what the lake holds of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from leastwise.errors import InputError, UsageError

if TYPE_CHECKING:
    from leastwise.model.scope import Collected

    from .base import ScopeTables


class FetchError(Exception):
    """A piece that cannot be had now; the text says why. It is set aside, and the rest goes on."""


class Sink(Protocol):
    """Where the bytes of a piece go."""

    def write(self, data: bytes) -> None:
        """Add bytes."""
        ...

    def restart(self) -> None:
        """Forget what was written: the piece is fetched once more."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a log that a source can fetch.

    Args:
        name: how it is called in answers and in the lake.
        size: bytes, as listed; a guess where the source cannot know.
        content: what tells its bytes from others without fetching them; a piece of the same name and content is known.
        chosen: it was named by the user, whatever its name ends with.
        key: what the source needs to fetch it.
    """

    name: str
    size: int
    content: str
    chosen: bool = False
    key: Any = None


class LogSource(Protocol):
    """Where logs are fetched from.

    `name` is what it is called in answers. `notes` are what the user must know of what was read, each once; it grows.
    """

    name: str
    notes: list[str]

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """Every piece, the oldest first as far as the source can tell; none more once `stop` is set.

        Raises:
            InputError: it cannot be listed.
        """
        ...

    def fetch(self, piece: Piece, into: Sink) -> None:
        """The bytes of a piece; called from several threads.

        Raises:
            FetchError: it cannot be had.
            InputError: nothing of this source can be had.
        """
        ...

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """What became of pieces, as the lake holds it now: a state of `store.lake.manifest.Source`, or `known`."""
        ...

    def close(self) -> None:
        """Nothing more is fetched."""
        ...


class EndlessSource(LogSource, Protocol):
    """A source to which pieces are added as long as it is followed; `pieces` gives those that are there now."""

    def wait(self, stop: threading.Event) -> bool:
        """Waits until there are pieces; whether there are. It returns at once when `stop` is set."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which logs to fetch, and as whom.

    Args:
        url: a bucket and prefix.
        queue: the URL of a queue of notices.
        lookup: the vendor's own event history.
        auto: whatever can be found.
        begin: first day; of files the day on which they were written.
        end: last day.
        regions: only those; empty: all.
        sign_in: keys of a source in estate.yaml that say whose credentials to start with.
        held: the folders of logs that the lake has taken in, and whether all of each could be read.
    """

    url: str = ""
    queue: str = ""
    lookup: bool = False
    auto: bool = False
    begin: date | None = None
    end: date | None = None
    regions: tuple[str, ...] = ()
    sign_in: Mapping[str, Any] = field(default_factory=dict)
    held: Callable[[], Mapping[str, bool]] = dict

    def window(self, days: int, today: date) -> tuple[date, date]:
        """The first and the last day, today where none is given; so many days before that where no first one is."""
        end = self.end or today
        return self.begin or end - timedelta(days), end


@dataclass(frozen=True, slots=True)
class Place:
    """A place where logs lie, and what reading it means.

    Args:
        url: of the place.
        trails: what writes there, by name.
        records: what these record, in words.
        files: how many files were written in the time asked for.
        bytes: of all of them, as they lie there.
        exact: whether files and bytes were counted; else they are estimated from a sample.
        requests: what requests will cost, in US dollars.
        transfer: what reading from outside of the vendor's network costs besides.
        cause: why it cannot be read; empty if it can.
    """

    url: str
    trails: tuple[str, ...]
    records: str
    files: int = 0
    bytes: int = 0
    exact: bool = True
    requests: float = 0.0
    transfer: float = 0.0
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The places that a vendor's logs are written to.

    `prices` says of which day and region the prices are, `paid` where from reading costs transfer.
    """

    places: tuple[Place, ...]
    notes: tuple[str, ...]
    prices: str
    paid: str = ""


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """What is asked where no log can be read, in the vendor's words.

    Args:
        nothing: that no place was found.
        unread: that no place can be read.
        history: what the event history is called.
        lacks: what is never in it.
        attempts: what tells last attempts is called.
        natives: nouns of the principals that it can be asked about.
    """

    nothing: str
    unread: str
    history: str
    lacks: str
    attempts: str
    natives: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How a provider's logs are fetched.

    `source` opens what is wanted, `follow` what can be followed; `policy` is the least grant that it needs, as the
    vendor writes it. `survey` looks for the places of logs, beside those that snapshots tell of. `attempts` asks the
    vendor when it last saw the principals of accounts try anything: documents for the accounts' snapshots; InputError
    when it refuses. `fallbacks` has the words for these. UsageError when there is nothing to start from, or what is
    wanted makes no sense. `from_source`: where nothing says whose credentials to start with, the provider's source in
    estate.yaml does.
    """

    source: Callable[[Wanted], LogSource]
    follow: Callable[[Wanted], EndlessSource]
    policy: Callable[[Wanted], str]
    survey: Callable[[Wanted, Sequence[ScopeTables]], Survey]
    attempts: Callable[[Wanted, Mapping[str, Sequence[str]], datetime], list[Collected]]
    fallbacks: Fallbacks
    from_source: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a vendor's logs by their URLs, where nothing is asked by region and no queue can be followed.

    Args:
        vendor: whose logs they are.
        openers: what opens a place, by the beginning of its URL; imports what it needs when it is called.
        history: the beginning of the URLs of the vendor's own event history, which `lookup` means too.
        no_regions: why `--regions` makes no sense.
        no_queue: why `--queue` does not work, and what does.
    """

    vendor: str
    openers: Mapping[str, Callable[[Wanted], LogSource]]
    history: str
    no_regions: str
    no_queue: str

    def source(self, wanted: Wanted) -> LogSource:
        """What is wanted, opened. UsageError when it makes no sense, or there is nothing to sign in with."""
        if wanted.queue:
            return self.follow(wanted)
        if wanted.regions:
            raise UsageError(f"--regions: {self.no_regions}")
        for scheme, opener in self.openers.items():
            if wanted.url.startswith(scheme):
                return opener(wanted)
        if wanted.lookup:
            return self.openers[self.history](wanted)
        raise UsageError(f"{wanted.url}: is no place of {self.vendor}'s logs ({', '.join(self.openers)})")

    def follow(self, wanted: Wanted) -> EndlessSource:
        """Nothing can be followed. UsageError."""
        raise UsageError(f"--queue: {self.no_queue}")

    def fetcher(
        self,
        policy: Callable[[Wanted], str],
        survey: Callable[[Wanted, Sequence[ScopeTables]], Survey],
        no_attempts: tuple[str, str],
        fallbacks: Fallbacks,
    ) -> Fetcher:
        """How these logs are fetched, where nothing tells attempts: `no_attempts` are who is not asked, and why."""

        def attempts(wanted: Wanted, principals: Mapping[str, Sequence[str]], now: datetime) -> list[Collected]:
            raise InputError(*no_attempts)

        return Fetcher(self.source, self.follow, policy, survey, attempts, fallbacks, from_source=True)
