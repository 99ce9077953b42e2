"""Saved plans: a file for each in the home folder, named by its id, written whole or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leastwise.errors import InputError, NotFoundError, StoreError

from .files import replace_durably, storage_errors
from .home import Home

_ID = re.compile(r"[0-9a-f]{16}")


def save_plan(home: Home, plan: Mapping[str, Any]) -> Path:
    """Keep a plan; one of the same id takes its place. Raises StoreError."""
    folder = home.path / "plans"
    path = folder / f"{plan['id']}.json"
    with storage_errors(f"plans of {home.path}"):
        folder.mkdir(mode=0o700, exist_ok=True)
        replace_durably(path, json.dumps(plan, indent=1, sort_keys=True).encode() + b"\n", folder)
        closing = folder / "closing"
        closing.mkdir(mode=0o700, exist_ok=True)
        for one in plan.get("closes") or ():
            replace_durably(closing / one["key"], str(plan["id"]).encode(), closing)
    return path


def closing_plans(home: Home) -> dict[str, str]:
    """The plan that was saved last for each finding that a plan closes, by the finding's key. Raises StoreError."""
    folder = home.path / "plans" / "closing"
    with storage_errors(f"plans of {home.path}"):
        if not folder.is_dir():
            return {}
        return {one.name: one.read_text() for one in folder.iterdir() if _ID.fullmatch(one.name)}


def saved_plans(home: Home) -> Iterator[dict[str, Any]]:
    """Every plan that is kept, by id. Raises StoreError for one that cannot be read."""
    folder = home.path / "plans"
    if folder.is_dir():
        for path in sorted(folder.glob("*.json")):
            try:
                yield read_plan(path)
            except InputError as error:
                raise StoreError(str(error)) from None


def plan_named(home: Home, name: str) -> dict[str, Any]:
    """The plan of an id, or of a unique beginning of one. Raises NotFoundError."""
    found = [one for one in (home.path / "plans").glob("*.json") if one.stem.startswith(name)] if name else []
    if len(found) != 1:
        raise NotFoundError(f"{name}: {'no plan of that id is kept' if not found else f'{len(found)} plans begin so'}")
    return read_plan(found[0])


def read_plan(path: Path) -> dict[str, Any]:
    """The plan of a file. Raises InputError."""
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(path, error.strerror or str(error)) from None
    except (ValueError, RecursionError) as error:
        raise InputError(path, f"is no plan: {error}") from None
    if not isinstance(found, dict) or not _ID.fullmatch(str(found.get("id", ""))):
        raise InputError(path, "is no plan: it has no id")
    return found
