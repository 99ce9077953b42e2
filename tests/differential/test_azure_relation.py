"""Drawn estates of Azure: the rectangles of a relation say of every pair what is answered of it alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_estates import CONDITIONS, OPERATIONS, PEOPLE, RG, ROLES, SUB, TREE, VM
from test_azure_bulk import EXAMPLES, LAW, Documents, both, circumstances, documents

from leastwise.engine.relation import Relation, Told
from leastwise.model.decision import Circumstances, State
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.language.assignments import EVERYONE


def agrees(port: AzurePort, relation: Relation, given_: Circumstances) -> None:
    """Holds a relation against `can`, `reach` and `who-can`."""
    seen: dict[tuple[int, int], State] = {}
    for one in relation.rectangles:
        assert one.principals and one.resources
        for principal in one.principals:
            for resource in one.resources:
                assert (principal, resource) not in seen, "a pair is in two rectangles"
                seen[principal, resource] = one.state
    assert relation.pairs == len(seen)
    groups = {port.compiled.members[one] for one in port.known.expanding.groups}
    for number, id in enumerate(relation.principals):
        if id in groups or id == EVERYONE:
            assert not list(relation.of_principal(number)), id
            continue
        for at, resource in enumerate(relation.resources):
            found = port.can(id, relation.permission, resource, given_)
            assert found.state is seen.get((number, at), State.DENIED), (id, resource, found.missing)
        reached = {one.resource: one.state for one in port.reach(id, relation.permission, given_).resources}
        mine = {relation.resources[at]: state for (who, at), state in seen.items() if who == number}
        assert reached == mine, id
    listed = {
        (holder.principal, resource)
        for resource in relation.resources
        for holder in port.who_can(relation.permission, resource, given_).holders
    }
    assert listed <= {(relation.principals[who], relation.resources[at]) for who, at in seen}


@settings(LAW, max_examples=EXAMPLES)
@given(documents(), st.sampled_from(OPERATIONS), circumstances)
def test_a_relation_says_what_every_pair_does(told: Documents, operation: str, given_: Circumstances) -> None:
    _, port = both(told)
    relation = port.relation(operation, given_)
    agrees(port, relation, given_)
    for one in relation.rectangles:
        for place in (one.resources[0], one.resources[-1]):
            id, resource = relation.principals[one.principals[0]], relation.resources[place]
            alone = port.can(id, operation, resource, given_)
            assert one.told(place) == (alone.residual, alone.missing)
    for at, resource in enumerate(relation.resources):
        stranger = port.can("ffffffff-0000-4000-8000-00000000000f", operation, resource, given_).state
        assert (at in relation.open) is (stranger is not State.DENIED), resource


PAIRS = (*OPERATIONS, *(one.replace("virtualMachines", "disks") for one in OPERATIONS[:3]))
"""Operations of which some are given together."""


@settings(LAW, max_examples=EXAMPLES)
@given(documents(), circumstances)
def test_relations_of_one_shape_say_the_same(told: Documents, given_: Circumstances) -> None:
    _, port = both(told)
    _shapes_hold(port, given_)


def _shapes_hold(port: AzurePort, given_: Circumstances) -> int:
    """Holds the relations of each shape against each other; says how many shapes there are."""
    first: dict[object, Relation] = {}
    for operation in PAIRS:
        shape = port.shape(operation, given_)
        made = port.relation(operation, given_)
        if shape is None:
            continue
        other = first.setdefault(shape, made)
        assert (made.principals, made.resources, made.missing) == (other.principals, other.resources, other.missing)
        assert made.open == other.open
        assert _states(made) == _states(other), (made.permission, other.permission)
    return len(first)


def _states(relation: Relation) -> dict[tuple[int, int], tuple[State, Told]]:
    return {
        (principal, resource): (one.state, one.told(resource))
        for one in relation.rectangles
        for principal in one.principals
        for resource in one.resources
    }


def _assigned(who: str, scope: str, condition: str = "") -> dict[str, Any]:
    role = f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[0]}"
    body = {"roleDefinitionId": role, "principalId": who, "principalType": "User", "scope": scope}
    id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{who[-1]}{len(condition)}"
    return {"kind": "role_assignment", "body": {"id": id, "properties": body | {"condition": condition}}}


def _given_below() -> Documents:
    """A role of everything, given under conditions too, below a subscription in which nothing may be written."""
    permissions = [{"actions": ["*"], "dataActions": ["*"]}]
    role = {"name": ROLES[0], "properties": {"roleName": "r", "type": "CustomRole", "permissions": permissions}}
    everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    denied = {
        "denyAssignmentName": "d", "permissions": [{"actions": ["*/write"]}], "scope": SUB,
        "principals": [everyone], "excludePrincipals": [{"id": PEOPLE[1], "type": "User"}],
    }  # fmt: skip
    return [
        TREE, {"kind": "role_definition", "body": role},
        {"kind": "deny_assignment", "body": {"properties": denied}},
        _assigned(PEOPLE[0], RG), _assigned(PEOPLE[1], RG), _assigned(PEOPLE[2], RG, CONDITIONS[1]),
        _assigned(PEOPLE[1], VM), _assigned(PEOPLE[2], VM, CONDITIONS[0]), _assigned(PEOPLE[0], VM, CONDITIONS[1]),
    ]  # fmt: skip


def test_what_stands_against_everybody_above_stands_against_whom_something_below_lets_in() -> None:
    """Places whose own assignments give whatever the request are read off; not where something denies."""
    _, port = both(_given_below())
    for operation in OPERATIONS:
        agrees(port, port.relation(operation, Circumstances()), Circumstances())
    found = port.relation(OPERATIONS[1], Circumstances())
    states = {id: found.state(number, found.resources.index(VM)) for number, id in enumerate(found.principals)}
    assert [states[one] for one in PEOPLE] == [State.DENIED, State.ALLOWED, State.DENIED]


def test_what_denies_and_what_conditions_say_of_an_operation_are_of_its_shape() -> None:
    _, port = both(_given_below())
    found = _shapes_hold(port, Circumstances())
    # Machines are read and deleted alike, and so are disks; roles are assigned to whatever machines are written to.
    assert found == len(PAIRS) - 3
