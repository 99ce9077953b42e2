"""CloudTrail's files fetched from S3: listed by time over all accounts and regions, each told by its entity tag.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

from __future__ import annotations

import heapq
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.aws.events.files import order
from leastwise.providers.fetching import FetchError, Piece, Sink, Wanted

from .clients import NETWORK, CallFailed
from .declaration import Call, Service
from .log_access import AT_ONCE, Access, access, refused
from .log_layout import Branch, Level, after, between, branches, past

_CHUNK = 1 << 20
_HELD, _PAGE = 200_000, 1_000
"""So many listed keys are held at most over all branches, and of one page."""
_TRIES = 3
_ALL_REFUSED = 20
"""When nothing was read and so many objects were refused, the rest is not tried."""
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?$", re.DOTALL)
_S3 = Service(service="s3", calls=[])
_GONE = frozenset(("NoSuchKey", "404", "NotFound"))
_CAUSES = {
    "PreconditionFailed": "changed since it was listed",
    "412": "changed since it was listed",
    "InvalidObjectState": "is archived; restore it in S3 first",
}


def parse_url(url: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://BUCKET/PREFIX`. UsageError when it is none."""
    found = _BUCKET.match(url)
    if found is None:
        raise UsageError(f"{url}: is no s3://BUCKET/PREFIX")
    return found[1], found[2] or ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing tells it; `tag` is its entity tag without quotes."""

    key: str
    size: int
    tag: str


@dataclass
class Bucket:
    """A bucket: listed and read with one account's credentials."""

    access: Access
    name: str
    _region: str = field(default="", init=False)

    def piece(self, one: Listed, chosen: bool = False) -> Piece:
        """An object as a piece of log; it is the same by whichever source it is found."""
        return Piece(f"s3://{self.name}/{one.key}", one.size, f"{one.tag}/{one.size}", chosen, one)

    def level(self, prefix: str) -> Level:
        """The folders at a prefix. Raises CallFailed."""
        folders: list[str] = []
        objects = False
        for page in self._pages(prefix, "", _PAGE, Delimiter="/"):
            folders += [one["Prefix"] for one in page.get("CommonPrefixes", ())]
            objects |= any(not one["Key"].endswith("/") for one in page.get("Contents", ()))
        return Level(tuple(folders), objects)

    def objects(self, branch: Branch, begin: date | None = None, end: date | None = None,
                most: int = _PAGE) -> Iterator[Listed]:  # fmt: skip
        """The objects of a branch that were written on these days, by key, a page (of at most `most`) at a time.

        Raises:
            CallFailed: it cannot be listed.
        """
        more = {"Delimiter": "/"} if branch.flat else {}
        for page in self._pages(branch.prefix, after(branch, begin), most, **more):
            for one in page.get("Contents", ()):
                key = str(one["Key"])
                if past(branch, key, end):
                    return
                if not key.endswith("/") and between(key, begin, end):
                    yield Listed(key, int(one["Size"]), str(one.get("ETag", "")).strip('"'))

    def look_up(self, key: str) -> Listed:
        """What a listing would tell of one object. Raises CallFailed."""
        told = self.access.ask("s3", "HeadObject", self.region, Bucket=self.name, Key=key).members
        return Listed(key, int(told["ContentLength"]), str(told.get("ETag", "")).strip('"'))

    def read(self, one: Listed, into: Sink) -> None:
        """The bytes of an object as it was listed.

        Raises:
            CallFailed: it was refused, or is another by now (PreconditionFailed).
            FetchError: it broke off again and again.
        """
        asked = {"Bucket": self.name, "Key": one.key} | ({"IfMatch": f'"{one.tag}"'} if one.tag else {})
        for left in range(_TRIES - 1, -1, -1):
            got = 0
            try:
                for chunk in self._stream(asked):
                    got += len(chunk)
                    into.write(chunk)
            except CallFailed as error:
                if not left or not (error.code in NETWORK or error.http >= 500):
                    raise
            else:
                if got == one.size:
                    return
                if not left:
                    raise FetchError(f"has {got} bytes where {one.size} were listed")
            into.restart()

    @property
    def region(self) -> str:
        """Where the bucket lies, which S3 tells even whom it refuses; the partition's first region if it does not."""
        if not self._region:
            try:
                told = self.access.ask("s3", "HeadBucket", Bucket=self.name).members
                self._region = str(told.get("BucketRegion") or self.access.entered.region)
            except CallFailed as error:
                self._region = error.headers.get("x-amz-bucket-region") or self.access.entered.region
        return self._region

    def _pages(self, prefix: str, start: str, most: int, **more: Any) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {"Bucket": self.name, "Prefix": prefix, "MaxKeys": most, **more}
        if start:
            asked["StartAfter"] = start
        following: dict[str, Any] | None = {}
        while following is not None:
            answer = self.access.ask("s3", "ListObjectsV2", self.region, **asked, **following)
            following = answer.more
            yield answer.members

    def _stream(self, asked: dict[str, Any]) -> Iterator[bytes]:
        one = self.access.entered
        return self.access.clients.stream(_S3, Call(call="GetObject"), self.region, asked, one.credentials, _CHUNK)


