"""The environment in which the SDK talks to a fake cloud, and nothing of this machine's own leaks in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader, create_loader

from .aws import FakeAws

_OWN = ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN")


@cache
def loader(path: str | None) -> Loader:
    """Reads the SDK's descriptions of services, each once a process: every command opens a session of its own."""
    return create_loader(path)


def surround(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    """Put an environment in place of what the SDK would read here."""
    monkeypatch.setattr("botocore.session.create_loader", loader)
    for name in _OWN:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@contextmanager
def fake_aws(
    monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any], accounts: Iterable[str], *more: Any
) -> Iterator[FakeAws]:
    """A cloud that gives these answers; at the end nothing may have been asked that it does not know."""
    monkeypatch.setattr("leastwise.providers.collecting.run.pause", lambda tries: 0.01)
    with FakeAws(dict(answers), tuple(accounts), *more) as fake:
        surround(monkeypatch, fake.environment())
        yield fake
    assert fake.unknown == []


@contextmanager
def moto(monkeypatch: pytest.MonkeyPatch, **more: str) -> Iterator[str]:
    """moto's server, by its URL; `more` of the environment goes before the usual."""
    from moto.server import ThreadedMotoServer

    # This moto forgets the names of policies in GetAccountAuthorizationDetails.
    monkeypatch.setattr("moto.iam.models.ManagedPolicy.policy_name", property(lambda one: one.name), raising=False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        usual = {
            "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAMOTO",
            "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        surround(monkeypatch, {**usual, **more})
        yield url
    finally:
        server.stop()
