"""Ownership as a grant that can be taken away, and what a role gives at an administrative unit: cases as data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap

sys.path.insert(0, str(Path(__file__).parents[2] / "differential"))

from entra_tables import TENANT, raw

from fakes.laid import tables_of
from leastwise.engine.placed import Placed
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.compile import compile_estate
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.regranting import granted

GROUPS = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
"""Groups Administrator."""
TYPES = {"ana": "#microsoft.graph.user", "ben": "#microsoft.graph.user", "svc": "#microsoft.graph.servicePrincipal"}
OWNED = {
    ("ana", "g-alone"): "group", ("svc", "g-alone"): "group",
    ("ana", "g-beside"): "group", ("zed", "g-beside"): "group",
    ("ana", "g-shared"): "group", ("ben", "g-shared"): "group", ("ana", "app"): "application",
    ("ana", "sp"): "servicePrincipal",
}  # fmt: skip


def one(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": body}


@pytest.fixture(scope="module")
def grants() -> granted.Grants:
    told = [
        *(one("user", id=id, userPrincipalName=f"{id}@corp.example", userType="Member")
          for id in ("ana", "ben", "cleo")),
        *(one("group", id=id, displayName=id, securityEnabled=True)
          for id in ("g-alone", "g-beside", "g-shared", "g-timed")),
        one("application", id="app", appId="app-of-app", displayName="Portal"),
        *(one("service_principal", id=id, appId=f"app-of-{id}", displayName=id) for id in ("sp", "svc")),
        one("administrative_unit", id="unit", displayName="Unit"),
        *(
            one("owner", id=who, resourceId=of, resourceType=kind,
                **({"@odata.type": TYPES[who]} if who in TYPES else {}))
            for (who, of), kind in OWNED.items()
        ),
        one("role_assignment_schedule", id="t-1", principalId="ana", groupId="g-timed", accessId="owner",
            endDateTime="2031-01-01T00:00:00Z"),
        one("directory_role_assignment", id="r-1", roleDefinitionId=GROUPS, principalId="cleo",
            directoryScopeId="/administrativeUnits/unit"),
    ]  # fmt: skip
    made = tables_of(PROVIDER.translate(raw(told)))
    return granted.Grants(EntraPort(compile_estate([ScopeTables("tenant", TENANT, made, True, None, "entra")])))


def at(grants: granted.Grants, who: str, scope: str) -> Placed:
    [found] = [one for one in grants.of(who) if one.scope == scope]
    return found


KEPT = {
    # A service principal that owns it as well does not count: the last user cannot be removed.
    "g-alone": "the last owner of a group cannot be removed", "g-shared": "", "app": "", "sp": "",
    # Nothing tells whether the other owner is a user.
    "g-beside": "the last owner of a group cannot be removed",
    "g-timed": "owned for a time, by privileged access to groups",
}  # fmt: skip


@pytest.mark.parametrize("scope", KEPT)
def test_what_somebody_owns_can_be_taken_away(grants: granted.Grants, scope: str) -> None:
    found = at(grants, "ana", scope)
    kind = OWNED.get(("ana", scope), "group")
    assert (found.bundle, found.holder, found.kept) == (f"owner/{kind}", "ana", KEPT[scope])
    assert found.permissions


def test_services_may_go_from_the_owners_of_a_group(grants: granted.Grants) -> None:
    assert at(grants, "svc", "g-alone").kept == ""


def test_what_is_needed_of_it_becomes_a_role_at_what_was_owned(grants: granted.Grants) -> None:
    names = grants._numbers.names
    found = at(grants, "ana", "app")
    wanted = BitMap(number for number in found.permissions or () if names[number].endswith("/basic/update"))
    made = grants.written(found, "app", "ana", wanted)
    [role] = made.bundles
    assert (made.blocked, made.left, role.permissions) == ("", BitMap(), wanted)
    assert role.document["rolePermissions"] == [
        {"allowedResourceActions": ["microsoft.directory/applications/basic/update"]}
    ]


def test_an_action_on_all_properties_gives_those_on_some(grants: granted.Grants) -> None:
    found = at(grants, "ana", "sp")
    names = grants._numbers.names
    wanted = BitMap(number for number in found.permissions or () if "/auditLogs/" in names[number])
    assert len(wanted) == 2
    made = grants.written(found, "sp", "ana", wanted)
    assert (made.left, made.why) == (BitMap(), "")


def test_a_role_at_a_unit_gives_what_is_about_its_members(grants: granted.Grants) -> None:
    given = {grants._numbers.names[number] for number in at(grants, "cleo", "unit").permissions or ()}
    assert "microsoft.directory/groups/members/update" in given
    assert not {
        one for one in given if one.split("/")[1].split(".")[0] in ("domains", "applications", "supportTickets")
    }
