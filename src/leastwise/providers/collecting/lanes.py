"""Which call is made next: bounded for every account and service, slower where the vendor throttles."""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .declaration import Call, Service

_FASTER_AFTER = 20
_LONGEST_WAIT = 20.0
_MINUTE = 60.0


@dataclass(slots=True)
class Job:
    """A page to ask for. `more` are the parameters of the page beside those of the call.

    `known` are the parameters that the call goes by; `tries` and `throttles` count failures; `anew`: the list is read a
    second time, from its beginning.
    """

    target: Any
    service: Service
    call: Call
    region: str
    parameters: dict[str, Any]
    known: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)
    page: int = 0
    tries: int = 0
    throttles: int = 0
    anew: bool = False

    @property
    def lane(self) -> tuple[str, str]:
        """What is limited together: the vendor counts calls by account and service."""
        return self.target.scope.id, self.service.service


def pause(tries: int) -> float:
    """Seconds to wait after so many failures: exponential, with full jitter above half."""
    longest: float = min(_LONGEST_WAIT, 0.5 * 2**tries)
    return longest * (0.5 + random.random() / 2)  # noqa: S311 - not for secrets


class Queue:
    """Jobs by lane; many threads take from it. A lane that is throttled is halved, and grows again with success.

    Whoever is about to make a call asks `start`: what is answered without one is not held up by the vendor's minute.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started: dict[tuple[str, str], deque[float]] = {}
        self._changed = threading.Condition()
        self._lanes: OrderedDict[tuple[str, str], deque[Job]] = OrderedDict()
        self._running: Counter[tuple[str, str]] = Counter()
        self._limits: dict[tuple[str, str], int] = {}
        self._successes: Counter[tuple[str, str]] = Counter()
        self._later: list[tuple[float, int, Job]] = []
        self._number = 0
        self._closed = False

    def put(self, job: Job, after: float = 0.0) -> None:
        """Adds a job, to be taken not before `after` seconds."""
        with self._changed:
            if after > 0:
                self._number += 1
                heapq.heappush(self._later, (self._clock() + after, self._number, job))
            else:
                self._lanes.setdefault(job.lane, deque()).append(job)
            self._changed.notify()

    def take(self) -> Job | None:
        """The next job, waiting for one; None when the queue is closed."""
        with self._changed:
            while not self._closed:
                wait = self._wake()
                job = self._next()
                if job is not None:
                    # Several may have become due at once, and only one taker was woken.
                    if self._lanes:
                        self._changed.notify()
                    return job
                self._changed.wait(wait)
            return None

    def done(self, job: Job, throttled: bool = False) -> None:
        """Gives the job's place in its lane back."""
        lane = job.lane
        with self._changed:
            self._running[lane] -= 1
            limit = self._limits.get(lane, job.service.at_once)
            if throttled:
                self._limits[lane], self._successes[lane] = max(1, limit // 2), 0
            else:
                self._successes[lane] += 1
                if limit < job.service.at_once and self._successes[lane] >= _FASTER_AFTER:
                    self._limits[lane], self._successes[lane] = limit + 1, 0
            self._changed.notify()

    def start(self, job: Job) -> float:
        """Seconds until the lane may make another call, by its service's limit a minute; 0: now, and it counts."""
        limit = job.service.per_minute
        if not limit:
            return 0.0
        with self._changed:
            now, started = self._clock(), self._started.setdefault(job.lane, deque(maxlen=limit))
            due = started[0] + _MINUTE - now if len(started) == limit else 0.0
            if due <= 0:
                started.append(now)
            return max(due, 0.0)

    def hurry(self) -> None:
        """Lets jobs that wait for a time be taken now."""
        with self._changed:
            self._later = [(0.0, number, job) for _, number, job in self._later]
            self._changed.notify_all()

    def close(self) -> None:
        """Lets every taker go; jobs that wait are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wake(self) -> float | None:
        """Moves jobs whose time has come into their lanes; seconds until the next one's."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            job = heapq.heappop(self._later)[2]
            self._lanes.setdefault(job.lane, deque()).appendleft(job)
        return self._later[0][0] - now if self._later else None

    def _next(self) -> Job | None:
        for lane, jobs in self._lanes.items():
            limit = self._limits.get(lane, jobs[0].service.at_once)
            if self._running[lane] < limit:
                job = jobs.popleft()
                self._running[lane] += 1
                if jobs:
                    self._lanes.move_to_end(lane)
                else:
                    del self._lanes[lane]
                return job
        return None
