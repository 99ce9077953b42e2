"""Cursors of lists: where a page ends, and of which list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from leastwise.errors import UsageError


def fingerprint(about: Any) -> str:
    """What a cursor belongs to, as a short hash of what tells one list from another."""
    return hashlib.sha256(json.dumps(about, default=str, sort_keys=True).encode()).hexdigest()[:16]


def cursor_of(asked: str, offset: int) -> str:
    """The cursor of the page that begins at a row of the list with a fingerprint."""
    return base64.urlsafe_b64encode(json.dumps([asked, offset]).encode()).decode().rstrip("=")


def start_of(cursor: str | None, asked: str) -> int:
    """Where a page begins. Raises UsageError for a cursor of another list, or one that is none."""
    if not cursor:
        return 0
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    ours = isinstance(found, list) and len(found) == 2 and found[0] == asked
    if not ours or type(found[1]) is not int or found[1] < 0:
        raise UsageError("the cursor is not one of this list with these filters, this order and this estate")
    return int(found[1])