class Objects:
    """The logs below one prefix of a bucket; see `providers.fetching.LogSource`."""

    def __init__(self, wanted: Wanted) -> None:
        name, self._prefix = parse_url(wanted.url)
        self.name = wanted.url
        self.notes: list[str] = []
        self._wanted = wanted
        self._bucket = Bucket(access(wanted.sign_in), name)
        self._reading = Reading(self.name)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """See the port."""
        found = False
        try:
            every, others = find(self._bucket, self._prefix)
            if others:
                self.notes.append(f"not CloudTrail's, left alone: {', '.join(sorted(others))}")
            for one in by_time(self._bucket, every, self._wanted.begin, self._wanted.end):
                if stop.is_set():
                    return
                found = True
                yield self._bucket.piece(one, one.key == self._prefix)
        except CallFailed as error:
            if error.code == "NoSuchBucket":
                raise InputError(self.name, "there is no such bucket") from None
            raise refused(self.name, error, "s3:ListBucket") from None
        if not found:
            days = " of these days" if self._wanted.begin or self._wanted.end else ""
            raise InputError(self.name, f"no object{days} lies there")

    def fetch(self, piece: Piece, into: Sink) -> None:
        """See the port."""
        self._reading.read(self._bucket, piece.key, into)

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Nothing is to be done: a bucket keeps its objects."""

    def close(self) -> None:
        """Nothing is open."""


class Reading:
    """Reads objects; after so many refusals and nothing read it is `hopeless`, said in one line (0: never)."""

    def __init__(self, place: str, hopeless: int = _ALL_REFUSED) -> None:
        self._place, self._hopeless = place, hopeless
        self._lock = threading.Lock()
        self._read = self._refused = 0

    def read(self, bucket: Bucket, one: Listed, into: Sink) -> None:
        """The bytes of an object.

        Raises:
            FetchError: this object cannot be had.
            InputError: many were refused, and none was read.
        """
        try:
            bucket.read(one, into)
        except CallFailed as error:
            if error.status is CoverageStatus.DENIED:
                self._deny(error)
            if error.code in _GONE:
                raise FetchError("is not there any more") from None
            raise FetchError(_CAUSES.get(error.code, str(error))) from None
        with self._lock:
            self._read += 1

    def _deny(self, error: CallFailed) -> None:
        with self._lock:
            self._refused += 1
            hopeless = not self._read and 0 < self._hopeless <= self._refused
        if hopeless:
            raise refused(self._place, error, "s3:GetObject (and kms:Decrypt with the key that the trail uses)")


def find(bucket: Bucket, prefix: str) -> tuple[list[Branch], set[str]]:
    """The branches below a prefix; see `log_layout.branches`. Raises CallFailed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def levels(prefixes: Sequence[str]) -> Iterable[Level]:
            return pool.map(bucket.level, prefixes)

        return branches(prefix, levels)


def by_time(
    bucket: Bucket, every: Sequence[Branch], begin: date | None = None, end: date | None = None
) -> Iterator[Listed]:
    """The objects of all branches in the order of the times in their names; a page of each branch is held.

    Raises:
        CallFailed: a branch cannot be listed.
    """
    most = max(1, min(_PAGE, _HELD // max(1, len(every))))
    running = [bucket.objects(branch, begin, end, most) for branch in every]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun = list(pool.map(lambda one: next(one, None), running))
    listed = [_again(first, rest) for first, rest in zip(begun, running, strict=True) if first is not None]
    return heapq.merge(*listed, key=lambda one: order(one.key))


def _again(first: Listed, rest: Iterator[Listed]) -> Iterator[Listed]:
    yield first
    yield from rest
