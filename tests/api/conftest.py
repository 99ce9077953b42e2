"""The API of the demo company, in process; tests that write take a home of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from leastwise.api.application import create_app
from leastwise.api.settings import ApiSettings
from leastwise.app.duties import Duty
from leastwise.app.wiring import Workspace

BASE = "http://127.0.0.1:8765"


@pytest.fixture(scope="session")
def opened() -> Callable[..., TestClient]:
    """Makes a client of a home where nobody signs in: whoever comes has all duties, or those that are named."""

    def made(home: Path, *duties: Duty) -> TestClient:
        app = create_app(Workspace(home), ApiSettings(BASE, open_to=frozenset(duties or Duty)))
        return TestClient(app, BASE, raise_server_exceptions=False)

    return made


@pytest.fixture(scope="session")
def demo(demo_home: Path, opened: Callable[..., TestClient]) -> Iterator[TestClient]:
    """A client of the demo company with all duties."""
    with opened(demo_home) as client:
        yield client
