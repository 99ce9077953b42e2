"""Shadows of Entra ID: who could do everything in the tenant, who is only in a group, who has activated a role.

See decision 0037. Whoever may do everything is a user with the role of a Global Administrator.

https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference#global-administrator
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from leastwise.model.decision import State
from leastwise.model.scope import CoverageStatus
from leastwise.model.shadows import Shadows, Ties
from leastwise.providers.base import ScopeTables
from leastwise.providers.microsoft.shadows import Added, activated, administrator_of, open_groups

from .exports import kinds
from .language.ids import TENANT
from .language.joining import INVITED
from .steering import Steering

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "native", "unique_id", "enabled", "members_known", "details"),
    "resources": ("id", "kind", "details"),
    "attachments": ("layer", "kind", "target", "document", "until", "requires"),
    "memberships": ("member", "group", "kind"),
    "policies": ("id", "name"),
    "documents": ("text",),
    "coverage": ("service", "call", "status"),
}
"""What is read of the tables besides what the estate is compiled from."""
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
"""https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference#all-roles"""
_LISTS = {kinds.USERS: "users", kinds.GROUPS: "groups", kinds.SERVICE_PRINCIPALS: "service principals",
          kinds.APPLICATIONS: "applications"}  # fmt: skip
"""Lists of what steps lead to."""
_ANSWERED = frozenset({CoverageStatus.OK.value, CoverageStatus.UNLICENSED.value})
_ASSIGNED = frozenset({"user", "service_principal", "managed_identity"})
"""Whom roles are assigned to; members of groups are among them."""
_READ = {"type": "user", "read": "yes"}
_ACTIVATION = "activation"
_CLOUD = "attributes of the cloud"
"""What is so of users whose attributes are not written on premises."""


def shaded(scopes: Sequence[ScopeTables]) -> tuple[list[ScopeTables], Shadows]:
    """The scopes of an estate with shadows in them, and whose they are."""
    found: list[ScopeTables] = []
    administrators: dict[str, str] = {}
    groups: dict[str, str] = {}
    offered: dict[tuple[str, str], str] = {}
    titles: dict[str, str] = {}
    missing: dict[str, None] = {}
    leads: dict[tuple[str, str], State] = {}
    perhaps: dict[tuple[str, str], str] = {}
    writes: dict[str, str] = {}
    unwritable: dict[str, State] = {}
    for one in scopes:
        if one.provider not in ("", "entra") or "principals" not in one.tables:
            found.append(one)
            continue
        scope = _Tenant(one)
        found.append(scope.added.scope())
        administrators[one.id] = scope.administrator
        groups |= scope.groups
        offered |= scope.offered
        titles |= scope.titles
        missing |= scope.missing
        leads |= scope.steering.leads
        perhaps |= scope.perhaps()
        writes |= scope.steering.writes
        unwritable |= scope.unwritable()
    whole = {TENANT: next(iter(administrators.values()))} if len(administrators) == 1 else {}
    places = dict.fromkeys(administrators, TENANT) if whole else {}
    ties = Ties(
        pairs={INVITED: [(TENANT, id) for word, id in writes.items() if word == INVITED]},
        so={_CLOUD: unwritable}, otherwise={_CLOUD: State.ALLOWED},
    )  # fmt: skip
    return found, Shadows(
        administrators, {}, groups, whole, places, titles, ties, offered=offered, writes=writes, leads=leads,
        perhaps=perhaps, missing=tuple(missing),
    )  # fmt: skip


