"""A vendor's catalogue: the file that came with this version, or a newer one of the home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from pkgutil import get_data
from typing import Generic, Protocol, TypeVar

from leastwise.errors import InputError

from .packed import Source

FILE = "facts.lwc"
"""The name of the file of facts, bundled and in a home."""


class Dated(Protocol):
    """A catalogue; its first source tells how new it is."""

    @property
    def sources(self) -> Sequence[Source]:
        """Where its facts are from."""
        ...


Facts = TypeVar("Facts", bound=Dated)


class InForce(Generic[Facts]):
    """The catalogue of one provider.

    Args:
        package: the provider's package, in whose `data` the bundled file lies.
        read: a catalogue from a file's path (or name), its bytes, whether to check these as a whole, and its place in
            words; InputError when they are damaged.
    """

    def __init__(self, package: str, read: Callable[[str | Path, bytes, bool, str], Facts]) -> None:
        self._package, self._read = package, read
        self._bundled: Facts | None = None
        self._newer: Facts | None = None

    def bundled(self) -> Facts:
        """The facts that came with this version."""
        if self._bundled is None:
            self._bundled = self._read(FILE, get_data(self._package, f"data/{FILE}") or b"", False, "bundled")
        return self._bundled

    def opened(self, file: Path) -> Facts:
        """The facts of a file, checked as a whole. Raises InputError when it cannot be read or is damaged."""
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise InputError(file, error.strerror or str(error)) from None
        return self._read(file, raw, True, str(file))

    def use(self, folder: Path | None) -> Facts:
        """Put the facts of a folder in force if it has any that are not older than the bundled ones; return those in
        force.

        Raises:
            InputError: the folder's file is damaged; the bundled facts are in force then.
        """
        self._newer = None
        if folder is not None and (folder / FILE).exists():
            found = self.opened(folder / FILE)
            if found.sources[0].date >= self.bundled().sources[0].date:
                self._newer = found
        return self.current()

    def current(self) -> Facts:
        """The facts in force."""
        return self._newer or self.bundled()
