"""What all tests share."""

from __future__ import annotations

import gc
import importlib
import re
import sys
import tomllib
from collections.abc import Generator, Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from leastwise.cli.main import run
from leastwise.demo import unpack

ROOT = Path(__file__).parents[1]

# How long an example takes says more about the machine than about the code.
settings.register_profile("leastwise", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leastwise")

LONGEST = ("tests/e2e/", "tests/differential/")
"""Folders whose files take the longest: they go first, so that no process is left with one at the end."""


class Scheduling(LoadScopeScheduling):
    """File by file: its tests share what is dear to make, and the last of some counts what the others compared.

    Files that say so (`pytestmark = pytest.mark.together("name")`) are one piece with all others of that name.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return named().get(path, path)

    def _assign_work_unit(self, node: WorkerController) -> None:
        # Whoever asks what a process has still to do looks at all that it was ever given.
        given = self.assigned_work[node]
        for scope in [scope for scope, tests in given.items() if all(tests.values())]:
            del given[scope]
        super()._assign_work_unit(node)


@cache
def named() -> dict[str, str]:
    """The name of each such file, as node ids begin with it."""
    files = (
        (path, re.search(r'^pytestmark = .*\bmark\.together\("(.+?)"\)', path.read_text(), re.MULTILINE))
        for path in (ROOT / "tests").rglob("test_*.py")
    )
    return {path.relative_to(ROOT).as_posix(): found[1] for path, found in files if found}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in LONGEST])


@pytest.fixture(scope="session", autouse=True)
def _providers_of_this_tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The providers that pyproject.toml names, where the environment was installed before one of them was added."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = project["entry-points"]
    if all({point.name for point in entry_points(group=group)} == set(each) for group, each in named.items()):
        yield
        return
    folder = tmp_path_factory.mktemp("metadata")
    about = folder / f"leastwise-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: leastwise\nVersion: {project['version']}\n")
    groups = [
        "\n".join([f"[{group}]", *(f"{name} = {place}" for name, place in each.items()), ""])
        for group, each in named.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(groups))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the demo company; nobody writes there."""
    folder = tmp_path_factory.mktemp("unpacked")
    unpack(folder)
    return folder


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company, imported once a process; tests that write take a copy."""
    home = tmp_path_factory.mktemp("demo") / "home"
    assert run(["demo", "--home", str(home), "--format", "json"]) == 0
    return home


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    # What is collected stays to the end, so it need not be looked through for garbage.
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)
