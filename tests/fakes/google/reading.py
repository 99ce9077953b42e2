"""What reading the fake's logs needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leastwise.app.fetching import Fetched, fetch_in
from leastwise.app.wiring import Workspace
from leastwise.engine.columns import plain
from leastwise.providers.fetching import Wanted

from .around import VARIABLE, surround
from .logs import LogWorld
from .server import FakeGoogle


def unhurried(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """As `surround`, and what is tried again is tried at once."""
    surround(monkeypatch, folder)
    monkeypatch.setattr("leastwise.providers.rest.patient._FIRST", 0.001)
    monkeypatch.setattr("leastwise.providers.rest.patient._LONGEST", 0.002)


def fake_of(world: LogWorld) -> FakeGoogle:
    """A server of a world with logs."""
    return FakeGoogle(world=world, page=100)


def sign_in(fake: FakeGoogle, **more: Any) -> dict[str, Any]:
    """A source that reads the fake's logs, as often a minute as can be."""
    return {"provider": "gcp", "access_token_env": VARIABLE, "endpoint": fake.url, "per_minute": {"logging": 600_000},
            **more}  # fmt: skip


def taken(home: Path, fake: FakeGoogle, sign: dict[str, Any] | None = None, **wanted: Any) -> Fetched:
    """What a run on a source did; nothing that is no request or answer of Google's was exchanged."""
    found = fetch_in(Workspace(home), Wanted(sign_in=sign or sign_in(fake), **wanted), "gcp")
    assert fake.strange == []
    return found


def ids(home: Path) -> list[str]:
    """The insertIds of all events of a lake, sorted."""
    rows = plain(Workspace(home).lake.events().select(["id"])).to_pylist()
    return sorted(str(one["id"]).rpartition("/")[2] for one in rows)
