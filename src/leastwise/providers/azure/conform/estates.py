"""Estates as cases of escalation rules tell them: one subscription in few words, turned into documents of Azure.

    users: [ann]
    services: [robot]
    groups: {ops: [ann]}
    roles: {Runner: ['Microsoft.Compute/virtualMachines/*'], Local: {gives: […], at: [~/resourceGroups/rg]}}
    assignments: [[ann, Owner, ~], {who: bob, role: Runner, at: ~/resourceGroups/rg, condition: "…"}]
    eligible: [[ann, Owner, ~]]
    denies: [{at: ~, actions: ['*'], who: [ann]}]
    resources:
    - {id: ~/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm, runs_as: vm-identity, properties: {}}
    - {id: …/userAssignedIdentities/deployer, principal: deployer}
    unread: [authorization.roleAssignments.list]

Names are object ids; `~` is the subscription, `^` the management group above it, `/` the root. What is not named under
`unread` was asked for, and is told whole. What is given as `data:NAME` is of the data plane. A role can be assigned at
the subscription, or `at` some places, at `[]` nothing tells where; it may have an `id` that conditions can name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from leastwise.model.conformance import CaseError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.base import ScopeTables
from leastwise.providers.rows import Facts

from .. import catalog

TENANT = "72f00000-0000-4000-8000-000000000000"
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = "/providers/Microsoft.Management/managementGroups/corp"
_TOP = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
TIME = datetime(2026, 11, 1, tzinfo=UTC)
_AUTHORIZATION = "authorization"
_DATA = "data:"
_LIST = "resourceGraph.resources"
_KEYS = ("users", "services", "groups", "roles", "assignments", "eligible", "denies", "resources", "unread")
_Answers = Iterator[tuple[str, Any]]
_Told = Mapping[str, Any]


def scopes_of(body: _Told, translate: Callable[[Collected], Any]) -> list[ScopeTables]:
    """The tables of the tree and of the directory that a case tells. Raises CaseError."""
    unknown = sorted(set(body) - set(_KEYS))
    if unknown:
        raise CaseError(f"estate.{unknown[0]}: is none of {', '.join(_KEYS)}")
    unread = frozenset(body.get("unread") or ())
    scope = Scope("azure", "management_group", TENANT)
    return [_tree(scope, _azure(body), unread, translate), _directory(body)]


def _tree(
    scope: Scope, answers: _Answers, unread: frozenset[str], translate: Callable[[Collected], Any]
) -> ScopeTables:
    told: dict[str, list[Any]] = {}
    for kind, one in answers:
        told.setdefault(kind, []).append(one)
    documents = tuple(
        RawDocument(scope, kind.split(".")[0], kind, f"{kind}.json", json.dumps(several).encode(), "", TIME)
        for kind, several in told.items()
        if kind not in unread
    )
    coverage = tuple(
        Coverage(service, call, CoverageStatus.DENIED)
        for service, _, call in (kind.partition(".") for kind in sorted(unread))
    )
    if _LIST not in unread:
        service, _, call = _LIST.partition(".")
        coverage += (Coverage(service, call, CoverageStatus.OK),)
    tables = translate(Collected(scope, TIME, documents, coverage))
    return ScopeTables(scope.kind, scope.id, tables, True, TIME, scope.provider)


def _azure(body: _Told) -> _Answers:
    yield "management.managementGroups.list", {"id": _TOP, "tenantId": TENANT, "properties": {"tenantId": TENANT}}
    yield "management.managementGroups.list", {"id": GROUP, "tenantId": TENANT, "properties": {
        "tenantId": TENANT, "parent": {"id": _TOP}}}  # fmt: skip
    yield "management.managementGroups.list", {"id": SUBSCRIPTION, "properties": {
        "tenantId": TENANT, "parent": {"id": GROUP}}}  # fmt: skip
    yield "subscription.subscriptions.list", {"id": SUBSCRIPTION, "tenantId": TENANT}
    custom = body.get("roles") or {}
    yield from ((f"{_AUTHORIZATION}.roleDefinitions.list", _role(name, one)) for name, one in custom.items())
    for number, one in enumerate(body.get("assignments") or ()):
        yield f"{_AUTHORIZATION}.roleAssignments.list", _assignment(body, one, "roleAssignments", number)
    for number, one in enumerate(body.get("eligible") or ()):
        kind = "roleEligibilityScheduleInstances"
        yield f"{_AUTHORIZATION}.{kind}.list", _assignment(body, one, kind, number)
    for number, one in enumerate(body.get("denies") or ()):
        yield f"{_AUTHORIZATION}.denyAssignments.list", _denial(one, number)
    yield from (("resources.resources.get", _resource(one)) for one in body.get("resources") or ())


def _role(name: str, told: Any) -> dict[str, Any]:
    operations = told["gives"] if isinstance(told, dict) else told
    scopes = [place(one) for one in told["at"]] if isinstance(told, dict) else [SUBSCRIPTION]
    key = _custom_key(name, told)
    data = [one.removeprefix(_DATA) for one in operations if one.startswith(_DATA)]
    actions = [one for one in operations if not one.startswith(_DATA)]
    return {
        "id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{key}",
        "name": key,
        "properties": {
            "roleName": name, "type": "CustomRole", **({"assignableScopes": scopes} if scopes else {}),
            "permissions": [{"actions": actions, "dataActions": data, "notActions": [], "notDataActions": []}],
        },
    }  # fmt: skip


def _assignment(body: _Told, one: Any, kind: str, number: int) -> dict[str, Any]:
    told = one if isinstance(one, dict) else dict(zip(("who", "role", "at"), one, strict=True))
    at, who = place(told["at"]), told["who"]
    type = "Group" if who in (body.get("groups") or {}) else "User" if who in (body.get("users") or ()) else None
    key = _key(told["role"], body.get("roles") or {})
    prefix = "" if at == "/" else at
    return {
        "id": f"{prefix}/providers/Microsoft.Authorization/{kind}/{number}", "name": str(number),
        "properties": {
            "scope": at, "principalId": who, "principalType": type or "ServicePrincipal",
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{key}",
            **({"condition": told["condition"], "conditionVersion": "2.0"} if "condition" in told else {}),
        },
    }  # fmt: skip


def _key(title: str, custom: _Told) -> str:
    """The id of a role by its name: of the case, or Azure's own. Raises CaseError."""
    if title in custom:
        return _custom_key(title, custom[title])
    for key in catalog.current().roles:
        role = catalog.role(key)
        if role is not None and role.title == title:
            return key
    raise CaseError(f"estate: no role is called {title}")


