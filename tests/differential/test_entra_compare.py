"""What somebody can do, as cubes, and two principals held against each other: as the reference says of each object."""

from __future__ import annotations

from collections.abc import Iterable

from entra_oracle import APP, PEOPLE, Tenant, questions, tenants
from hypothesis import given, settings
from hypothesis import strategies as st
from test_entra_relation import GIVEN, state

from leastwise.engine.formula import all_of, negate
from leastwise.model.decision import Cube, State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import access, solver
from leastwise.providers.entra.evaluate.directions import what_can
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request

WHO = st.sampled_from((*PEOPLE, APP))
FEW = settings(max_examples=15)


def told(cubes: Iterable[Cube], name: str, place: str) -> State:
    """What cubes say of a permission on an object: at most one does."""
    found = [
        one.state
        for one in cubes
        if name in one.permissions and {place, "/"} & {*one.resources} and not {place, "/"} & {*one.exceptions}
    ]
    assert len(found) <= 1, (name, place, found)
    return found[0] if found else State.DENIED


@FEW
@given(tenants(), WHO)
def test_cubes_say_of_every_object_what_the_reference_says(tenant: Tenant, who: str) -> None:
    whole = estate_of(tenant.documents(), published())
    cubes = EntraPort(arranged(whole)).what_can(who, None, GIVEN)
    for action, object in questions():
        name = f"microsoft.directory/{action}"
        assert told(cubes, name, object) is state(request(whole, who, name, object)), (who, action, object)


@FEW
@given(tenants(), WHO, st.sampled_from(("user-1", "group-1", "app-1", "/", APP)))
def test_what_can_on_an_object_is_what_the_reference_lists(tenant: Tenant, who: str, object: str) -> None:
    whole = estate_of(tenant.documents(), published())
    cubes = EntraPort(arranged(whole)).what_can(who, object, GIVEN)
    listed = {name: one.state for one in cubes for name in one.permissions}
    assert listed == what_can(request(whole, who, "anything", object))


@FEW
@given(tenants(), WHO, WHO)
def test_a_difference_says_what_one_may_and_the_other_may_not(tenant: Tenant, first: str, second: str) -> None:
    whole = estate_of(tenant.documents(), published())
    port = EntraPort(arranged(whole))
    mine, others = (port.effective(one, GIVEN) for one in (first, second))
    more, shared = mine.minus(others), mine.both(others)
    solved = solver()
    for action, object in questions():
        name = f"microsoft.directory/{action}"
        one, other = (access(request(whole, who, name, object)) for who in (first, second))
        if not isinstance(one, bool) or not isinstance(other, bool):
            continue  # what was not read may say another thing of each
        for cubes, wanted in ((more, all_of((one, negate(other)))), (shared, all_of((one, other)))):
            assert told(cubes, name, object) is STATES[solved.verdict(wanted).outcome], (action, object)
