"""The demo company's packed logs, entry by entry."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from leastwise.demo import shaped_logs


def logged(packed: bytes, form: re.Pattern[str], others: Mapping[str, str] | None = None) -> list[tuple[str, Any]]:
    """Every entry with the log that it is of: by the group `log` of its file's name, or by `others` for these names."""
    found = []
    for name, texts in shaped_logs.entries(packed):
        told = form.fullmatch(name)
        log = told["log"] if told else (others or {}).get(name)
        assert log, name
        found += [(log, json.loads(one)) for one in texts]
    return found
