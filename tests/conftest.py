"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("leastwise", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("leastwise")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file whose last test says how much the others compared runs on one worker: the count is a process's own."""
    counting = {item.path for item in items if item.name.startswith("test_enough")}
    for item in items:
        if item.path in counting:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
