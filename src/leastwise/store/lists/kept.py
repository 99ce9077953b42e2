"""Where lists lie in the home folder: derived, kept for the next question, made again when they are gone."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..files import remove_tree, replace_durably, storage_errors
from ..home import Home

_KEPT = 4
"""Estates whose lists are kept, the newest used: those of 1,000,000 identities take some gigabytes."""


def list_path(home: Home, key: str, name: str) -> Path:
    """Where a list of an estate lies, or would lie."""
    return home.lists / key / name


def used(path: Path) -> None:
    """Note that a list was used, where that can be noted."""
    with suppress(OSError):
        os.utime(path.parent)


def let_go(newest: Path) -> None:
    """Remove the lists of all estates but the newest used; who has one open keeps it until he closes it."""
    with suppress(OSError):
        folders = [one for one in newest.parent.parent.iterdir() if one.is_dir()]
        for old in sorted(folders, key=lambda one: one.stat().st_mtime, reverse=True)[_KEPT:]:
            if old != newest.parent:
                remove_tree(old)


def remove(path: Path) -> None:
    """Remove a list that is damaged: its head first, so that nobody takes the rest for whole."""
    with suppress(OSError):
        (path / "head.lwa").unlink(missing_ok=True)
        remove_tree(path)


def keep_text(home: Home, key: str, name: str, text: str) -> None:
    """Keep a text beside the lists of an estate, in place of an older one. Raises StorageFullError, StoreError."""
    path = list_path(home, key, name)
    with storage_errors(home.relative(path)):
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        replace_durably(path, text.encode(), home.tmp)


def kept_text(home: Home, key: str, name: str) -> str | None:
    """A text that was kept, None where none was."""
    try:
        return list_path(home, key, name).read_text()
    except (OSError, UnicodeDecodeError):
        return None
