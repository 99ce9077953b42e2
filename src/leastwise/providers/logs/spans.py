"""Spans of time that a log was asked for by itself: how their pieces are called, what of a time is held, what lacks.

A log that is asked for, not read from files, is asked for spans of time that the lake does not hold. A piece's name
tells which logs of which container it held, from when to when: `SCHEME://CONTAINER/LOG+LOG/BEGIN_END/FILE`. What is
younger than some hours may still grow; it is called otherwise, asked for again, and counts for no span.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

_SPAN = re.compile(
    r"(?P<container>.+)/(?P<logs>\w+(?:\+\w+)*)/(?P<begin>\d{4}-\d\d-\d\dT[\d:]{8}Z)_(?P<end>\d{4}[^/]*Z)/?"
)
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_DAY = timedelta(days=1)
LATE = timedelta(hours=6)
"""A time is complete so long after it: records come within minutes, seldom within hours. The rest is read again."""
SHORTEST, PAGES = timedelta(hours=1), 20
"""A busy container is asked in spans of about so many pages, none shorter."""


@dataclass(frozen=True, slots=True)
class Span:
    """What one piece held of the logs of a container; `logs` are those that were surely there whole."""

    container: str
    logs: frozenset[str]
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A time of a container that is to be asked; `first` is its whole answer where that is known already."""

    container: str
    begin: datetime
    end: datetime
    logs: tuple[str, ...]
    recent: bool = False
    first: bytes | None = None

    def name(self, scheme: str, file: str) -> str:
        """How its piece is called."""
        if self.recent:
            return recent_name(scheme, self.container, self.begin, file)
        return span_name(scheme, self.container, self.logs, self.begin, self.end, file)


def span_name(scheme: str, container: str, logs: Iterable[str], begin: datetime, end: datetime, file: str) -> str:
    """How the piece of a span is called."""
    return f"{scheme}{container}/{'+'.join(logs)}/{stamp(begin)}_{stamp(end)}/{file}"


def recent_name(scheme: str, container: str, begin: datetime, file: str) -> str:
    """How the piece of the last hours is called, which is read again and so counts for no span."""
    return f"{scheme}{container}/since/{stamp(begin)}/{file}"


def stamp(time: datetime) -> str:
    """A time to the second, as names and filters have it."""
    return time.astimezone(UTC).strftime(_TIME)


def midnight(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), UTC)


def spans(scheme: str, folders: Mapping[str, bool]) -> list[Span]:
    """The spans that are held, by the names of folders; those of which something could not be read are left out."""
    found = []
    for name, whole in folders.items():
        told = _SPAN.fullmatch(name.removeprefix(scheme)) if whole and name.startswith(scheme) else None
        if told is None:
            continue
        try:
            begin, end = (datetime.strptime(told[one], _TIME).replace(tzinfo=UTC) for one in ("begin", "end"))
        except ValueError:
            continue
        found.append(Span(told["container"], frozenset(told["logs"].split("+")), begin, end))
    return found


def missing(
    begin: datetime, end: datetime, held: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """What of a time is in none of the spans that are held, oldest first."""
    found = []
    for first, last in sorted(held):
        if first >= end:
            break
        if first > begin:
            found.append((begin, first))
        begin = max(begin, last)
    if begin < end:
        found.append((begin, end))
    return found


def settled(now: datetime, end: datetime) -> datetime:
    """Up to when what is asked for is complete: by the hour, so that runs do not ask for each minute by itself."""
    return min(end, (now - LATE).replace(minute=0, second=0, microsecond=0))


def lacking(
    container: str,
    parts: Sequence[tuple[datetime, datetime, tuple[str, ...]]],
    held: Iterable[Span],
    complete: datetime,
    end: datetime,
) -> Iterator[Asked]:
    """The times of a container that are not held.

    Args:
        container: of which `held` has spans.
        parts: from when to when which logs are surely there, one after the other, from where it is asked.
        held: what the lake has.
        complete: up to when a time is complete, see `settled`.
        end: up to when is asked.
    """
    mine = [one for one in held if one.container == container]
    for begin, until, logs in parts:
        known = [(one.begin, one.end) for one in mine if one.logs >= set(logs)]
        for since, to in missing(begin, until, known):
            yield Asked(container, since, to, logs)
    if complete < end:
        yield Asked(container, max(complete, parts[0][0]), end, (), recent=True)


def cut(span: Asked, page: timedelta) -> Iterator[Asked]:
    """A span of which a page tells some time, as spans of about so many pages."""
    each = max(SHORTEST, PAGES * page)
    begin = span.begin
    while begin < span.end:
        end = (begin + each).replace(microsecond=0)
        end = span.end if end + each / 2 > span.end else end
        yield replace(span, begin=begin, end=end)
        begin = end


def whole_days(times: Iterable[tuple[datetime, datetime]]) -> Iterator[date]:
    """The days that lie in times which follow one another without a hole."""
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(times):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    for begin, end in joined:
        day = midnight(begin.date())
        day = day if day == begin else day + _DAY
        while day + _DAY <= end:
            yield day.date()
            day += _DAY


def runs(days: Iterable[date]) -> list[tuple[datetime, datetime]]:
    """Days, sorted, as spans of time."""
    found: list[tuple[datetime, datetime]] = []
    for day in days:
        begin = midnight(day)
        if found and found[-1][1] == begin:
            found[-1] = found[-1][0], begin + _DAY
        else:
            found.append((begin, begin + _DAY))
    return found
