"""Values of an answer as cells of CSV and of spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be run by a spreadsheet."""


def cell_text(value: Any) -> str:
    """A value as text; lists are joined by `;`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(cell_text(one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={cell_text(one)}" for key, one in value.items())
    return str(value)


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + text if text.lstrip(" \n").startswith(_FORMULA) else text
