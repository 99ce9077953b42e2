"""What can be read off the full name of a resource, or a pattern of such names, and off the name of a permission.

https://docs.cloud.google.com/asset-inventory/docs/asset-names
"""

from __future__ import annotations

import re

from leastwise.model.naming import Breadth, Naming

from .language.names import canonical, written
from .language.resources import MANAGER, service_of
from .observing.kinds import kind_of

_PLACE = re.compile(r"/(?:locations|regions|zones)/([^/*]+)(?:/|$)")
_CONTAINERS = ("organizations/", "folders/", "projects/")


def name(pattern: str) -> str:
    """The last part of the name of the one thing that a pattern is about; empty when it can be several."""
    return "" if "*" in pattern else pattern.rstrip("/").rpartition("/")[2]


def breadth(pattern: str) -> Breadth:
    """An organization or folder is everything, a project all of a kind, a beginning of a name several."""
    bare = pattern.removeprefix(MANAGER)
    if pattern in ("", "*") or bare.startswith(_CONTAINERS[:2]):
        return Breadth.EVERYTHING
    if bare.startswith(_CONTAINERS) or not pattern.startswith("//"):
        return Breadth.KIND
    return Breadth.SEVERAL if "*" in pattern else Breadth.ONE


def region(pattern: str) -> str:
    """The location, region or zone in it."""
    found = _PLACE.search(pattern)
    return found[1] if found else ""


def service(id: str) -> str:
    """The prefix of the permissions on a resource, with its dot; empty of what is no full name."""
    return f"{written(f'{service_of(id)}/x.y').partition('.')[0]}." if id.startswith("//") else ""


def families(permission: str) -> tuple[str, ...]:
    """`storage.googleapis.com/* DATA_READ` and `* DATA_READ` of `storage.objects.get`: those of its type."""
    kind = kind_of(permission)
    host, slash, _ = canonical(permission).partition("/")
    return (f"{host}/* {kind}", f"* {kind}") if kind and slash else ()


NAMING = Naming(name, breadth, region, service, families)
