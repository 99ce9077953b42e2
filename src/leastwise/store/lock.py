"""One writer at a time, by an advisory lock that the kernel releases when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from leastwise.errors import HomeLockedError

from .database import describe, reading
from .files import storage_errors
from .home import Home

_KEY = "4953180, hashtext(coalesce(current_schema(), ''))"
_TRIES, _PAUSE = 10, 0.1


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


@contextmanager
def database_lock(engine: Engine) -> Iterator[None]:
    """Holds a database server for writing during the block, because a lock in a folder is not seen by other machines.

    SQLite needs none: its file has one home, and that has its lock. The server frees the lock when the connection ends.

    Raises:
        HomeLockedError: another process writes to the database.
        StoreError: the database cannot be reached.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with reading(engine) as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        for left in range(_TRIES, -1, -1):
            if connection.scalar(text(f"SELECT pg_try_advisory_lock({_KEY})")):
                break
            if not left:
                raise HomeLockedError(f"state database {describe(engine)}: is being written; wait until that ends")
            time.sleep(_PAUSE)  # a server may take a moment to notice that a writer was killed
        try:
            yield
        finally:
            with suppress(SQLAlchemyError):  # a connection that is gone has taken the lock with it
                connection.execute(text(f"SELECT pg_advisory_unlock({_KEY})"))


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
