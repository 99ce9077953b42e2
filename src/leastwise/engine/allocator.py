"""Memory that is freed is kept by the C library for a while and given out again, where the library can be told so.

Every page that is fetched from the system is cleared by it first, which costs more than filling it. The parameters are
those of mallopt(3) of the GNU C library, and count for the whole process: once told, the library no longer adapts them
by itself. Elsewhere nothing is changed.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_USUAL = {_MMAP_THRESHOLD: 128 << 10, _TRIM_THRESHOLD: 128 << 10}
_KEPT = {_MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: (1 << 31) - 1}
"""Only blocks as large as whole files are mapped for themselves, to be handed back when they are freed; the end of the
heap is not handed back. 32 MiB is the most that the library takes. With no mapping at all there are fewer faults still,
but blocks that grow are then copied, which costs more.
"""


class _Blocks:
    """The blocks that are running, in whatever thread: the first one tells the library, the last one takes it back."""

    def __init__(self) -> None:
        self._lock, self._running = threading.Lock(), 0

    def begin(self) -> None:
        """One more."""
        with self._lock:
            self._running += 1
            if self._running == 1:
                _tell(_KEPT)

    def end(self) -> None:
        """One less."""
        with self._lock:
            self._running -= 1
            if self._running == 0:
                _tell(_USUAL)


_BLOCKS = _Blocks()


@contextmanager
def kept_memory() -> Iterator[None]:
    """Memory freed in the block stays with the process until the block ends, where the C library can do that.

    Blocks may lie in one another, or run in several threads: then until the last of them ends.
    """
    _BLOCKS.begin()
    try:
        yield
    finally:
        _BLOCKS.end()


def _tell(parameters: Mapping[int, int]) -> None:
    tell = _mallopt()
    for parameter, value in parameters.items():
        tell(parameter, value)


def _mallopt() -> Callable[[int, int], int]:
    """mallopt(3), or what does nothing and returns 0 where there is none (macOS, Windows, musl)."""
    if sys.platform == "linux":
        found = getattr(ctypes.CDLL(None), "mallopt", None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    return lambda parameter, value: 0
