"""Files that must be on the disk before they count: hashing writes, syncing, atomic replacement, full disks."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from leastwise.errors import StorageFullError, StoreError

PRIVATE_FILE = 0o600
"""Mode of every file in the home folder."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 80


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turns every OSError of the block into a one-line StoreError that starts with `doing`.

    Raises:
        StorageFullError: the disk, a quota or a file size limit is full.
        StoreError: any other failure of the operating system.
    """
    try:
        yield
    except OSError as error:
        cause = error.strerror or " ".join(str(error).split())
        if error.errno in _FULL:
            raise StorageFullError(f"{doing}: {cause}; nothing of it was kept") from error
        raise StoreError(f"{doing}: {cause}") from error


@contextmanager
def undoing(undo: Callable[[], object]) -> Iterator[None]:
    """Calls `undo` where the block does not come to its end, whatever stops it; what then cannot be undone is left.

    What stopped the block is raised, not what the operating system says of undoing.
    """

    def undone() -> None:
        with suppress(OSError):
            undo()

    with ExitStack() as stack:
        stack.callback(undone)
        yield
        stack.pop_all()


class HashingFile:
    """A new private file that knows the SHA-256 and the size of what was written to it; usable as a pyarrow sink."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        self._file = os.fdopen(descriptor, "wb", buffering=1 << 18)
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        """Appends bytes (anything with the buffer protocol) and returns how many."""
        length = memoryview(data).nbytes
        self._hash.update(data)
        self._file.write(data)
        self.size += length
        return length

    def tell(self) -> int:
        """The number of bytes written so far."""
        return self.size

    def flush(self) -> None:
        """Hands buffered bytes to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Flushes and closes; does not sync (see sync_tree)."""
        self._file.close()

    @property
    def closed(self) -> bool:
        """True once closed."""
        return self._file.closed

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of everything written so far."""
        return self._hash.hexdigest()

    def __enter__(self) -> HashingFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def canonical(value: object) -> str:
    """JSON with sorted keys, no spaces and ASCII only: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def safe_name(text: str) -> str:
    """The text as a file name: itself when it is safe, else a readable form with a hash that keeps it unique."""
    name = _UNSAFE.sub("_", text).lstrip(".")[:_LONGEST_NAME]
    if name == text:
        return name
    return f"{name}~{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def sync(path: Path) -> None:
    """Forces a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Forces every file and folder below, and the folder itself, to the disk."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync(Path(place, name))
        sync(Path(place))


def replace_durably(path: Path, data: bytes, tmp: Path) -> None:
    """Makes or replaces a private file at once: a reader or a crash sees the old content or the new, never a mix."""
    draft = tmp / f"{path.name}.{os.getpid()}"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def remove_tree(path: Path) -> None:
    """Removes a folder (or file) with everything below; a missing one is fine."""
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    elif path.exists():
        shutil.rmtree(path)


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
