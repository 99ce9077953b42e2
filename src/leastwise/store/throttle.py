"""How often somebody may fail to sign in, in as many rows as there are buckets, whoever comes.

Each bucket holds one time (the generic cell rate algorithm): how far the failures so far reach, if each stands for so
many seconds. As long as that is less than a burst away, another try is let in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, select

from .clock import from_text, to_text
from .database import begin_exclusive, reading, transaction
from .schema import THROTTLE

BUCKETS = 1 << 14
"""Rows of each kind at most: names beyond share one with others."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures at once, and one more every so many seconds."""

    kind: str
    burst: int
    seconds: float

    def key(self, value: str) -> str:
        """The bucket of a value."""
        number = int.from_bytes(hashlib.sha256(value.encode("utf-8", "replace")).digest()[:8]) % BUCKETS
        return f"{self.kind}:{number}"


class Throttle:
    """The buckets of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def wait(self, asked: Sequence[tuple[Limit, str]], now: datetime) -> float:
        """Seconds until a try with all of these values is let in; 0 where it is now. Counts nothing."""
        with reading(self._engine) as connection:
            return max((_wait(connection, limit, value, now) for limit, value in asked), default=0.0)

    def take(self, asked: Sequence[tuple[Limit, str]], now: datetime) -> float:
        """The same, and counts the try as a failure where it is let in."""
        if refused := self.wait(asked, now):
            return refused
        with transaction(self._engine) as connection:
            begin_exclusive(connection, THROTTLE)
            # Others may have come between.
            waits = [_wait(connection, limit, value, now) for limit, value in asked]
            if any(waits):
                return max(waits)
            for limit, value in asked:
                full = max(now, _full_at(connection, limit.key(value), now)) + timedelta(seconds=limit.seconds)
                _set(connection, limit.key(value), full)
        return 0.0

    def give_back(self, asked: Sequence[tuple[Limit, str]]) -> None:
        """Takes one counted failure back: it was none."""
        with transaction(self._engine) as connection:
            begin_exclusive(connection, THROTTLE)
            for limit, value in asked:
                key = limit.key(value)
                told = connection.scalar(select(THROTTLE.c.full_at).where(THROTTLE.c.key == key))
                if told is not None:
                    _set(connection, key, from_text(told) - timedelta(seconds=limit.seconds))

    def rows(self) -> int:
        """How many buckets are in use."""
        with reading(self._engine) as connection:
            return len(connection.scalars(select(THROTTLE.c.key)).all())


def _full_at(connection: Connection, key: str, now: datetime) -> datetime:
    told = connection.scalar(select(THROTTLE.c.full_at).where(THROTTLE.c.key == key))
    return now if told is None else from_text(told)


def _wait(connection: Connection, limit: Limit, value: str, now: datetime) -> float:
    ahead = (_full_at(connection, limit.key(value), now) - now).total_seconds()
    return max(0.0, ahead - (limit.burst - 1) * limit.seconds)


def _set(connection: Connection, key: str, full: datetime) -> None:
    connection.execute(delete(THROTTLE).where(THROTTLE.c.key == key))
    connection.execute(THROTTLE.insert().values(key=key, full_at=to_text(full)))
