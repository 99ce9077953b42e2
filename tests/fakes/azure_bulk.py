"""The documents of a case as a collection has them: raw documents, tables, arrays, and the port that asks these."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leastwise.engine.arrays import Arrays
from leastwise.model.decision import Circumstances
from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.compiled.compile import compile_estate
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER as DIRECTORY

TIME = datetime(2026, 11, 1, tzinfo=UTC)
TENANT = "99999999-0000-4000-8000-00000000feed"
KINDS = {
    "role_definition": "authorization.roleDefinitions.list",
    "role_assignment": "authorization.roleAssignments.list",
    "role_assignment_schedule": "authorization.roleAssignmentScheduleInstances.list",
    "role_eligibility_schedule": "authorization.roleEligibilityScheduleInstances.list",
    "deny_assignment": "authorization.denyAssignments.list",
    "management_group": "management.managementGroups.list",
    "resource": "resources.resources.get",
    "registration_definition": "managedServices.registrationDefinitions.list",
    "registration_assignment": "managedServices.registrationAssignments.list",
    "classic_administrator": "authorization.classicAdministrators.list",
}
OF_DIRECTORY = {
    "user": "graph.users.list",
    "service_principal": "graph.servicePrincipals.list",
    "group": "graph.groups.list",
    "group_member": "graph.groups.members.list",
}
_NAMED = re.compile(r"/subscriptions/[^/\"'{}]+|/providers/microsoft.management/managementgroups/[^/\"'{}]+", re.I)


def arrays_of(documents: Sequence[Mapping[str, Any]], beside: object = None) -> Arrays:
    """The compiled estate of some documents, as it is read from its file.

    A case says all there is: of subscriptions and groups that it names anywhere it is known what lies in them.
    """
    made = compile_estate(scopes_of(documents, beside))
    return Arrays({name: made[name] for name in made.names()}, json.loads(json.dumps(made.facts)))


def scopes_of(documents: Sequence[Mapping[str, Any]], beside: object = None) -> list[ScopeTables]:
    """The tables of the estate of some documents, and of its directories."""
    return [
        scope_of(PROVIDER, Scope("azure", "management_group", TENANT), _azure(documents, beside)),
        *(
            scope_of(DIRECTORY, Scope("entra", "tenant", tenant), told)
            for tenant, told in _directories(documents).items()
        ),
    ]


def port_of(documents: Sequence[Mapping[str, Any]], beside: object = None) -> AzurePort:
    """The port on the estate of some documents; `beside` may name containers besides."""
    return AzurePort(arrays_of(documents, beside))


def scope_of(provider: Any, scope: Scope, told: Mapping[str, list[Any]]) -> ScopeTables:
    """The tables of one scope of which objects are told by kind."""
    documents = tuple(
        RawDocument(scope, kind.split(".")[0], kind, f"{kind}.json", json.dumps(objects).encode())
        for kind, objects in told.items()
    )
    tables = provider.translate(Collected(scope, TIME, documents))
    return ScopeTables(scope.kind, scope.id, tables, True, TIME, scope.provider)


def _azure(documents: Sequence[Mapping[str, Any]], beside: object) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in documents:
        body = one["body"]
        if one["kind"] not in KINDS or _of_directory(body):
            continue
        held = body["value"] if one["kind"] == "management_group" else [body]
        found.setdefault(KINDS[one["kind"]], []).extend(held)
    for id in dict.fromkeys(one for one in _NAMED.findall(json.dumps([*documents, beside])) if "*" not in one):
        kind = (
            "management.managementGroups.list"
            if "managementgroups" in id.lower()
            else "subscription.subscriptions.list"
        )
        # A group that is called as its tenant would be known to be at the top.
        told = {} if id.endswith(TENANT) else {"tenantId": TENANT}
        found.setdefault(kind, []).append({"id": id, **told})
    return found


def _of_directory(body: Mapping[str, Any]) -> bool:
    """Whether an instance of a schedule is of the directory's roles, which other interfaces tell."""
    names = {str(key).lower() for one in (body, body.get("properties") or {}) for key in one}
    return bool(names & {"directoryscopeid", "appscopeid"})


def _directories(documents: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[Any]]]:
    """What the directory of each tenant tells; of a document that says no other, it is the case's own."""
    found: dict[str, dict[str, list[Any]]] = {TENANT: {}}
    for one in documents:
        if one["kind"] in OF_DIRECTORY:
            told = found.setdefault(one["body"].get("tenantId", TENANT), {})
            told.setdefault(OF_DIRECTORY[one["kind"]], []).append(one["body"])
    return found


def circumstances(question: Mapping[str, Any]) -> Circumstances:
    """What a case's question says besides who, what and where; no values for an attribute that is absent."""
    context = {
        name: () if value is None else tuple(map(_text, value)) if isinstance(value, list) else (_text(value),)
        for name, value in (question.get("context") or {}).items()
    }
    return Circumstances(context, question.get("mode") == "strict")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
