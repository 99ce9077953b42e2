"""What collecting a directory from the fake needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leastwise.model.scope import Collected
from leastwise.providers.entra.collect.collector import collect

from .around import GRAPH, a_run
from .directory import Directory
from .server import FakeAzure
from .world import World


def a_directory(folder: Path) -> FakeAzure:
    """A fake with everything that is collected of a directory, which hands out what it is asked for."""
    return FakeAzure(folder, World(directory=Directory.whole()), generous=False)


def keys(fake: FakeAzure, **more: Any) -> dict[str, Any]:
    """A source that reads the fake's directory."""
    endpoints = {place: f"{fake.url}/{place}" for place in ("graph", "login", "imds")}
    source = {"provider": "entra", "access_token_env": GRAPH, "endpoints": endpoints, **more}
    return {name: value for name, value in source.items() if value is not None}


def collected(fake: FakeAzure, folder: Path, **more: Any) -> Collected:
    """The directory; `resume`, `only`, `earlier` and `interrupted` are the run's, all others the source's."""
    run = {name: more.pop(name) for name in ("resume", "only", "earlier", "interrupted") if name in more}
    (found,) = collect(keys(fake, **more), a_run(folder, **run))
    return found
