"""Who can make a request to Graph about some object,: what the reference says of the best of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entra_oracle import APPS as APPS_ROLE
from entra_oracle import GROUPS, HELPDESK, OWNABLE, PEOPLE, USERS, Tenant, tenants
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.decision import RANK, Circumstances, State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import ASSIGNMENTS, Estate
from leastwise.providers.entra.evaluate.explain import STATES
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request
from leastwise.providers.entra.language.directory import APPLICATION, GROUP, UNIT
from leastwise.providers.entra.language.directory import USER as USER_KIND

GRAPH = "graph-1"
APPS = ("service-1", "service-2", "service-3", "service-4")
USER = "user-2"
REQUESTS = (
    "GET /users/{id}", "PATCH /users/{id}", "DELETE /users/{id}", "GET /groups/{id}/members",
    "POST /groups/{id}/members/$ref", "PATCH /applications/{id}", "POST /users", "GET /users/{id}/messages",
)  # fmt: skip
VALUES = {
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "User.ReadWrite.All": "741f803b-c850-494e-b5df-cde7c675a1ca",
    "Application.ReadWrite.OwnedBy": "18a4783c-866b-4cc7-a460-3d5e5662c884",
    "RoleManagement.ReadWrite.Directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
    "Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09", "Mail.Read": "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
    "Member.Read.Hidden": "658aa5d8-239f-45c4-aa12-864f4fc7e490",
}  # fmt: skip
KINDS = {"users": USER_KIND, "groups": GROUP, "applications": APPLICATION}
SCOPES = (
    "User.Read",
    "User.ReadWrite",
    "User.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.AccessAsUser.All",
    "Mail.Read",
)
CUSTOM = "f0f0f0f0-0000-4000-8000-000000000001"
OF_OWNERS = "microsoft.directory/applications/basic/update"
WHERE = ("/", "/administrativeUnits/unit-1", "/administrativeUnits/unit-2", "/app-1")


def one(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": body}


def more(draw: st.DataObject) -> list[dict[str, Any]]:
    """Graph, apps with app roles, delegated grants, ownerships and roles; a group that hides its members."""
    found = [one("service_principal", id=GRAPH, appId="00000003-0000-0000-c000-000000000000", accountEnabled=True)]
    found += [one("service_principal", id=id, appId=id, accountEnabled=True) for id in APPS[1:]]
    entry = {"allowedResourceActions": [OF_OWNERS], "condition": "$SubjectIsOwner"}
    found.append(one("directory_role_definition", id=CUSTOM, displayName="custom", isBuiltIn=False, isEnabled=True,
                     rolePermissions=[entry]))  # fmt: skip
    hidden = {"isAssignableToRole": False, "groupTypes": ["Unified"], "visibility": "HiddenMembership"}
    found.append(one("group", id="group-3", **hidden, members=[{"id": USER, "@odata.type": "#microsoft.graph.user"}]))
    app = st.sampled_from(APPS)
    for who, value in draw.draw(st.lists(st.tuples(app, st.sampled_from(sorted(VALUES))), max_size=4, unique=True)):
        found.append(one("app_role_assignment", principalId=who, principalType="ServicePrincipal", resourceId=GRAPH,
                         appRoleId=VALUES[value]))  # fmt: skip
    for who, scopes in draw.draw(st.lists(st.tuples(app, st.lists(st.sampled_from(SCOPES), max_size=3)), max_size=3)):
        found.append(one("oauth2_permission_grant", clientId=who, resourceId=GRAPH, consentType="AllPrincipals",
                         scope=" ".join(scopes)))  # fmt: skip
    roles = st.sampled_from((CUSTOM, HELPDESK, USERS, GROUPS))
    whom = st.sampled_from((*APPS, USER))
    for who, role, scope in draw.draw(st.lists(st.tuples(whom, roles, st.sampled_from(WHERE)), max_size=4)):
        found.append(one("directory_role_assignment", principalId=who, roleDefinitionId=role, directoryScopeId=scope))
    for id, who in draw.draw(st.lists(st.tuples(st.sampled_from(OWNABLE), app), max_size=2, unique=True)):
        found.append(one("owner", resourceId=id, id=who, **{"@odata.type": "#microsoft.graph.servicePrincipal"}))
    return found


def best(whole: Estate, who: str, permission: str, user: str) -> State:
    """The surest that the reference says of the tenant and all objects that the request can be about."""
    kind = UNIT if permission == "POST /users" else KINDS[permission.split("/")[1]]
    objects = (each for each in (*whole.objects, *whole.unit_members) if whole.kind(each) == kind)
    asked = request(whole, who, permission, "/", user=user)
    states = (STATES[decide(replace(asked, resource=each)).verdict.outcome] for each in dict.fromkeys(("/", *objects)))
    return min(states, key=RANK.__getitem__)


def assert_as_the_reference(whole: Estate, user: str) -> None:
    port = EntraPort(arranged(whole))
    given_ = Circumstances({"onBehalfOf": (user,)} if user else {})
    for permission in REQUESTS:
        reach = port.who_can(permission, None, given_)
        listed = {each.principal: each.state for each in reach.holders}
        for who in (*APPS, *PEOPLE):
            expected, found = best(whole, who, permission, user), listed.get(who, State.DENIED)
            # What an unread list, or Exchange itself, may give to anybody is said once: beside the holders, or of the
            # group itself.
            beside = bool(whole.unread) or "group-1" in listed or "which apps Exchange itself lets in" in reach.missing
            assert found is expected or (expected is State.UNKNOWN and beside and found is State.DENIED), (
                permission, who, user, found, expected,
            )  # fmt: skip


@settings(max_examples=15)
@given(tenants(), st.data())
def test_it_is_what_the_reference_says_of_some_object(tenant: Tenant, data: st.DataObject) -> None:
    whole = estate_of([*tenant.documents(), *more(data)], published())
    assert_as_the_reference(whole, data.draw(st.sampled_from(("", USER))))


@settings(max_examples=5)
@given(tenants(), st.data())
def test_so_it_is_where_something_was_not_read(tenant: Tenant, data: st.DataObject) -> None:
    whole = estate_of([*tenant.documents(), *more(data)], published())
    groups = {id: members for id, members in whole.groups.items() if id != "group-1"}
    part = replace(whole, unread=(ASSIGNMENTS,)) if data.draw(st.booleans()) else replace(whole, groups=groups)
    assert_as_the_reference(part, data.draw(st.sampled_from(("", USER))))


def plain(**others: Any) -> Tenant:
    """A tenant of three members without roles, and an app."""
    told: dict[str, Any] = {
        "disabled": frozenset(), "assignable": frozenset(), "members": {}, "restricted": frozenset(), "units": {},
        "assigned": (), "eligible": (),
    }  # fmt: skip
    return Tenant(**(told | others))


def granted(scope: str) -> list[dict[str, Any]]:
    """Graph, and a delegated grant of an app for everybody."""
    graph = one("service_principal", id=GRAPH, appId="00000003-0000-0000-c000-000000000000", accountEnabled=True)
    grant = one("oauth2_permission_grant", clientId="service-1", resourceId=GRAPH, consentType="AllPrincipals",
                scope=scope)  # fmt: skip
    return [graph, grant]


def anywhere(port: EntraPort, permission: str, user: str = "") -> dict[str, State]:
    told = Circumstances({"onBehalfOf": (user,)} if user else {})
    return {each.principal: each.state for each in port.who_can(permission, None, told).holders}


def test_what_a_user_may_to_himself_is_done_for_him_too() -> None:
    """All users were asked about by one of them, and that was not the user himself."""
    port = EntraPort(arranged(estate_of([*plain().documents(), *granted("User.ReadWrite")], published())))
    assert anywhere(port, "PATCH /users/{id}", USER) == {"service-1": State.ALLOWED}
    given_ = Circumstances({"onBehalfOf": (USER,)})
    relation = port.relation("PATCH /users/{id}", given_)
    app = relation.principals.index("service-1")
    states = {id: relation.state(app, place) for place, id in enumerate(relation.resources)}
    assert states[USER] is State.ALLOWED
    assert states["user-1"] is State.DENIED


def test_the_mailbox_of_a_user_is_known_to_be_the_users() -> None:
    """What belongs to a system with roles of its own was asked about nobody in particular alone."""
    port = EntraPort(arranged(estate_of([*plain().documents(), *granted("Mail.Read")], published())))
    assert anywhere(port, "GET /users/{id}/messages", USER) == {"service-1": State.ALLOWED}


def test_an_app_that_owns_a_group_acts_for_its_user_there() -> None:
    """Owners were left out of those who act for somebody else."""
    owners = frozenset({("group-1", USER), ("group-1", "service-1")})
    tenant = plain(members={"group-1": frozenset()}, owners=owners)
    port = EntraPort(arranged(estate_of([*tenant.documents(), *granted("Group.ReadWrite.All")], published())))
    assert anywhere(port, "POST /groups/{id}/members/$ref", USER) == {"service-1": State.ALLOWED}


def test_where_users_administer_tells_no_objects_apart() -> None:
    """Each class of objects costs a question; roles of users at units and of objects made thousands of them."""
    units = {"unit-1": frozenset({"user-1"}), "unit-2": frozenset({"user-2"})}
    assigned = (("user-3", HELPDESK, "/administrativeUnits/unit-1"), ("user-3", USERS, "/user-1"))
    documents = [*plain(units=units, assigned=assigned).documents(), *granted("User.Read")]
    assert classes(documents) == 1
    where = {"directoryScopeId": "/administrativeUnits/unit-2"}
    role = one("directory_role_assignment", principalId="service-1", roleDefinitionId=USERS, **where)
    assert classes([*documents, role]) == 2


def classes(documents: list[dict[str, Any]]) -> int:
    port = EntraPort(arranged(estate_of(documents, published())))
    asked, _ = port.asked("service-1", "PATCH /users/{id}", None, Circumstances())
    return len(port.relating.requesting.classes(asked))


def test_a_group_that_was_not_read_stands_for_its_members_where_its_role_is_at_itself() -> None:
    """It was taken to be something to the object, as whoever acts is, and asked of nothing."""
    role = ("group-1", APPS_ROLE, "/group-1")
    tenant = plain(members={"group-1": frozenset()}, assignable=frozenset({"group-1"}), assigned=(role,))
    whole = estate_of([*tenant.documents(), *granted("User.Read")], published())
    port = EntraPort(arranged(replace(whole, groups={})))
    for permission in ("GET /groups/{id}/members", "microsoft.directory/groups/members/read"):
        somewhere, there = (port.who_can(permission, each, Circumstances()).holders for each in (None, "group-1"))
        states = [{one.principal: one.state for one in listed} for listed in (somewhere, there)]
        assert states[0].get("group-1") is states[1]["group-1"] is State.ALLOWED, permission
