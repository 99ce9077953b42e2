"""What changed between two tenants, looked at only where they differ: held against both of them as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from entra_oracle import APP, PEOPLE, Tenant, tenants
from hypothesis import given, settings
from hypothesis import strategies as st
from test_entra_relation import GIVEN

from leastwise.model.decision import State
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.lines import LINES
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.conform.documents import estate_of
from leastwise.providers.entra.evaluate.published import published

PARTS = ("disabled", "assignable", "members", "restricted", "units", "assigned", "owners")
SWITCHES = ({}, {"allowedToCreateApps": False}, {"allowedToReadOtherUsers": False})


def port_of(tenant: Tenant, *more: dict[str, Any]) -> EntraPort:
    return EntraPort(arranged(estate_of([*tenant.documents(), *more], published()), "tenant"))


def policy(draw: st.DataObject) -> dict[str, Any]:
    invites = draw.draw(st.sampled_from(("none", "everyone")))
    switched = draw.draw(st.sampled_from(SWITCHES))
    body = {"id": "authorizationPolicy", "allowInvitesFrom": invites, "defaultUserRolePermissions": switched}
    return {"kind": "authorization_policy", "body": body}


@settings(max_examples=4)
@given(tenants(), tenants(), st.data())
def test_what_is_told_of_a_change_is_what_both_say_as_a_whole(one: Tenant, other: Tenant, data: st.DataObject) -> None:
    changed = data.draw(st.sets(st.sampled_from(PARTS), min_size=0, max_size=2))
    later = replace(one, **{name: getattr(other, name) for name in changed})
    before, now = port_of(one, policy(data)), port_of(later, policy(data))
    found = {change.principal: change for change in now.changes(before)}
    for who in (*PEOPLE, APP, *LINES):
        earlier, then = before.effective(who, GIVEN), now.effective(who, GIVEN)
        wanted = then.minus(earlier), earlier.minus(then)
        if who in found:
            assert (found[who].gained, found[who].lost) == wanted, who
        elif who in {*before.side.with_roles, *now.side.with_roles, *LINES}:
            assert not any(wanted), who


def test_who_owns_what_becomes_locked_loses_its_credentials() -> None:
    """The lock stands with the application, and the owner owns its service principal."""
    tenant = Tenant(frozenset(), frozenset(), {}, frozenset(), {}, (), (), frozenset({("service-2", "user-1")}))

    def with_lock(locked: bool) -> EntraPort:
        lock = {"isEnabled": locked, "allProperties": locked}
        app = {"id": "app-2", "appId": "c", "servicePrincipalLockConfiguration": lock}
        service = {"kind": "service_principal", "body": {"id": "service-2", "appId": "c", "accountEnabled": True}}
        return port_of(tenant, {"kind": "application", "body": app}, service)

    before, now = with_lock(False), with_lock(True)
    name = "microsoft.directory/servicePrincipals/credentials/update"
    states = [one.can("user-1", name, "service-2", GIVEN).state for one in (before, now)]
    assert states == [State.ALLOWED, State.DENIED]
    (change,) = [one for one in now.changes(before) if one.principal == "user-1"]
    assert not change.gained and any(
        name.lower() in map(str.lower, cube.permissions) and "service-2" in cube.resources for cube in change.lost
    )
