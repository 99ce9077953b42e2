from __future__ import annotations

import pytest
from store_samples import open_store


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "home")
