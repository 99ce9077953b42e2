"""What was worked out of an estate: JSON by key, derived, kept for whoever asks next."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from .files import replace_durably, storage_errors
from .home import Home

_KEPT = 8
"""Estates of which it is kept, the newest made."""


def keep(home: Home, key: str, values: dict[str, Any]) -> None:
    """Keeps what was worked out under a key. Raises StorageFullError, StoreError."""
    with storage_errors(f"home folder {home.path}"):
        home.worked.mkdir(mode=0o700, exist_ok=True)
        replace_durably(home.worked / f"{key}.json", json.dumps(values).encode(), home.tmp)
    with suppress(OSError):
        files = sorted(home.worked.glob("*.json"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in files[_KEPT:]:
            old.unlink(missing_ok=True)


def kept(home: Home, key: str) -> dict[str, Any] | None:
    """What was worked out under a key; None where nothing was, or it cannot be read: then it is made again."""
    try:
        found = json.loads((home.worked / f"{key}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
