"""Libraries that are installed, and yet are not to be loaded by the way."""

from __future__ import annotations

import sys
from collections.abc import Sequence


class _Absent:
    """A finder that says of some modules that they are not installed."""

    names: set[str] = set()

    @classmethod
    def find_spec(cls, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        if name in cls.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def hide(name: str) -> None:
    """Let imports of a module fail as if it were not installed, until it is shown."""
    _Absent.names.add(name)
    if _Absent not in sys.meta_path:
        sys.meta_path.insert(0, _Absent)


def show(name: str) -> None:
    """Let a module be imported again."""
    _Absent.names.discard(name)
