"""What Google publishes for everyone: permissions, predefined roles, service agents, hosts of APIs.

The facts lie in one bundled file, compiled by tools/build_gcp_catalog.py; it names its sources, licences, versions and
dates. A newer file that `leastwise catalog update` made is used when `use` is given its folder.
"""

from __future__ import annotations

from pathlib import Path

from leastwise.providers.in_force import FILE, InForce

from .lookup import BASIC, Catalog, Role
from .packed import LEVELS, Packed

__all__ = [
    "BASIC", "FILE", "LEVELS", "Catalog", "Role", "bundled", "current", "opened", "permissions_of", "role",
    "service_agent", "use",
]  # fmt: skip


def _read(file: str | Path, raw: bytes, check: bool, place: str) -> Catalog:
    return Catalog(Packed(file, raw, check=check), place)


_facts = InForce("leastwise.providers.gcp", _read)
bundled, opened, use, current = _facts.bundled, _facts.opened, _facts.use, _facts.current


def role(name: str) -> Role | None:
    """A predefined or basic role by its name, or None."""
    return current().role(name)


def permissions_of(role: str) -> frozenset[str] | None:
    """The permissions of a predefined or basic role as Google writes them, None when they are not known."""
    return current().permissions_of(role)


def service_agent(address: str) -> str | None:
    """What the service agent of this mail address is for, or None."""
    return current().service_agent(address)
