"""The cases of the suite `ask` for Azure, asked of the bulk engine: documents, their tables, these compiled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asking_support import cases_of

from fakes.azure_bulk import circumstances, port_of
from leastwise.model.decision import State
from leastwise.providers.ask import wanted, whole
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.language.assignments import EVERYONE, principal_key
from leastwise.providers.azure.language.operations import CONTROL, DATA, canonical

FOLDER = Path(__file__).parents[1] / "cases" / "azure"
OLDER = "classic-administrators/"
"""Snapshots of today have no classic administrators, whatever time is asked about: they were retired in 2024."""
EVERY = [one for one in cases_of(FOLDER) if not one["id"].startswith(OLDER)]
CASES = [one for one in EVERY if one["question"]["ask"] in ("can", "who_can")]
WHAT = [one for one in EVERY if one["question"]["ask"] == "what_can"]


def permission_of(question: Mapping[str, Any]) -> str:
    """The operation, with its plane before it where the question says that."""
    name, plane = question["permission"], question.get("plane")
    return f"{plane}:{name}" if plane and not name.lower().startswith((DATA, CONTROL)) else name


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_case_in_bulk(case: Mapping[str, Any]) -> None:
    question, expected = case["question"], wanted(case["question"]["ask"], case["expected"])
    port, given = port_of(case["documents"], question), circumstances(question)
    permission, resource = permission_of(question), question["resource"]
    if question["ask"] == "can":
        assert port.can(question["principal"], permission, resource, given).state is expected.state
    else:
        found = port.who_can(permission, resource, given)
        states = {one.principal: one.state for one in found.holders}
        state, names = whole(states, unlisted=bool(found.missing))
        assert state is expected.state
        if expected.names is not None:
            assert sorted(map(principal_key, expected.names)) == names
    agree(port, question)


@pytest.mark.parametrize("case", WHAT, ids=[one["id"] for one in WHAT])
def test_what_somebody_can(case: Mapping[str, Any]) -> None:
    question, expected = case["question"], wanted("what_can", case["expected"])
    port, given = port_of(case["documents"], question), circumstances(question)
    cubes = port.what_can(question["principal"], question["resource"], given)
    states = {permission: one.state for one in cubes for permission in one.permissions}
    assert sum(len(one.permissions) for one in cubes) == len(states), "no permission stands in two cubes"
    plane = question.get("plane")
    if plane is not None:
        numbers = port.numbers
        of_plane = {numbers.names[one] for one in numbers.of_plane[plane]}
        states = {name: state for name, state in states.items() if name in of_plane}
    allowed = sorted(canonical(one) for one, state in states.items() if state is State.ALLOWED)
    if plane is not None:
        allowed = sorted(one.removeprefix(DATA) for one in allowed)
    other = whole(states, unlisted=any(not one.permissions for one in cubes))[0]
    assert (State.ALLOWED if allowed else other) is expected.state
    if expected.names is not None:
        assert sorted(map(canonical, expected.names)) == allowed
    for permission, state in list(states.items())[:5]:
        assert port.can(question["principal"], permission, question["resource"], given).state is state, permission


def agree(port: AzurePort, question: Mapping[str, Any]) -> None:
    """Whoever is listed can, in that state; whoever is not cannot, or what was not read may let them in."""
    given, asked = circumstances(question), (permission_of(question), question["resource"])
    found = port.who_can(*asked, given)
    listed = {one.principal: one for one in found.holders}
    relation = port.relation(asked[0], given)
    at = next((at for at, id in enumerate(relation.resources) if id.lower() == asked[1].lower()), None)
    related = {relation.principals[who]: one.state for one in relation.of_resource(at or 0) for who in one.principals}
    for id in port.compiled.members.all():
        if port.compiled.estate.groups.get(id) is not None:
            continue
        answer = port.can(id, *asked, given)
        if at is not None and id != EVERYONE:
            assert related.get(id, State.DENIED) is answer.state, id
        if id in listed:
            assert answer.state is listed[id].state, id
            assert set(listed[id].missing) == set(answer.missing), id
        else:
            assert answer.state in (State.DENIED, State.UNKNOWN), id


def test_roles_of_a_resources_own_system_give_nothing_of_azure() -> None:
    ann, account = "aaaaaaaa-0000-4000-8000-000000000001", "Microsoft.DocumentDB/databaseAccounts"
    where = f"/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg1/providers/{account}/c"
    given = {"id": f"{where}/sqlRoleAssignments/a", "type": f"{account}/sqlRoleAssignments", "properties": {
        "principalId": ann, "scope": where,
        "roleDefinitionId": f"{where}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002"}}  # fmt: skip
    port = port_of([{"kind": "resource", "body": given}])
    nothing = circumstances({"mode": "strict"})
    assert port.can(ann, f"{account}/read", where, nothing).state is State.DENIED
    items = f"data:{account}/sqlDatabases/containers/items/read"
    assert port.can(ann, items, where, nothing).state is State.UNKNOWN, "the roles of Cosmos DB are not evaluated"
