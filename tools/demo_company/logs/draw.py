"""Variety and the calendar: numbers that depend on the seed alone, office hours, weekends, holidays, releases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from demo_company.ids import SEED

FIRST, LAST = date(2026, 7, 4), date(2026, 10, 31)
"""The days of full logs, both included."""
CHANGES_FROM = date(2026, 1, 1)
"""From this day on, changes of identities are kept."""
HOLIDAYS = {date(2026, 8, 3), date(2026, 10, 26)}
PEAK = {date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 12)}
"""A sale of the web shop: half as many parcels again."""

OFFICE = (0,) * 7 + (4, 8, 10, 10, 8, 7, 9, 9, 8, 5, 2) + (0,) * 6
DEPOT = (1, 0, 0, 1, 6, 10, 10, 8, 6, 5, 5, 5, 5, 5, 6, 7, 8, 9, 9, 7, 5, 3, 2, 1)
SHOP = (2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 7, 8, 9, 8, 7, 7, 7, 8, 9, 10, 10, 9, 6, 3)
ALWAYS = (1,) * 24
NIGHT = (5, 8, 10, 8, 3) + (0,) * 19


def days(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    """Every day, both ends included."""
    return (first + timedelta(days=at) for at in range((last - first).days + 1))


def works(day: date) -> bool:
    """Whether the office is open."""
    return day.weekday() < 5 and day not in HOLIDAYS


def epoch(day: date) -> int:
    """Seconds since 1970 of midnight UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def seconds(when: datetime) -> int:
    """Seconds since 1970."""
    return int(when.timestamp())


class Draw:
    """A stream of numbers for one thing on one day."""

    def __init__(self, *parts: str) -> None:
        self._shake = hashlib.shake_128("\x1f".join((SEED, "logs", *parts)).encode())
        self._words = memoryview(self._shake.digest(256)).cast("I")
        self._at = 0

    def word(self) -> int:
        """32 bits."""
        if self._at == len(self._words):
            self._words = memoryview(self._shake.digest(len(self._words) * 8)).cast("I")
        found = self._words[self._at]
        self._at += 1
        return int(found)

    def below(self, end: int) -> int:
        """From 0 to end - 1."""
        return self.word() % end

    def about(self, number: float) -> int:
        """A whole number within a fifth of the number; of a small one, the fraction is a chance."""
        found = number * (0.8 + 0.4 * (self.word() / 0xFFFFFFFF))
        return int(found) + (self.word() / 0xFFFFFFFF < found % 1)

    def chance(self, share: float) -> bool:
        """True in so large a share of cases."""
        return self.word() < share * 0xFFFFFFFF

    def moment(self, day: date, hours: tuple[int, ...]) -> int:
        """A moment of a day, hours weighed."""
        at = self.below(sum(hours))
        for hour, weight in enumerate(hours):
            at -= weight
            if at < 0:
                return epoch(day) + hour * 3600 + self.below(3600)
        raise ValueError("hours without weight")

    def moments(self, count: int, day: date, hours: tuple[int, ...]) -> list[int]:
        """So many, in order."""
        return sorted(self.moment(day, hours) for _ in range(count))