def _custom_key(name: str, told: Any) -> str:
    own = told.get("id") if isinstance(told, dict) else None
    return str(own) if own else f"role-{name}".lower()


def _denial(told: _Told, number: int) -> dict[str, Any]:
    at, everyone = place(told["at"]), "00000000-0000-0000-0000-000000000000"
    who = [{"id": one, "type": "User"} for one in told.get("who") or ()]
    return {
        "id": f"{at}/providers/Microsoft.Authorization/denyAssignments/{number}", "name": str(number),
        "properties": {
            "denyAssignmentName": str(number), "scope": at, "doNotApplyToChildScopes": False,
            "principals": who or [{"id": everyone, "type": "SystemDefined"}],
            "excludePrincipals": [{"id": one, "type": "User"} for one in told.get("but") or ()],
            "permissions": [{"actions": told["actions"], "notActions": [], "dataActions": [], "notDataActions": []}],
        },
    }  # fmt: skip


def _resource(told: _Told) -> dict[str, Any]:
    id = place(told["id"])
    _, _, named = id.partition("/providers/")
    parts = named.split("/")
    type = "/".join([parts[0], *parts[1::2]]) if named else "Microsoft.Resources/subscriptions/resourceGroups"
    own = {"identity": {"type": "SystemAssigned", "principalId": told["runs_as"]}} if "runs_as" in told else {}
    properties = dict(told.get("properties") or {})
    if "principal" in told:
        properties |= {"principalId": told["principal"], "clientId": f"{told['principal']}-client"}
    return {"id": id, "name": id.rpartition("/")[2], "type": type, "properties": properties, **own}


def place(text: str) -> str:
    """A place as a case writes it, in full."""
    if text.startswith("~"):
        return SUBSCRIPTION + text[1:]
    return GROUP if text == "^" else text


def _directory(body: _Told) -> ScopeTables:
    """The directory, as its own provider would have it: who there is, and who is in which group."""
    facts = Facts()
    groups = body.get("groups") or {}
    facts.scopes.add(id=TENANT, kind="tenant", name=TENANT, people_known=True, source="case")
    named = dict.fromkeys((*(body.get("users") or ()), *chain.from_iterable(groups.values())), ("human", "user"))
    named |= dict.fromkeys(body.get("services") or (), ("workload", "service_principal"))
    for id, (kind, native) in (named | dict.fromkeys(groups, ("group", "group"))).items():
        facts.principals.add(
            id=id, account=TENANT, kind=kind, name=id, path="/", native=native, directory="own", enabled=True,
            members_known=True if native == "group" else None, source="case",
        )  # fmt: skip
    for group, inside in groups.items():
        for one in inside:
            facts.memberships.add(member=one, group=group, kind="directory_group", source="case")
    return ScopeTables("tenant", TENANT, facts.finished("case"), True, TIME, "entra")
