"""Relations for the graph: resources by the ids that tables have, containers by their full names."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from leastwise.engine.arrays import Arrays
from leastwise.engine.relation import Relation
from leastwise.model.decision import Circumstances, Decision

from ..compiled.port import GcpPort
from ..language.names import canonical
from .names import HOLDING, named


class GcpRelates:
    """Who has which permission in one compiled estate.

    Args:
        arrays: the estate.
        alone: accounts of which the user says that nothing stands above them.
    """

    def __init__(self, arrays: Arrays, alone: Collection[str]) -> None:
        self._port = GcpPort(arrays, alone)
        self._known: dict[tuple[str, ...], Sequence[str]] = {}
        self._made: dict[Hashable, Relation] = {}

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """Whether a principal, a shadow too, has a permission on a resource. Raises UsageError, NotFoundError."""
        return self._port.can(subject, permission, resource, given)

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """A permission against every known resource of its service, and every container. Raises UsageError.

        Permissions that cannot differ share one relation, with the name of the first.
        """
        if permission == HOLDING and not self._port.compiled.holds(canonical(permission)).any():
            return Relation(permission, self.somewhere("iam.roles.update", given).principals, (), (), 0)
        shape = self._port.shape(permission, given)
        if shape is not None and shape in self._made:
            return self._made[shape]
        found = self._named(self._port.relation(permission, given))
        if shape is not None:
            self._made[shape] = found
        return found

    def _named(self, found: Relation) -> Relation:
        names = tuple(found.resources)
        if names not in self._known:
            self._known[names] = [self._ids.get(name, name) for name in names]
        return replace(found, resources=self._known[names])

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        """The id of each place by its canonical name; other names of one place have none."""
        held = self._port.compiled
        alias = held.arrays["place.alias"].tolist()
        told = zip(held.places.all(), held.texts("place.id").all(), alias, strict=True)
        return {name: named(id) for name, id, other in told if not other}

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """A permission on anything that can be named, as a relation with one resource, `*`. Raises UsageError."""
        return self._port.somewhere(permission, given)
