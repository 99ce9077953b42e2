"""What Microsoft publishes for everyone: operations of resource providers with their planes, and built-in roles.

The facts lie in one bundled file, compiled by tools/build_azure_catalog.py; it names its sources, licences, versions
and dates. A newer file that `leastwise catalog update` made is used when `use` is given its folder.
"""

from __future__ import annotations

from pathlib import Path

from leastwise.providers.in_force import FILE, InForce

from ..language.operations import Plane
from ..language.roles import Role
from .lookup import Catalog
from .packed import Packed

__all__ = ["FILE", "Catalog", "bundled", "current", "every", "opened", "planes", "role", "use"]


def _read(file: str | Path, raw: bytes, check: bool, place: str) -> Catalog:
    return Catalog(Packed(file, raw, check=check), place)


_facts = InForce("leastwise.providers.azure", _read)
bundled, opened, use, current = _facts.bundled, _facts.opened, _facts.use, _facts.current


def role(key: str) -> Role | None:
    """A built-in role by its GUID, or None."""
    return current().role(key)


def planes(operation: str) -> frozenset[Plane]:
    """The planes that an operation (`operations.canonical`) is on; none for one that is not known."""
    return current().planes(operation)


def every(plane: Plane) -> tuple[str, ...]:
    """All operations of a plane as Microsoft writes them, sorted."""
    return current().every(plane)
