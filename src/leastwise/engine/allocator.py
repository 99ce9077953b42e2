"""How the C library treats memory that is freed: kept and given out again, where it can be told so.

Every page that is fetched from the system is cleared by it first, which costs more than filling it. The parameters are
those of mallopt(3) of the GNU C library; elsewhere nothing is changed.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_USUAL = {_MMAP_THRESHOLD: 128 << 10, _TRIM_THRESHOLD: 128 << 10}
_KEPT = {_MMAP_THRESHOLD: 32 << 20, _TRIM_THRESHOLD: (1 << 31) - 1}
"""Only blocks as large as whole files are mapped for themselves, to be handed back when they are freed; the end of the
heap is not handed back. 32 MiB is the most that the library takes. With no mapping at all there are fewer faults still,
but blocks that grow are then copied, which costs more.
"""


@contextmanager
def kept_memory() -> Iterator[None]:
    """Memory freed in the block stays with the process until the block ends, where the C library can do that."""
    tell = _mallopt()
    for parameter, value in _KEPT.items():
        tell(parameter, value)
    try:
        yield
    finally:
        for parameter, value in _USUAL.items():
            tell(parameter, value)


def _mallopt() -> Callable[[int, int], int]:
    """mallopt(3), or what does nothing and returns 0 where there is none (macOS, Windows, musl)."""
    if sys.platform == "linux":
        found = getattr(ctypes.CDLL(None), "mallopt", None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    return lambda parameter, value: 0
