"""How many requests one caller may send: a burst, and so many a second."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

CALLERS = 10_000
"""As many are remembered; of more, those who were longest silent are forgotten."""


class Rates:
    """What is left to each caller.

    Args:
        a_second: how much comes back to each.
        burst: how much each has at most.
        tick: the clock.
    """

    def __init__(self, a_second: float, burst: float, tick: Callable[[], float] = time.monotonic) -> None:
        self._a_second, self._burst, self._tick = a_second, burst, tick
        self._lock = Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, weight: float = 1.0) -> float:
        """Seconds until the caller may ask again; 0 where he may now, and then it is counted."""
        now = self._tick()
        with self._lock:
            left, at = self._left.pop(caller, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._a_second)
            wait = 0.0 if left >= weight else (weight - left) / self._a_second
            self._left[caller] = (left - weight if not wait else left, now)
            if len(self._left) > CALLERS:
                self._left.popitem(last=False)
        return wait
