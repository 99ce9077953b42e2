"""What lies above a subscription and was only named: the relation says what can says of everything below it."""

from __future__ import annotations

from typing import Any

from fakes.azure_bulk import TENANT, scope_of
from leastwise.model.decision import Circumstances, State
from leastwise.model.scope import Scope
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.compiled.compile import compile_estate
from leastwise.providers.azure.compiled.port import AzurePort

TOP = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
DISK = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks/disk"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
EXPORT = "Microsoft.Compute/disks/beginGetAccess/action"


def told() -> dict[str, list[Any]]:
    """Nobody was asked for the group `top`: it is only what the subscription is said to lie in."""
    assignment = {
        "id": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/1", "name": "1",
        "properties": {
            "scope": SUBSCRIPTION, "principalId": "eve", "principalType": "User",
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        },
    }  # fmt: skip
    return {
        "management.managementGroups.list": [
            {"id": SUBSCRIPTION, "properties": {"tenantId": TENANT, "parent": {"id": TOP}}},
        ],
        "subscription.subscriptions.list": [{"id": SUBSCRIPTION, "tenantId": TENANT}],
        "resources.resources.get": [{"id": DISK, "name": "disk", "type": "Microsoft.Compute/disks"}],
        "authorization.roleAssignments.list": [assignment],
    }


def test_what_was_only_named_above_leaves_nothing_open_below_what_was_read() -> None:
    scope = scope_of(PROVIDER, Scope("azure", "management_group", TENANT), told())
    port, given = AzurePort(compile_estate([scope])), Circumstances()
    relation = port.relation(EXPORT, given)
    eve = list(relation.principals).index("eve")
    for number, resource in enumerate(relation.resources):
        assert relation.state(eve, number) is port.can("eve", EXPORT, resource, given).state, resource
    assert port.can("eve", EXPORT, DISK, given).state is State.DENIED
