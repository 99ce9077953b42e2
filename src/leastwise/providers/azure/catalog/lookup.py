"""Questions to the facts of one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from leastwise.providers.packed import Published

from ..language.operations import Patterns, Plane, canonical
from ..language.roles import Entry, Role
from .packed import Packed, RoleBlock, RoleRow

_PLANES = {
    "1": frozenset({Plane.CONTROL}),
    "2": frozenset({Plane.DATA}),
    "3": frozenset({Plane.CONTROL, Plane.DATA}),
}


class Catalog(Published[Packed]):
    """What one file says: its sources, that of the roles first, and roles and operations."""

    def __init__(self, packed: Packed, place: str) -> None:
        super().__init__(packed, place)
        self._made: dict[str, Role | None] = {}

    @cached_property
    def _operations(self) -> Mapping[str, tuple[str, frozenset[Plane]]]:
        block = self._packed.operations()
        return {canonical(name): (name, _PLANES[digit]) for name, digit in zip(block.names, block.planes, strict=True)}

    @cached_property
    def _block(self) -> RoleBlock:
        return self._packed.roles()

    @cached_property
    def _rows(self) -> Mapping[str, RoleRow]:
        return {row.key: row for row in self._block.roles}

    @property
    def roles(self) -> tuple[str, ...]:
        """The GUIDs of all built-in roles, sorted."""
        return tuple(sorted(self._rows))

    @cached_property
    def by_title(self) -> Mapping[str, str]:
        """The ids of all built-in roles by their titles in lower case."""
        return {row.title.lower(): row.key for row in self._block.roles}

    def role(self, key: str) -> Role | None:
        """A built-in role by its GUID, or None."""
        if key not in self._made:
            row = self._rows.get(key)
            self._made[key] = None if row is None else self._role(row)
        return self._made[key]

    def _role(self, row: RoleRow) -> Role:
        entries = (
            Entry(
                self._patterns(one.actions),
                self._patterns(one.not_actions),
                self._patterns(one.data_actions),
                self._patterns(one.not_data_actions),
                one.condition,
            )
            for one in row.entries
        )
        return Role(row.key, row.title, tuple(entries))

    def _patterns(self, places: Sequence[int]) -> Patterns:
        return Patterns(self._block.patterns[at] for at in places)

    def planes(self, operation: str) -> frozenset[Plane]:
        """The planes that an operation (`canonical`) is on; none for one that is not known."""
        found = self._operations.get(operation)
        return frozenset() if found is None else found[1]

    def written(self, operation: str) -> str | None:
        """An operation (`canonical`) as Microsoft writes it; None for one that is not known."""
        found = self._operations.get(operation)
        return None if found is None else found[0]

    def every(self, plane: Plane) -> tuple[str, ...]:
        """All operations of a plane as Microsoft writes them, sorted."""
        return self._every[plane]

    @cached_property
    def _every(self) -> Mapping[Plane, tuple[str, ...]]:
        return {
            plane: tuple(sorted(name for name, planes in self._operations.values() if plane in planes))
            for plane in Plane
        }
