"""Files of diagnostic settings fetched from storage accounts: listed by what they are of and by time, read only.

The file of an hour grows while records come: it is told by its size and entity tag, read up to the size that was
listed, and read again when it has grown. Until a day is over, and some hours more, its files are called otherwise, so
that the day does not count as held. Of vaults the days without any file are told besides: a container that holds older
files of the same vault has lost none since, for what deletes files by age deletes the oldest first.

https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs (logs in a storage account)
https://learn.microsoft.com/rest/api/storageservices/get-blob
"""

from __future__ import annotations

import heapq
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from leastwise.errors import InputError
from leastwise.providers.fetching import Piece, Sink, Wanted
from leastwise.providers.logs.spans import LATE, midnight, runs, span_name
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import Refusals, refused, whole
from leastwise.providers.rest.patient import patiently
from leastwise.providers.rest.session import Ask

from .log_access import Access, Opened
from .log_listing import Listing, Stored, listing
from .log_names import LISTED, NOTHING_FILE, OBJECTS, QUIET, READ, RECENT, store_of

CONTAINERS, READING = (
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
)
_HEADERS = {"x-ms-version": "2021-12-02"}
_CHUNK, _PAGE = 1 << 20, 5000
_DEEPEST = 40
_LOGS = re.compile(r"insights-(?:activity-logs|logs-([a-z0-9-]+))")
_YEAR = re.compile(r"y=(\d{4})/$")
_HOUR = re.compile(r"/y=(\d{4})/m=(\d\d)/d=(\d\d)/h=(\d\d)/")
_DAY = timedelta(days=1)
_QUIET = frozenset(f"insights-logs-{name}" for name in QUIET)


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in a container below which lie the files of one resource, by the hour; `years` are those that it has.

    Files that lie otherwise have a branch of their own, without years.
    """

    container: str
    prefix: str
    years: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A storage account: its containers and blobs, listed and read."""

    access: Access
    name: str

    def containers(self) -> tuple[list[str], list[str]]:
        """The containers of logs that are read, and those of others. RestFailed."""
        found: tuple[list[str], list[str]] = ([], [])
        for page in self._pages("/", {"comp": "list", "prefix": "insights-"}):
            for one in page.containers:
                told = _LOGS.fullmatch(one)
                found[0 if told is not None and (not told[1] or told[1] in READ) else 1].append(one)
        return found

    def branches(self, container: str, prefix: str) -> list[Branch]:
        """The branches of a container below a prefix, in order. RestFailed."""
        found: list[Branch] = []
        waiting = [(prefix, 0)]
        for place, depth in waiting:
            if _HOUR.search(f"/{place}") or depth > _DEEPEST:
                found.append(Branch(container, place))
                continue
            folders, files = self._level(container, place)
            years = tuple(sorted(one for one in folders if _YEAR.search(one)))
            if years:
                found.append(Branch(container, place, years))
            elif files:
                found.append(Branch(container, place))
            waiting += [(one, depth + 1) for one in folders if one not in years]
        return found

    def blobs(self, branch: Branch, begin: date | None, end: date | None) -> Iterator[Stored]:
        """The files of a branch that were written on these days, by name. RestFailed."""
        for prefix in self._months(branch, begin, end):
            query = {"prefix": prefix, **({} if branch.years or _HOUR.search(f"/{prefix}") else {"delimiter": "/"})}
            for page in self._listed(branch.container, query):
                for one in page.blobs:
                    if one.key.endswith(".json") and _between(one.key, begin, end):
                        yield one

    def oldest(self, branch: Branch) -> date | None:
        """The day of the first file of a branch, whatever days are asked for. RestFailed."""
        place = branch.years[0] if branch.years else ""
        for _ in range(2) if place else ():
            folders, _files = self._level(branch.container, place)
            if not folders:
                return None
            place = min(folders)
        return _day(f"/{place}h=00/")

    def read(self, container: str, one: Stored, into: Sink) -> None:
        """The bytes of a file as it was listed.

        Raises:
            RestFailed: it was refused, or is another by now.
            FetchError: it broke off, again and again.
        """
        if not one.size:
            return
        # What grows has the same beginning for ever; what does not is replaced as a whole.
        same = {"x-ms-range": f"bytes=0-{one.size - 1}"} if one.grows else {"if-match": f'"{one.etag}"'}
        headers = {**_HEADERS, **same, "accept-encoding": "identity"}
        ask = Ask("GET", f"{self.access.source.store(self.name)}/{container}/{quote(one.key)}", headers=headers)
        whole(lambda: self.access.stream("storage", ask, _CHUNK), one.size, into)

    def _months(self, branch: Branch, begin: date | None, end: date | None) -> Iterator[str]:
        """The prefixes of a branch to list: its months where days are asked for."""
        if not branch.years:
            yield branch.prefix
            return
        for year in branch.years:
            number = int(year[-5:-1])
            if (begin and number < begin.year) or (end and number > end.year):
                continue
            if begin is None and end is None:
                yield year
                continue
            first = begin.month if begin and begin.year == number else 1
            last = end.month if end and end.year == number else 12
            yield from (f"{year}m={month:02}/" for month in range(first, last + 1))

    def _level(self, container: str, prefix: str) -> tuple[list[str], bool]:
        """The folders at a prefix, and whether there are files beside them. RestFailed."""
        folders, files = list[str](), False
        for page in self._listed(container, {"prefix": prefix, "delimiter": "/"}):
            folders += page.prefixes
            files |= any(one.key.endswith(".json") for one in page.blobs)
        return folders, files

    def _listed(self, container: str, query: Mapping[str, Any]) -> Iterator[Listing]:
        return self._pages(f"/{container}", {"restype": "container", "comp": "list", "maxresults": _PAGE, **query})

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Listing]:
        """Every page of a list. RestFailed, also when a page leads to itself."""
        more = ""
        while True:
            url = f"{self.access.source.store(self.name)}{path}"
            ask = Ask("GET", url, {**query, **({"marker": more} if more else {})}, headers=_HEADERS)
            page = patiently(lambda ask=ask: listing(b"".join(self.access.stream("storage", ask, _CHUNK))))  # type: ignore[misc]
            yield page
            if not page.more:
                return
            if page.more == more:
                raise RestFailed("SamePage", "a page that leads to itself")
            more = page.more


