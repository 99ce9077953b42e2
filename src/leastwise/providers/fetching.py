"""The port of a place that audit logs are fetched from: a bucket, a queue of notices, an event history.

A source names pieces; the ingest leaves out those it knows, fetches some ahead, and tells what the lake holds of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol


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
        begin: first day; of files the day on which they were written.
        end: last day.
        regions: only those; empty: all.
        sign_in: keys of a source in estate.yaml that say whose credentials to start with.
    """

    url: str = ""
    queue: str = ""
    lookup: bool = False
    begin: date | None = None
    end: date | None = None
    regions: tuple[str, ...] = ()
    sign_in: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """How a provider's logs are fetched.

    `source` opens what is wanted; `policy` is the least grant that it needs, as the vendor writes it. UsageError when
    there is nothing to start from, or what is wanted makes no sense.
    """

    source: Callable[[Wanted], LogSource]
    follow: Callable[[Wanted], EndlessSource]
    policy: Callable[[Wanted], str]
