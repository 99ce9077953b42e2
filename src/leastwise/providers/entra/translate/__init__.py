"""Raw documents of one tenant's directory → the tables of a snapshot: users, groups, members, service principals,
credentials of these and of applications.

Pure and deterministic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.entra.exports.shapes import (
    APPLICATIONS,
    FEDERATED,
    GROUPS,
    MEMBERS,
    ORGANIZATION,
    SERVICE_PRINCIPALS,
    USERS,
    kind_of,
    read_items,
)
from leastwise.providers.rows import Facts

from .attributes import attributes
from .credentials import Credentials
from .reading import Object, moment, text, truth

_EXPANDED = 20
"""https://learn.microsoft.com/graph/query-parameters#expand"""
_VENDOR_TENANTS = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})
"""Tenants that own Microsoft's own applications.

https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
"""


def translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table of a tenant, by name.

    Raises InputError naming the file and the place.
    """
    directory = _Directory(collected)
    # Lists of members tell less of them than their own lists.
    for document in sorted(collected.documents, key=lambda one: one.kind == MEMBERS):
        if "!" in document.kind:
            continue
        content = read_items(document.name, document.body)
        if document.kind == MEMBERS and document.resource:
            directory.listed(document.resource, document.name, whole=not content.more)
        for item in content.items:
            directory.read(document.kind, item.value, document.resource, f"{document.name}#{item.place}")
    return directory.finish(collected).finished(collected.scope.key)


class _Directory:
    """Principals and memberships under construction; what is told twice holds as it was told first."""

    def __init__(self, collected: Collected) -> None:
        self._tenant = collected.scope.id
        self._credentials = Credentials(self._tenant, collected.time)
        self._principals: dict[str, dict[str, Any]] = {}
        self._members: dict[tuple[str, str], str] = {}
        self._listed: dict[str, bool] = {}
        """Groups whose members were listed, and whether all of them."""
        self._sources: dict[str, str] = {}
        """Where the members of each were listed."""
        self._organization: dict[str, Any] = {"name": None, "source": ""}
        self._read: Mapping[str, Callable[[Object, str], dict[str, Any]]] = {
            USERS: _user, GROUPS: _group, SERVICE_PRINCIPALS: self._service_principal,
        }  # fmt: skip

    def listed(self, group: str, source: str, *, whole: bool) -> None:
        """The members of a group were listed, perhaps without one."""
        self._sources.setdefault(group, source)
        self._listed[group] = whole or self._listed.get(group, False)

    def read(self, kind: str, value: Object, group: str, source: str) -> None:
        """Take in one object of a document."""
        kind = kind.partition(":")[0]
        id = text(value, "id").lower()
        if not id:
            return
        if kind == APPLICATIONS:
            self._credentials.application(value, source)
        elif kind == FEDERATED:
            self._credentials.federated(value, group or text(value, "applicationId"), source)
        elif kind == ORGANIZATION:
            self._organization = {"name": text(value, "displayName") or None, "source": source}
        elif kind == MEMBERS:
            self._members.setdefault((id, group or text(value, "groupId").lower()), source)
            self._known(
                kind_of({one: told for one, told in value.items() if one != "groupId"}) or "", id, value, source
            )
        else:
            self._known(kind, id, value, source)

    def _known(self, kind: str, id: str, value: Object, source: str) -> None:
        reader = self._read.get(kind)
        if reader is None:
            return
        if kind == SERVICE_PRINCIPALS:
            self._credentials.service_principal(value, source)
        held = self._principals.setdefault(id, {"source": source})
        for name, told in reader(value, self._tenant).items():
            if told is not None and told != "" and told != ():
                held.setdefault(name, told)
        members = value.get("members") if kind == GROUPS else None
        if isinstance(members, list):
            # Of the members that a group is expanded with, the vendor tells twenty and no more.
            self.listed(id, source, whole=len(members) < _EXPANDED and not value.get("members@odata.nextLink"))
        for one in members if isinstance(members, list) else ():
            if isinstance(one, Mapping):
                self.read(MEMBERS, one, id, source)

    def _service_principal(self, value: Object, tenant: str) -> dict[str, Any]:
        owner, type = text(value, "appOwnerOrganizationId").lower(), text(value, "servicePrincipalType")
        managed = type == "ManagedIdentity"
        own = managed or owner == tenant
        foreign = not own and owner != "" and owner not in _VENDOR_TENANTS
        return {
            "kind": "provider_service" if owner in _VENDOR_TENANTS and not own else "workload",
            "native": "managed_identity" if managed else "service_principal",
            "name": text(value, "displayName") or text(value, "appDisplayName"), "unique_id": text(value, "appId"),
            "enabled": truth(value, "accountEnabled"), "created": moment(value, "createdDateTime"),
            "directory": "own" if own else "foreign" if owner else None,
            "tags": (*attributes(value), *([("application_owner", owner)] if foreign else [])),
        }  # fmt: skip

    def finish(self, collected: Collected) -> Facts:
        """The facts. A member or group that nothing describes is a principal of which only the id is known."""
        facts = Facts()
        named = [*(id for pair in self._members for id in pair), *self._listed]
        unread = dict.fromkeys(id for id in named if id not in self._principals)
        for id in unread:
            source = next((where for pair, where in self._members.items() if id in pair), self._sources.get(id, ""))
            is_group = id in self._listed or any(id == group for _, group in self._members)
            self._principals[id] = {"source": source, "kind": "group" if is_group else "unknown"}
        for id, told in self._principals.items():
            columns = {
                "account": self._tenant,
                "native": "directory_object",
                "name": id,
                "path": "/",
                "kind": "unknown",
                "directory": "unknown",
            }
            facts.principals.add(id=id, **(columns | told), members_known=self._listed.get(id))
        for (member, group), source in self._members.items():
            facts.memberships.add(member=member, group=group, kind="directory_group", source=source)
        self._credentials.finish(facts)
        facts.scopes.add(
            id=self._tenant, kind="tenant", tenant=self._tenant, people_known=_complete(collected), **self._organization
        )
        _coverage(facts, collected, list(unread))
        return facts


def _complete(collected: Collected) -> bool:
    """Whether users, groups and service principals were all read, and nothing of them was refused or cut off."""
    calls = [(f"{one.service}.{one.call}", one.status) for one in collected.coverage]
    return all(
        {status for call, status in calls if call == kind} == {CoverageStatus.OK}
        for kind in (USERS, GROUPS, SERVICE_PRINCIPALS)
    )


def _coverage(facts: Facts, collected: Collected, unread: list[str]) -> None:
    for one in collected.coverage:
        facts.coverage.add(
            service=one.service, call=one.call, status=one.status.value, detail=one.detail, affects=one.affects,
            account=one.account,
        )  # fmt: skip
    if unread:
        facts.coverage.add(
            service="graph", call="directoryObjects.get", status=CoverageStatus.NOT_TRIED.value,
            detail=f"{len(unread)} members or groups that nothing describes, {unread[0]} first", affects="who they are",
        )  # fmt: skip


def _user(value: Object, tenant: str) -> dict[str, Any]:
    type, name = text(value, "userType").lower(), text(value, "userPrincipalName")
    guest = type == "guest" or (not type and "#ext#" in name.lower())
    return {
        "kind": "human", "native": "user", "name": name or text(value, "displayName"),
        "mail": (text(value, "mail") or ("" if guest else name)).lower(), "enabled": truth(value, "accountEnabled"),
        "created": moment(value, "createdDateTime"),
        "directory": "foreign" if guest else "own" if type == "member" else None,
        "last_used": moment(value.get("signInActivity"), "lastSignInDateTime"),
        "tags": attributes(value),
        "last_used_known": True if isinstance(value.get("signInActivity"), Mapping) else None,
    }  # fmt: skip


def _group(value: Object, tenant: str) -> dict[str, Any]:
    tags = []
    if text(value, "membershipRule"):
        tags.append(("dynamic", "yes"))
    if value.get("isAssignableToRole") is True:
        tags.append(("role_assignable", "yes"))
    return {
        "kind": "group", "native": "group", "name": text(value, "displayName"), "mail": text(value, "mail").lower(),
        "created": moment(value, "createdDateTime"), "directory": "own", "tags": tuple(tags),
    }  # fmt: skip
