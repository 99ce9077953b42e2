"""Questions to the facts of one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from leastwise.providers.packed import Published

from ..language.actions import parse_action
from ..language.roles import Entry, Role
from .allowing import AS_USER
from .compile import Allowing, NamedEntry, NamedRole
from .packed import Packed, RoleBlock, RoleRow, ValueRow
from .paths import Paths
from .tables import tables


class Catalog(Published[Packed]):
    """What one file says: its sources, that of the roles first; roles, permissions of Graph, requests."""

    def __init__(self, packed: Packed, place: str) -> None:
        super().__init__(packed, place)
        self._made: dict[str, Role | None] = {}

    # --- roles --------------------------------------------------------------------------------------------------------

    @cached_property
    def _block(self) -> RoleBlock:
        return self._packed.roles()

    @cached_property
    def _rows(self) -> Mapping[str, RoleRow]:
        return {row.key: row for row in self._block.roles}

    @property
    def actions(self) -> Sequence[str]:
        """All actions that built-in roles name, as Microsoft writes them, sorted."""
        return self._block.actions

    @cached_property
    def tiers(self) -> Mapping[str, str]:
        """The tier (0, 1, 2) of each action, in lower case, of which one is told."""
        told = zip(self._block.actions, self._block.tiers, strict=True)
        return {name.lower(): tier for name, tier in told if tier != "-"}

    @property
    def roles(self) -> tuple[str, ...]:
        """The template ids of all built-in roles, sorted."""
        return tuple(sorted(self._rows))

    @cached_property
    def by_title(self) -> Mapping[str, str]:
        """The ids of all built-in roles by their titles in lower case."""
        return {row.title.lower(): row.key for row in self._block.roles}

    def role(self, key: str) -> Role | None:
        """A built-in role by its template id, or None."""
        if key not in self._made:
            row = self._rows.get(key)
            self._made[key] = None if row is None else self._role(row)
        return self._made[key]

    def _role(self, row: RoleRow) -> Role:
        def entry(one: NamedEntry) -> Entry:
            given, left_out = (tuple(map(parse_action, names)) for names in (one.actions, one.left_out))
            return Entry(given, left_out, one.condition.lower())

        entries = tuple(entry(one) for one in self._named(row).entries)
        return Role(row.key, row.title, entries, tuple(row.inherits), template=row.key)

    def named(self) -> list[NamedRole]:
        """All built-in roles with their actions as they are written."""
        return [self._named(row) for row in self._block.roles]

    def _named(self, row: RoleRow) -> NamedRole:
        names = self._block.actions
        entries = (
            NamedEntry(tuple(names[at] for at in one.actions), one.condition, tuple(names[at] for at in one.left_out))
            for one in row.entries
        )
        return NamedRole(row.key, row.title, tuple(entries), tuple(row.inherits), row.privileged)

    # --- Graph --------------------------------------------------------------------------------------------------------

    @cached_property
    def values(self) -> Sequence[ValueRow]:
        """The permissions of Graph."""
        return self._packed.values().values

    @cached_property
    def app_roles(self) -> Mapping[str, str]:
        """The value of each app role of Graph, by its id."""
        return {one.id: one.value for one in self.values if not one.delegated}

    @cached_property
    def scopes(self) -> frozenset[str]:
        """The values of Graph's delegated scopes."""
        return frozenset(one.value for one in self.values if one.delegated)

    @cached_property
    def paths(self) -> Paths:
        """The requests, to be found by addresses."""
        return Paths([*self.requests, *tables().requests])

    @cached_property
    def breadth(self) -> Mapping[str, int]:
        """How many requests each value allows, by itself or with others; those that allow none are not there.

        That of whoever does all that its user may counts for all of them: no list names it.
        """
        found = Counter(value for one in self.requests.values() for value in {*one.application, *one.delegated})
        return found | {AS_USER: len(self.requests)}

    def allowing(self, request: str) -> Allowing | None:
        """The values that allow a request (`language.requests.canonical`); None for one that is not known."""
        return self.requests.get(request)

    @cached_property
    def requests(self) -> Mapping[str, Allowing]:
        """The values that allow each request."""
        block = self._packed.requests()
        sets = [tuple(block.values[at] for at in one) for one in block.sets]
        return {one.request: Allowing(sets[one.application], sets[one.delegated]) for one in block.requests}
