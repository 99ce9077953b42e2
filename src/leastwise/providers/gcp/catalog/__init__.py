"""What Google publishes for everyone: permissions, predefined roles, service agents, hosts of APIs.

The facts lie in one bundled file, compiled by tools/build_gcp_catalog.py; it names its sources, licences, versions and
dates. A newer file that `leastwise catalog update` made is used when `use` is given its folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from pkgutil import get_data

from leastwise.errors import InputError

from .lookup import BASIC, Catalog, Role
from .packed import LEVELS, Packed

__all__ = [
    "BASIC", "FILE", "LEVELS", "Catalog", "Role", "bundled", "current", "opened", "permissions_of", "role",
    "service_agent", "use",
]  # fmt: skip

FILE = "facts.lwc"
"""The name of the file of facts, bundled and in a home."""


@dataclass
class _Force:
    newer: Catalog | None = None


_force = _Force()


@cache
def bundled() -> Catalog:
    """The facts that came with this version."""
    raw = get_data("leastwise.providers.gcp", f"data/{FILE}")
    return Catalog(Packed(FILE, raw or b"", check=False), "bundled")


def opened(file: Path) -> Catalog:
    """The facts of a file, checked as a whole. Raises InputError when it cannot be read or is damaged."""
    try:
        return Catalog(Packed(file, file.read_bytes()), str(file))
    except OSError as error:
        raise InputError(file, error.strerror or str(error)) from None


def use(folder: Path | None) -> Catalog:
    """Put the facts of a folder in force if it has any that are not older than the bundled ones; return those in force.

    Raises:
        InputError: the folder's file is damaged; the bundled facts are in force then.
    """
    _force.newer = None
    if folder is not None and (folder / FILE).exists():
        found = opened(folder / FILE)
        if found.sources[0].date >= bundled().sources[0].date:
            _force.newer = found
    return current()


def current() -> Catalog:
    """The facts in force."""
    return _force.newer or bundled()


def role(name: str) -> Role | None:
    """A predefined or basic role by its name, or None."""
    return current().role(name)


def permissions_of(role: str) -> frozenset[str] | None:
    """The permissions of a predefined or basic role as Google writes them, None when they are not known."""
    return current().permissions_of(role)


def service_agent(address: str) -> str | None:
    """What the service agent of this mail address is for, or None."""
    return current().service_agent(address)
