"""Parts of an overview that take minutes at size: kept with the lists by who works them out, and told from there."""

from __future__ import annotations

import json
from typing import Any

from leastwise.store.lists.kept import keep_text, kept_text

from .lists import Listing

_AFTER = "later."
NOT_YET = {"state": "not worked out yet", "value": None}


def keep(listing: Listing, part: str, value: Any) -> None:
    """Keep what was worked out of an estate, whole or not at all. Raises StorageFullError, StoreError."""
    keep_text(listing.estate.workspace.home, listing.key, f"{_AFTER}{part}.json", json.dumps(value))


def told(listing: Listing, part: str) -> dict[str, Any]:
    """What was worked out, as `value`; where it was not yet, `state` says so: nothing is zero that is not known."""
    text = kept_text(listing.estate.workspace.home, listing.key, f"{_AFTER}{part}.json")
    if text is None:
        return dict(NOT_YET)
    try:
        return {"state": "worked out", "value": json.loads(text)}
    except ValueError:
        return dict(NOT_YET)
