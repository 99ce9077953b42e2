"""A question over a whole day: the periods of it in which nothing changes that an answer rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Generic, TypeVar

from leastwise.model.snapshot import SnapshotState

from .asking import Asking, nothing_read
from .wiring import Workspace

T = TypeVar("T")
Opener = Callable[[datetime], Asking]
"""The estate of a time, open for questions."""
Cuts = Callable[[Asking, datetime, datetime], Sequence[datetime]]
"""The moments between two at which the answers of an estate change with the time of the request."""


@dataclass(frozen=True, slots=True)
class Period(Generic[T]):
    """A part of a day, `end` left out, with one answer; without `asking` nothing had been read by then."""

    begin: datetime
    end: datetime
    asking: Asking | None
    answer: T | None
    missing: str = ""


def over_day(
    workspace: Workspace,
    day: date,
    opener: Opener,
    cuts: Cuts,
    ask: Callable[[Asking], T],
    alike: Callable[[T], object] = lambda answer: answer,
) -> tuple[Period[T], ...]:
    """The answers of a day (UTC) in order, without gaps; neighbours whose answers are alike are one.

    The day is cut where the newest snapshot of a scope changes, and where a condition on the time does. A part before
    the first snapshot has no answer.

    Args:
        workspace: whose snapshots.
        day: which day.
        opener: opens the estate of a time.
        cuts: asks an estate for its moments.
        ask: the question; the estate's `moment` is when it is asked.
        alike: what of an answer two periods must have in common to be one.

    Raises:
        NotFoundError: nothing was read by the end of the day.
    """
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    changes, first = _changes(workspace)
    if first is None or first >= end:
        raise nothing_read(workspace, end - timedelta.resolution)
    found: list[Period[T]] = []
    for start, stop in pairwise([begin, *(one for one in changes if begin < one < end), end]):
        if start < first:
            found.append(Period(start, stop, None, None, f"nothing was read before {first.isoformat()}"))
            continue
        found += _asked(opener(start), start, stop, cuts, ask)
    return tuple(_merged(found, alike))


def _changes(workspace: Workspace) -> tuple[list[datetime], datetime | None]:
    """The times at which estates change, ascending, and the first at which there is a snapshot at all."""
    held = [(manifest.time.astimezone(UTC), manifest.state) for manifest in workspace.index.list()]
    first = min((time for time, state in held if state is SnapshotState.COMPLETE), default=None)
    return sorted({time for time, _ in held}), first


def _asked(
    asking: Asking, begin: datetime, end: datetime, cuts: Cuts, ask: Callable[[Asking], T]
) -> Iterator[Period[T]]:
    for start, stop in pairwise([begin, *cuts(asking, begin, end), end]):
        then = asking.when(start)
        yield Period(start, stop, then, ask(then))


def _merged(periods: Sequence[Period[T]], alike: Callable[[T], object]) -> Iterator[Period[T]]:
    last: Period[T] | None = None
    for one in periods:
        if last is not None and _same(last, one, alike):
            last = Period(last.begin, one.end, last.asking, last.answer, last.missing)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _same(one: Period[T], other: Period[T], alike: Callable[[T], object]) -> bool:
    if one.answer is None or other.answer is None:
        return one.answer is other.answer and one.missing == other.missing
    return alike(one.answer) == alike(other.answer)
