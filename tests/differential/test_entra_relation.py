"""Relations, what is reached, and who can anywhere: held against the reference, principal by principal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from entra_oracle import APP, APPS, HELPDESK, PEOPLE, USERS, Tenant, questions, tenants
from hypothesis import given, settings

from leastwise.engine.relation import Relation
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.lines import LINES
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.bulk import line
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import Request, request

GIVEN = Circumstances()
UNITS_AT = ("/administrativeUnits/unit-0", "/administrativeUnits/unit-1")
MORE = ("users/manager/update", "users/standard/read", "groups/create", "users/authenticationMethods/basic/update")
ACTIONS = sorted({f"microsoft.directory/{one}" for one in (*(action for action, _ in questions()), *MORE)})

ALIKE = (
    *(f"microsoft.directory/applications/{one}/update" for one in ("credentials", "owners", "basic", "tag")),
    *(f"microsoft.directory/servicePrincipals/{one}/update" for one in ("credentials", "owners", "basic")),
    *(f"microsoft.directory/groups/{one}/update" for one in ("members", "owners", "basic", "dynamicMembershipRule")),
    *(f"microsoft.directory/users/{one}/update" for one in ("password", "basic", "userPrincipalName")),
    *(f"POST /applications/{{id}}/{one}" for one in ("addPassword", "federatedIdentityCredentials", "owners")),
    "POST /groups/{id}/members", "POST /groups/{id}/owners", "POST /servicePrincipals/{id}/owners",
)  # fmt: skip
"""Some of which are given together."""


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


@settings(max_examples=30)
@given(tenants())
def test_relations_of_one_shape_say_the_same(tenant: Tenant) -> None:
    port = EntraPort(arranged(estate_of(tenant.documents(), published())))
    first: dict[object, Relation] = {}
    for permission in (*ACTIONS, *ALIKE):
        shape = port.shape(permission, GIVEN)
        if shape is None:
            continue
        made = port.relation(permission, GIVEN)
        other = first.setdefault(shape, made)
        assert (made.principals, made.resources, made.missing) == (other.principals, other.resources, other.missing)
        assert _states(made) == _states(other), (made.permission, other.permission)
    # Owners of applications and who is in their role do the same to them, and apps by the same permissions.
    assert len({port.shape(one, GIVEN) for one in ALIKE}) <= len(ALIKE) - 2


def _states(relation: Relation) -> dict[tuple[int, int], State]:
    return {
        (principal, resource): one.state
        for one in relation.rectangles
        for principal in one.principals
        for resource in one.resources
    }


def states_of(whole: Estate, who: str, action: str, objects: tuple[str, ...]) -> dict[str, State]:
    asked = request(whole, who, action, "/")
    return {one: state(replace(asked, resource=one)) for one in objects}


def _one(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": body}


def _tenant(assigned: Sequence[tuple[str, str, str]], people: int = 0) -> list[dict[str, Any]]:
    """Three applications, two service principals, some users and two units; the first of these is restricted."""
    found = [_one("application", id=f"app-{n}", appId=f"b{n}", signInAudience="AzureADMyOrg") for n in range(3)]
    found += [_one("service_principal", id=f"service-{n}", appId=f"a{n}", accountEnabled=True) for n in range(2)]
    found += [_one("user", id=f"user-{n}", userType="Member", accountEnabled=True) for n in range(people)]
    found += [
        _one("administrative_unit", id=f"unit-{n}", isMemberManagementRestricted=not n, members=[]) for n in (0, 1)
    ]
    found += [
        _one("directory_role_assignment", principalId=who, roleDefinitionId=role, directoryScopeId=scope)
        for who, role, scope in assigned
    ]
    return found


def _says_what_the_reference_does(told: list[dict[str, Any]], asks: Sequence[str]) -> None:
    whole = estate_of(told, published())
    port = EntraPort(arranged(whole))
    for permission in asks:
        relation = port.relation(permission, GIVEN)
        for who in [one["body"]["id"] for one in told if one["kind"] in ("service_principal", "user")]:
            for place, resource in enumerate(relation.resources):
                asked = request(whole, who, permission, resource)
                numbers = [relation.principals.index(one) for one in (who, line(asked, who)) if one]
                found = min((relation.state(one, place) for one in numbers), key=RANK.__getitem__)
                assert found is state(asked), (permission, who, resource)


def test_who_has_a_role_at_one_application_is_not_taken_for_a_stranger_to_it() -> None:
    """Applications at which roles are assigned are alike to all who have none at them."""
    assigned = [
        ("service-0", HELPDESK, "/"), ("service-1", HELPDESK, "/"),
        ("service-0", APPS, "/app-1"), ("service-1", APPS, "/app-0"), ("service-0", APPS, "/app-2"),
    ]  # fmt: skip
    asks = ("POST /applications/{id}/addPassword", "microsoft.directory/applications/credentials/update")
    _says_what_the_reference_does(_tenant(assigned), asks)


def test_a_role_protects_wherever_it_is_assigned_but_at_restricted_units() -> None:
    """Users of the same roles are alike."""
    assigned = [
        ("user-0", HELPDESK, "/"), ("user-1", USERS, "/"), ("service-0", USERS, "/"), ("user-8", USERS, UNITS_AT[1]),
        ("user-2", HELPDESK, "/app-1"), ("user-3", HELPDESK, UNITS_AT[0]), ("user-4", HELPDESK, UNITS_AT[1]),
        ("user-5", APPS, "/app-0"), ("user-6", APPS, "/app-1"), ("user-7", HELPDESK, "/administrativeUnits/unit-9"),
    ]  # fmt: skip
    asks = ("PATCH /users/{id}/passwordProfile", "microsoft.directory/users/password/update")
    _says_what_the_reference_does(_tenant(assigned, 10), asks)
