"""Files that tell some of a list: one object of it, members of groups within, owners without service principals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.engine.columns import plain
from leastwise.model.decision import Circumstances, State
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.arranging import arranged
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.evaluate.directions import Told
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request

TENANT = "72f00000-0000-4000-8000-000000000000"
ANN, BOB, GROUP, SP, APP, APP_ID = (f"0b000000-0000-4000-8000-00000000000{one}" for one in range(1, 7))
READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
V1, BETA = (f"https://graph.microsoft.com/{one}/$metadata#" for one in ("v1.0", "beta"))
USER = {"@odata.type": "#microsoft.graph.user", "id": ANN, "userPrincipalName": "ann@corp.example"}
SERVICE = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": SP, "appId": APP_ID,
           "servicePrincipalType": "Application"}  # fmt: skip
APPLICATION = {"id": APP, "appId": APP_ID, "displayName": "shop", "signInAudience": "AzureADMyOrg"}
TRUSTED = {"id": "f1", "name": "gh", "issuer": "https://token.actions.githubusercontent.com",
           "subject": "repo:bw/shop:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}  # fmt: skip
PLAIN = {"id": GROUP, "displayName": "ops", "groupTypes": [], "securityEnabled": True, "isAssignableToRole": None}


def page(context: str, *held: Any, root: str = V1) -> dict[str, Any]:
    return {"@odata.context": root + context, "value": [*held]}


def told(folder: Path, **files: Any) -> tuple[Any, Any]:
    """The estate, and the tables."""
    target = folder / f"tenant-{TENANT}"
    target.mkdir()
    for name, content in files.items():
        (target / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    (one,) = PROVIDER.read_exports([target])
    tables = PROVIDER.translate(one)
    return estate_of_tables(tables, published()), tables


ONE = {"@odata.context": f"{V1}applications('{APP}')/federatedIdentityCredentials/$entity", **TRUSTED}
CREDENTIALS = [
    (f"federated--{APP}", [TRUSTED], True),
    (f"federated--{APP}", [], True),
    (f"federated--{APP}", TRUSTED, False),
    (f"federated--{APP}", ONE, False),
    ("x", ONE, False),
    ("x", page(f"applications('{APP}')/federatedIdentityCredentials", TRUSTED), True),
    (f"federated--{APP}", {"value": [TRUSTED]}, True),
]


@pytest.mark.parametrize(("name", "content", "whole"), CREDENTIALS)
def test_one_credential_is_not_the_list_of_them(tmp_path: Path, name: str, content: Any, whole: bool) -> None:
    estate, _ = told(tmp_path, applications=page("applications", APPLICATION), **{name: content})
    assert (APP in estate.untold) == (not whole)
    if content:
        assert [one.application for one in estate.trusted] == [APP]


OWNED = "microsoft.directory/groups/members/update"


@pytest.mark.parametrize("one", [USER, [USER]])
def test_one_owner_or_member_is_not_the_list_of_them(tmp_path: Path, one: Any) -> None:
    whole = isinstance(one, list)
    estate, _ = told(tmp_path, groups=page("groups", PLAIN), **{
        f"members--{GROUP}": one, f"group-owners--{GROUP}": one})  # fmt: skip
    known = estate.members(GROUP) is not None or GROUP in estate.people_told
    assert known == whole and ("owners of groups" in estate.unread) == (not whole)
    assert [member.id for member in estate.owners[GROUP]] == [ANN]


TRANSITIVE = [
    ("x", page(f"groups('{GROUP}')/transitiveMembers", USER)),
    (f"transitive-members--{GROUP}", [USER]),
    (f"transitiveMembers--{GROUP}", page("directoryObjects", USER)),
    (f"members-transitive--{GROUP}", []),
]


@pytest.mark.parametrize(("name", "content"), TRANSITIVE)
def test_whoever_is_in_a_group_by_another_is_no_member_of_it(tmp_path: Path, name: str, content: Any) -> None:
    estate, tables = told(tmp_path, groups=page("groups", PLAIN), **{name: content})
    assert estate.members(GROUP) is None and not estate.people_told and not estate.enrolments
    assert plain(tables["memberships"]).num_rows == 0
    assert any("by other groups" in row["detail"] for row in plain(tables["coverage"]).to_pylist())
    assert not any(row["people_known"] for row in plain(tables["scopes"]).to_pylist())


FORMS = [
    pytest.param(page(f"groups('{GROUP}')/owners", USER), True, id="version 1.0"),
    pytest.param([USER], True, id="az ad group owner list"),
    pytest.param([], True, id="none"),
    pytest.param(page(f"groups('{GROUP}')/owners", USER, root=BETA), False, id="beta"),
    pytest.param(page(f"groups('{GROUP}')/owners", USER, SERVICE), False, id="tells one"),
]


@pytest.mark.parametrize(("content", "some"), FORMS)
def test_owners_of_a_group_without_service_principals(tmp_path: Path, content: Any, some: bool) -> None:
    lists = {
        "users": page("users", USER, {**USER, "id": BOB}), "services": page("servicePrincipals", SERVICE),
        "groups": page("groups", PLAIN), "units": page("directory/administrativeUnits"),
        "roles": page("roleManagement/directory/roleAssignments"), "grants": page("oauth2PermissionGrants"),
        f"service-owners--{SP}": page("directoryObjects", root=BETA), f"assigned-to--{SP}": [],
        "applications": page("applications", APPLICATION), f"app-owners--{APP}": [],
    }  # fmt: skip
    estate, tables = told(tmp_path, **lists, **{f"group-owners--{GROUP}": content})
    state = Told().state
    assert state(request(estate, BOB, OWNED, GROUP)) is State.DENIED, "a user's ownership is told"
    other = State.ALLOWED if "servicePrincipal" in json.dumps(content) else State.DENIED
    assert state(request(estate, SP, OWNED, GROUP)) is (State.UNKNOWN if some else other)
    port = EntraPort(arranged(estate, TENANT))
    assert port.can(BOB, OWNED, GROUP, Circumstances()).state is State.DENIED
    assert port.can(SP, OWNED, GROUP, Circumstances()).state is (State.UNKNOWN if some else other)
    missing = ("owners of groups that are service principals",) if some else ()
    assert port.who_can(OWNED, GROUP, Circumstances()).missing == missing
    (group,) = (row for row in plain(tables["principals"]).to_pylist() if row["id"] == GROUP)
    known = len(content["value"] if isinstance(content, dict) else content)
    assert group["owners"] == (known or (None if some else 0)), "that nobody owns it is not known then"


def test_whoever_was_deleted_is_there_no_more(tmp_path: Path) -> None:
    gone = page("users", {**USER, "id": BOB, "userPrincipalName": "bob@corp.example",
                          "deletedDateTime": "2026-10-20T08:00:00Z"})  # fmt: skip
    held = {"id": "a", "principalId": BOB, "roleDefinitionId": READERS, "directoryScopeId": "/"}
    estate, tables = told(tmp_path, users=page("users", {**USER, "deletedDateTime": None}), gone=gone,
                          roles=page("roleManagement/directory/roleAssignments", held))  # fmt: skip
    found = {row["id"]: (row["kind"], row["name"]) for row in plain(tables["principals"]).to_pylist()}
    assert found == {ANN: ("human", "ann@corp.example"), BOB: ("deleted", "bob@corp.example")}
    assert ANN in estate.objects and BOB not in estate.objects
