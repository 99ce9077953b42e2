"""Lists with an object that cannot be read: what it says is not known, and nobody is refused for want of it."""

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
ANN, BOB, ADMINS, PLAIN, SP, APP, APP_ID, UNIT, GONE = (
    f"0b000000-0000-4000-8000-00000000000{one}" for one in range(1, 10)
)
USERS, GLOBAL = "fe930be7-5e62-47db-91af-98c3a49a38b1", "62e90394-69f5-4237-9190-012177145e10"
GROUPS, HELPDESK = "fdd7a751-b60b-444a-984c-02652fe8fa1c", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
RESET = "microsoft.directory/users/password/update"
BETA = "https://graph.microsoft.com/beta/$metadata#"
CREATE, RENAME = "microsoft.directory/users/create", "microsoft.directory/users/basic/update"
OWN, CREDENTIAL = "microsoft.directory/groups/members/update", "microsoft.directory/applications/credentials/update"
NO_ID = {"@odata.type": "#microsoft.graph.user", "id": None}


def page(context: str, *held: Any) -> dict[str, Any]:
    return {"@odata.context": BETA + context, "value": [*held]}


def user(id: str) -> dict[str, Any]:
    return {"id": id, "userPrincipalName": f"{id[-1]}@corp.example", "userType": "Member", "accountEnabled": True}


def group(id: str, assignable: bool | None) -> dict[str, Any]:
    return {"id": id, "displayName": id, "groupTypes": [], "securityEnabled": True, "isAssignableToRole": assignable}


def role(**told: Any) -> dict[str, Any]:
    return {"id": "ra", "principalId": ADMINS, "roleDefinitionId": USERS, "directoryScopeId": "/"} | told


def files() -> dict[str, dict[str, Any]]:
    """A tenant in which everything was read: the members of one group are User Administrators."""
    return {
        "users": page("users", user(ANN), user(BOB)),
        "groups": page("groups", group(ADMINS, True), group(PLAIN, None)),
        "services": page("servicePrincipals", {"id": SP, "appId": APP_ID, "servicePrincipalType": "Application"}),
        "applications": page("applications", {"id": APP, "appId": APP_ID, "signInAudience": "AzureADMyOrg"}),
        "roles": page("roleManagement/directory/roleAssignments", role()),
        "grants": page("oauth2PermissionGrants"),
        "units": page("directory/administrativeUnits", {"id": UNIT, "isMemberManagementRestricted": True}),
        "in-unit": page(f"administrativeUnits('{UNIT}')/members"),
        "admins": page(f"groups('{ADMINS}')/members", {"@odata.type": "#microsoft.graph.user", "id": ANN}),
        "plain": page(f"groups('{PLAIN}')/members"),
        **{f"group-owners--{one}": page(f"groups('{one}')/owners") for one in (ADMINS, PLAIN)},
        f"service-principal-owners--{SP}": page(f"servicePrincipals('{SP}')/owners"),
        f"assigned-to--{SP}": page(f"servicePrincipals('{SP}')/appRoleAssignedTo"),
        f"app-owners--{APP}": page(f"applications('{APP}')/owners"),
        f"federated--{APP}": page(f"applications('{APP}')/federatedIdentityCredentials"),
    }


def told(folder: Path, lists: dict[str, dict[str, Any]]) -> tuple[Any, Any]:
    target = folder / f"tenant-{TENANT}"
    target.mkdir(parents=True)
    for name, content in lists.items():
        (target / f"{name}.json").write_text(json.dumps(content))
    (one,) = PROVIDER.read_exports([target])
    tables = PROVIDER.translate(one)
    return estate_of_tables(tables, published()), tables


def states(estate: Any, who: str, permission: str, resource: str) -> set[State]:
    """What the reference and the bulk engine say."""
    one = EntraPort(arranged(estate, TENANT)).can(who, permission, resource, Circumstances()).state
    return {one, Told().state(request(estate, who, permission, resource))}


ODD = [
    pytest.param(
        "roles", role(directoryScopeId=None, principalId=BOB), BOB, CREATE, "/", id="assignment without scope"
    ),
    pytest.param("roles", role(roleDefinitionId=None), BOB, CREATE, "/", id="assignment without role"),
    pytest.param("roles", role(principalId=5), BOB, CREATE, "/", id="assignment to nobody"),
    pytest.param("admins", NO_ID, BOB, CREATE, "/", id="member without id"),
    pytest.param(f"group-owners--{PLAIN}", NO_ID, BOB, OWN, PLAIN, id="owner of a group without id"),
    pytest.param(f"app-owners--{APP}", NO_ID, BOB, CREDENTIAL, APP, id="owner of an application without id"),
    pytest.param("units", {"displayName": "x", "id": None}, ANN, RENAME, BOB, id="unit without id"),
    pytest.param("in-unit", NO_ID, ANN, RENAME, BOB, id="member of a restricted unit without id"),
]


