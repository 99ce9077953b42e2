"""Names of containers, shadows and what stands for holding something, as the graph has them."""

from __future__ import annotations

from ..language.resources import scope

HOLDING = "leastwise.holdings.use"
"""What whoever is named by a binding may do on the resource that stands for that binding (`holdings`)."""
EVERYTHING, HOLDER = "roles/leastwise.everything", "roles/leastwise.holder"
"""A role that holds every permission, and one that holds `HOLDING`."""
HOLDINGS = "//leastwise.googleapis.com/holdings/"
"""How the names of what stands for bindings begin."""
_CONTAINERS = ("projects/", "folders/", "organizations/")
SHADOW = "principal://leastwise.invalid/"
"""How the ids of shadows begin."""


def named(id: str) -> str:
    """The full name of a container by the id that tables have; other ids as they are."""
    if id.startswith("//"):
        return id
    return scope(id if id.startswith(_CONTAINERS) else f"projects/{id}")


def shadow(power: str, of: str) -> str:
    """Somebody who is nobody else, in no group, and in no set but that of everybody: whoever has some power."""
    return f"{SHADOW}{power}/{of.removeprefix('//')}"


def holding(number: int) -> str:
    """The resource that stands for being named by some bindings."""
    return f"{HOLDINGS}{number}"
