"""What is held, who is alike, what has changed, who can become whom: held against the reference on drawn tenants."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from entra_oracle import APP, APPS, CREATE, DELETE, MEMBERS, PASSWORD, PEOPLE, READERS, SECRET, Tenant, tenants
from hypothesis import given, settings
from hypothesis import strategies as st
from test_entra_relation import GIVEN, state

from leastwise.model.decision import State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.lines import LINES
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request

WHO = (*PEOPLE, APP)
GRANTED = [
    *((action, id) for action in (PASSWORD, DELETE) for id in PEOPLE),
    (MEMBERS, "group-1"), (SECRET, "app-1"), (CREATE, "/"),
]  # fmt: skip
FEW = settings(max_examples=5)


def port_of(tenant: Tenant) -> EntraPort:
    return EntraPort(arranged(estate_of(tenant.documents(), published()), "tenant"))


@FEW
@given(tenants())
def test_whoever_can_holds_it_at_the_object_or_above(tenant: Tenant) -> None:
    port, whole = port_of(tenant), estate_of(tenant.documents(), published())
    names = port.permissions()
    groups = {who: one for one in port.everybody().groups for who in one.principals}
    bundles = port.everybody()
    list(bundles.groups)
    for who in WHO:
        held = {(names[number], place) for one in port.held(who, GIVEN).parts for number in one.permissions
                for place in one.resources}  # fmt: skip
        given_ = {
            (names[number], place) for one in port.given(who) for number in one.permissions for place in one.resources
        }
        assert held == (set() if who in tenant.disabled else given_)
        alike = groups.get(who)
        of_all = set() if alike is None else {
            (names[number], place) for bundle in alike.bundles for one in bundles.bundles[bundle]
            for number in one.permissions for place in one.resources
        }  # fmt: skip
        assert of_all == held
        for action, object in GRANTED:
            wanted = {f"microsoft.directory/{action}"}
            if action == MEMBERS:
                more = (
                    "groupsAssignableToRoles/members",
                    "groupsAssignableToRoles/allProperties",
                    "groups.security/members",
                )
                wanted |= {f"microsoft.directory/{one}/update" for one in more}
            asked = request(whole, who, f"microsoft.directory/{action}", object)
            places = {object, "/", *tenant.in_units(object)}
            if who != object and state(asked) is State.ALLOWED:
                assert {(name, place) for name in wanted for place in places} & held, (who, action, object)


@FEW
@given(tenants(), st.data())
def test_changes_are_what_each_can_before_and_now(tenant: Tenant, data: st.DataObject) -> None:
    assigned = data.draw(st.sets(st.sampled_from(tenant.assigned), max_size=2)) if tenant.assigned else set()
    later = replace(tenant, assigned=tuple(one for one in tenant.assigned if one not in assigned))
    if data.draw(st.booleans()):
        later = replace(later, restricted=frozenset(data.draw(st.sets(st.sampled_from(("unit-1", "unit-2"))))))
    before, now = port_of(tenant), port_of(later)
    found = {one.principal: one for one in now.changes(before)}
    assert not list(now.changes(port_of(later))) and list(found) == sorted(found)
    for who in (*WHO, *LINES):
        earlier, then = before.effective(who, GIVEN), now.effective(who, GIVEN)
        wanted = (then.minus(earlier), earlier.minus(then))
        told = found.get(who)
        if told is not None:
            assert (told.gained, told.lost) == wanted
        elif who in {*before.side.traits, *now.side.traits}:
            assert not any(wanted), who


@FEW
@given(tenants())
def test_who_is_told_to_have_equal_access_is_given_the_same(tenant: Tenant) -> None:
    port = port_of(tenant)
    for group in port.alike(1.0).groups:
        if group.equal:
            first, *others = (port.held(one.principal, GIVEN).parts for one in group.twins)
            for one in others:
                assert {(tuple(x.permissions), x.resources) for x in one} == {
                    (tuple(x.permissions), x.resources) for x in first
                }


@FEW
@given(tenants())
def test_whoever_resets_a_password_becomes_that_user(tenant: Tenant) -> None:
    port, whole = port_of(tenant), estate_of(tenant.documents(), published())
    name = f"microsoft.directory/{SECRET}"
    plain = {one.principal: one.state for one in port.who_can(name, "app-1", GIVEN).holders}
    further = {one.principal: one for one in port.who_can(name, "app-1", GIVEN, transitive=True).holders}
    assert plain.keys() <= further.keys()
    for who in WHO:
        for other in PEOPLE:
            resets = state(request(whole, who, f"microsoft.directory/{PASSWORD}", other)) is State.ALLOWED
            if resets and other in further and further[other].state is State.ALLOWED:
                assert further[who].state is State.ALLOWED, (who, other)
    for who, one in further.items():
        assert (who in plain) or one.chain


def test_an_end_is_a_moment_and_a_guest_and_an_outside_token_are_exposed() -> None:
    documents = [
        {"kind": "user", "body": {"id": "guest-1", "userType": "Guest", "accountEnabled": True}},
        {"kind": "application", "body": {"id": "app-1", "appId": "b"}},
        {"kind": "directory_role_assignment", "body": {
            "principalId": "guest-1", "roleDefinitionId": APPS, "directoryScopeId": "/app-1"}},
        {"kind": "role_assignment_schedule", "body": {
            "principalId": "guest-1", "roleDefinitionId": READERS, "directoryScopeId": "/",
            "endDateTime": "2026-06-01T00:00:00Z"}},
        {"kind": "federated_identity_credential", "body": {
            "applicationId": "app-1", "issuer": "https://issuer.example", "subject": "repo:a/b", "audiences": ["x"]}},
    ]  # fmt: skip
    port = EntraPort(arranged(estate_of(documents, published()), "tenant"))
    year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert port.moments(None, GIVEN, *year) == (datetime(2026, 6, 1, tzinfo=UTC),)
    found = port.exposed(port.inside(), GIVEN).exposures
    secret = [one for one in found if f"microsoft.directory/{SECRET}" in one.permissions]
    assert [(one.resource, one.principal, one.state) for one in secret] == [("app-1", "guest-1", State.ALLOWED)]
    outside = [one for one in found if one.principal_kind == "federated"]
    assert [(one.principal, one.subjects, one.state) for one in outside] == [
        ("https://issuer.example", ("repo:a/b",), State.CONDITIONAL)
    ]
