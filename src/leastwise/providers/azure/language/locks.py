"""Locks: they hold up everybody, whatever roles say, and are no part of role-based access.

https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.providers.fields import Body

from .fields import Fields
from .ids import ArmId, extended
from .operations import Plane

_TYPE = ("microsoft.authorization", "locks")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a scope and all below it; `level` is CanNotDelete or ReadOnly."""

    name: str
    scope: ArmId
    level: str

    def holds_up(self, operation: str, plane: Plane) -> bool:
        """Whether an operation (`canonical`) is held up: deletions, and by ReadOnly everything but reading."""
        if plane is Plane.DATA:
            return False
        verb = operation.rpartition("/")[2]
        return verb == "delete" or (self.level.lower() == "readonly" and verb in ("write", "action"))


def parse_lock(id: ArmId, body: Body) -> Lock | None:
    """The lock of a resource's object, or None for another resource. Raises FieldError."""
    if id.segments[-3:-1] != _TYPE:
        return None
    return Lock(id.text.rpartition("/")[2], extended(id.text, "locks"), Fields(body).needed("level"))
