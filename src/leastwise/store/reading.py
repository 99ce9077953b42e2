"""An open snapshot: its tables and its raw documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from leastwise.errors import StoreError
from leastwise.model.scope import RawDocument
from leastwise.model.snapshot import Manifest, StoredFile

from .home import Home
from .parquet import read_rows, read_table
from .raw import read_segments
from .writing import raw_folder


class OpenSnapshot:
    """Reads one snapshot; holds no file open between calls, takes no lock."""

    def __init__(self, home: Home, manifest: Manifest) -> None:
        self.home = home
        self.manifest = manifest

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables it has."""
        return tuple(sorted(key for key in self.manifest.files if not key.startswith("raw/")))

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The table, or only the named columns in that order.

        Raises:
            IntegrityError: the file is missing or damaged; the message names it.
            StoreError: the snapshot has no such table or column.
        """
        file = self._file(name)
        return read_table(self.home.path / file.path, file.path, file.size, columns)

    def rows(self, name: str, rows: pa.Array) -> pa.Table:
        """The rows of a table at these positions (int64), in that order, without reading all of it.

        Raises:
            IntegrityError: the file is missing or damaged; the message names it.
            StoreError: the snapshot has no such table.
            IndexError: the table has no such row.
        """
        file = self._file(name)
        return read_rows(self.home.path / file.path, file.path, file.size, rows)

    def raw_documents(self, kinds: Collection[str] | None = None) -> Iterator[RawDocument]:
        """The raw documents (of the given kinds) in the order they were collected, read as they are asked for.

        Raises:
            IntegrityError: while iterating, when a segment or the index is missing or damaged.
        """
        folder = raw_folder(self.home, self.manifest.scope, self.manifest.id)
        return read_segments(folder, self.manifest.scope, self.manifest.time, kinds, shown=self._shown)

    def _file(self, name: str) -> StoredFile:
        file = self.manifest.files.get(name)
        if file is None or name.startswith("raw/"):
            raise StoreError(f"snapshot {self.manifest.id}: has no table {name}")
        return file

    def _shown(self, path: Path) -> str:
        return self.home.relative(path)
