"""What all tests share."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# How long an example takes says more about the machine than about the code.
settings.register_profile("leastwise", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leastwise")

LONGEST = ("tests/e2e/", "tests/differential/")
"""Folders whose files take the longest: they go first, so that no process is left with one at the end."""


class Scheduling(LoadScopeScheduling):
    """File by file: its tests share what is dear to make, and the last of some counts what the others compared."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        # Whoever asks what a process has still to do looks at all that it was ever given.
        given = self.assigned_work[node]
        for scope in [scope for scope, tests in given.items() if all(tests.values())]:
            del given[scope]
        super()._assign_work_unit(node)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)
