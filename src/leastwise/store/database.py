"""The state database: which one, how to connect to it, and its errors as ours."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import IntegrityError as ConstraintError

from leastwise.errors import StorageFullError, StoreError, UsageError

from .files import storage_errors
from .home import Home

_BUSY_SECONDS = 20
_RETRY_SECONDS = 0.02
_FULL_SQLSTATES = frozenset({"53100"})
_FULL_SQLITE = ("database or disk is full", "disk i/o error")


def database_url(home: Home, environ: Mapping[str, str], option: str | None = None) -> str:
    """The URL named by `--database`, else by `LEASTWISE_DATABASE_URL`, else the SQLite file of the home folder.

    Raises:
        UsageError: the option is empty. An empty variable counts as unset.
    """
    if option is not None and not option.strip():
        raise UsageError("--database: is empty (an unset variable?); leave it out to use the home's own database")
    named = option or environ.get("LEASTWISE_DATABASE_URL")
    return named or URL.create("sqlite", database=str(home.database)).render_as_string(hide_password=False)


def connect(url: str) -> Engine:
    """An engine for the URL; connects on first use.

    Raises:
        UsageError: the URL cannot be read, or names a database other than SQLite or PostgreSQL.
        StoreError: the SQLite file cannot be created.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise UsageError("database: SQLite needs a file, as in sqlite:////var/lib/leastwise/state.db")
        _create_private(Path(str(parsed.database)))
        engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return create_engine(parsed, pool_pre_ping=True)


def describe(engine: Engine) -> str:
    """The database by name, without password and options."""
    return engine.url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is committed when the block ends, and undone when it raises.

    Raises:
        StorageFullError: the database cannot grow.
        StoreError: the database cannot be reached or refuses.
    """
    with _database_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for reading; StoreError when the database cannot be read."""
    with _database_errors(engine), engine.connect() as connection:
        yield connection


def begin_exclusive(connection: Connection, table: Table | None = None) -> None:
    """Begins the transaction so that no other can write the table (SQLite: the database) until it ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif table is not None:
        connection.exec_driver_sql(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE")


def damage(engine: Engine) -> list[str]:
    """What SQLite itself finds wrong with its file; a server looks after its own."""
    if engine.dialect.name != "sqlite":
        return []
    try:
        with reading(engine) as connection:
            found = [str(line) for line in connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars()]
    except StoreError as error:
        return [str(error)]
    return [] if found == ["ok"] else found


def unreadable(engine: Engine, metadata: MetaData) -> list[tuple[str, str]]:
    """Table and cause: tables that are not there, or lack a column."""
    found = []
    for table in metadata.sorted_tables:
        try:
            with reading(engine) as connection:
                connection.execute(table.select().limit(1)).all()
        except StoreError as error:
            found.append((table.name, str(error)))
    return found


def _parse(url: str) -> URL:
    # The text of the URL must stay out of every message: it may hold a password.
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        parsed, backend = None, ""
    if parsed is None or backend not in ("postgresql", "postgres", "sqlite"):
        raise UsageError("database: not a URL of the form sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    if "@" in (parsed.host or ""):
        raise UsageError("database: write an @ in the password of the URL as %40")
    return parsed


def _create_private(path: Path) -> None:
    with storage_errors(f"state database {path}"):
        if path.is_dir():
            raise StoreError(f"state database {path}: is a folder")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_SECONDS * 1000}", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    # Two connections that switch a new file at once both hold a read lock and wait for the other's: SQLite then refuses
    # one of them at once, busy_timeout or not.
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)


@contextmanager
def _database_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except ConstraintError as error:
        raise StoreError(
            f"state database {describe(engine)}: another writer was faster; run the command again"
        ) from error
    except SQLAlchemyError as error:
        origin = getattr(error, "orig", None)
        cause = _without_password(engine, " ".join(str(origin if origin is not None else error).split()))
        full = getattr(origin, "sqlstate", None) in _FULL_SQLSTATES or any(s in cause.lower() for s in _FULL_SQLITE)
        kind = StorageFullError if full else StoreError
        # Not chained: the driver's own exception may carry the password.
        raise kind(f"state database {describe(engine)}: {cause}") from None
    except UnicodeDecodeError as error:
        # SQLite gives damaged texts, and even its own messages about damaged names, as they are.
        raise StoreError(f"state database {describe(engine)}: damaged: {error}") from error


def _without_password(engine: Engine, text: str) -> str:
    secret = engine.url.password
    for form in {secret, quote(secret), quote_plus(secret)} if isinstance(secret, str) and secret else set():
        text = text.replace(form, "***")
    return text
