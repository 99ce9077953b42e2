"""Lists that stand in the objects that they are of (`$expand`) tell the same as lists of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.engine.columns import plain
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.conform.ask import published
from leastwise.providers.entra.evaluate.estate import Estate

TENANT = "72f00000-0000-4000-8000-000000000000"
ANN, DEVS, SP, OTHER, APP = (f"0b000000-0000-4000-8000-00000000000{one}" for one in range(1, 6))
ROLE = "aa000000-0000-4000-8000-000000000001"
USER = {"id": ANN, "userPrincipalName": "ann@corp.example", "userType": "Member", "accountEnabled": True}
GROUP = {"id": DEVS, "displayName": "devs", "groupTypes": [], "securityEnabled": True}
APPLICATION = {"id": APP, "appId": "c1", "displayName": "pay", "signInAudience": "AzureADMyOrg"}
SERVICES = [
    {"id": SP, "appId": "c1", "displayName": "pay", "servicePrincipalType": "Application",
     "appRoles": [{"id": ROLE, "value": "Approve", "isEnabled": True}],
     "oauth2PermissionScopes": [{"id": "s", "value": "Pay.Submit", "isEnabled": True}]},
    {"id": OTHER, "appId": "c2", "displayName": "web", "servicePrincipalType": "Application", "appRoles": []},
]  # fmt: skip
GIVEN = {"id": "g", "appRoleId": ROLE, "principalId": ANN, "principalType": "User", "resourceId": SP}
ANN_OWNS = {"@odata.type": "#microsoft.graph.user", "id": ANN}


def estate(folder: Path, files: dict[str, list[Any]]) -> Estate:
    return estate_of_tables(tables(folder, files), published())


def tables(folder: Path, files: dict[str, list[Any]]) -> Any:
    target = folder / f"tenant-{TENANT}"
    target.mkdir(parents=True, exist_ok=True)
    for name, held in {"u": [USER], **files}.items():
        (target / f"{name}.json").write_text(json.dumps({"value": held}))
    (one,) = PROVIDER.read_exports([target])
    return PROVIDER.translate(one)


def every(name: str, held: dict[str, list[Any]], of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {name: held.get(one["id"], [])} for one in of]


def test_expanded_lists_tell_what_lists_of_their_own_tell(tmp_path: Path) -> None:
    asked = {
        "s": every("appRoleAssignedTo", {SP: [GIVEN]}, SERVICES),
        "t": every("owners", {SP: [ANN_OWNS]}, SERVICES),
        "g": every("owners", {DEVS: [ANN_OWNS]}, [GROUP]),
        "a": every("owners", {}, [APPLICATION]),
        "b": every("federatedIdentityCredentials", {}, [APPLICATION]),
    }
    lists: dict[str, list[Any]] = {
        "s": SERVICES, "g": [GROUP], "a": [APPLICATION], f"group-owners--{DEVS}": [ANN_OWNS],
        f"service-owners--{SP}": [ANN_OWNS], "r": [GIVEN],
    }  # fmt: skip
    one, other = estate(tmp_path / "x", asked), estate(tmp_path / "y", lists)
    assert (one.app_roles, one.owners, one.objects) == (other.app_roles, other.owners, other.objects)
    assert {each.principal for each in one.app_roles} == {ANN} and set(one.owners) == {SP, DEVS}
    ours = {"owners of groups", "owners of applications", "owners of service principals", "app roles that were granted"}
    assert not ours & set(one.unread) and one.untold == frozenset()
    # Nothing was said here of what else there is.
    assert {"owners of applications", "app roles that were granted"} <= set(other.unread)


@pytest.mark.parametrize(
    "services",
    [
        pytest.param(every("appRoleAssignedTo", {SP: [GIVEN]}, SERVICES[:1]) + SERVICES[1:], id="not of all"),
        pytest.param(
            every("appRoleAssignedTo", {SP: [{**GIVEN, "id": f"g{one}"} for one in range(20)]}, SERVICES), id="twenty"
        ),
    ],
)
def test_what_was_not_expanded_whole_is_not_known(tmp_path: Path, services: list[Any]) -> None:
    found = estate(tmp_path, {"s": services})
    assert "app roles that were granted" in found.unread
    assert {each.principal for each in found.app_roles} == {ANN}


def test_app_roles_that_somebody_holds_are_told_with_him_and_say_nothing_of_others(tmp_path: Path) -> None:
    found = estate(tmp_path, {"s": SERVICES, "u": [USER | {"appRoleAssignments": [GIVEN]}]})
    assert [(each.principal, each.role) for each in found.app_roles] == [(ANN, ROLE)]
    assert "app roles that were granted" in found.unread


def test_scopes_are_written_as_whoever_offers_them_writes_them(tmp_path: Path) -> None:
    consent = {"id": "c", "clientId": OTHER, "consentType": "AllPrincipals", "resourceId": SP, "scope": "pay.submit x"}
    rows = plain(tables(tmp_path, {"s": SERVICES, "c": [consent]})["policies"]).to_pylist()
    assert {one["name"] for one in rows if one["kind"] == "delegated_permission"} == {"Pay.Submit", "x"}
