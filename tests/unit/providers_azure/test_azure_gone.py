"""Assignments to somebody who is no more, which Azure keeps, and tells no type of."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from fakes.azure_bulk import TENANT, TIME
from leastwise.engine.arrays import Arrays
from leastwise.model.decision import Circumstances, State
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.compiled.compile import compile_estate
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER as DIRECTORY

ANN, GONE = "11111111-0000-4000-8000-00000000000a", "22222222-0000-4000-8000-00000000000b"
SUBSCRIPTION = "/subscriptions/33333333-0000-4000-8000-00000000000c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
TOP = f"/providers/Microsoft.Management/managementGroups/{TENANT}"


def tables(provider: Any, scope: Scope, told: dict[str, list[Any]], status: CoverageStatus, age: int) -> ScopeTables:
    documents = tuple(
        RawDocument(scope, kind.split(".")[0], kind, f"{kind}.json", json.dumps({"value": objects}).encode())
        for kind, objects in told.items()
    )
    coverage = tuple(Coverage(*kind.split(".", 1), status) for kind in told)
    time = TIME - timedelta(days=age)
    made = provider.translate(Collected(scope, time, documents, coverage))
    return ScopeTables(scope.kind, scope.id, made, True, time, scope.provider)


def port(type: str, status: CoverageStatus = CoverageStatus.OK, age: int = 0) -> AzurePort:
    cloud: dict[str, list[Any]] = {
        "management.managementGroups.list": [
            {"id": TOP, "name": TENANT, "properties": {"tenantId": TENANT}},
            {"id": SUBSCRIPTION, "type": "/subscriptions", "properties": {"tenantId": TENANT, "parent": {"id": TOP}}},
        ],
        "authorization.roleAssignments.list": [
            {"id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/1",
             "properties": {"principalId": GONE, "principalType": type, "scope": SUBSCRIPTION,
                            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{READER}"}},
        ],
    }  # fmt: skip
    people: dict[str, list[Any]] = {
        "graph.organization.list": [{"id": TENANT}],
        "graph.users.list": [{"id": ANN, "userPrincipalName": "ann@corp.example", "accountEnabled": True}],
        "graph.groups.list": [],
        "graph.servicePrincipals.list": [],
    }
    made = compile_estate([
        tables(PROVIDER, Scope("azure", "management_group", TENANT), cloud, CoverageStatus.OK, 0),
        tables(DIRECTORY, Scope("entra", "tenant", TENANT), people, status, age),
    ])  # fmt: skip
    return AzurePort(Arrays({name: made[name] for name in made.names()}, json.loads(json.dumps(made.facts))))


@pytest.mark.parametrize(
    ("type", "status", "age", "expected"),
    [
        ("Unknown", CoverageStatus.OK, 0, State.DENIED),
        ("Group", CoverageStatus.OK, 0, State.DENIED),
        ("User", CoverageStatus.OK, 0, State.DENIED),
        ("Unknown", CoverageStatus.DENIED, 0, State.UNKNOWN),
        ("Group", CoverageStatus.DENIED, 0, State.UNKNOWN),
        ("User", CoverageStatus.DENIED, 0, State.DENIED),
        ("Unknown", CoverageStatus.OK, 3, State.UNKNOWN),
    ],
)
def test_nobody_is_in_what_a_whole_directory_has_no_more(
    type: str, status: CoverageStatus, age: int, expected: State
) -> None:
    asked = port(type, status, age)
    found = asked.can(ANN, "Microsoft.Web/sites/read", SUBSCRIPTION, Circumstances())
    assert found.state is expected, found
    listed = {
        one.principal: one.state
        for one in asked.who_can("Microsoft.Web/sites/read", SUBSCRIPTION, Circumstances()).holders
    }
    assert (ANN in listed) is False and GONE in listed
