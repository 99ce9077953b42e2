"""What collecting a directory from the fake needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leastwise.model.scope import Collected
from leastwise.providers.entra.collect.collector import collect

from .around import ARM, GRAPH, LOGS, OFFICE, STORAGE, a_run
from .directory import Directory
from .server import FakeAzure
from .world import World


def a_directory(folder: Path) -> FakeAzure:
    """A fake with everything that is collected of a directory, which hands out what it is asked for."""
    return FakeAzure(folder, World(directory=Directory.whole()), generous=False)


def keys(fake: FakeAzure, **more: Any) -> dict[str, Any]:
    """A source that reads the fake's directory."""
    endpoints = {place: f"{fake.url}/{place}" for place in ("graph", "arm", "login", "imds")}
    tokens = {"access_token_env": GRAPH, "arm_token_env": ARM}
    if "access_token_env" in more and not more["access_token_env"]:
        tokens = {}
    source = {"provider": "entra", **tokens, "endpoints": endpoints, **more}
    return {name: value for name, value in source.items() if value is not None}


def collected(fake: FakeAzure, folder: Path, **more: Any) -> Collected:
    """The directory; `resume`, `only`, `earlier` and `interrupted` are the run's, all others the source's."""
    run = {name: more.pop(name) for name in ("resume", "only", "earlier", "interrupted") if name in more}
    (found,) = collect(keys(fake, **more), a_run(folder, **run))
    return found


def log_source(fake: FakeAzure, **more: Any) -> dict[str, Any]:
    """A source that reads the logs of the fake's directory, wherever they lie."""
    endpoints = {place: f"{fake.url}/{place}" for place in
                 ("graph", "arm", "login", "imds", "storage", "logs", "office")}  # fmt: skip
    tokens = {"storage_token_env": STORAGE, "logs_token_env": LOGS, "office_token_env": OFFICE}
    return keys(fake, **{**tokens, "endpoints": endpoints, **more})
