"""Objects of a store fetched whole: tried again when they break off, and given up when every one is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from leastwise.errors import InputError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.checksum import Crc32c
from leastwise.providers.fetching import FetchError, Sink

from .failure import RestFailed

UNLICENSED = "there is no licence for it"
_TRIES = 3
_ALL_REFUSED = 20
"""When nothing was read and so many objects were refused, the rest is not tried."""
_CAUSES = {404: "is not there any more", 412: "changed since it was listed"}


def whole(stream: Callable[[], Iterator[bytes]], size: int, into: Sink, crc32c: int | None = None) -> None:
    """The bytes of an object as it was listed: so many, and of that checksum where it was told.

    Raises:
        RestFailed: it was refused, or is another by now.
        FetchError: it broke off or came corrupt, again and again.
    """
    why = ""
    for left in range(_TRIES - 1, -1, -1):
        got, checksum = 0, Crc32c()
        try:
            for chunk in stream():
                got += len(chunk)
                if crc32c is not None:
                    checksum.update(chunk)
                into.write(chunk)
        except RestFailed as error:
            if not left or not error.passing:
                raise
        else:
            if got != size:
                why = f"has {got} bytes where {size} were listed"
            elif crc32c is not None and checksum.value != crc32c:
                why = f"is corrupt: its CRC-32C is {checksum.value:08x} where {crc32c:08x} was listed"
            else:
                return
            if not left:
                raise FetchError(why)
        into.restart()


class Refusals:
    """How many objects of a place were read and how many refused; safe to use from many threads.

    Args:
        place: where they lie.
        needed: the permissions that a denial wants.
    """

    def __init__(self, place: str, needed: str) -> None:
        self._place, self._needed = place, needed
        self._lock = threading.Lock()
        self._read = self._refused = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within it one object is read.

        Raises:
            FetchError: this one cannot be had.
            InputError: nothing can be had any more, or many were refused and none was read.
        """
        try:
            yield
        except RestFailed as error:
            if error.ending or self._hopeless(error):
                raise refused(self._place, error, self._needed) from None
            raise FetchError(_CAUSES.get(error.http, str(error))) from None
        with self._lock:
            self._read += 1

    def _hopeless(self, error: RestFailed) -> bool:
        """Whether one was refused because nothing there may be read, and there is no hope for the rest."""
        if error.status is not CoverageStatus.DENIED:
            return False
        with self._lock:
            self._refused += 1
            return not self._read and self._refused >= _ALL_REFUSED


def cause(place: str, error: RestFailed, needed: str) -> str:
    """Why a place that something names cannot be read; see `refused`."""
    return "is not there" if error.http == 404 else refused(place, error, needed).cause


def refused(place: str, error: RestFailed, needed: str) -> InputError:
    """One line for what makes a whole source unreadable; `needed` are the permissions that a denial wants."""
    if error.ending:
        return InputError(place, error.ending)
    if error.status is CoverageStatus.DENIED:
        return InputError(place, f"{error}; {needed} is needed (--print-policy)")
    if error.status is CoverageStatus.UNLICENSED:
        return InputError(place, f"{error}; {UNLICENSED}")
    if error.status is CoverageStatus.THROTTLED:
        return InputError(place, f"{error}: still throttled after several tries; the next run goes on from here")
    if error.network:
        return InputError(place, f"cannot be reached: {error}")
    return InputError(place, str(error))
