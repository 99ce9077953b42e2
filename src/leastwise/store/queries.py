"""Saved queries: what somebody wants to ask again, under a name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, select

from leastwise.errors import NotFoundError, StoreError, UsageError

from .clock import from_text, to_text
from .database import reading
from .files import canonical
from .pins import sealing
from .schema import SETTINGS_TABLE

_PREFIX = "query "
"""Saved queries are rows of the table of settings, which is sealed; no setting has a blank in its name."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")


@dataclass(frozen=True, slots=True)
class Query:
    """A saved query.

    Args:
        kind: the command that asks it: sql or activity.
        asks: what is asked, as that command understands it: JSON values by name.
        saved: when it was saved.
    """

    name: str
    kind: str
    asks: Mapping[str, Any]
    saved: datetime


class Queries:
    """The saved queries of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, query: Query) -> None:
        """Keeps a query; an older one of its name is replaced. UsageError when that is no name."""
        if not _NAME.fullmatch(query.name):
            raise UsageError(
                f"saved query {query.name!r}: a name has up to 50 letters, digits, dots, dashes, underscores"
            )
        key = _PREFIX + query.name
        value = canonical({"kind": query.kind, "asks": dict(query.asks), "saved": to_text(query.saved)})
        with sealing(self._engine, SETTINGS_TABLE) as connection:
            connection.execute(delete(SETTINGS_TABLE).where(SETTINGS_TABLE.c.key == key))
            connection.execute(SETTINGS_TABLE.insert().values(key=key, value=value))

    def get(self, name: str) -> Query:
        """A query. NotFoundError when there is none of that name; StoreError when its row makes no sense."""
        with reading(self._engine) as connection:
            text = connection.scalar(select(SETTINGS_TABLE.c.value).where(SETTINGS_TABLE.c.key == _PREFIX + name))
        if text is None:
            known = ", ".join(one.name for one in self.all())
            raise NotFoundError(f"saved query {name}: not found; {f'there are {known}' if known else 'there is none'}")
        return _query(name, text)

    def remove(self, name: str) -> None:
        """Forgets a query. NotFoundError when there is none of that name."""
        with sealing(self._engine, SETTINGS_TABLE) as connection:
            there = SETTINGS_TABLE.c.key == _PREFIX + name
            if not connection.execute(delete(SETTINGS_TABLE).where(there)).rowcount:
                raise NotFoundError(f"saved query {name}: not found")

    def all(self) -> tuple[Query, ...]:
        """Every query, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(SETTINGS_TABLE)).all()
        held = {row.key.removeprefix(_PREFIX): row.value for row in rows if row.key.startswith(_PREFIX)}
        return tuple(_query(name, held[name]) for name in sorted(held))


def _query(name: str, text: str) -> Query:
    try:
        told = json.loads(text)
        return Query(name, str(told["kind"]), dict(told["asks"]), from_text(told["saved"]))
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(f"state database: saved query {name}: its stored value cannot be read") from error
