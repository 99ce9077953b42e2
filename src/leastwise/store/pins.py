"""Pins: single facts that tie a state database to its home folder, and seals over the tables that are in no chain.

Snapshots are chained row by row. Mutes and settings change in place, so each change renews one hash over all rows of
its table, in the same transaction; a row that was changed, added or removed by other means no longer fits it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table, delete, select

from .database import begin_exclusive, reading, transaction
from .files import canonical
from .schema import MUTES, PINS, SETTINGS_TABLE

HOME = "home"
KEY = "redaction_key"
SEALED = (MUTES, SETTINGS_TABLE)
"""Tables with a seal."""

_ATTEMPTS = 5


def pinned(engine: Engine, name: str) -> str | None:
    """The value of a pin; None when there is none."""
    with reading(engine) as connection:
        return connection.scalar(select(PINS.c.value).where(PINS.c.name == name))


def pin(connection: Connection, name: str, value: str) -> None:
    """Sets a pin, whatever it was before."""
    connection.execute(delete(PINS).where(PINS.c.name == name))
    connection.execute(PINS.insert().values(name=name, value=value))


@contextmanager
def sealing(engine: Engine, table: Table) -> Iterator[Connection]:
    """A transaction that may change the table; its seal is renewed with it.

    Raises:
        StorageFullError, StoreError: as `database.transaction`.
    """
    with transaction(engine) as connection:
        begin_exclusive(connection, table)
        yield connection
        seal(connection, table)


def seal(connection: Connection, table: Table) -> None:
    """Renews the seal; the caller lets nobody else change the table until the transaction ends."""
    pin(connection, _seal_name(table), _digest(connection, table))


def broken_seals(engine: Engine) -> list[tuple[str, str]]:
    """Table and cause: rows that do not fit the table's seal, and pins that nobody set. Safe beside a writer."""
    faults = [(table.name, "its rows are not as they were written") for table in SEALED if not _fits(engine, table)]
    known = {HOME, KEY, *(_seal_name(table) for table in SEALED)}
    with reading(engine) as connection:
        names = connection.scalars(select(PINS.c.name)).all()
    return faults + [(PINS.name, f"a row that nobody wrote: {name}") for name in sorted(set(names) - known)]


def _fits(engine: Engine, table: Table) -> bool:
    for _ in range(_ATTEMPTS):  # a change may come between the two looks
        with reading(engine) as connection:
            told = connection.scalar(select(PINS.c.value).where(PINS.c.name == _seal_name(table)))
            rows = connection.execute(select(table)).all()
            if _hash(rows) == told or (told is None and not rows):
                return True
    return False


def _digest(connection: Connection, table: Table) -> str:
    return _hash(connection.execute(select(table)).all())


def _hash(rows: object) -> str:
    # Sorted here: databases sort texts in their own ways.
    texts = sorted(canonical([None if value is None else str(value) for value in row]) for row in rows)  # type: ignore[attr-defined]
    return hashlib.sha256(canonical(texts).encode()).hexdigest()


def _seal_name(table: Table) -> str:
    return f"seal of {table.name}"
