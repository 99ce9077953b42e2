"""What collecting from the fake needs: a source, a run, an environment without credentials of this machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.azure.collect.collector import collect
from leastwise.providers.base import CollectRun

from .server import TOKENS, FakeAzure

ARM, GRAPH, STORAGE, LOGS, OFFICE = (f"FAKE_{one}_TOKEN" for one in ("ARM", "GRAPH", "STORAGE", "LOGS", "OFFICE"))
_OWN = (
    "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy",
)  # fmt: skip


def surround(monkeypatch: pytest.MonkeyPatch, fake: FakeAzure) -> None:
    """A machine without credentials of its own, where waiting takes no time, that trusts the fake's certificate."""
    for name in _OWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(fake.authority))
    monkeypatch.setenv(ARM, TOKENS["arm"])
    monkeypatch.setenv(GRAPH, TOKENS["graph"])
    monkeypatch.setenv(STORAGE, TOKENS["storage"])
    monkeypatch.setenv(LOGS, TOKENS["logs"])
    monkeypatch.setenv(OFFICE, TOKENS["office"])
    monkeypatch.setattr("leastwise.providers.collecting.run.pause", lambda tries: 0.001)


def keys(fake: FakeAzure, **more: Any) -> dict[str, Any]:
    """A source that reads the fake."""
    endpoints = {place: f"{fake.url}/{place}" for place in ("arm", "graph", "login", "imds")}
    tokens = {"access_token_env": ARM, "graph_token_env": GRAPH}
    quick = {"resourcegraph": 60000}
    source = {"provider": "azure", **tokens, "endpoints": endpoints, "per_minute": quick, **more}
    return {name: value for name, value in source.items() if value is not None}


def a_run(folder: Path, **more: Any) -> CollectRun:
    """A run with journals in a folder."""
    folder.mkdir(exist_ok=True)
    usual: dict[str, Any] = {
        "now": lambda: datetime.now(UTC), "progress": lambda step: None, "interrupted": lambda one, why: one,
    }  # fmt: skip
    return CollectRun(folder=folder, key=b"k" * 32, **{**usual, **more})


def collected(fake: FakeAzure, folder: Path, **more: Any) -> dict[str, Collected]:
    """Every tree and directory by its key; `resume`, `only` and `earlier` are the run's, all others the source's."""
    run = {name: more.pop(name) for name in ("resume", "only", "earlier") if name in more}
    return {one.scope.key: one for one in collect(keys(fake, **more), a_run(folder, **run))}


def whole(fake: FakeAzure, folder: Path, **more: Any) -> Collected:
    """The only tree."""
    (found,) = [one for one in collected(fake, folder, **more).values() if one.scope.provider == "azure"]
    return found


def directory(fake: FakeAzure, folder: Path, **more: Any) -> Collected:
    """What was told of the directory."""
    (found,) = [one for one in collected(fake, folder, **more).values() if one.scope.provider == "entra"]
    return found


def bodies(found: Collected, kind: str, about: str = "") -> list[Any]:
    """The documents of a kind about something."""
    return [json.loads(one.body) for one in found.documents if one.kind == kind and about in one.resource]


def told(found: Collected) -> list[tuple[str, str, Any]]:
    """Everything that was told, in a form that compares."""
    return sorted((one.kind, one.resource, json.dumps(json.loads(one.body), sort_keys=True)) for one in found.documents)


def gaps(found: Collected) -> list[tuple[str, str, str, str]]:
    """What was not answered: call, status, account, detail."""
    return [
        (f"{one.service}.{one.call}", str(one.status), one.account, one.detail)
        for one in found.coverage if one.status is not CoverageStatus.OK
    ]  # fmt: skip
