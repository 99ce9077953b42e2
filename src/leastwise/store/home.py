"""The home folder: where everything that Leastwise keeps lies, readable by its owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from leastwise.errors import StoreError

from .files import storage_errors

_PRIVATE = 0o700
_FOLDERS = ("raw", "lake", "snapshots", "tmp")
_KNOWN = frozenset(
    {
        *_FOLDERS,
        "collecting",
        "catalog",
        "compiled",
        "inbox",
        "lists",
        "plans",
        "state.db",
        "state.db-wal",
        "state.db-shm",
        "writer.lock",
        "home.id",
        "redaction.key",
    }
    | {"estate.yaml"}
)


def default_home(environ: Mapping[str, str]) -> Path:
    """`$LEASTWISE_HOME` unless it is empty, or the platform's folder for user data."""
    if named := environ.get("LEASTWISE_HOME"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("leastwise", appauthor=False)


class Home:
    """An existing, private, writable home folder; making the object creates what is missing.

    Raises:
        StoreError: the path is a file, cannot be created, is not writable, or is a folder that others may read and
            that holds foreign files (closing it to others could break what those files are for).
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().absolute()
        with storage_errors(f"home folder {self.path}"):
            self._create()

    @property
    def database(self) -> Path:
        """The default state database."""
        return self.path / "state.db"

    @property
    def raw(self) -> Path:
        """Raw segments, by provider, scope and snapshot."""
        return self.path / "raw"

    @property
    def lake(self) -> Path:
        """Usage, as Parquet."""
        return self.path / "lake"

    @property
    def snapshots(self) -> Path:
        """Tables, by snapshot."""
        return self.path / "snapshots"

    @property
    def inbox(self) -> Path:
        """Files that jobs of a server may read; whoever runs it puts them there."""
        return self.path / "inbox"

    @property
    def tmp(self) -> Path:
        """What is being written; emptied by the next writer."""
        return self.path / "tmp"

    @property
    def collecting(self) -> Path:
        """Journals of unfinished collections; made by the first."""
        return self.path / "collecting"

    @property
    def catalog(self) -> Path:
        """Catalogues newer than the bundled ones, by provider; made by the first update."""
        return self.path / "catalog"

    @property
    def compiled(self) -> Path:
        """Compiled estates; made by the first question, and made again when they are gone."""
        return self.path / "compiled"

    @property
    def lists(self) -> Path:
        """Lists of estates, opened by pages of them; made by the first question, and made again when they are gone."""
        return self.path / "lists"

    @property
    def lock_file(self) -> Path:
        """The file that the one writer holds locked."""
        return self.path / "writer.lock"

    def relative(self, path: Path) -> str:
        """The path below the home folder, with forward slashes."""
        return path.relative_to(self.path).as_posix()

    def _create(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"home folder {self.path}: is a file, not a folder")
        for missing in reversed([one for one in (self.path, *self.path.parents) if not one.exists()]):
            missing.mkdir(mode=_PRIVATE, exist_ok=True)  # Path.mkdir would open the parents to others
        mode = stat.S_IMODE(self.path.stat().st_mode)
        if mode != _PRIVATE:
            self._close(mode)
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise StoreError(f"home folder {self.path}: not writable")
        for name in _FOLDERS:
            folder = self.path / name
            folder.mkdir(mode=_PRIVATE, exist_ok=True)
            if stat.S_IMODE(folder.stat().st_mode) != _PRIVATE:
                folder.chmod(_PRIVATE)

    def _close(self, mode: int) -> None:
        foreign = sorted(set(os.listdir(self.path)) - _KNOWN) if mode & 0o077 else []  # noqa: PTH208
        if foreign and not (self.path / "snapshots").is_dir():
            raise StoreError(
                f"home folder {self.path}: holds other files ({foreign[0]}); name a new or an empty folder, "
                "because Leastwise closes its home to other users"
            )
        self.path.chmod(_PRIVATE)
