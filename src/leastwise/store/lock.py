"""One writer at a time, by an advisory lock that the kernel releases when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from leastwise.errors import HomeLockedError

from .files import storage_errors
from .home import Home


@contextmanager
def writer_lock(home: Home, what: str) -> Iterator[None]:
    """Holds the home folder for writing during the block; readers never wait for it.

    Args:
        home: the folder.
        what: what the writer does, told to whoever is turned away.

    Raises:
        HomeLockedError: another process writes; the message says which, what and since when.
    """
    with storage_errors(f"lock of {home.path}"):
        descriptor = os.open(home.lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(descriptor):
            raise HomeLockedError(f"{home.path} is being written by {_holder(descriptor)}; wait until it ends")
        _describe(descriptor, what)
        try:
            yield
        finally:
            # Unlocked by name, not only by closing: a forked child may still hold the descriptor.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def is_locked(home: Home) -> bool:
    """True while some process writes to the home folder."""
    try:
        descriptor = os.open(home.lock_file, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _describe(descriptor: int, what: str) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = json.dumps({"pid": os.getpid(), "what": what, "since": since})
    # A full disk must not stop the writer that could free it; only the courtesy of naming the holder is lost.
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def _holder(descriptor: int) -> str:
    try:
        held = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {held['pid']} ({held['what']}, since {held['since']})"
    except (ValueError, KeyError, TypeError, OSError):
        return "another process"
