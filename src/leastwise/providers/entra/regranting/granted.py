"""The directory roles and app roles of somebody, the roles that could be assigned, and custom ones for some actions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed, Written

from .. import catalog
from ..catalog.tables import tables
from ..compiled.port import EntraPort
from ..evaluate.apps import value_of
from ..evaluate.scoping import IN_UNITS, about
from ..language.directory import APPLICATION, GRAPH, GROUP, SERVICE, UNIT
from ..language.ids import TENANT, At
from ..language.roles import parse_role

ROLES, ASSIGNMENTS = 100, 150
"""Custom roles of a tenant, and assignments of such roles to one principal.

https://learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions
"""
_TAKE = frozenset({GROUP, SERVICE, APPLICATION, UNIT})
"""What custom roles can be assigned at below the tenant.

https://learn.microsoft.com/entra/identity/role-based-access-control/custom-overview#scope
"""


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
        if one.place.at is At.APP:
            kept = kept or "it is assigned in an application, not in the directory"
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

    # --- what could be made

    def written(self, grant: Placed, scope: str, name: str, wanted: BitMap) -> Making:
        """A custom role of the tenant, which can be assigned at any scope; of actions that such roles can hold alone.

        Custom roles need a licence of whoever holds them, of which nothing is read.
        https://learn.microsoft.com/entra/identity/role-based-access-control/custom-create
        """
        names = self._numbers.names
        if self._held.whole.role(grant.bundle) is None:
            return Making((), wanted, "app roles go one by one")
        rest = BitMap(one for one in wanted if names[one].lower() in tables().custom)
        left = wanted - rest
        why = "custom roles cannot hold them" if left else ""
        if not rest:
            return Making((), left, why)
        made = self._role(f"{scope} {grant.id}", name, grant.title, rest)
        doubt = "custom roles need Microsoft Entra ID P1 for whoever holds them, which is not read"
        return Making((made,), left, why, self._blocked(grant, scope, rest), doubt)

    def _role(self, of: str, name: str, instead: str, wanted: BitMap) -> Written:
        actions = [self._numbers.names[one] for one in wanted]
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{of} {actions}"))
        document: dict[str, Any] = {
            "id": key, "displayName": f"leastwise {name} {key[:8]}", "description": f"What is needed of {instead}",
            "isBuiltIn": False, "isEnabled": True, "templateId": key,
            "rolePermissions": [{"allowedResourceActions": actions}],
        }  # fmt: skip
        # Actions on all properties give what others say of some of them.
        given = (some for _, some in self._numbers.entries([parse_role(document)]))
        return Written(key, document["displayName"], document, BitMap.union(BitMap(), *given))

    def _blocked(self, grant: Placed, scope: str, wanted: BitMap) -> str:
        """Why a custom role cannot be made, or assigned there; empty where it can."""
        held = self._held
        own = sum(one.custom for one in held.whole.roles.values())
        if own >= ROLES:
            return f"the tenant has {own} custom roles, {ROLES} are allowed"
        number = held.member_number(grant.holder)
        rows = () if number is None else held.rows("member.assignments").row(number).tolist()
        roles = (held.whole.role(held.assignment("assignment", row).role) for row in rows)
        if (given := sum(one is not None and one.custom for one in roles)) >= ASSIGNMENTS:
            return f"custom roles are assigned to it {given} times, {ASSIGNMENTS} are allowed"
        if scope == TENANT:
            return ""
        place = held.member_number(scope)
        kind = "" if place is None else held.object(place).kind
        if kind not in _TAKE:
            return f"custom roles cannot be assigned at {f'a {kind}' if kind else 'what was not read'}"
        # https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-assign-roles
        if kind == UNIT and not any(about(self._numbers.actions[one]) in IN_UNITS for one in wanted):
            return "a custom role at an administrative unit needs an action on users, groups or devices"
        return ""
