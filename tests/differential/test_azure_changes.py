"""Two drawn estates of Azure: whose access has changed is what asking about each of both says."""

from __future__ import annotations

from typing import Any

from azure_estates import OPERATIONS, PEOPLE, SUB
from hypothesis import given, settings
from hypothesis import strategies as st
from test_azure_bulk import EXAMPLES, LAW, NAMES, Documents, documents

from fakes.azure_bulk import port_of
from leastwise.model.decision import Circumstances, State

GIVEN = Circumstances()


@st.composite
def altered(draw: st.DrawFn) -> tuple[Documents, Documents]:
    """An estate, and the same with something left out, or another one."""
    before = draw(documents())
    if draw(st.integers(0, 3)) == 0:
        return before, draw(documents())
    gone = draw(st.lists(st.integers(1, len(before) - 1), max_size=2))
    return before, [one for number, one in enumerate(before) if number not in gone]


@settings(LAW, max_examples=max(EXAMPLES // 4, 8))
@given(altered())
def test_changes_are_what_each_can_before_and_now(pair: tuple[Documents, Documents]) -> None:
    before, now = (port_of(one, NAMES) for one in pair)
    found = {one.principal: one for one in now.changes(before)}
    assert not list(now.changes(now))
    assert list(found) == sorted(found)
    for who in PEOPLE:
        earlier, later = before.effective(who, GIVEN), now.effective(who, GIVEN)
        told = found.get(who)
        wanted = (later.minus(earlier), earlier.minus(later))
        if told is None:
            named = {one for cubes in wanted for one in cubes}
            # Who is given nothing in either estate is told of by nobody.
            assert not named or who not in {*before.side.traits, *now.side.traits}, who
            continue
        assert (told.gained, told.lost) == wanted
        for resource in NAMES:
            for operation in OPERATIONS:
                was, does = (port.can(who, operation, resource, GIVEN).state for port in (before, now))
                if {was, does} == {State.ALLOWED, State.DENIED}:
                    cubes = told.gained if does is State.ALLOWED else told.lost
                    assert any(operation in cube.permissions for cube in cubes), (who, operation, resource)


def test_a_role_that_gives_more_is_told_of_whoever_has_it_through_a_group() -> None:
    role, group, who = "dddddddd-0000-4000-8000-000000000009", "cccccccc-0000-4000-8000-000000000009", PEOPLE[0]

    def estate(*actions: str) -> list[dict[str, Any]]:
        body = {"roleName": "Operator", "type": "CustomRole", "permissions": [{"actions": list(actions)}]}
        return [
            {"kind": "management_group", "body": {"value": [{"id": SUB, "properties": {"parent": None}}]}},
            {"kind": "role_definition", "body": {"name": role, "properties": body}},
            {"kind": "group_member", "body": {"groupId": group, "id": who, "@odata.type": "#microsoft.graph.user"}},
            {"kind": "role_assignment", "body": {"properties": {
                "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
                "principalId": group, "principalType": "Group", "scope": SUB}}},
        ]  # fmt: skip

    before, now = port_of(estate(OPERATIONS[0]), [SUB]), port_of(estate(*OPERATIONS[:2]), [SUB])
    (change,) = now.changes(before)
    (gained,) = change.gained
    assert (change.principal, change.presence, change.lost) == (who, "both", ())
    assert (gained.permissions, gained.resources, gained.state) == ((OPERATIONS[1],), (SUB,), State.ALLOWED)


def test_what_was_not_read_is_told_of_both_and_of_one() -> None:
    documents_ = [{"kind": "management_group", "body": {"value": [{"id": SUB, "properties": {"parent": None}}]}}]
    before, now = port_of(documents_, [SUB]), port_of(documents_, [SUB])
    for port in (before, now):
        port.compiled.facts["unread"]["grants"].append(SUB)
    now.compiled.facts["unread"]["denies"].append(SUB)
    lines = now.unseen(before)
    assert any(one.startswith(f"the role assignments of {SUB}: not read before nor now") for one in lines)
    assert any(one.startswith(f"the deny assignments of {SUB}: read in one of both only") for one in lines)
