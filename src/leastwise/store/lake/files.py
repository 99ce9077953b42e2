"""The Parquet files of a table of the lake, for readers that read Parquet themselves."""

from __future__ import annotations

from pathlib import Path

from leastwise.errors import IntegrityError

from ..home import Home
from .manifest import Manifest


def table_files(home: Home, manifest: Manifest, name: str) -> list[Path]:
    """The files of a table in all parts that count, as the state database lists them; a part without rows has none.

    Raises:
        IntegrityError: one is missing, or has another size than was written.
        StoreError: the database cannot be read.
    """
    found = []
    for part in manifest.parts():
        stored = part.files.get(name)
        if stored is None:
            continue
        path = home.path / stored.path
        try:
            actual = path.stat().st_size
        except FileNotFoundError:
            raise IntegrityError(f"{stored.path}: missing") from None
        if actual != stored.size:
            raise IntegrityError(f"{stored.path}: {actual} bytes instead of {stored.size}")
        found.append(path)
    return found
