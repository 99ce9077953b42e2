"""Drawn estates of Azure: who is told to have equal access has, and shares are right."""

from __future__ import annotations

from typing import Any

from azure_estates import GROUPS, PEOPLE, SUB
from hypothesis import given, settings
from hypothesis import strategies as st
from test_azure_bulk import LAW, NAMES, Documents, documents
from test_gcp_alike import EXAMPLES, check

from fakes.azure_bulk import port_of

READER, OWNER = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


@settings(LAW, max_examples=EXAMPLES)
@given(documents(), st.sampled_from((0.5, 0.8, 1.0)))
def test_alike_is_what_single_answers_say(told: Documents, threshold: float) -> None:
    check(port_of(told, NAMES), threshold)


def test_those_with_one_role_by_name_and_through_a_group_are_equal_and_an_owner_is_not() -> None:
    def assigned(who: str, role: str, kind: str = "User") -> dict[str, Any]:
        return {"kind": "role_assignment", "body": {"properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}", "principalId": who,
            "principalType": kind, "scope": SUB}}}  # fmt: skip

    inside = {"groupId": GROUPS[0], "id": PEOPLE[1], "@odata.type": "#microsoft.graph.user"}
    port = port_of([
        {"kind": "management_group", "body": {"value": [{"id": SUB, "properties": {"parent": None}}]}},
        {"kind": "group_member", "body": inside}, assigned(PEOPLE[0], READER),
        assigned(GROUPS[0], READER, "Group"), assigned(PEOPLE[2], OWNER),
    ], [SUB])  # fmt: skip
    (found,) = port.alike(1.0).groups
    assert (found.equal, [one.principal for one in found.twins], found.on) == (True, list(PEOPLE[:2]), (SUB,))
    assert port.alike(1.0, kinds=["workload"]).groups == ()
