"""The directory roles and app roles of somebody, the roles that could be assigned, and custom ones for some actions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed, Written
from leastwise.engine.sparse import Rows, rows_of

from .. import catalog
from ..catalog.tables import tables
from ..compiled.port import EntraPort
from ..evaluate.apps import value_of
from ..evaluate.scoping import IN_UNITS, about
from ..language.directory import APPLICATION, GRAPH, GROUP, SERVICE, UNIT, USER, Object
from ..language.ids import TENANT, At
from ..language.roles import parse_role
from ..translate.owners import OWNER_OF

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
        yield from self._owned(member)

    def _owned(self, member: int) -> Iterator[Placed]:
        """What somebody owns, object by object."""
        given = {place: one for one in self._granting.of(member) if one.layer == "ownership" for place in one.places}
        lasting = frozenset(self._held.owned.row(member).tolist())
        for number, one in given.items():
            [place] = self._places((number,))
            kind = self._held.object(number - 1).kind
            kept = "" if number - 1 in lasting else "owned for a time, by privileged access to groups"
            if not kept and kind == GROUP and self._last(member, number - 1):
                kept = "the last owner of a group cannot be removed"
            yield Placed(
                f"{one.policy} {place}", self._held.members[member], f"{OWNER_OF}{kind}", one.policy, place,
                one.permissions, kept=kept,
            )  # fmt: skip

    def _last(self, member: int, owned: int) -> bool:
        """Whether a user is the only one that a group is known to have as its owner; also one who may be a user.

        https://learn.microsoft.com/graph/api/group-delete-owners
        """
        held = self._held
        others = (one for one in self._owners.row(owned).tolist() if one != member)
        return held.object(member).kind in (USER, "") and all(held.object(one).kind != USER for one in others)

    @cached_property
    def _owners(self) -> Rows:
        """By object its owners."""
        owned = self._held.owned
        who = np.repeat(np.arange(len(self._held.members), dtype=np.int32), np.diff(owned.starts))
        return rows_of(owned.values, who, len(self._held.members))

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
        if permissions is not None and one.place.at is At.UNIT:
            permissions &= self._in_units
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
    def _in_units(self) -> BitMap:
        """What a role can give in an administrative unit: actions on what can be a member of one."""
        return BitMap(at for at, action in self._numbers.actions.items() if about(action) in IN_UNITS)

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
        if self._held.whole.role(grant.bundle) is None and not grant.bundle.startswith(OWNER_OF):
            return Making((), wanted, "app roles go one by one")
        rest = BitMap(one for one in wanted if names[one].lower() in tables().custom)
        made = self._role(f"{scope} {grant.id}", name, grant.title, rest) if rest else None
        # An action on all properties gives those on some of them as well, which no custom role holds by name.
        left = wanted - rest - (BitMap() if made is None else made.permissions)
        why = "custom roles cannot hold them" if left else ""
        if made is None:
            return Making((), left, why)
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
        # https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
        if place is not None and kind == GROUP and grant.bundle.startswith(OWNER_OF) and _in_hands(held.object(place)):
            return "groups that roles can be assigned to are in the hands of their owners, not of custom roles"
        # https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-assign-roles
        if kind == UNIT and not any(about(self._numbers.actions[one]) in IN_UNITS for one in wanted):
            return "a custom role at an administrative unit needs an action on users, groups or devices"
        return ""


def _in_hands(group: Object) -> bool:
    """Whether a group may be one that roles can be assigned to."""
    return group.assignable is not False
