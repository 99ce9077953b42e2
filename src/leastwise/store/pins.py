"""Pins: single facts that tie a state database to its home folder, and seals over the tables that are in no chain.

Snapshots are chained row by row. Mutes, settings and the lake's parts change in place, so each change renews one hash
over all rows of its table, in the same transaction; a row that was changed, added or removed by other means no longer
fits it. The lake's sources are too many for that: their seal is a sum of one hash a row; a change adds its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, select

from .database import begin_exclusive, reading, transaction
from .files import canonical
from .schema import LAKE_PARTS, LAKE_SOURCES, MUTES, PINS, SETTINGS_TABLE

HOME = "home"
KEY = "redaction_key"
AUDIT_HEAD = "audit_head"
SEALED = (MUTES, SETTINGS_TABLE, LAKE_PARTS)
"""Tables with a seal over all rows."""
SUMMED = (LAKE_SOURCES,)
"""Tables whose seal is a sum over rows."""
_RANGE = 1 << 256

_ATTEMPTS = 5


def pinned(engine: Engine, name: str) -> str | None:
    """The value of a pin; None when there is none."""
    with reading(engine) as connection:
        told = connection.scalar(select(PINS.c.value).where(PINS.c.name == name))
    # A damaged schema may make it a number.
    return None if told is None else str(told)


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
    faults = [
        (table.name, "its rows are not as they were written")
        for table in (*SEALED, *SUMMED)
        if not _fits(engine, table)
    ]
    known = {HOME, KEY, AUDIT_HEAD, *(_seal_name(table) for table in (*SEALED, *SUMMED))}
    with reading(engine) as connection:
        names = connection.scalars(select(PINS.c.name)).all()
    return faults + [(PINS.name, f"a row that nobody wrote: {name}") for name in sorted(set(names) - known)]


def _fits(engine: Engine, table: Table) -> bool:
    for _ in range(_ATTEMPTS):  # a change may come between the two looks
        with reading(engine) as connection:
            told = connection.scalar(select(PINS.c.value).where(PINS.c.name == _seal_name(table)))
            rows = connection.execute(select(table)).all()
            found = f"{_total(rows):064x}" if table in SUMMED else _hash(rows)
            if found == told or (told is None and not rows):
                return True
    return False


def reseal(
    connection: Connection, table: Table, gone: Iterable[Iterable[Any]], new: Iterable[Mapping[str, Any]]
) -> None:
    """Renews the seal of a table that is summed: rows that the caller removed, and rows that it added, by column."""
    told = connection.scalar(select(PINS.c.value).where(PINS.c.name == _seal_name(table)))
    names = [column.name for column in table.columns]
    added = _total([one[name] for name in names] for one in new)
    total = (int(told or "0", 16) - _total(gone) + added) % _RANGE
    pin(connection, _seal_name(table), f"{total:064x}")


def _total(rows: Iterable[Iterable[Any]]) -> int:
    return sum(int.from_bytes(hashlib.sha256(_text(row).encode()).digest()) for row in rows) % _RANGE


def _digest(connection: Connection, table: Table) -> str:
    return _hash(connection.execute(select(table)).all())


def _hash(rows: Iterable[Iterable[Any]]) -> str:
    # Sorted here: databases sort texts in their own ways.
    return hashlib.sha256(canonical(sorted(map(_text, rows))).encode()).hexdigest()


def _text(row: Iterable[Any]) -> str:
    return canonical([None if value is None else str(value) for value in row])


def _seal_name(table: Table) -> str:
    return f"seal of {table.name}"
