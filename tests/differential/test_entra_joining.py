"""Whoever adds members to a group that lets its members make a request, or has an app role, can become one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entra_oracle import ROLES, USERS, Tenant, tenants
from hypothesis import given, settings
from hypothesis import strategies as st
from test_entra_anywhere_requests import APPS, GRAPH, VALUES, granted, more, one, plain

from leastwise.model.decision import Circumstances, State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import Estate, Member
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request
from leastwise.providers.entra.language.directory import SERVICE

JOINS = ("microsoft.directory/groups/members/update", "POST /groups/{id}/members/$ref")
QUESTIONS = (
    ("PATCH /users/{id}", "user-1"), ("GET /groups/{id}/members", "group-2"), ("User.Read.All", GRAPH),
)  # fmt: skip
GIVEN = Circumstances()


def to_group(group: str, value: str) -> dict[str, Any]:
    """An app role of Graph that was granted to a group."""
    return one(
        "app_role_assignment", principalId=group, principalType="Group", resourceId=GRAPH, appRoleId=VALUES[value]
    )


def can(whole: Estate, who: str, permission: str, object: str) -> bool:
    return STATES[decide(request(whole, who, permission, object)).verdict.outcome] is State.ALLOWED


@settings(max_examples=15)
@given(tenants(), st.data())
def test_whoever_joins_a_group_can_what_its_members_can(tenant: Tenant, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(("group-1", "group-2")), st.sampled_from(sorted(VALUES)))))
    documents = [*tenant.documents(), *more(data), *(to_group(group, value) for group, value in set(drawn))]
    whole = estate_of(documents, published())
    port = EntraPort(arranged(whole))
    for permission, object in QUESTIONS:
        plainly = {each.principal for each in port.who_can(permission, object, GIVEN).holders}
        found = {each.principal: each for each in port.who_can(permission, object, GIVEN, transitive=True).holders}
        assert plainly <= found.keys()
        for who in APPS:
            for group, members in whole.groups.items():
                joined = replace(whole, groups={**whole.groups, group: (*members, Member(who, SERVICE))})
                joins = any(can(whole, who, each, group) for each in JOINS)
                if joins and can(joined, who, permission, object):
                    assert found[who].state is State.ALLOWED, (permission, who, group)


def test_an_app_that_adds_itself_to_a_group_makes_its_requests() -> None:
    """Joining counted for actions of the directory alone."""
    group = {"members": {"group-1": frozenset(), "group-2": frozenset()}, "assignable": frozenset({"group-1"})}
    tenant = plain(**group, assigned=(("group-1", USERS, "/"), ("service-1", ROLES, "/"), ("user-1", ROLES, "/")))
    port = EntraPort(arranged(estate_of([*tenant.documents(), *granted("User.Read")], published())))
    found = port.who_can("PATCH /users/{id}", "user-2", GIVEN, transitive=True).holders
    assert {(each.principal, each.state, each.chain[0].id) for each in found} == {
        ("service-1", State.ALLOWED, "group-1")
    }


def test_a_group_with_an_app_role_gives_it_to_whoever_joins() -> None:
    owners = frozenset({("group-2", "service-1"), ("group-2", "user-1")})
    tenant = plain(members={"group-2": frozenset()}, owners=owners)
    documents = [*tenant.documents(), *granted("User.Read"), to_group("group-2", "User.Read.All")]
    port = EntraPort(arranged(estate_of(documents, published())))
    value = port.who_can("User.Read.All", GRAPH, GIVEN, transitive=True).holders
    assert {each.principal for each in value} == {"service-1", "user-1"}
    asked = port.who_can("GET /users/{id}", "user-2", GIVEN, transitive=True).holders
    assert {each.principal for each in asked} == {"service-1"}
