"""Cubes as lines of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

CUBE = {
    "count": "Actions",
    "patterns": "Permissions",
    "resources": "On",
    "exceptions": "But not",
    "state": "State",
    "when": "When",
}
"""Columns of a table and their headings."""
CUBE_COLUMNS = (
    "permissions", "resources", "within", "exceptions", "state", "residual", "missing", "patterns", "count", "when",
)  # fmt: skip
"""Columns of the CSV."""
_MOST = 6


def shortened(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines with long lists cut, and a second pattern that resources must lie in beside the first."""
    return [
        {
            **row,
            "patterns": short(row["patterns"]),
            "resources": " and in ".join((short(row["resources"]), *row["within"])),
            "exceptions": short(row["exceptions"]),
        }
        for row in rows
    ]


def short(names: list[str]) -> str:
    """A list of which the end is counted only."""
    shown = ", ".join(names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST} more"
