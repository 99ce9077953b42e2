"""Which home folder a state database belongs to: only that one may use it.

A home has a random id in `home.id`; the database pins the id of the home that wrote to it first. Without that, two
homes on one PostgreSQL database would each take the other's snapshots for rubbish of a killed writer.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from sqlalchemy import Engine, select

from leastwise.errors import StoreError

from .database import begin_exclusive, describe, transaction
from .files import replace_durably, storage_errors
from .home import Home
from .pins import HOME, pin, pinned
from .schema import PINS

FILE = "home.id"
_ID = re.compile(rb"[0-9a-f]{32}\n")


def check_owner(home: Home, engine: Engine) -> None:
    """Raises StoreError when the database belongs to another home folder; one that belongs to none is fine."""
    if cause := owner_fault(home, engine):
        raise StoreError(
            f"state database {describe(engine)}: {cause}; name that home or another database, or, to move the database "
            "to this home for good, run `leastwise snapshots accept-database`"
        )


def owner_fault(home: Home, engine: Engine) -> str | None:
    """Why the database is not this home's, in one clause; None when it is, or is nobody's yet."""
    owner = pinned(engine, HOME)
    if owner is None:
        return None
    identifier, check, place = (*owner.split(" ", 2), "", "")[:3]
    if check != _check(identifier, place):
        return "the name of the home that this database belongs to was changed"
    own = _read(home)
    if own == identifier:
        return None
    lost = "lost its id (home.id)" if own is None else f"is home {own[:8]}"
    return f"this database belongs to home {identifier[:8]} (made at {place}), and {home.path} {lost}"


def bind(home: Home, engine: Engine) -> None:
    """Makes a database that is nobody's this home's. The caller holds the writer lock.

    Raises:
        StoreError: it belongs to another home.
    """
    if pinned(engine, HOME) is None:
        _own(home, engine, only_free=True)
    check_owner(home, engine)


def adopt(home: Home, engine: Engine) -> str | None:
    """Makes the database this home's, whoever it belonged to; returns that home's name if it was another's."""
    before = pinned(engine, HOME)
    other = owner_fault(home, engine) is not None
    _own(home, engine)
    return f"{before[:8]} ({before.split(' ', 2)[-1]})" if before and other else None


def _own(home: Home, engine: Engine, only_free: bool = False) -> None:
    identifier = _read(home)
    if identifier is None:
        identifier = secrets.token_hex(16)
        with storage_errors(FILE):
            replace_durably(home.path / FILE, f"{identifier}\n".encode(), home.tmp)
    with transaction(engine) as connection:
        begin_exclusive(connection, PINS)
        if not (only_free and connection.scalar(select(PINS.c.value).where(PINS.c.name == HOME))):
            place = ascii(str(home.path))[1:-1]
            pin(connection, HOME, f"{identifier} {_check(identifier, place)} {place}")


def _check(identifier: str, place: str) -> str:
    return hashlib.sha256(f"{identifier} {place}".encode()).hexdigest()[:8]


def _read(home: Home) -> str | None:
    with storage_errors(FILE):
        try:
            data = (home.path / FILE).read_bytes()
        except FileNotFoundError:
            return None
    if not _ID.fullmatch(data):
        raise StoreError(f"{FILE}: is not the id of a home; restore it from a backup, or remove it")
    return data.decode().strip()
