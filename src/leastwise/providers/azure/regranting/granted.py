"""The role assignments of somebody, the roles that could be assigned, and custom roles for some operations."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed, Written
from leastwise.model.decision import Circumstances
from leastwise.providers.bulk.everyone import SURE

from ..compiled.asked import subject_of
from ..compiled.port import AzurePort
from ..language.ids import ROOT, arm_id
from ..language.operations import DATA, Plane
from ..language.roles import Entry, Role

MOST = 5_000
"""Custom roles of a tenant. https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits"""
_READS = "*/read"
_ROLES = "/providers/Microsoft.Authorization/roleDefinitions/"


class Grants:
    """What one estate of Azure grants.

    Args:
        port: its answers.
    """

    def __init__(self, port: AzurePort) -> None:
        self._port, self._held, self._numbers = port, port.compiled, port.numbers

    # --- what is granted

    def of(self, principal: str) -> Sequence[Placed]:
        """The role assignments and access policies of somebody and of the groups that surely hold it."""
        asked = self._port.of(subject_of(self._held, principal), None, Circumstances())
        number = self._held.member_number(asked.who)
        if number is None:
            return ()
        belonging = self._port.holding.belonging
        found: list[Placed] = []
        for member in (number, *(one for one, how in belonging.sets(number) if how == SURE)):
            found += self._assigned(member)
        everyone = self._port.holding.everyone(asked)
        for member in (number, *(one for one, how in belonging.sets(number) if how == SURE)):
            for named in belonging.policies.get(member, ()):
                vault, held = self._held.ids[named[0]], everyone.by_policy(named)
                why = "an access policy of a key vault, not a role"
                id = f"{vault} {self._held.members[member]}"
                found.append(Placed(id, self._held.members[member], "access policy", "access policy", vault, held,
                                    kept=why))  # fmt: skip
        return found

    def _assigned(self, member: int) -> Iterator[Placed]:
        held = self._held
        for number in held.assignments.by_member.row(member).tolist():
            one, scope = held.assignments.one(number), held.ids[int(held.assignments.place[number])]
            role = held.estate.role(one.role)
            entries = self._numbers.role(one.role)
            told = {key: value for key, value in (("condition", one.condition), ("until", one.until)) if value}
            yield Placed(
                one.id or f"{scope} {one.role} {one.condition}", held.members[member], one.role,
                one.role if role is None else role.title, scope,
                None if entries is None else BitMap.union(BitMap(), *entries), one.condition, told,
                firm=not (one.condition or one.until or _conditional(role)), kept=_kept(role, one.activated, scope),
            )  # fmt: skip

    # --- what could be granted

    def offers(self, grant: Placed, scope: str) -> Sequence[Bundle]:
        """The roles that can be assigned at a scope: all built-in ones, and custom ones made for it."""
        data = _group_of(scope)
        return [one for one in self._roles if not (data and one.own and one.permissions & self._data) and (
            not one.own or one.id == grant.bundle)]  # fmt: skip

    @cached_property
    def _data(self) -> BitMap:
        return self._numbers.of_plane[Plane.DATA]

    @cached_property
    def _roles(self) -> list[Bundle]:
        from .. import catalog

        found: dict[str, Bundle] = {}
        for key in (*catalog.current().roles, *self._held.facts["roles"]):
            role, entries = self._held.estate.role(key), self._numbers.role(key)
            if role is not None and entries and not _conditional(role):
                found[key] = Bundle(key, role.title, BitMap.union(BitMap(), *entries), role.custom)
        return list(found.values())

    # --- what could be made

    def written(self, grant: Placed, scope: str, name: str, wanted: BitMap) -> Making:
        """A custom role for some operations, with wildcards only where all that they take in is wanted and granted.

        It can be assigned where it says: a management group, subscription or resource group. Operations of the data
        plane cannot be given at management groups, and no custom role at the root.
        """
        left = wanted & self._data if _group_of(scope) else BitMap()
        rest = wanted - left
        place = assignable(scope)
        title = f"leastwise {name}"[:512]
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{place} {title} {sorted(self._numbers.names[n] for n in rest)}"))
        document = {
            "id": f"{'' if place == ROOT else place}{_ROLES}{key}", "name": key, "type": _TYPE,
            "properties": {
                "roleName": title, "type": "CustomRole", "description": f"What is needed of {grant.title}",
                "assignableScopes": [place], "permissions": [self.entry(rest)],
            },
        }  # fmt: skip
        why = "operations of the data plane cannot be in custom roles of management groups" if left else ""
        blocked = "a custom role cannot be assigned at the root" if place == ROOT else ""
        if self._own >= MOST:
            blocked = blocked or f"the tenant has {self._own} custom roles, {MOST} are allowed"
        bundles = (Written(key, title, document, rest),) if rest else ()
        return Making(bundles, left, why, blocked)

    @cached_property
    def _own(self) -> int:
        return sum(one.own for one in self._roles)

    def entry(self, wanted: BitMap) -> dict[str, list[str]]:
        """The operations as one entry of a role, with as few patterns as take in exactly these of all known ones."""
        names = self._numbers.names
        reads = BitMap(self._reads)
        whole = reads if reads <= wanted else BitMap()
        patterns = [*([_READS] if whole else ()), *self._port.folded(names[one] for one in wanted - whole)]
        data = {names[one] for one in wanted & self._data}
        sides: dict[bool, list[str]] = {False: [], True: []}
        for one in patterns:
            bare = one.removeprefix(DATA)
            sides[bare != one or one in data].append(bare)
        return {"actions": sides[False], "notActions": [], "dataActions": sides[True], "notDataActions": []}

    @cached_property
    def _reads(self) -> list[int]:
        control = self._numbers.of_plane[Plane.CONTROL]
        return [one for one in control if self._numbers.canonical[one].endswith("/read")]

    def defined(self, bundle: str) -> Mapping[str, Any] | None:
        """A role definition as `contains` takes it."""
        role = self._held.estate.role(bundle)
        return None if role is None else definition(role)


_TYPE = "Microsoft.Authorization/roleDefinitions"


def definition(role: Role) -> dict[str, Any]:
    """A role in the vendor's form."""
    return {"id": role.key, "roleName": role.title, "permissions": [_body(one) for one in role.entries]}


def _body(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = {
        "actions": list(entry.actions.texts), "notActions": list(entry.not_actions.texts),
        "dataActions": list(entry.data_actions.texts), "notDataActions": list(entry.not_data_actions.texts),
    }  # fmt: skip
    return {**body, "condition": entry.condition} if entry.condition else body


def assignable(scope: str) -> str:
    """The lowest scope around one, or it itself, that a custom role can be made for."""
    id = arm_id(scope)
    for text in id.paths():
        parts = text.strip("/").split("/")
        if (
            len(parts) == 2
            or (len(parts) == 4 and parts[2] == "resourcegroups")
            or arm_id(text).management_group == text
        ):
            return "/".join(id.text.split("/")[: len(parts) + 1]) if text != ROOT else ROOT
    return ROOT


def _group_of(scope: str) -> bool:
    """Whether a scope is a management group."""
    return arm_id(scope).management_group == arm_id(scope).key


def _conditional(role: Role | None) -> bool:
    return role is not None and any(entry.condition for entry in role.entries)


def _kept(role: Role | None, activated: bool, scope: str) -> str:
    if role is None:
        return "its role was not read"
    if activated:
        return "activated for a time"
    if _conditional(role):
        return "its role gives under conditions of its own, which no custom role takes"
    return ""
