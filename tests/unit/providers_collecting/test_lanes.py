"""Lanes: bounded for each account and service, fair, slower when throttled, faster again."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from leastwise.model.scope import Scope
from leastwise.providers.aws.collect.declaration import Call, Service
from leastwise.providers.collecting.lanes import Job, Queue, pause


def job(account: str = "1", service: str = "iam", at_once: int = 4) -> Job:
    target: Any = SimpleNamespace(scope=Scope("aws", "account", account))
    return Job(target, Service(service=service, calls=[], at_once=at_once), Call(call="X"), "r", {}, {})


def taken(queue: Queue, most: int) -> list[Job]:
    """What can be taken without waiting."""
    found: list[Job] = []
    with queue._changed:
        while len(found) < most and (one := queue._next()):
            found.append(one)
    return found


def test_a_lane_lets_only_so_many_through_and_others_are_not_held_up() -> None:
    queue = Queue()
    for account in "123":
        for _ in range(20):
            queue.put(job(account))
    found = taken(queue, 100)
    assert [one.target.scope.id for one in found].count("1") == 4 and len(found) == 12


def test_what_has_waited_goes_before_what_was_not_begun() -> None:
    """The outcome of a job is asked for before further jobs are begun, so that few are open at a time."""
    queue = Queue()
    waits = job(at_once=1)
    queue.put(waits, after=0.001)
    for _ in range(20):
        queue.put(job(at_once=1))
    first = queue.take()
    assert first is not None
    time.sleep(0.01)
    queue.done(first)
    second = queue.take()
    assert waits in (first, second)


def test_ten_slots_are_filled_by_one_account_with_three_services() -> None:
    queue = Queue()
    for service in ("iam", "s3", "lambda"):
        for _ in range(20):
            queue.put(job(service=service))
    assert len(taken(queue, 10)) == 10


def test_a_throttled_lane_is_halved_and_grows_again() -> None:
    queue = Queue()
    for _ in range(200):
        queue.put(job(at_once=4))
    for limit in (4, 2, 1, 1):
        found = taken(queue, 100)
        assert len(found) == limit
        queue.done(found[0], throttled=True)
        for one in found[1:]:
            queue.done(one)
    for _ in range(100):
        for one in taken(queue, 100):
            queue.done(one)
    for _ in range(20):
        queue.put(job(at_once=4))
    assert len(taken(queue, 100)) >= 3


def test_later_comes_later_and_several_due_at_once_wake_several_takers() -> None:
    queue = Queue()
    for number in range(4):
        queue.put(job(str(number)), after=0.15)
    start, found = time.monotonic(), []
    barrier = threading.Event()

    def take() -> None:
        found.append((queue.take(), time.monotonic() - start))
        barrier.wait(5)

    threads = [threading.Thread(target=take, daemon=True) for _ in range(4)]
    for one in threads:
        one.start()
    end = time.monotonic() + 4
    while len(found) < 4 and time.monotonic() < end:
        time.sleep(0.01)
    assert len(found) == 4, "no taker sleeps on while a job waits"
    assert min(wait for _, wait in found) >= 0.14
    barrier.set()


def test_hurry_brings_forward_what_waits_and_close_lets_takers_go() -> None:
    queue = Queue()
    queue.put(job(), after=60)
    queue.hurry()
    assert queue.take() is not None
    queue.close()
    assert queue.take() is None


def test_pauses_grow_and_stay_bounded() -> None:
    assert all(0.5 * 2**tries * 0.5 <= pause(tries) <= 0.5 * 2**tries for tries in range(5))
    assert pause(50) <= 20


def test_a_lane_with_a_limit_a_minute_starts_no_more_in_any_minute() -> None:
    now = [0.0]
    queue = Queue(clock=lambda: now[0])
    target: Any = SimpleNamespace(scope=Scope("aws", "account", "1"))
    slow = Job(target, Service(service="slow", calls=[], per_minute=3), Call(call="X"), "r", {}, {})
    assert [queue.start(slow) for _ in range(5)] == [0.0, 0.0, 0.0, 60.0, 60.0]
    assert queue.start(job(service="iam")) == 0.0, "another lane has a minute of its own, or none"
    now[0] = 59.5
    assert queue.start(slow) == 0.5
    now[0] = 60.0
    assert [queue.start(slow) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
    now[0] = 1000.0
    assert [queue.start(slow) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0], "a long rest saves nothing up"


@given(
    limit=some.integers(1, 7),
    steps=some.lists(some.integers(0, 40), max_size=60),
)
def test_no_minute_holds_more_starts_than_the_limit(limit: int, steps: list[float]) -> None:
    now, started = [0.0], []
    queue = Queue(clock=lambda: now[0])
    target: Any = SimpleNamespace(scope=Scope("aws", "account", "1"))
    slow = Job(target, Service(service="slow", calls=[], per_minute=limit), Call(call="X"), "r", {}, {})
    for step in steps:
        now[0] += step
        due = queue.start(slow)
        if due == 0:
            started.append(now[0])
        else:
            now[0] += due
            assert queue.start(slow) == 0.0, "who waits as long as told may start"
            started.append(now[0])
    assert all(later - earlier >= 60 for earlier, later in zip(started, started[limit:], strict=False))
