"""What Microsoft publishes for everyone: roles of the directory, permissions of Graph, requests and what allows them.

The facts lie in one bundled file, compiled by tools/build_entra_catalog.py; it names its sources, licences, versions
and dates. A newer file that `leastwise catalog update` made is used when `use` is given its folder. What pages tell
beside it is kept by hand (`tables`).
"""

from __future__ import annotations

from pathlib import Path

from leastwise.providers.in_force import FILE, InForce

from .lookup import Catalog
from .packed import Packed

__all__ = ["FILE", "Catalog", "bundled", "current", "opened", "use"]


def _read(file: str | Path, raw: bytes, check: bool, place: str) -> Catalog:
    return Catalog(Packed(file, raw, check=check), place)


_facts = InForce("leastwise.providers.entra", _read)
bundled, opened, use, current = _facts.bundled, _facts.opened, _facts.use, _facts.current
