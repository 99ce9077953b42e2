"""What all tests share."""

from __future__ import annotations

import gc
import re
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

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


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the demo company; nobody writes there."""
    folder = tmp_path_factory.mktemp("unpacked")
    unpack(folder)
    return folder


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