@pytest.mark.parametrize(("name", "odd", "who", "permission", "resource"), ODD)
def test_nobody_is_refused_for_what_could_not_be_read(
    tmp_path: Path, name: str, odd: Any, who: str, permission: str, resource: str
) -> None:
    """Whoever may do it, or be protected, by the object that cannot be read is not known to be DENIED or ALLOWED."""
    for folder, more, expected in (("whole", [], None), ("odd", [odd], State.UNKNOWN)):
        (tmp_path / folder).mkdir()
        lists = files()
        lists[name]["value"] += more
        estate, tables = told(tmp_path / folder, lists)
        known = State.ALLOWED if who == ANN else State.DENIED
        assert states(estate, who, permission, resource) == {expected or known}
        gaps = [one for one in plain(tables["coverage"]).to_pylist() if one["status"] == "unsupported"]
        assert bool(gaps) == bool(more), gaps


def test_members_that_a_group_is_given_with(tmp_path: Path) -> None:
    lists = files()
    del lists["admins"]
    lists["groups"]["value"][0]["members"] = [{"@odata.type": "#microsoft.graph.user", "id": ANN}, NO_ID]
    estate, _ = told(tmp_path, lists)
    assert states(estate, ANN, CREATE, "/") == {State.ALLOWED}
    assert states(estate, BOB, CREATE, "/") == {State.UNKNOWN}


def test_owners_that_a_group_is_given_with(tmp_path: Path) -> None:
    lists = files()
    del lists[f"group-owners--{PLAIN}"]
    lists["groups"]["value"][1]["owners"] = [NO_ID]
    estate, _ = told(tmp_path, lists)
    assert "owners of groups" in estate.unread
    assert states(estate, BOB, OWN, PLAIN) == {State.UNKNOWN}


def test_a_group_of_which_only_the_name_was_read_may_be_role_assignable(tmp_path: Path) -> None:
    """All groups are there, and their sort was not asked for (`$select=id,displayName`)."""
    lists = files()
    lists["groups"]["value"] = [{"id": one, "displayName": one} for one in (ADMINS, PLAIN)]
    lists["roles"]["value"] = [role(principalId=ANN, roleDefinitionId=GROUPS)]
    lists["plain"]["value"] = [{"@odata.type": "#microsoft.graph.user", "id": BOB}]
    estate, _ = told(tmp_path, lists)
    assert estate.all_groups
    assert states(estate, ANN, OWN, PLAIN) == {State.UNKNOWN}
    estate, _ = told(tmp_path / "helpdesk", lists | {"roles": page(
        "roleManagement/directory/roleAssignments", role(principalId=ANN, roleDefinitionId=HELPDESK))})  # fmt: skip
    assert states(estate, ANN, RESET, BOB) == {State.UNKNOWN}


def test_a_rule_of_a_unit_that_does_not_parse_hides_no_other_unit(tmp_path: Path) -> None:
    lists = files()
    lists["units"]["value"][0]["membershipRule"] = "user.department -eq ("
    estate, tables = told(tmp_path, lists)
    assert states(estate, ANN, RENAME, BOB) == {State.ALLOWED}
    assert any("(" in one["detail"] and UNIT in one["detail"] for one in plain(tables["coverage"]).to_pylist())


@pytest.mark.parametrize("whole", [True, False])
def test_a_unit_that_was_deleted_restricts_nobody_and_has_nobody_in_it(tmp_path: Path, whole: bool) -> None:
    """Assignments alone name it, and all units were read."""
    lists = files()
    at = f"/administrativeUnits/{GONE}"
    lists["roles"]["value"].append(role(id="at", principalId=BOB, directoryScopeId=at))
    if not whole:
        lists["units"]["@odata.nextLink"] = "https://graph.microsoft.com/next"
    estate, _ = told(tmp_path, lists)
    assert states(estate, ANN, RENAME, ANN) == {State.ALLOWED if whole else State.UNKNOWN}
    assert states(estate, BOB, RENAME, ANN) == {State.DENIED if whole else State.UNKNOWN}


@pytest.mark.parametrize("removed", [True, False])
def test_a_page_of_changes_is_not_the_list_of_all(tmp_path: Path, removed: bool) -> None:
    lists = files()
    lists["users"] = page("users/$delta", user(ANN), user(BOB))
    lists["grants"] = page("oauth2PermissionGrants/$delta")
    gone = {"@odata.type": "#microsoft.graph.user", "id": BOB, "@removed": {"reason": "deleted"}}
    lists["admins"]["value"] += [gone] if removed else []
    estate, _ = told(tmp_path, lists)
    assert not estate.all_groups and "delegated grants" in estate.unread
    assert states(estate, ANN, CREATE, "/") == {State.ALLOWED}
    assert states(estate, BOB, CREATE, "/") == {State.UNKNOWN}
