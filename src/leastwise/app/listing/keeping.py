"""Where the lists of an estate are kept: under what they are made of; made by the first who asks."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from leastwise import __version__
from leastwise.engine.arrays import DamagedError
from leastwise.model.tables import SCHEMA_VERSION
from leastwise.store.lists.kept import let_go, list_path, remove, used
from leastwise.store.lists.opened import OpenList
from leastwise.store.lists.writing import FORMAT

from .writing import write_list

if TYPE_CHECKING:
    from pathlib import Path

    from ..estate import OpenEstate
    from .writing import Read


def key_of(estate: OpenEstate) -> str:
    """What the lists of an estate are kept under: its snapshots, estate.yaml, and how this version writes them."""
    entries = [
        [entry.scope.key, *([entry.manifest.id, entry.manifest.hash] if entry.manifest else [])]
        for entry in estate.estate.entries
    ]
    providers = sorted(estate.workspace.providers())
    about = [__version__, FORMAT, SCHEMA_VERSION, providers, entries, repr(estate.file)]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]


def kept(path: Path) -> OpenList | None:
    """A list that was written, opened; None where there is none, or what is there is damaged: then it is removed."""
    try:
        found = OpenList(path)
    except FileNotFoundError:
        return None
    except (DamagedError, OSError):
        remove(path)
        return None
    used(path)
    return found


def kept_or_made(estate: Read, key: str, what: str) -> OpenList:
    """A list of an estate, opened; written where it is not there.

    Raises:
        StorageFullError, StoreError: it cannot be written, or the estate not read.
    """
    path = list_path(estate.workspace.home, key, what)
    found = kept(path)
    if found is None:
        write_list(estate, what, path)
        let_go(path)
        found = OpenList(path)
    return found
