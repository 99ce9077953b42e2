"""Relations, what is reached, and who can anywhere: held against the reference, principal by principal."""

from __future__ import annotations

from dataclasses import replace

from entra_oracle import APP, PEOPLE, Tenant, questions, tenants
from hypothesis import given, settings

from leastwise.model.decision import Circumstances, State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.lines import LINES
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.bulk import RANK, line
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Request, request

GIVEN = Circumstances()
MORE = ("users/manager/update", "users/standard/read", "groups/create", "users/authenticationMethods/basic/update")
ACTIONS = sorted({f"microsoft.directory/{one}" for one in (*(action for action, _ in questions()), *MORE)})


def state(asked: Request) -> State:
    return STATES[decide(asked).verdict.outcome]


@settings(max_examples=40)
@given(tenants())
def test_a_relation_says_of_every_pair_what_the_reference_says(tenant: Tenant) -> None:
    whole = estate_of(tenant.documents(), published())
    port = EntraPort(arranged(whole))
    for action in ACTIONS:
        relation = port.relation(action, GIVEN)
        pairs = [(one, place) for each in relation.rectangles for one in each.principals for place in each.resources]
        assert len(pairs) == len(set(pairs))
        numbers = {id: number for number, id in enumerate(relation.principals)}
        for place, resource in enumerate(relation.resources):
            for who in (*PEOPLE, APP):
                asked = request(whole, who, action, resource)
                by_line = relation.state(numbers[line(asked, who)], place) if line(asked, who) else State.DENIED
                found = min(relation.state(numbers[who], place), by_line, key=RANK.__getitem__)
                expected = state(asked)
                assert found is expected or (expected is State.UNKNOWN and found is State.DENIED), (
                    action,
                    resource,
                    who,
                )


@settings(max_examples=40)
@given(tenants())
def test_what_is_reached_and_who_can_anywhere(tenant: Tenant) -> None:
    whole = estate_of(tenant.documents(), published())
    port = EntraPort(arranged(whole))
    for action in ACTIONS:
        objects = port.relation(action, GIVEN).resources
        listed = {one.principal: one.state for one in port.who_can(action, None, GIVEN).holders}
        for who in (*PEOPLE, APP):
            states = states_of(whole, who, action, objects)
            reached = {one.resource: one.state for one in port.reach(who, action, GIVEN).resources}
            assert reached == {id: one for id, one in states.items() if one is not State.DENIED}
            best = min(states.values(), key=RANK.__getitem__)
            assert port.can(who, action, None, GIVEN).state is best
            by_line = listed.get(line(request(whole, who, action, "/"), who), State.DENIED)
            found = min(listed.get(who, State.DENIED), by_line, key=RANK.__getitem__)
            assert found is best or (best is State.UNKNOWN and found is State.DENIED), (action, who, listed)
        assert set(listed) <= {*PEOPLE, APP, *LINES}


def states_of(whole: Estate, who: str, action: str, objects: tuple[str, ...]) -> dict[str, State]:
    asked = request(whole, who, action, "/")
    return {one: state(replace(asked, resource=one)) for one in objects}
