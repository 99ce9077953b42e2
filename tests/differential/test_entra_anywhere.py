"""Who can anywhere, found by assignments: what is found class by class, and what the reference says of some object."""

from __future__ import annotations

from typing import Any

import pytest
from entra_oracle import APP, CREATE, MEMBERS, PASSWORD, PEOPLE, Tenant, tenants
from hypothesis import given, settings
from hypothesis import strategies as st
from test_entra_relation import GIVEN, state

from leastwise.model.decision import RANK, Residual, State
from leastwise.providers.entra.compiled import relating
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.bulk import line
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request

OF_OWNERS, OF_SELF = "applications/verification/update", "users/manager/update"
"""What owners have by no list of the vendor's, and users not of themselves."""
ACTIONS = (OF_OWNERS, OF_SELF, PASSWORD, MEMBERS, CREATE, "users/standard/read")
OTHERS = ("guest-1", "user-4", "gone-1")
WHERE = ("/", "/administrativeUnits/unit-1", "/administrativeUnits/unit-2", "/app-1")
CUSTOM = "f0f0f0f0-0000-4000-8000-000000000001"
Answer = dict[str, tuple[State, Residual | None, tuple[str, ...]]]


def more(draw: st.DataObject) -> list[dict[str, Any]]:
    """A guest, a user of whom it is not told whether a guest, somebody whom only an assignment names; their roles."""
    conditions = ("$SubjectIsOwner", "$ResourceIsSelf")
    entries = [
        {"allowedResourceActions": [f"microsoft.directory/{one}"], "condition": condition}
        for one, condition in zip((OF_OWNERS, OF_SELF), conditions, strict=True)
    ]
    found: list[tuple[str, dict[str, Any]]] = [
        ("user", {"id": "guest-1", "userType": "Guest", "accountEnabled": True}),
        ("directory_role_definition", {"id": CUSTOM, "displayName": "custom", "isBuiltIn": False, "isEnabled": True,
                                       "rolePermissions": entries}),
        ("owner", {"resourceId": "app-1", "id": "guest-1", "@odata.type": "#microsoft.graph.user"}),
    ]  # fmt: skip
    if draw.draw(st.booleans()):
        found.append(("user", {"id": "user-4", "accountEnabled": True}))
    roles = (CUSTOM, CUSTOM, "fe930be7-5e62-47db-91af-98c3a49a38b1", "729827e3-9c14-49f7-bb1b-9608f156bbb8")
    given_ = st.tuples(st.sampled_from((*PEOPLE, *OTHERS, "group-1")), st.sampled_from(roles), st.sampled_from(WHERE))
    for who, role, scope in draw.draw(st.lists(given_, max_size=4, unique=True)):
        body = {"principalId": who, "roleDefinitionId": role, "directoryScopeId": scope}
        found.append(("directory_role_assignment", body))
    return [{"kind": kind, "body": body} for kind, body in found]


def answer(port: EntraPort, action: str) -> Answer:
    found = port.who_can(f"microsoft.directory/{action}", None, GIVEN)
    return {one.principal: (one.state, one.residual, one.missing) for one in found.holders}


@settings(max_examples=6)
@given(tenants(), st.data())
def test_it_is_what_each_class_of_objects_tells(tenant: Tenant, data: st.DataObject) -> None:
    whole = estate_of([*tenant.documents(), *more(data)], published())
    port, plain = (EntraPort(arranged(whole)) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relating, "fits", lambda *_: False)
        by_class = {action: answer(plain, action) for action in ACTIONS}
    for action in ACTIONS:
        listed = answer(port, action)
        assert listed == by_class[action], action
        name = f"microsoft.directory/{action}"
        objects = ["/", *(one for one in (*whole.objects, *tenant.units))]
        for who in (*PEOPLE, APP, *OTHERS):
            # Whom nothing describes is an object, too: to himself.
            best = min((state(request(whole, who, name, one)) for one in (*objects, who)), key=RANK.__getitem__)
            told = [listed[one][0] for one in (who, line(request(whole, who, name, "/"), who)) if one in listed]
            found = min(told, key=RANK.__getitem__, default=State.DENIED)
            assert found is best or (best is State.UNKNOWN and found is State.DENIED), (action, who)


def test_it_is_found_by_assignments_where_all_is_known() -> None:
    """An estate of which all is known never falls back on classes: it would be slow, and nobody would see it."""
    units = {"unit-1": frozenset({"user-1", "user-2"})}
    roles = (("user-3", "729827e3-9c14-49f7-bb1b-9608f156bbb8", "/administrativeUnits/unit-1"),)
    tenant = Tenant(frozenset(), frozenset(), {}, frozenset(), units, roles, (), frozenset({("app-1", "user-2")}))
    port = EntraPort(arranged(estate_of(tenant.documents(), published())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relating.Relating, "_added", None)
        assert answer(port, "users/password/update") == {"user-3": (State.ALLOWED, (), ())}
        assert answer(port, "applications/credentials/update") == {"user-2": (State.ALLOWED, (), ())}


def test_what_everybody_may_lists_nobody_by_name() -> None:
    """Everybody is an object to himself, and was listed for that beside the line."""
    roles = (("user-3", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "/"),)
    tenant = Tenant(frozenset({"user-2"}), frozenset(), {}, frozenset(), {}, roles, ())
    for fits in (relating.fits, lambda *_: False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(relating, "fits", fits)
            port = EntraPort(arranged(estate_of(tenant.documents(), published())))
            assert "every member" in (listed := answer(port, "users/standard/read"))
            assert {one for one in listed if one.startswith("user-")} <= {"user-3"}


def test_a_role_for_owners_is_not_taken_for_that_of_another_owner() -> None:
    """Of two owners the first has no role: neither is told what the other can."""
    owners = frozenset({("app-1", "user-1"), ("app-1", "user-2")})
    tenant = Tenant(frozenset(), frozenset(), {}, frozenset(), {}, (("user-2", CUSTOM, "/"),), (), owners)
    entry = {"allowedResourceActions": [f"microsoft.directory/{OF_OWNERS}"], "condition": "$SubjectIsOwner"}
    body = {"id": CUSTOM, "displayName": "custom", "isBuiltIn": False, "isEnabled": True, "rolePermissions": [entry]}
    role = {"kind": "directory_role_definition", "body": body}
    for fits in (relating.fits, lambda *_: False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(relating, "fits", fits)
            port = EntraPort(arranged(estate_of([*tenant.documents(), role], published())))
            assert answer(port, OF_OWNERS) == {"user-2": (State.ALLOWED, (), ())}
