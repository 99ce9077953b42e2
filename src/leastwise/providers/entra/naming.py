"""What can be read off the id of an object of the directory, or a scope, and off the name of a permission.

https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
"""

from __future__ import annotations

from leastwise.model.naming import Breadth, Naming

from .language.ids import TENANT
from .observing.kinds import family

_UNITS = "/administrativeunits/"


def name(pattern: str) -> str:
    """The id of the one object that a pattern is about; empty when it can be several."""
    return "" if "*" in pattern or breadth(pattern) is not Breadth.ONE else pattern.rpartition("/")[2]


def breadth(pattern: str) -> Breadth:
    """The tenant is everything, a unit has several objects."""
    if pattern in ("", "*", TENANT):
        return Breadth.EVERYTHING
    if pattern.lower().startswith(_UNITS) or "*" in pattern:
        return Breadth.SEVERAL
    return Breadth.ONE


def nothing(text: str) -> str:
    """No id tells a region or a service."""
    return ""


def families(permission: str) -> tuple[str, ...]:
    """What it is told together with: what one log shows."""
    found = family(permission)
    return (found,) if found else ()


NAMING = Naming(name, breadth, nothing, nothing, families)
