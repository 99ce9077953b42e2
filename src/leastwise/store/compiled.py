"""Compiled estates of the home folder: derived, kept for the next question, made again when they are gone."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .files import storage_errors, undoing
from .home import Home

_KEPT = 24
"""Compiled estates that are kept, the newest used: one of 100,000 principals takes about 50 MB. A graph is three."""


def compiled_path(home: Home, name: str) -> Path:
    """Where the compiled estate of a name lies, or would lie."""
    return home.compiled / f"{name}.lwa"


def keep_compiled(home: Home, name: str, write: Callable[[BinaryIO], None]) -> Path:
    """Write a compiled estate whole or not at all, and let go of those that were used longest ago.

    Raises:
        StorageFullError, StoreError: it cannot be written.
    """
    path = compiled_path(home, name)
    with storage_errors(home.relative(path)):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with undoing(beside.unlink):
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                write(file)
            beside.replace(path)
    _let_go(path)
    return path


def used(path: Path) -> None:
    """Note that a compiled estate was used, where that can be noted."""
    with suppress(OSError):
        os.utime(path)


def _let_go(newest: Path) -> None:
    """Remove all but the newest; who has one open keeps it until he closes it."""
    with suppress(OSError):
        found = sorted(newest.parent.glob("*.lwa"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in found[_KEPT:]:
            if old != newest:
                old.unlink(missing_ok=True)
