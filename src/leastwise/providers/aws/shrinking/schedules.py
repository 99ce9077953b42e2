"""Whether a schedule was due between two times: the `rate`, `cron` and `at` expressions of EventBridge.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html. Times are taken as UTC: a schedule in a zone
of its own runs up to fourteen hours away from that, which questions about days and months bear.
"""

from __future__ import annotations

import re
from calendar import month_abbr, monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

_RATE = re.compile(r"rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)")
_CRON = re.compile(r"cron\(\s*(.+?)\s*\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_MONTHS = {name.upper(): number for number, name in enumerate(month_abbr) if name}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_LONGEST = 3660
"""Days that are looked through for a run."""


def due(expression: str, after: datetime, before: datetime) -> bool | None:
    """Whether a schedule runs between two times (both left out); None where the expression is not understood."""
    if after >= before:
        return False
    if rate := _RATE.fullmatch(expression):
        return before - after > timedelta(**{f"{rate[2]}s": int(rate[1])})
    if once := _AT.fullmatch(expression):
        return after < datetime.fromisoformat(once[1]).replace(tzinfo=UTC) < before
    cron = _CRON.fullmatch(expression)
    fields = cron[1].split() if cron else []
    if len(fields) != 6:
        return None
    try:
        return any(after < run < before for run in _runs(fields, after, before))
    except ValueError:
        return None


def _runs(fields: list[str], after: datetime, before: datetime) -> Iterator[datetime]:
    minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
    months, years = _numbers(fields[3], 1, 12, _MONTHS), _numbers(fields[5], 1970, 2199)
    first = after.astimezone(UTC).date()
    for number in range(min((before.astimezone(UTC).date() - first).days + 1, _LONGEST)):
        day = first + timedelta(days=number)
        if day.year in years and day.month in months and _on(day, fields[2], fields[4]):
            yield from (
                datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) for hour in hours for minute in minutes
            )


def _on(day: date, of_month: str, of_week: str) -> bool:
    """Whether a day is one of both fields, of which one is `?`: any."""
    return (of_month == "?" or _of_month(day, of_month)) and (of_week == "?" or _of_week(day, of_week))


def _of_month(day: date, field: str) -> bool:
    last = monthrange(day.year, day.month)[1]
    for part in field.split(","):
        if part == "L":
            if day.day == last:
                return True
        elif part.endswith("W"):
            if day.day == _nearest(day, last if part == "LW" else int(part[:-1]), last):
                return True
        elif day.day in _numbers(part, 1, 31):
            return True
    return False


def _nearest(day: date, number: int, last: int) -> int:
    """The working day of its month that is nearest to a number."""
    week = date(day.year, day.month, min(number, last)).weekday()
    number = min(number, last)
    if week == 5:
        return number - 1 if number > 1 else number + 2
    if week == 6:
        return number + 1 if number < last else number - 2
    return number


def _of_week(day: date, field: str) -> bool:
    week = day.isoweekday() % 7 + 1
    for part in field.split(","):
        name, sharp, which = part.partition("#")
        if sharp:
            if week == _number(name, _DAYS) and (day.day - 1) // 7 + 1 == int(which):
                return True
        elif part.endswith("L") and part != "L":
            if week == _number(part[:-1], _DAYS) and day.day + 7 > monthrange(day.year, day.month)[1]:
                return True
        elif week in _numbers("7" if part == "L" else part, 1, 7, _DAYS):
            return True
    return False


def _numbers(field: str, first: int, last: int, names: dict[str, int] | None = None) -> set[int]:
    """The numbers of a field: `*`, lists, ranges and steps. Raises ValueError."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        begin, dash, end = span.partition("-")
        if span in ("*", "?"):
            low, high = first, last
        else:
            low = _number(begin, names)
            high = _number(end, names) if dash else last if slash else low
        if not first <= low <= last or not first <= high <= last:
            raise ValueError(f"{part} is not between {first} and {last}")
        width = int(step) if slash else 1
        found |= (
            set(range(low, high + 1, width)) if low <= high else {*range(low, last + 1, width), *range(first, high + 1)}
        )
    return found


def _number(text: str, names: dict[str, int] | None) -> int:
    known = (names or {}).get(text.upper())
    return int(text) if known is None else known
