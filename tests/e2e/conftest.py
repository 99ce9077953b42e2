"""One demo estate for every test of this folder (tests that write take a copy), and one fake cloud."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
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
def answered() -> dict[tuple[str, ...], tuple[int, str, str]]:
    """What was answered of the demo; nothing that is asked there writes, so a question has one answer."""
    return {}


@pytest.fixture
def ask_demo(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    answered: dict[tuple[str, ...], tuple[int, str, str]],
) -> Callable[..., tuple[int, str, str]]:  # fmt: skip
    """The exit code, output and errors of a command about the demo, which is run once a process."""
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))

    def asked(*arguments: str) -> tuple[int, str, str]:
        if arguments not in answered:
            capsys.readouterr()
            code = run(list(arguments))
            found = capsys.readouterr()
            answered[arguments] = code, found.out, found.err
        return answered[arguments]

    return asked


@pytest.fixture(scope="session")
def demo_with_logs(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo-logs") / "home"
    shutil.copytree(demo_home, home)
    assert run(["demo", "--logs", "--home", str(home), "--format", "json"]) == 0
    return home


PLANNED = (
    "label-printer", "ops-janitor", "gha-deploy", "scanner-upload", "depot-gateway", "rds-monitoring",
    "customs-archive",
)  # fmt: skip


@pytest.fixture(scope="session")
def demo_with_plans(demo_with_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with some plans; nothing that is asked there may write anything else."""
    home = tmp_path_factory.mktemp("demo-plans") / "home"
    shutil.copytree(demo_with_logs, home)
    assert run(["plan", *PLANNED, "--save", "--home", str(home), "--format", "json"]) == 0
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