class Objects:
    """The logs below one prefix of a storage account; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted, opened: Opened, now: datetime | None = None) -> None:
        name, self._container, self._prefix = store_of(wanted.url)
        self.name = wanted.url
        self.notes: list[str] = []
        self._now = now or datetime.now(UTC)
        self._wanted = wanted
        self._access = opened(wanted.sign_in)
        self._account = Account(self._access, name)
        self._refusals = Refusals(self.name, READING)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """See the port; days of a vault that have no file come last."""
        found = False
        days: dict[Branch, set[date]] = {}
        try:
            containers = [self._container] if self._container else self._read()
            branches = [one for each in containers for one in self._account.branches(each, self._prefix)]
            running = [self._of(one, days.setdefault(one, set())) for one in branches]
            for branch, one in heapq.merge(*running, key=lambda pair: _hour(pair[1].key)):
                if stop.is_set():
                    return
                found = True
                yield self._piece(branch, one)
            for branch in branches:
                yield from self._quiet(branch, days[branch])
        except RestFailed as error:
            if error.http == 404:
                raise InputError(self.name, "there is no such container") from None
            raise refused(self.name, error, f"{CONTAINERS} and {READING}") from None
        if not found:
            within = " of these days" if self._wanted.begin or self._wanted.end else ""
            raise InputError(self.name, f"no file of a diagnostic setting{within} lies there")

    def fetch(self, piece: Piece, into: Sink) -> None:
        """See the port."""
        if piece.key is None:
            return
        container, one = piece.key
        with self._refusals.reading():
            self._account.read(container, one, into)

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done: an account keeps its files."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._access.close()

    def _read(self) -> list[str]:
        containers, others = self._account.containers()
        if others:
            self.notes.append(f"logs that tell nothing of usage, left alone: {', '.join(others)}")
        return containers

    def _of(self, branch: Branch, days: set[date]) -> Iterator[tuple[Branch, Stored]]:
        for one in self._account.blobs(branch, self._wanted.begin, self._wanted.end):
            if (day := _day(one.key)) is not None:
                days.add(day)
            yield branch, one

    def _piece(self, branch: Branch, one: Stored) -> Piece:
        day = _day(one.key)
        recent = f"{RECENT}/" if day is not None and not self._over(day) else ""
        name = f"{OBJECTS}{self._account.name}/{branch.container}/{recent}{one.key}"
        return Piece(name, one.size, f"{one.etag}/{one.size}", one.key == self._prefix, (branch.container, one))

    def _quiet(self, branch: Branch, days: set[date]) -> Iterator[Piece]:
        """Days that are over and have no file, where the container still has older files of the same resource."""
        if branch.container not in _QUIET or not branch.years:
            return
        oldest = self._account.oldest(branch)
        if oldest is None:
            return
        first = max(oldest + _DAY, self._wanted.begin or date.min)
        last = min(self._wanted.end or date.max, self._now.date())
        count = max((last - first).days + 1, 0)
        quiet = [day for number in range(count) if (day := first + number * _DAY) not in days and self._over(day)]
        where = f"{self._account.name}/{branch.container}/{branch.prefix.rstrip('/')}"
        for begin, end in runs(quiet):
            yield Piece(span_name(OBJECTS, where, (LISTED,), begin, end, NOTHING_FILE), 0, "complete", True)

    def _over(self, day: date) -> bool:
        return midnight(day) + _DAY + LATE <= self._now


def _hour(key: str) -> str:
    """The hour of a file as a text that sorts; those that tell none come first."""
    found = _HOUR.search(f"/{key}")
    return "".join(found.groups()) if found else ""


def _day(key: str) -> date | None:
    """The day of a file (UTC), by its folders."""
    found = _HOUR.search(f"/{key}")
    try:
        return date(*map(int, found.groups()[:3])) if found else None
    except ValueError:
        return None


def _between(key: str, begin: date | None, end: date | None) -> bool:
    """Whether a file is of one of these days; one that tells none counts."""
    day = _day(key) if begin or end else None
    return day is None or ((begin is None or day >= begin) and (end is None or day <= end))
