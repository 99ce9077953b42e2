"""Stored settings for the command line."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from leastwise.errors import UsageError
from leastwise.store.settings import SETTINGS, parse_setting

from .wiring import Workspace


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Every setting with its value and its meaning."""
    values = workspace.settings.all()
    return [{"name": name, "value": values.get(name), "meaning": meaning} for name, meaning in SETTINGS.items()]


def change(workspace: Workspace, name: str, text: str) -> None:
    """Set a setting from a user's text.

    Raises:
        UsageError: no such setting, no value for it, or a legal hold that would hold nothing.
    """
    value = parse_setting(name, text)
    if name == "legal_hold" and isinstance(value, list):
        _check_scopes(workspace, value)
    workspace.settings.set(name, value)


def _check_scopes(workspace: Workspace, named: list[str]) -> None:
    """A hold on a misspelt scope would hold nothing, and nobody would notice before the deletion."""
    known = {one.scope.key.lower(): one.scope.key for one in workspace.store.list(include_deleted=True)}
    for one in named:
        if one == "*" or one in known.values():
            continue
        near = [known[key] for key in get_close_matches(one.lower(), known, n=3, cutoff=0.6)]
        hint = f"near: {', '.join(near)}" if near else f"known: {', '.join(sorted(known.values())[:5]) or 'none yet'}"
        raise UsageError(f"setting legal_hold: no snapshot of a scope {one} was ever stored; {hint}")
