"""What can be read off an id of Resource Manager, or a pattern of ids, and off the name of a permission.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

from leastwise.model.naming import Breadth, Naming

from .language.ids import ROOT, IdError, arm_id
from .observing.kinds import family


def name(pattern: str) -> str:
    """The last part of the id of the one thing that a pattern is about; empty when it can be several."""
    return "" if "*" in pattern else pattern.rstrip("/").rpartition("/")[2]


def breadth(pattern: str) -> Breadth:
    """The root, a management group and a subscription are everything, a resource group is all of a kind."""
    wild = pattern.find("*")
    try:
        id = arm_id(pattern if wild < 0 else pattern[:wild].rpartition("/")[0] or ROOT)
    except IdError:
        return Breadth.EVERYTHING if pattern in ("", "*") else Breadth.KIND
    if id.key in (ROOT, id.top):
        return Breadth.EVERYTHING
    if "/providers/" not in id.key:
        return Breadth.KIND
    return Breadth.ONE if wild < 0 else Breadth.SEVERAL


def region(pattern: str) -> str:
    """No id tells one."""
    return ""


def service(id: str) -> str:
    """The resource provider of a resource, with a slash; empty of what has none."""
    _, found, below = id.rpartition("/providers/")
    return f"{below.partition('/')[0]}/" if found else ""


def families(permission: str) -> tuple[str, ...]:
    """What it is told together with: all that is in the Activity Log, or all that one category of a type shows."""
    found = family(permission)
    return (found,) if found else ()


NAMING = Naming(name, breadth, region, service, families)
