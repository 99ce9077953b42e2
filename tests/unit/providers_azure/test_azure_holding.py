"""What principals of Azure hold, by which assignments, and which of these are needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fakes.azure_bulk import TENANT, port_of
from leastwise.engine.holdings import GivenBy
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances, State
from leastwise.model.gap import Done, Item, Need, Use
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.usage.granting import needs

SUB = "/subscriptions/11111111-0000-4000-8000-000000000000"
RG = f"{SUB}/resourceGroups/Shop"
VM = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"
VAULT = f"{RG}/providers/Microsoft.KeyVault/vaults/keys"
OWNER, CONTRIBUTOR, READER = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
)  # fmt: skip
ANN, BEN, CAT = (f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in range(3))
TEAM = "cccccccc-0000-4000-8000-000000000000"
WRITE, READ = "Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachines/read"
Documents = list[dict[str, Any]]


def assigned(who: str, role: str, scope: str, **more: Any) -> dict[str, Any]:
    kind = "Group" if who == TEAM else "User"
    body = {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{who[-1]}{role[:4]}",
            "properties": {"roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
                           "principalId": who, "principalType": kind, "scope": scope, **more}}  # fmt: skip
    return {"kind": "role_assignment", "body": body}


def in_team(who: str) -> dict[str, Any]:
    return {"kind": "group_member", "body": {"groupId": TEAM, "id": who, "@odata.type": "#microsoft.graph.user"}}


def denied(scope: str, *actions: str, excluded: str = "") -> dict[str, Any]:
    everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    left_out = [{"id": excluded, "type": "User"}] if excluded else []
    properties = {"denyAssignmentName": "kept", "permissions": [{"actions": list(actions)}], "scope": scope,
                  "principals": [everyone], "excludePrincipals": left_out}  # fmt: skip
    return {"kind": "deny_assignment", "body": {"id": f"{scope}/d", "properties": properties}}


def made(*documents: dict[str, Any]) -> AzurePort:
    tree = {"kind": "management_group", "body": {"value": [{"id": SUB, "properties": {"parent": None}}]}}
    return port_of([tree, *documents], [SUB, f"/providers/Microsoft.Management/managementGroups/{TENANT}"])


def rough(port: AzurePort) -> dict[str, set[str]]:
    names, everybody = port.permissions(), port.everybody()
    return {
        who: {names[one] for bundle in group.bundles for part in everybody.bundles[bundle] for one in part.permissions}
        for group in everybody.groups
        for who in group.principals
    }


def test_an_owner_holds_all_of_both_planes_that_the_role_has_where_it_is_given() -> None:
    port = made(assigned(ANN, OWNER, SUB))
    held = port.held(ANN, Circumstances())
    (part,) = held.parts
    assert (part.resources, part.state, held.missing) == ((SUB,), State.ALLOWED, ())
    assert part.permissions == port.given(ANN)[0].permissions
    assert len(part.permissions) > 10_000
    assert rough(port) == {ANN: {port.permissions()[one] for one in part.permissions}}


def test_those_who_hold_alike_are_told_together_and_an_owner_is_not_written_out_for_each() -> None:
    port = made(assigned(TEAM, CONTRIBUTOR, RG), in_team(ANN), in_team(BEN), assigned(CAT, READER, SUB))
    everybody = port.everybody()
    groups = list(everybody.groups)
    assert sorted(one.principals for one in groups) == [(ANN, BEN), (CAT,)]
    assert all(one.exact and not one.unread for one in groups)
    assert len(everybody.bundles) == 3  # the team's, the reader's, and that of all who have nothing of their own


def test_a_group_calls_nothing_itself() -> None:
    port = made(assigned(TEAM, CONTRIBUTOR, RG), in_team(ANN))
    for ask in (lambda: port.held(TEAM, Circumstances()), lambda: port.given(TEAM)):
        with pytest.raises(UsageError, match="is a group, which calls nothing itself"):
            ask()


def test_what_is_eligible_is_not_held() -> None:
    offered = assigned(ANN, OWNER, SUB)
    port = made({**offered, "kind": "role_eligibility_schedule"}, assigned(ANN, READER, RG))
    assert {part.resources for part in port.held(ANN, Circumstances()).parts} == {(RG,)}
    assert [one.policy for one in port.given(ANN)] == ["Reader"]
    assert WRITE not in rough(port)[ANN]


def test_what_is_denied_to_all_but_one_is_held_by_the_one() -> None:
    port = made(
        assigned(ANN, CONTRIBUTOR, RG), assigned(BEN, CONTRIBUTOR, RG),
        denied(SUB, "Microsoft.Compute/*/write", excluded=BEN),
    )  # fmt: skip
    held = rough(port)
    assert WRITE not in held[ANN]
    assert WRITE in held[BEN]
    assert {READ} <= held[ANN] & held[BEN]


def test_a_denial_that_was_not_read_makes_what_is_held_unread() -> None:
    port = made(assigned(ANN, READER, "/subscriptions/22222222-0000-4000-8000-000000000000"))
    port.compiled.facts["unread"]["denies"].append("/subscriptions/22222222-0000-4000-8000-000000000000")
    (group,) = port.everybody().groups
    assert group.unread
    assert {part.state for part in port.held(ANN, Circumstances()).parts} == {State.UNKNOWN}


def test_a_role_that_was_not_read_makes_what_is_held_unread() -> None:
    port = made(assigned(ANN, "eeeeeeee-0000-4000-8000-000000000000", RG))
    (group,) = port.everybody().groups
    assert (group.unread, group.bundles) == (True, ())
    assert port.held(ANN, Circumstances()).missing == ("the role definition eeeeeeee-0000-4000-8000-000000000000",)


def test_access_policies_of_vaults_are_held_too() -> None:
    policy = {"tenantId": "t", "objectId": ANN, "permissions": {"secrets": ["get"]}}
    vault = {"id": VAULT, "type": "Microsoft.KeyVault/vaults", "location": "westeurope",
             "properties": {"accessPolicies": [policy], "enableRbacAuthorization": False}}  # fmt: skip
    user = {"kind": "user", "body": {"id": ANN, "userPrincipalName": "ann@corp.example"}}
    port = made({"kind": "resource", "body": vault}, user, assigned(BEN, OWNER, SUB))
    name = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
    assert rough(port)[ANN] == {name}
    (one,) = port.given(ANN)
    assert (one.policy, one.resources, {port.permissions()[each] for each in one.permissions}) == (
        "access policy", (VAULT,), {name},
    )  # fmt: skip


def item(permission: str, state: Use, *touched: str) -> Item:
    done = Done(count=1, touched=touched, last=datetime(2026, 10, 1, tzinfo=UTC)) if touched else Done()
    return Item(permission, state, State.ALLOWED, (SUB,), "write", done, "")


def verdicts(port: AzurePort, who: str, *items: Item) -> dict[str, Need]:
    names = {name: number for number, name in enumerate(port.permissions())}
    given: tuple[GivenBy, ...] = port.given(who)
    found = needs(items, names, given, port.above, lambda number: False)
    return {f"{one.policy} {one.statement}": one.need for one in found}


def test_whether_an_owner_is_still_needed() -> None:
    port = made(assigned(ANN, OWNER, SUB), assigned(TEAM, CONTRIBUTOR, RG), in_team(ANN))
    owner, team = f"Owner on {SUB}", f"Contributor on {RG} through {TEAM}"
    on_vm = item(WRITE, Use.USED, VM.upper())
    # The team's role gives what was used; a log writes ids in other letters.
    assert verdicts(port, ANN, on_vm) == {owner: Need.COVERED, team: Need.COVERED}
    elsewhere = item(WRITE, Use.USED, f"{SUB}/resourceGroups/other/providers/Microsoft.Compute/virtualMachines/vm2")
    assert verdicts(port, ANN, elsewhere) == {owner: Need.NEEDED, team: Need.UNUSED}
    gives = item("Microsoft.Authorization/roleAssignments/write", Use.USED, RG)
    assert verdicts(port, ANN, gives)[owner] is Need.NEEDED
    assert verdicts(port, ANN, item(WRITE, Use.UNUSED)) == {owner: Need.UNUSED, team: Need.UNUSED}
