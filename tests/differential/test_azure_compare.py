"""Two principals of a drawn estate of Azure held against each other: every known place is told as formulas say."""

from __future__ import annotations

from collections.abc import Iterable

from azure_estates import OPERATIONS, PEOPLE
from hypothesis import given, settings
from hypothesis import strategies as st
from test_azure_bulk import EXAMPLES, LAW, NAMES, Documents, documents
from test_gcp_compare import own

from fakes.azure_bulk import port_of
from leastwise.engine.formula import Formula, all_of, negate
from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.evaluate.decide import decide
from leastwise.providers.azure.evaluate.explain import STATES
from leastwise.providers.azure.evaluate.worlds import solver

GIVEN = Circumstances()
pairs = st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=2)


def when(port: AzurePort, who: str, operation: str, place: int) -> Formula:
    """When somebody may do an operation on what lies in a place, as the reference says."""
    asked = port.asked(operation, None, GIVEN, who)
    return decide(port.anywhere.at(asked, place)).formula


def told(port: AzurePort, cubes: Iterable[Cube], operation: str, place: int) -> State:
    """What cubes say of an operation on what lies in a place: at most one does."""
    above = {one.lower() for one in port.above(port.compiled.ids[place])}
    found = [
        one.state
        for one in cubes
        if operation in one.permissions
        and {each.lower() for each in one.resources} & above
        and not {each.lower() for each in one.exceptions} & above
    ]
    assert len(found) <= 1, (operation, place)
    return found[0] if found else State.DENIED


def solved(formula: Formula) -> State:
    return STATES[solver().verdict(formula).outcome]


@settings(LAW, max_examples=max(EXAMPLES // 4, 8))
@given(documents(), pairs)
def test_differences_are_exact(documents_: Documents, pair: list[str]) -> None:
    port = port_of(documents_, NAMES)
    first, second = pair
    one, other = port.effective(first, GIVEN), port.effective(second, GIVEN)
    cubes, only, both = one.cubes(), one.minus(other), one.both(other)
    names = port.permissions()
    assert {names[number] for number in one.permissions} == {each for cube in cubes for each in cube.permissions}
    for place in range(len(port.compiled.places)):
        for operation in OPERATIONS:
            mine, others = (when(port, who, operation, place) for who in pair)
            wanted, joined = all_of((mine, negate(others))), all_of((mine, others))
            if mine != others:
                wanted = all_of((own(mine, first), negate(own(others, second))))
                joined = all_of((own(mine, first), own(others, second)))
            for sides, formula in ((cubes, mine), (only, wanted), (both, joined)):
                state = solved(formula)
                got = told(port, sides, operation, place)
                # What a resource's id tells of conditions on what lies in another place is not parted further.
                narrower = got is State.CONDITIONAL and "@Resource" in str(documents_)
                assert got is state or narrower, (operation, place)
    assert one.minus(one) == ()
    assert one.unread(one) == ()


def test_compare_names_the_scopes_and_leaves_out_where_a_denial_holds() -> None:
    sub, role = "/subscriptions/11111111-0000-4000-8000-000000000000", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    everyone = {"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}
    told_ = [
        {"kind": "management_group", "body": {"value": [{"id": sub, "properties": {"parent": None}}]}},
        {"kind": "role_assignment", "body": {"properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}", "principalId": PEOPLE[0],
            "principalType": "User", "scope": sub}}},
        {"kind": "deny_assignment", "body": {"id": "d", "properties": {
            "denyAssignmentName": "d", "permissions": [{"actions": ["*"]}], "scope": f"{sub}/resourceGroups/Kept",
            "principals": [everyone], "excludePrincipals": [{"id": PEOPLE[1], "type": "User"}]}}},
    ]  # fmt: skip
    port = port_of(told_, [sub])
    (only,) = port.effective(PEOPLE[0], GIVEN).minus(port.effective(PEOPLE[1], GIVEN))
    assert (only.resources, only.exceptions, only.state) == ((sub,), (f"{sub}/resourceGroups/Kept",), State.ALLOWED)
    assert OPERATIONS[0] in only.permissions
    assert port.effective(PEOPLE[1], GIVEN).minus(port.effective(PEOPLE[0], GIVEN)) == ()
