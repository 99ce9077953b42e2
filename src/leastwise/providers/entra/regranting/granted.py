"""The directory roles and app roles of somebody, and the roles that could be assigned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Placed

from .. import catalog
from ..compiled.port import EntraPort
from ..evaluate.apps import value_of
from ..language.directory import GRAPH, GROUP
from ..language.ids import TENANT


class Grants:
    """What one tenant grants.

    Args:
        port: its answers.
    """

    def __init__(self, port: EntraPort) -> None:
        self._port, self._held, self._granting = port, port.compiled, port.granting
        self._numbers = port.granting.numbers

    def of(self, principal: str) -> Sequence[Placed]:
        """The roles, app roles and owned objects of somebody and of the groups that hold it."""
        number = self._held.member_number(principal)
        if number is None:
            return ()
        groups = self._granting.around.row(number).tolist()
        return [placed for member in (number, *groups) for placed in self._all(member)]

    def _all(self, member: int) -> Iterator[Placed]:
        held = self._held
        if held.object(member).kind != GROUP or held.assignable[member]:
            for row in held.rows("member.assignments").row(member).tolist():
                yield self._assigned(member, row)
        for row in held.rows("by.app_role.principal").row(member).tolist():
            yield self._app_role(member, row)
        for one in self._granting.of(member):
            if one.layer == "ownership":
                places = self._places(one.places)
                for place in places:
                    yield Placed(f"{one.policy} {place}", held.members[member], one.policy, one.policy, place,
                                 one.permissions, kept="by owning it, not by a role")  # fmt: skip

    def _places(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(self._held.texts("place.id").many(np.array(numbers, np.int64)))

    def _assigned(self, member: int, row: int) -> Placed:
        one, held = self._held.assignment("assignment", row), self._held
        role, entries = held.whole.role(one.role), self._numbers.role(one.role)
        [place] = self._places((self._granting.place(one.place),))
        lasting, open_ = one.span.until is None, all(not condition for condition, _ in entries or ())
        kept = "its role was not read" if entries is None else "activated for a time" if one.activated else ""
        if not kept and not open_:
            kept = "its role gives something only to owners, or to oneself, which no other role can be held against"
        permissions = None if entries is None else BitMap.union(BitMap(), *(some for _, some in entries))
        told = {} if one.span.until is None else {"until": one.span.until.isoformat()}
        return Placed(
            one.id or f"{place} {one.role}", held.members[member], one.role, one.role if role is None else role.title,
            place, permissions, told=told, firm=lasting and open_, kept=kept,
        )  # fmt: skip

    def _app_role(self, member: int, row: int) -> Placed:
        held, one = self._held, self._held.app_role(row)
        value = value_of(held.whole_with(one.resource), one)
        at = self._numbers.by_lower.get((value or "").lower())
        kept = "" if value else "what the app role gives was not read"
        return Placed(
            f"{one.resource} {one.role} {held.members[member]}", held.members[member],
            (value or one.role) if one.resource in self._graph else f"{one.resource}/{value or one.role}",
            value or one.role, one.resource,
            BitMap() if at is None else BitMap([at]), kept=kept,
        )  # fmt: skip

    @cached_property
    def _graph(self) -> frozenset[str]:
        """Graph in this tenant, whose permissions are known by their values alone."""
        return frozenset(self._held.members[one] for one in self._held.apps.get(GRAPH, ()))

    def offers(self, grant: Placed, scope: str) -> Sequence[Bundle]:
        """The built-in roles that can be assigned in a tenant; elsewhere, and of app roles, the grant's own alone.

        Which built-in roles can be assigned at an administrative unit is told on a page, not by the catalogue.
        """
        own = Bundle(grant.bundle, grant.title, grant.permissions or BitMap())
        return [*self._built_in, own] if scope == TENANT else [own]

    @cached_property
    def _built_in(self) -> list[Bundle]:
        found = []
        for key in catalog.current().roles:
            role, entries = self._held.whole.role(key), self._numbers.role(key)
            if role is not None and entries and all(not condition for condition, _ in entries):
                found.append(Bundle(key, role.title, BitMap.union(BitMap(), *(some for _, some in entries))))
        return found
