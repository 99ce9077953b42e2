"""Calls that follow one another no faster than a vendor allows, whichever thread makes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """Lets calls pass one at a time, so many seconds apart."""

    def __init__(self, interval: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval, self._clock = interval, clock
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, closed: threading.Event) -> bool:
        """Waits for its turn; whether there is none any more, since `closed` was set."""
        with self._lock:
            now = self._clock()
            self._next = max(now, self._next) + self._interval
            turn = self._next - self._interval - now
        return closed.wait(turn)
