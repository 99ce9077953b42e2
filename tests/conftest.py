"""What all tests share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]

# How long an example takes says more about the machine than about the code.
settings.register_profile("leastwise", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leastwise")


class Scheduling(LoadScopeScheduling):
    """Test by test, but a file whose last test counts what the others compared is one piece: counts are a process's."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path in counting() else nodeid


@cache
def counting() -> frozenset[str]:
    """Files with such a test, as node ids name them."""
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(path.relative_to(ROOT).as_posix() for path in files if "\ndef test_enough" in path.read_text())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)
