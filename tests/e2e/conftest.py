"""One demo estate for every test of this folder (tests that write take a copy), and one fake cloud."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.aws import FakeAws
from fakes.aws_estate import ACCOUNTS, estate
from fakes.surroundings import fake_aws
from leastwise.cli.main import run


@pytest.fixture(autouse=True)
def _own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables as wide as they are by default: those who run tests on several workers tell them another width."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "home"
    assert run(["demo", "--home", str(home), "--format", "json"]) == 0
    return home


@pytest.fixture(scope="session")
def demo_with_logs(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo-logs") / "home"
    shutil.copytree(demo_home, home)
    assert run(["demo", "--logs", "--home", str(home), "--format", "json"]) == 0
    return home


@pytest.fixture
def own_demo(demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    monkeypatch.setenv("LEASTWISE_HOME", str(home))
    return home


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """The accounts of the fake estate, and an environment in which the SDK asks them."""
    with fake_aws(monkeypatch, estate(), ACCOUNTS) as fake:
        yield fake
