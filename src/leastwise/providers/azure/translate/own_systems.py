"""What was told of systems of access that resources have of their own, until all of it was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from leastwise.providers.azure.language.ids import ArmId


@dataclass(slots=True)
class OwnSystems:
    """Roles, grants and ways in.

    Args:
        bundles: ids of what access policies give, and of roles in lower case.
        written: those of roles as they were written first.
        known: roles that every such resource has, by id in lower case: name and operations, and where one is named.
        given: who is given such a role: the role's id, where, to whom, the assignment's id, where it was read.
        by_client: who rules a server, by client id: the server, the name, where it was read.
        beside: ways in beside roles by the key of the resource, and whether its object told of them.
        read: of a resource's key the word of a system that was read after all.
    """

    bundles: set[str] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)
    known: dict[str, tuple[tuple[str, tuple[str, ...]], str]] = field(default_factory=dict)
    given: list[tuple[str, ArmId, str, str, str]] = field(default_factory=list)
    by_client: list[tuple[str, ArmId, str, str]] = field(default_factory=list)
    beside: dict[str, tuple[bool, dict[str, None]]] = field(default_factory=dict)
    read: set[tuple[str, str]] = field(default_factory=set)

    def ways_in(self, id: ArmId, words: Iterable[str], told: bool = True) -> None:
        """Say which ways in beside roles a resource has; what its object tells goes before what a list leaves open."""
        known = self.beside.get(id.key)
        if known is None or (told and not known[0]):
            self.beside[id.key] = (told, dict.fromkeys(words))
        elif told == known[0]:
            known[1].update(dict.fromkeys(words))

    def words(self, key: str) -> tuple[str, ...]:
        """The ways in of a resource, by its key, without the systems that were read: those are grants."""
        _, words = self.beside.get(key, (False, {}))
        return tuple(one for one in words if (key, one) not in self.read)
