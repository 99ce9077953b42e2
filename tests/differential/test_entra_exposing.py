"""What `external` tells of applications of other tenants: what they hold, for whom they act, whose are not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from entra_tables import by_tables

from leastwise.model.decision import Circumstances, Needed, State
from leastwise.model.exposure import Exposed, Exposure, Inside
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.port import EntraPort

TENANT, VENDOR = "72f00000-0000-4000-8000-000000000000", "99f00000-0000-4000-8000-000000000001"
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
GRAPH, BACKUP, OURS, FIRST, ODD, IDLE, OFF, MACHINE = (f"0c000000-0000-4000-8000-00000000000{n}" for n in range(1, 9))
ANN, BOB, GUEST, HOME = (f"0b000000-0000-4000-8000-00000000000{n}" for n in range(1, 5))
READERS, PASSWORDS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "966707d0-3269-4727-9be2-8c3a10f19b9d"
READ_ALL, READ_NAME = "df021288-bdef-4463-88db-98f22de89214", "User.Read.All"
GIVEN, RESET = Circumstances(), "microsoft.directory/users/password/update"


def service(id: str, owner: str | None, **more: Any) -> dict[str, Any]:
    body = {
        "id": id,
        "appId": f"app-{id}",
        "displayName": id,
        "accountEnabled": True,
        "servicePrincipalType": "Application",
    }
    return {
        "kind": "service_principal",
        "body": {**body, **({"appOwnerOrganizationId": owner} if owner else {}), **more},
    }


def user(id: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "user",
        "body": {"id": id, "userPrincipalName": name, "userType": "Member", "accountEnabled": True, **more},
    }


def role(who: str, template: str = READERS) -> dict[str, Any]:
    body = {"id": f"ra-{who}", "principalId": who, "roleDefinitionId": template, "directoryScopeId": "/"}
    return {"kind": "directory_role_assignment", "body": body}


def lent(client: str, scope: str, whom: str = "") -> dict[str, Any]:
    type = "Principal" if whom else "AllPrincipals"
    body = {"clientId": client, "resourceId": GRAPH, "consentType": type, "principalId": whom or None, "scope": scope}
    return {"kind": "oauth2_permission_grant", "body": body}


DOCUMENTS = [
    service(GRAPH, MICROSOFT, appId="00000003-0000-0000-c000-000000000000"),
    service(BACKUP, VENDOR), service(OURS, TENANT), service(FIRST, MICROSOFT), service(ODD, None),
    service(IDLE, VENDOR), service(OFF, VENDOR, accountEnabled=False),
    service(MACHINE, None, servicePrincipalType="ManagedIdentity"),
    user(ANN, "ann@corp.example"), user(BOB, "bob@corp.example", accountEnabled=False),
    user(GUEST, "eve_partner.example#EXT#@corp.example", userType="Guest"),
    user(HOME, "joe_sister.example#EXT#@corp.example", userType="Guest"),
    *map(role, (BACKUP, OURS, FIRST, ODD, OFF, MACHINE, GUEST, HOME)),
    {"kind": "app_role_assignment", "body": {
        "principalId": BACKUP, "principalType": "ServicePrincipal", "resourceId": GRAPH, "appRoleId": READ_ALL}},
    lent(BACKUP, "Mail.Read offline_access"), lent(BACKUP, "User.Read", ANN), lent(BACKUP, "Files.Read", BOB),
    lent(OFF, "Mail.Send"), lent(ODD, "Mail.Send"), lent(FIRST, "Calendars.Read"), lent(OURS, "Mail.ReadWrite"),
]  # fmt: skip


@pytest.fixture(scope="module")
def port() -> EntraPort:
    return EntraPort(arranged(by_tables(DOCUMENTS), TENANT, TENANT))


def told(found: Exposed) -> dict[str, list[Exposure]]:
    return {who: [one for one in found.exposures if one.principal == who] for who in
            dict.fromkeys(one.principal for one in found.exposures)}  # fmt: skip


def kinds(found: Exposed) -> dict[str, tuple[str, str]]:
    return {one.principal: (one.principal_kind, one.principal_account) for one in found.exposures}


def test_apps_of_other_tenants_are_told_with_their_owner_and_the_vendors_own_when_asked(port: EntraPort) -> None:
    guests = {GUEST: ("user", ""), HOME: ("user", "")}
    assert kinds(port.exposed(port.inside(), GIVEN)) == {BACKUP: ("service_account", VENDOR), **guests}
    beside = port.exposed(port.inside(), GIVEN, services=True)
    assert kinds(beside) == {BACKUP: ("service_account", VENDOR), FIRST: ("service", ""), **guests}
    assert {one.source for one in beside.exposures if one.principal == FIRST} == {"inside"}


def test_a_tenant_and_a_domain_of_ours_are_inside(port: EntraPort) -> None:
    ours = Inside(port.inside().accounts, port.inside().organizations | {VENDOR}, frozenset({"sister.example"}))
    assert set(kinds(port.exposed(ours, GIVEN))) == {GUEST}


def test_whose_application_nobody_told_is_named(port: EntraPort) -> None:
    found = port.exposed(port.inside(), GIVEN).unread
    assert [(one.resource, one.kind) for one in found] == [(ODD, "entra:servicePrincipal")]
    assert found[0].missing == (f"which tenant the application of {ODD} belongs to",)
    registered = [*DOCUMENTS, {"kind": "application", "body": {"id": "a", "appId": f"app-{ODD}"}}]
    assert EntraPort(arranged(by_tables(registered), TENANT)).exposed(port.inside(), GIVEN).unread == ()


def test_every_way_to_hold_something_is_told(port: EntraPort) -> None:
    held = told(port.exposed(port.inside(), GIVEN))[BACKUP]
    by_layer: dict[str, list[Exposure]] = {}
    for one in held:
        by_layer.setdefault(one.reasons[0].layer, []).append(one)
    assert {one.resource for one in by_layer["allow"]} == {"/"} and {one.state for one in by_layer["allow"]} == {
        State.ALLOWED
    }
    (granted,) = by_layer["application"]
    assert (granted.resource, granted.permissions) == (GRAPH, (READ_NAME,))
    lendings = {one.permissions: (one.state, one.residual) for one in by_layer["delegated"]}
    assert lendings == {
        ("Mail.Read", "offline_access"): (State.CONDITIONAL, ((Needed("onBehalfOf", "exists", ("true",)),),)),
        ("User.Read",): (State.CONDITIONAL, ((Needed("onBehalfOf", "eq", (ANN,)),),)),
    }


def test_on_behalf_of_a_user_only_what_is_lent_for_that_one(port: EntraPort) -> None:
    def for_user(whom: str) -> set[tuple[tuple[str, ...], State]]:
        found = port.exposed(port.inside(), Circumstances({"onBehalfOf": (whom,)})).exposures
        return {(one.permissions, one.state) for one in found if one.resource == GRAPH}

    assert for_user(ANN) == {(("Mail.Read", "offline_access"), State.ALLOWED), (("User.Read",), State.ALLOWED)}
    assert for_user(BOB) == set(), "who is disabled signs in to nothing"


@pytest.mark.parametrize("who", [BACKUP, GUEST, HOME])
def test_what_is_told_is_what_the_other_directions_say(port: EntraPort, who: str) -> None:
    for one in told(port.exposed(port.inside(), GIVEN))[who]:
        context = {need.key: need.values for clause in one.residual or () for need in clause if need.operator == "eq"}
        if one.residual and not context:
            context = {"onBehalfOf": (ANN,)}
        given = Circumstances(context)
        cubes = port.what_can(who, one.resource, given)
        for name in shown(one.permissions):
            assert port.can(who, name, one.resource, given).state is State.ALLOWED, name
            holders = {each.principal: each.state for each in port.who_can(name, one.resource, given).holders}
            assert holders[who] is State.ALLOWED, name
            assert any(name in cube.permissions for cube in cubes), name


def shown(names: Sequence[str]) -> Sequence[str]:
    """The first, the last and one between: each is decided by itself anyway."""
    return sorted({names[0], names[len(names) // 2], names[-1]})


def test_nothing_else_that_outsiders_hold_is_left_out(port: EntraPort) -> None:
    exposed = told(port.exposed(port.inside(), GIVEN))
    for who in (BACKUP, GUEST):
        named = {(one.resource, name) for one in exposed[who] for name in one.permissions}
        for part in port.held(who, GIVEN).parts:
            for name in (port.permissions()[at] for at in list(part.permissions)[:40]):
                for place in part.resources:
                    if port.can(who, name, place, GIVEN).state is not State.DENIED:
                        assert (place, name) in named
    assert OFF not in exposed and IDLE not in exposed
