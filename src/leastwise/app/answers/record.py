"""What was done and changed, what an id is, and the saved queries about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..activity import Activity
from ..estate import OpenEstate
from ..history import history as changes
from ..queries import rows as query_rows
from ..whois import whois as look
from ..wiring import Workspace
from .told import listed


def activity(found: Activity) -> dict[str, Any]:
    """Stored events, the newest first."""
    return {"items": found.items, "total": found.total}


def history(estate: OpenEstate, subject: str) -> dict[str, Any]:
    """What was changed about somebody or something, oldest first. Raises as `history.history`."""
    items = changes(estate, subject)
    return listed(estate.header(), items, estate.coverage(), len(items))


def whois(estate: OpenEstate, id: str) -> dict[str, Any]:
    """What an id is. Raises UsageError."""
    items = look(estate, id).items
    return {"id": id, **listed(estate.header(), items, estate.coverage())}


def queries(workspace: Workspace) -> dict[str, Any]:
    """Saved queries."""
    return {"items": query_rows(workspace), "next": None}


def quarantine(estate: OpenEstate, body: Mapping[str, Any]) -> dict[str, Any]:
    """What stops a leaked credential or an identity, with the estate that it was worked out from."""
    return {"estate": estate.header(), **body, "coverage": estate.coverage()}
