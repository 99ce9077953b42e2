"""Stored settings for the command line."""

from __future__ import annotations

from typing import Any

from leastwise.store.settings import SETTINGS, parse_setting

from .wiring import Workspace


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every setting with its value and its meaning."""
    values = workspace.settings.all()
    return [{"name": name, "value": values.get(name), "meaning": meaning} for name, meaning in SETTINGS.items()]


def change(workspace: Workspace, name: str, text: str) -> None:
    """Set a setting from a user's text. Raises UsageError."""
    workspace.settings.set(name, parse_setting(name, text))
