"""Drawn estates of Azure: whoever is listed as one that can become somebody who can, does so step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_estates import OPERATIONS, PEOPLE, RESOURCES, RG, ROLES, SUB
from test_azure_bulk import EXAMPLES, LAW, NAMES, Documents, documents

from fakes.azure_bulk import port_of
from leastwise.model.decision import Circumstances, State
from leastwise.providers.azure.compiled.port import AzurePort

WORKLOAD = PEOPLE[2]
IDENTITY = f"{RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/build"
MACHINE = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"
SPARE = f"{SUB}/resourceGroups/rg10/providers/Microsoft.Compute/virtualMachines/spare"
OWNER, BLOB_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
WRITES = "Microsoft.Authorization/roleAssignments/write"
TRUSTS = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"
ASSIGNS = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
UPDATES = "Microsoft.Compute/virtualMachines/write"
RUNS = tuple(
    f"Microsoft.Compute/virtualMachines/{one}" for one in ("runCommand/action", "runCommands/write", "extensions/write")
)
GIVEN = Circumstances()


@st.composite
def estates(draw: st.DrawFn) -> Documents:
    """An estate with an identity of the user's, which may be attached to a machine, and a machine without any."""
    found = [one for one in draw(documents()) if one["kind"] != "user" and "endDateTime" not in str(one)]
    found += [{"kind": "user", "body": {"id": one, "userPrincipalName": f"{one[-1]}@a.b"}} for one in PEOPLE[:2]]
    attached = {"userAssignedIdentities": {IDENTITY: {"principalId": WORKLOAD}}} if draw(st.booleans()) else {}
    for id, type, more in (
        (IDENTITY, "Microsoft.ManagedIdentity/userAssignedIdentities", {"properties": {"principalId": WORKLOAD}}),
        (MACHINE, "Microsoft.Compute/virtualMachines", {"identity": attached}),
        (SPARE, "Microsoft.Compute/virtualMachines", {}),
    ):
        found.append({"kind": "resource", "body": {"id": id, "name": id.rpartition("/")[2], "type": type, **more}})
    return found


class Steps:
    """One estate, asked step by step; what somebody gives himself is tried."""

    def __init__(self, told: Documents) -> None:
        self.told, self.port = told, made(told)

    def allowed(self, who: str, operation: str, resource: str) -> bool:
        """Whether somebody can, or can once he has given himself a role."""
        if self.port.can(who, operation, resource, GIVEN).state is State.ALLOWED:
            return True
        type = "ServicePrincipal" if who == WORKLOAD else "User"
        for role in (*ROLES, OWNER, BLOB_OWNER):
            about = {"RoleDefinitionId": role, "PrincipalId": who, "PrincipalType": type}
            context = {f"@Request[Microsoft.Authorization/roleAssignments:{name}]": (v,) for name, v in about.items()}
            if self.port.can(who, WRITES, resource, Circumstances(context)).state is not State.ALLOWED:
                continue
            body = {"roleDefinitionId": role, "principalId": who, "principalType": type, "scope": resource}
            more = {"id": f"{resource}/providers/Microsoft.Authorization/roleAssignments/x", "properties": body}
            after = made([*self.told, {"kind": "role_assignment", "body": more}])
            if after.can(who, operation, resource, GIVEN).state is State.ALLOWED:
                return True
        return False

    def becomes(self, who: str) -> bool:
        """Whether somebody can become the identity."""
        attached = "principalId" in str([one for one in self.told if one["body"].get("id") == MACHINE])
        if self.allowed(who, TRUSTS, IDENTITY):
            return True
        if attached and any(self.allowed(who, one, MACHINE) for one in RUNS):
            return True
        if not self.allowed(who, ASSIGNS, IDENTITY):
            return False
        return any(self._writes_and_runs(who, one) for one in (MACHINE, SPARE))

    def _writes_and_runs(self, who: str, machine: str) -> bool:
        can = [self.port.can(who, one, machine, GIVEN).state is State.ALLOWED for one in (UPDATES, *RUNS)]
        return can[0] and any(can[1:])


def made(told: list[dict[str, Any]]) -> AzurePort:
    return port_of(told, [*NAMES, IDENTITY, SPARE])


@settings(LAW, max_examples=EXAMPLES // 2)
@given(estates(), st.sampled_from((*OPERATIONS[:3], OPERATIONS[4])), st.sampled_from(RESOURCES))
def test_who_becomes_somebody_who_can(told: Documents, operation: str, resource: str) -> None:
    steps = Steps(told)
    wanted = {one for one in PEOPLE if steps.allowed(one, operation, resource)}
    if WORKLOAD in wanted:
        wanted |= {one for one in PEOPLE if steps.becomes(one)}
    found = steps.port.who_can(operation, resource, GIVEN, transitive=True)
    assert {one.principal for one in found.holders if one.state is State.ALLOWED} & set(PEOPLE) == wanted
    direct = {one.principal: one.state for one in steps.port.who_can(operation, resource, GIVEN).holders}
    listed = {one.principal: one for one in found.holders}
    for who, state in direct.items():
        assert listed[who].state is state or listed[who].chain, "whoever can is told no less"
    for one in found.holders:
        assert one.chain or one.principal in direct


@settings(LAW, max_examples=EXAMPLES // 4)
@given(estates(), st.sampled_from(OPERATIONS[:2]))
def test_whoever_becomes_one_on_a_resource_does_so_somewhere(told: Documents, operation: str) -> None:
    port = made(told)
    anywhere = {one.principal: one.state for one in port.who_can(operation, None, GIVEN, transitive=True).holders}
    for resource in RESOURCES:
        for one in port.who_can(operation, resource, GIVEN, transitive=True).holders:
            if one.state is State.ALLOWED:
                assert anywhere.get(one.principal, State.DENIED) is not State.DENIED, (one.principal, resource)
