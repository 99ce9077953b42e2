"""Files of a sink fetched from Cloud Storage: listed by time, each told by its generation, held against its checksum.

https://docs.cloud.google.com/storage/docs/json_api/v1/objects/list
https://docs.cloud.google.com/storage/docs/json_api/v1/objects/get
https://docs.cloud.google.com/storage/docs/request-preconditions
https://docs.cloud.google.com/logging/docs/export/storage
"""

from __future__ import annotations

import base64
import binascii
import heapq
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from leastwise.errors import InputError
from leastwise.providers.fetching import Piece, Sink, Wanted
from leastwise.providers.gcp.events.files import order
from leastwise.providers.gcp.log_names import OBJECTS, bucket_of
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import Refusals, refused, whole
from leastwise.providers.rest.session import Ask

from .log_access import Access

LISTING, READING = "storage.objects.list", "storage.objects.get"
API = "https://storage.googleapis.com/storage/v1/b"
_CHUNK, _PAGE = 1 << 20, 1000
_DEEPEST = 4
_FIELDS = "items(name,size,generation,crc32c),prefixes,nextPageToken"
_BRANCH = re.compile(r"(?:^|/)cloudaudit\.googleapis\.com/[a-z_]+/(.*)$")
_YEAR = re.compile(r"\d{4}/")
_DAY = re.compile(r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/[^/]*$")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as a listing tells it; `crc32c` is None where it tells none."""

    key: str
    size: int
    generation: str
    crc32c: int | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket: listed and read."""

    access: Access
    name: str

    def branches(self, prefix: str) -> tuple[list[str], list[str]]:
        """Prefixes below which audit logs lie by day, or anything may; and those that hold other logs. RestFailed."""
        found, others, waiting = list[str](), list[str](), [(prefix, 0)]
        for place, depth in waiting:
            if _BRANCH.search(place) or depth > _DEEPEST:
                found.append(place)
                continue
            folders, objects = self._level(place)
            if depth and any(_YEAR.fullmatch(one.removeprefix(place)) for one in folders):
                others.append(place.rstrip("/"))
                continue
            if objects:
                found.append(place)
            waiting += [(one, depth + 1) for one in folders]
        return found, others

    def objects(self, branch: str, begin: date | None, end: date | None) -> Iterator[Stored]:
        """The objects of a branch that were written for these days, by name. RestFailed."""
        query: dict[str, Any] = {"prefix": branch, "maxResults": _PAGE, "fields": _FIELDS}
        if not _BRANCH.search(branch):
            query["delimiter"] = "/"
        elif _dated(branch):
            if begin:
                query["startOffset"] = f"{branch}{begin:%Y/%m/%d}/"
            if end:
                query["endOffset"] = f"{branch}{end + timedelta(1):%Y/%m/%d}/"
        for one in self.access.listed(self._url(), query, "items"):
            key = str(one.get("name") or "")
            if key and not key.endswith("/") and _between(key, begin, end):
                yield Stored(key, int(one.get("size") or 0), str(one.get("generation") or ""), _checksum(one))

    def read(self, one: Stored, into: Sink) -> None:
        """The bytes of an object as it was listed.

        Raises:
            RestFailed: it was refused, or is another by now.
            FetchError: it broke off or came corrupt, again and again.
        """
        query = {"alt": "media", "ifGenerationMatch": one.generation}
        # Packed objects come as they lie there, which is what the checksum is of.
        ask = Ask("GET", f"{self._url()}/{quote(one.key, safe='')}", query, headers={"accept-encoding": "gzip"})
        whole(lambda: self.access.stream(ask, _CHUNK), one.size, into, one.crc32c)

    def _level(self, prefix: str) -> tuple[list[str], bool]:
        """The folders at a prefix, and whether there are objects beside them. RestFailed."""
        folders, objects = list[str](), False
        query = {"prefix": prefix, "delimiter": "/", "maxResults": _PAGE, "fields": _FIELDS}
        for page in self.access.pages(self._url(), query):
            folders += [str(one) for one in page.get("prefixes") or ()]
            objects |= any(not str(one.get("name")).endswith("/") for one in page.get("items") or ())
        return folders, objects

    def _url(self) -> str:
        return f"{API}/{quote(self.name, safe='')}/o"


class Objects:
    """The logs below one prefix of a bucket; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted) -> None:
        name, self._prefix = bucket_of(wanted.url)
        self.name = wanted.url
        self.notes: list[str] = []
        self._wanted = wanted
        self._access = Access(wanted.sign_in)
        self._bucket = Bucket(self._access, name)
        self._refusals = Refusals(self.name, READING)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """See the port."""
        found = False
        try:
            branches, others = self._bucket.branches(self._prefix)
            if others:
                self.notes.append(f"no audit logs, left alone: {', '.join(sorted(others))}")
            for one in by_time(self._bucket, branches, self._wanted.begin, self._wanted.end):
                if stop.is_set():
                    return
                found = True
                name = f"{OBJECTS}{self._bucket.name}/{one.key}"
                yield Piece(name, one.size, f"{one.generation}/{one.size}", one.key == self._prefix, one)
        except RestFailed as error:
            if error.http == 404:
                raise InputError(self.name, "there is no such bucket") from None
            raise refused(self.name, error, LISTING) from None
        if not found:
            days = " of these days" if self._wanted.begin or self._wanted.end else ""
            raise InputError(self.name, f"no object{days} lies there")

    def fetch(self, piece: Piece, into: Sink) -> None:
        """See the port."""
        with self._refusals.reading():
            self._bucket.read(piece.key, into)

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done: a bucket keeps its objects."""

    def close(self) -> None:
        """Ends what is being fetched."""
        self._access.close()


def by_time(bucket: Bucket, branches: Sequence[str], begin: date | None, end: date | None) -> Iterator[Stored]:
    """The objects of all branches in the order of the times in their names. RestFailed."""
    running = [bucket.objects(one, begin, end) for one in branches]
    return heapq.merge(*running, key=lambda one: order(one.key))


def _dated(branch: str) -> bool:
    """Whether days follow on a branch, as YYYY/MM/DD/."""
    found = _BRANCH.search(branch)
    return found is not None and not found[1]


def _between(key: str, begin: date | None, end: date | None) -> bool:
    """Whether a file is of one of these days (UTC), by its folders; one that tells none counts."""
    told = _DAY.search(key) if begin or end else None
    try:
        day = date(*map(int, told.groups())) if told else None
    except ValueError:
        day = None
    return day is None or ((begin is None or day >= begin) and (end is None or day <= end))


def _checksum(told: dict[str, Any]) -> int | None:
    """The checksum of a listing: four bytes in base64."""
    try:
        raw = base64.b64decode(str(told.get("crc32c") or ""), validate=True)
    except (binascii.Error, ValueError):
        return None
    return int.from_bytes(raw, "big") if len(raw) == 4 else None
