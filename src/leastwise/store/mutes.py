"""Mutes: decisions not to see a finding for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, select

from leastwise.errors import NotFoundError
from leastwise.model.finding import Mute

from .clock import from_text, to_text, utc
from .database import reading
from .pins import sealing
from .schema import MUTES


class Mutes:
    """The mutes of one state database, at most one a finding key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, mute: Mute) -> None:
        """Records a mute; an older one of the same finding is replaced."""
        row = {
            "key": mute.key,
            "reason": mute.reason,
            "muted_by": mute.by,
            "created": to_text(mute.created),
            "until": to_text(mute.until) if mute.until else None,
        }
        with sealing(self._engine, MUTES) as connection:
            connection.execute(delete(MUTES).where(MUTES.c.key == mute.key))
            connection.execute(MUTES.insert().values(row))

    def remove(self, key: str) -> None:
        """Takes a mute back. NotFoundError when there is none."""
        with sealing(self._engine, MUTES) as connection:
            if not connection.execute(delete(MUTES).where(MUTES.c.key == key)).rowcount:
                raise NotFoundError(f"finding {key}: is not muted")

    def active(self, at: datetime) -> dict[str, Mute]:
        """Mutes in force at a time, by finding key."""
        moment = utc(at)
        return {mute.key: mute for mute in self.all() if mute.until is None or mute.until > moment}

    def all(self) -> tuple[Mute, ...]:
        """Every mute, expired ones too, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(MUTES).order_by(MUTES.c.created, MUTES.c.key)).mappings().all()
        return tuple(_mute(dict(row)) for row in rows)


def _mute(row: Mapping[str, Any]) -> Mute:
    until = from_text(row["until"]) if row["until"] else None
    return Mute(row["key"], row["reason"], row["muted_by"], from_text(row["created"]), until)