class _Tenant:
    """One tenant being given its shadows."""

    def __init__(self, one: ScopeTables) -> None:
        self.added, self._tenant = Added(one), one.id
        self.administrator = self.added.user(administrator_of(one.id), one.id, **_READ)
        self.added.assigned(one.id, _assigned(GLOBAL_ADMINISTRATOR, self.administrator, {"directoryScopeId": TENANT}))
        self.titles = {self.administrator: f"administrator of {one.id}"}
        self.groups = self.added.members(one.id, **_READ)
        self._principals = self.added.rows("principals")
        self._acting()
        self.steering = Steering(self._principals, self.groups, self._tenant)
        self.titles |= self.steering.titles
        self.missing = dict.fromkeys(self._unlisted())
        self.offered = self._offered()

    def _acting(self) -> None:
        """Applications act as their service principals: whoever signs in as one is the other."""
        services: dict[str, list[str]] = defaultdict(list)
        for row in self._principals:
            if row["native"] in ("service_principal", "managed_identity") and row["unique_id"]:
                services[row["unique_id"].lower()].append(row["id"])
        for row in self.added.rows("resources"):
            if row["kind"] == "entra:application":
                for service in services.get(dict(row["details"] or ()).get("app", "").lower(), ()):
                    self.added.add(
                        "runs_as", subject=row["id"], object=service, kind="executes_as", account=self._tenant
                    )

    def unwritable(self) -> dict[str, State]:
        """Users whose attributes a directory on premises writes."""
        synced = (row["id"] for row in self._principals if dict(row["details"] or ()).get("synced") == "yes")
        return dict.fromkeys(synced, State.DENIED)

    def _unlisted(self) -> Iterator[str]:
        """What there is that steps could lead to and no list tells as a whole."""
        for kind, what in _LISTS.items():
            if self._answers[kind] != {CoverageStatus.OK.value}:
                yield f"which {what} {self._tenant} has"

    @cached_property
    def _answers(self) -> Mapping[str, set[str]]:
        """How each call was answered."""
        told: dict[str, set[str]] = defaultdict(set)
        for row in self.added.rows("coverage"):
            told[f"{row['service']}.{row['call']}"].add(row["status"])
        return told

    def perhaps(self) -> dict[tuple[str, str], str]:
        """Who may administer the tenant for all that is known: where role assignments were not read, everybody."""
        answered = self._answers[kinds.ASSIGNMENTS]
        if answered and answered <= _ANSWERED:
            return {}
        mine = (row["id"] for row in self._principals if row["native"] in _ASSIGNED and row["enabled"] is not False)
        return {(id, self.administrator): f"the role assignments of {self._tenant}" for id in mine}

    def _offered(self) -> dict[tuple[str, str], str]:
        """Who can activate what, and the shadow of whoever has."""
        found: dict[tuple[str, str], str] = {}
        texts = [row["text"] for row in self.added.rows("documents")]
        inside, open = self._members(), open_groups(self._principals)
        names = {row["id"]: row["name"] for row in self.added.rows("policies")}
        for row in self.added.rows("attachments"):
            if row["layer"] != "eligible" or row["document"] is None:
                continue
            told: Mapping[str, Any] = json.loads(texts[row["document"]])
            shadow = self._member(told) if "groupId" in told else self._activated(told, row["until"], names)
            if shadow is not None:
                text = f"{_ACTIVATION}: {row['requires']}" if row["requires"] else _ACTIVATION
                principal = str(told["principalId"])
                # Nested groups hold no directory role: who is in a group within is not meant.
                for who in _direct(inside, principal):
                    found.setdefault((who, shadow), text)
                if principal in self.groups:
                    found.setdefault((self.groups[principal], shadow), text)
                if principal in open:
                    self.missing[f"who is in {principal}, whose members can activate what it is eligible for"] = None
        return found

    def _member(self, told: Mapping[str, Any]) -> str | None:
        """Members and owners alike can be in the group: owners put themselves there."""
        return self.groups.get(str(told["groupId"]))

    def _activated(self, told: Mapping[str, Any], until: Any, names: Mapping[str, str]) -> str:
        place = {key: told[key] for key in ("directoryScopeId", "appScopeId") if told.get(key)}
        # An object id ends with no slash.
        where = str(next(iter(place.values()), TENANT)).strip("/") or "tenant"
        role = str(told["roleDefinitionId"])
        shadow = activated(role, where, until.isoformat() if until else "")
        if shadow not in self.titles:
            self.titles[shadow] = f"{names.get(role, role)} at {where}, activated"
            self.added.user(shadow, self._tenant, **_READ)
            span = {key: told[key] for key in ("startDateTime", "endDateTime") if told.get(key)}
            self.added.assigned(self._tenant, _assigned(role, shadow, {**place, **span}), until)
        return shadow

    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {row["id"]: [] for row in self._principals if row["native"] == "group"}
        for row in self.added.rows("memberships"):
            if row["kind"] == "directory_group":
                found.setdefault(row["group"], []).append(row["member"])
        return found


def _direct(inside: Mapping[str, list[str]], who: str) -> Iterator[str]:
    return (one for one in inside.get(who, [who]) if one not in inside)


def _assigned(role: str, who: str, where: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": f"{who}@{role}", "roleDefinitionId": role, "principalId": who, **where}
