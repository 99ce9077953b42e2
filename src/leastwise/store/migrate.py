"""Brings the state database to the schema of this code. Alembic is loaded only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from leastwise.errors import StoreError

from .database import begin_exclusive, describe, reading, transaction
from .pins import SEALED, seal
from .schema import METADATA, REVISIONS

_ADVISORY_LOCK = 4_953_180_220_871


def upgrade(engine: Engine) -> bool:
    """Applies the migrations that are missing, all or none; returns whether there were any.

    Raises:
        StoreError: the database was written by a newer Leastwise, or cannot be reached or changed.
    """
    with reading(engine) as connection:
        if _is_current(engine, connection):
            return False
    with transaction(engine) as connection:
        # Taken before the second look, so that of two first commands one migrates and the other finds it done.
        begin_exclusive(connection)
        if engine.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _is_current(engine, connection):
            return False
        if _is_empty(connection):
            _create(connection)
        else:
            _migrate(connection)
            for table in SEALED:
                seal(connection, table)
    return True


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty database."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).scalar()
    else:
        # Not to_regclass: its cache may still say "none" right after another process has migrated.
        found = connection.execute(
            text("SELECT 1 FROM pg_class WHERE relname = 'alembic_version' AND pg_table_is_visible(oid)")
        ).scalar()
    if found is None:
        return None
    value = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if value is None else str(value)


def _is_current(engine: Engine, connection: Connection) -> bool:
    current = revision(connection)
    if current is not None and current not in REVISIONS:
        raise StoreError(
            f"state database {describe(engine)}: written by a newer Leastwise (schema {current}, "
            f"this one knows up to {REVISIONS[-1]}); upgrade Leastwise"
        )
    return current == REVISIONS[-1]


def _is_empty(connection: Connection) -> bool:
    """Whether there is no table of ours yet, so that the newest schema can be made in one step."""
    names = set(inspect(connection).get_table_names())
    return not names & {"alembic_version", *METADATA.tables}


def _create(connection: Connection) -> None:
    """Makes the newest schema at once: loading Alembic takes longer than all else that a first command does here."""
    METADATA.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISIONS[-1]})


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, REVISIONS[-1])
