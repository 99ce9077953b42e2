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
    """Test by test, but a file is one piece whose last test counts what the others compared, or whose tests share what
    is dear to make: either is a process's own.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path in whole() else nodeid


@cache
def whole() -> frozenset[str]:
    """Such files, as node ids name them."""
    signs = ("\ndef test_enough", "\npytestmark = pytest.mark.together\n", "\npytestmark = [pytest.mark.together, ")
    files = ((path, path.read_text()) for path in (ROOT / "tests").rglob("test_*.py"))
    return frozenset(path.relative_to(ROOT).as_posix() for path, text in files if any(sign in text for sign in signs))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)
