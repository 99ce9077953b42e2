"""Relations for the graph: permissions that cannot differ share one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from leastwise.engine.access import Relates
from leastwise.engine.relation import Relation
from leastwise.model.decision import Circumstances, Decision


class Shaping(Relates, Protocol):
    """What tells without deciding anything whether two permissions can differ."""

    def shape(self, permission: str, given: Circumstances) -> Hashable | None:
        """Equal for permissions whose relations are; None where that cannot be told. Raises UsageError."""
        ...


class Shaped:
    """Who has which permission in one estate.

    Args:
        port: answers about it.
    """

    def __init__(self, port: Shaping) -> None:
        self._port = port
        self._made: dict[Hashable, Relation] = {}

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a principal has a permission on a resource. Raises UsageError, NotFoundError."""
        return self._port.can(subject, permission, resource, given)

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """A permission against every known resource; a shared one has the name of the first. Raises UsageError."""
        shape = self._port.shape(permission, given)
        if shape is None:
            return self._port.relation(permission, given)
        if shape not in self._made:
            self._made[shape] = self._port.relation(permission, given)
        return self._made[shape]

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """A permission on anything that can be named, as a relation with one resource, `*`. Raises UsageError."""
        return self._port.somewhere(permission, given)
