"""Estates as cases of escalation rules tell them: a tenant in few words, turned into documents of Graph.

    users: {ann: {}, bob: {disabled: true, guest: true, synced: true}}
    groups: {admins: {members: [ann], owners: [bob], assignable: true, dynamic: 'user.city -eq "x"'}}
    apps: {erp: {owners: [ann], service_owners: [bob], granted: [User.Read.All], locked: true, disabled: true}}
    identities: [vm]                                      managed identities
    roles: [[ann, Helpdesk Administrator], [bob, Groups Administrator, unit sales]]     at a unit, or an object
    eligible: [[ann, Global Administrator], [ann, member of, admins]]
    custom_roles: {Reset: [microsoft.directory/users/password/update]}
    units: {sales: {members: [ann], restricted: true}}
    trusted: {erp: [[issuer, subject]]}
    policy: {allowInvitesFrom: none}                      of authorization
    unread: [graph.roleManagement.directory.roleAssignments.list]

Names are object ids; of an app `erp` the service principal has its name, the application `erp-application`. What is not
named under `unread` was asked for, and is told whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.model.conformance import CaseError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.base import ScopeTables

from .. import catalog
from ..compiled.estate import UNREAD
from ..exports import kinds
from ..language.directory import GRAPH

TENANT = "72f00000-0000-4000-8000-000000000000"
TIME = datetime(2026, 11, 1, tzinfo=UTC)
_GRAPH = "graph"
_LISTS = (kinds.USERS, kinds.GROUPS, kinds.SERVICE_PRINCIPALS, kinds.APPLICATIONS)
_MEMBER_OF, _OWNER_OF = "member of", "owner of"
_Told = Mapping[str, Any]
_Answers = Iterator[tuple[str, str, Any]]


def scope_of(body: _Told, translate: Callable[[Collected], Any]) -> ScopeTables:
    """The tables of the tenant that a case tells. Raises CaseError."""
    unknown = sorted(set(body) - set(_PARTS) - {"unread"})
    if unknown:
        raise CaseError(f"estate.{unknown[0]}: is none of {', '.join((*_PARTS, 'unread'))}")
    unread = frozenset(body.get("unread", ()))
    scope = Scope("entra", "tenant", TENANT)
    answers: dict[tuple[str, str], list[Any]] = {}
    for kind, about, one in (found for name, part in _PARTS.items() for found in part(body.get(name) or {})):
        told = answers.setdefault((kind, about), [])
        told += [one] if one is not None else []
    documents = tuple(
        RawDocument(scope, "graph", kind, f"{number}.json", json.dumps({"value": told}).encode(), about, TIME)
        for number, ((kind, about), told) in enumerate(answers.items())
        if kind not in unread
    )
    asked = sorted({kinds.UNITS, kinds.AUTHORIZATION_POLICY, *_LISTS, *UNREAD.values()})
    coverage = tuple(
        Coverage("graph", call.partition(".")[2], CoverageStatus.DENIED if call in unread else CoverageStatus.OK)
        for call in asked
    )
    tables = translate(Collected(scope, TIME, documents, coverage))
    return ScopeTables(scope.kind, scope.id, tables, True, TIME, scope.provider)


def _users(body: _Told) -> _Answers:
    for id, told in _named(body):
        guest = "Guest" if told.get("guest") else "Member"
        enabled = not told.get("disabled")
        yield kinds.USERS, "", {"id": id, "displayName": id, "accountEnabled": enabled, "userType": guest,
                               **({"onPremisesSyncEnabled": True} if told.get("synced") else {})}  # fmt: skip


def _policy(body: _Told) -> _Answers:
    """The authorization policy, of which a case tells what is not as in a new tenant."""
    yield kinds.AUTHORIZATION_POLICY, "", {"id": "authorizationPolicy", **body}


def _groups(body: _Told) -> _Answers:
    for id, told in _named(body):
        dynamic = (
            {
                "groupTypes": ["DynamicMembership"],
                "membershipRule": told["dynamic"],
                "membershipRuleProcessingState": "Paused" if told.get("paused") else "On",
            }
            if "dynamic" in told
            else {}
        )
        yield kinds.GROUPS, "", {
            "id": id, "displayName": id, "isAssignableToRole": bool(told.get("assignable")), "securityEnabled": True,
            "mailEnabled": False, "groupTypes": [], **dynamic,
        }  # fmt: skip
        yield from _list(kinds.MEMBERS, id, told.get("members", ()))
        yield from _list(kinds.GROUP_OWNERS, id, told.get("owners", ()))


def _apps(body: _Told) -> _Answers:
    yield kinds.SERVICE_PRINCIPALS, "", _service(_GRAPH, GRAPH, True)
    granted: list[tuple[str, str]] = []
    for id, told in _named(body):
        application, client = f"{id}-application", f"{id}-client"
        lock = {"servicePrincipalLockConfiguration": {"isEnabled": True, "allProperties": True}}
        yield kinds.SERVICE_PRINCIPALS, "", _service(id, client, not told.get("disabled"))
        yield from _list(kinds.SERVICE_OWNERS, id, told.get("service_owners", ()))
        yield kinds.APP_ROLES_OF, id, None
        granted += [(id, value) for value in told.get("granted", ())]
        if not told.get("foreign"):
            yield kinds.APPLICATIONS, "", {
                "id": application, "appId": client, "displayName": id, "signInAudience": "AzureADMyOrg",
                **(lock if told.get("locked") else {}),
            }  # fmt: skip
            yield from _list(kinds.APPLICATION_OWNERS, application, told.get("owners", ()))
            yield kinds.FEDERATED, application, None
    ids = {value: id for id, value in catalog.current().app_roles.items()}
    yield from _list(kinds.SERVICE_OWNERS, _GRAPH, ())
    yield kinds.APP_ROLES_OF, _GRAPH, None
    for who, value in granted:
        if value not in ids:
            raise CaseError(f"estate.apps.{who}.granted: {value} is no app role of Graph")
        yield kinds.APP_ROLES_OF, _GRAPH, {
            "id": f"{who}-{value}", "principalId": who, "principalType": "ServicePrincipal", "resourceId": _GRAPH,
            "appRoleId": ids[value],
        }  # fmt: skip


def _identities(body: Any) -> _Answers:
    for id in body:
        yield (
            kinds.SERVICE_PRINCIPALS,
            "",
            {**_service(id, f"{id}-client", True), "servicePrincipalType": "ManagedIdentity"},
        )
        yield kinds.APP_ROLES_OF, id, None
        yield from _list(kinds.SERVICE_OWNERS, id, ())


def _custom(body: _Told) -> _Answers:
    for name, actions in body.items():
        yield kinds.ROLES, "", {
            "id": f"role-{name}", "displayName": name, "isBuiltIn": False, "isEnabled": True,
            "rolePermissions": [{"allowedResourceActions": list(actions)}],
        }  # fmt: skip


def _roles(body: Any) -> _Answers:
    for number, one in enumerate(body):
        yield kinds.ASSIGNMENTS, "", _assignment(number, one, f"estate.roles[{number}]")


def _eligible(body: Any) -> _Answers:
    for number, one in enumerate(body):
        if one[1] in (_MEMBER_OF, _OWNER_OF):
            access = one[1].partition(" ")[0]
            yield kinds.OFFERS, "", {"id": f"e{number}", "principalId": one[0], "groupId": one[2], "accessId": access}
        else:
            yield kinds.ELIGIBLE, "", _assignment(number, one, f"estate.eligible[{number}]")


def _units(body: _Told) -> _Answers:
    for id, told in _named(body):
        yield kinds.UNITS, "", {
            "id": id, "displayName": id, "isMemberManagementRestricted": bool(told.get("restricted")),
        }  # fmt: skip
        yield from _list(kinds.UNIT_MEMBERS, id, told.get("members", ()))


def _trusted(body: _Told) -> _Answers:
    for app, several in body.items():
        for number, (issuer, subject) in enumerate(several):
            yield kinds.FEDERATED, f"{app}-application", {
                "id": f"{app}-{number}", "name": f"{app}-{number}", "issuer": issuer, "subject": subject,
                "audiences": ["api://AzureADTokenExchange"],
            }  # fmt: skip


_PARTS: Mapping[str, Callable[[Any], _Answers]] = {
    "users": _users, "policy": _policy, "groups": _groups, "apps": _apps, "identities": _identities,
    "custom_roles": _custom, "roles": _roles, "eligible": _eligible, "units": _units, "trusted": _trusted,
}  # fmt: skip


def _named(body: Any) -> Iterator[tuple[str, _Told]]:
    """Objects by name; a list names those of which nothing else is told."""
    return ((name, body[name] or {} if isinstance(body, dict) else {}) for name in body)


def _list(kind: str, about: str, ids: Any) -> _Answers:
    yield kind, about, None
    for one in ids:
        yield kind, about, {"id": one}


def _service(id: str, client: str, enabled: bool) -> dict[str, Any]:
    return {
        "id": id, "appId": client, "displayName": id, "accountEnabled": enabled, "servicePrincipalType": "Application",
    }  # fmt: skip


def _assignment(number: int, one: Any, place: str) -> dict[str, Any]:
    """Who has which role, and where: a unit, another object, or the tenant."""
    known = catalog.current()
    who, title, at = one[0], one[1], one[2] if len(one) > 2 else ""
    roles = {role.title: key for key in known.roles if (role := known.role(key)) is not None}
    scope = f"/administrativeUnits/{at.partition(' ')[2]}" if at.startswith("unit ") else f"/{at}"
    return {
        "id": f"{place}", "principalId": who, "roleDefinitionId": roles.get(title, f"role-{title}"),
        "directoryScopeId": scope,
    }  # fmt: skip
