"""What the tests of the directory share: an import of a few files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected
from leastwise.providers.entra import PROVIDER

TENANT = "72f00000-0000-4000-8000-000000000000"


def collected(folder: Path, files: Mapping[str, Any], taken: datetime | None = None) -> Collected:
    """What an import of these files of one tenant reads; a value that is no text is written as JSON."""
    target = folder / f"tenant-{TENANT}"
    target.mkdir(exist_ok=True)
    for name, content in files.items():
        (target / name).write_text(content if isinstance(content, str) else json.dumps(content))
    (one,) = PROVIDER.read_exports([target], taken)
    return one


def rows(one: Collected, name: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    return plain(PROVIDER.translate(one)[name]).to_pylist()
