"""Which files tell all of something: single objects, lists of one object's, pages one a line, long files, ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.errors import InputError
from leastwise.model.decision import State
from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.evaluate.directions import Told
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request

TENANT = "72f00000-0000-4000-8000-000000000000"
ANN, BOB, GROUP, SP, APP = (f"0b000000-0000-4000-8000-00000000000{one}" for one in range(1, 6))
READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
USER = {"id": ANN, "userPrincipalName": "ann@corp.example"}
SERVICE = {"id": SP, "appId": APP, "servicePrincipalType": "Application"}
ASSIGNED = {"id": "a-1", "principalId": ANN, "roleDefinitionId": READERS, "directoryScopeId": "/"}
GRANT = {"id": "g", "clientId": SP, "consentType": "Principal", "principalId": ANN, "resourceId": SP, "scope": "x"}
HELD = {"id": "h", "appRoleId": READERS, "principalId": ANN, "principalType": "User", "resourceId": SP}
ROLES = "roleManagement/directory/roleAssignments"


def page(context: str, *held: Any, **more: Any) -> dict[str, Any]:
    return {"@odata.context": CONTEXT + context, **more, "value": [*held]}


def alone(context: str, one: dict[str, Any]) -> dict[str, Any]:
    return {"@odata.context": f"{CONTEXT}{context}/$entity", **one}


def written(folder: Path, files: dict[str, Any]) -> Path:
    target = folder / f"tenant-{TENANT}"
    target.mkdir()
    for name, content in files.items():
        (target / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return target


def unread(folder: Path, files: dict[str, Any]) -> tuple[str, ...]:
    (one,) = PROVIDER.read_exports([written(folder, files)])
    return estate_of_tables(PROVIDER.translate(one), published()).unread


CASES = [
    ("roles.json", page(ROLES, ASSIGNED), "assignments of directory roles", True),
    ("roles.json", alone(ROLES, ASSIGNED), "assignments of directory roles", False),
    ("roles.json", alone(f"{ROLES}(roleDefinition())", ASSIGNED), "assignments of directory roles", False),
    ("roles.json", ASSIGNED, "assignments of directory roles", True),
    ("roles.json", f"{json.dumps(page(ROLES, ASSIGNED))}\n" * 2, "assignments of directory roles", True),
    ("roles.json", f"{json.dumps(page(ROLES, ASSIGNED, **{'@odata.nextLink': 'https://x'}))}\n" * 2,
     "assignments of directory roles", False),
    ("grants.json", page("oauth2PermissionGrants", GRANT), "delegated grants", True),
    ("grants.json", page(f"users('{ANN}')/oauth2PermissionGrants", GRANT), "delegated grants", False),
    ("grants.json", page(f"servicePrincipals('{SP}')/oauth2PermissionGrants", GRANT), "delegated grants", False),
    ("x.json", page(f"servicePrincipals('{SP}')/appRoleAssignedTo", HELD), "app roles that were granted", True),
    ("x.json", page(f"servicePrincipals('{SP}')/appRoleAssignedTo"), "app roles that were granted", True),
    ("x.json", alone(f"servicePrincipals('{SP}')/appRoleAssignedTo", HELD), "app roles that were granted", False),
    (f"assigned-to--{SP}.json", page("appRoleAssignments", HELD), "app roles that were granted", True),
    (f"assigned-to--{SP}.json", page("appRoleAssignments", {**HELD, "resourceId": APP}),
     "app roles that were granted", False),
    (f"assigned-to--{SP}.json", [], "app roles that were granted", True),
    ("x.json", page("appRoleAssignments", HELD), "app roles that were granted", False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "what", "whole"), CASES)
def test_only_a_list_of_all_says_that_there_is_no_other(
    tmp_path: Path, name: str, content: Any, what: str, whole: bool
) -> None:
    services = page("servicePrincipals", SERVICE)
    found = unread(tmp_path, {"services.json": services, "users.json": page("users", USER), name: content})
    assert (what not in found) is whole


def test_a_list_beside_a_single_object_is_the_list(tmp_path: Path) -> None:
    files = {"users.json": page("users", USER), "one.json": alone(ROLES, ASSIGNED), "all.json": page(ROLES, ASSIGNED)}
    assert "assignments of directory roles" not in unread(tmp_path, files)


def test_whom_one_user_is_among_is_not_every_group(tmp_path: Path) -> None:
    group = {"@odata.type": "#microsoft.graph.group", "id": GROUP, "displayName": "devs", "securityEnabled": True}
    (one,) = PROVIDER.read_exports([written(tmp_path, {"x.json": page("directoryObjects", group)})])
    found = {row.call: row.status for row in one.coverage}
    assert found["groups.list"] is CoverageStatus.NOT_TRIED


LONG: list[tuple[str, Any]] = [
    ("of az", [{**USER, "id": ANN[:-4] + f"{one:04}", "jobTitle": None} for one in range(1000)]),
    ("of assignments", [{**ASSIGNED, "id": str(one)} for one in range(1000)]),
    ("page", page(ROLES, *({**ASSIGNED, "id": str(one)} for one in range(1000)))),
    ("of pages", [page(ROLES), page(ROLES, *({**ASSIGNED, "id": str(one)} for one in range(1000)))]),
    ("PowerShell", [{"Id": str(one), "PrincipalId": ANN, "RoleDefinitionId": READERS, "DirectoryScopeId": "/",
                     "AdditionalProperties": {}} for one in range(1000)]),
]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("content", [content for _, content in LONG], ids=[name for name, _ in LONG])
def test_a_long_file_is_known_by_its_beginning(tmp_path: Path, content: Any, indent: int | None) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content, indent=indent))
    assert path.stat().st_size > 1 << 16
    assert PROVIDER.recognises(path)
    assert not AZURE.recognises(path), "its reader would find nothing"


def test_ids_alone_stop_nothing(tmp_path: Path) -> None:
    ids = page("Collection(Edm.String)", GROUP)
    folder = written(tmp_path, {"groups-of-ann.json": ids, "more.json": [GROUP], "users.json": [USER]})
    (one,) = PROVIDER.read_exports([folder])
    assert [row.call for row in one.coverage if "an object is expected" in row.detail] == [
        "groups-of-ann.json", "more.json",
    ]  # fmt: skip
    with pytest.raises(InputError, match="an object is expected"):
        PROVIDER.read_exports([folder / "more.json"])


HELPDESK, PASSWORD = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "microsoft.directory/users/password/update"
PROTECTED: list[tuple[str, dict[str, Any]]] = [
    ("a role that was not read", {"roles.json": page(ROLES, {**ASSIGNED, "roleDefinitionId": HELPDESK},
                                                     **{"@odata.nextLink": "https://x"})}),
    ("a group that he may own", {
        "roles.json": page(ROLES, {**ASSIGNED, "roleDefinitionId": HELPDESK}),
        "groups.json": page("groups", {"id": GROUP, "displayName": "g", "securityEnabled": True, "groupTypes": [],
                                       "isAssignableToRole": True, "members": []}),
    }),
]  # fmt: skip


@pytest.mark.parametrize("files", [files for _, files in PROTECTED], ids=[name for name, _ in PROTECTED])
def test_what_was_not_read_may_protect(tmp_path: Path, files: dict[str, Any]) -> None:
    people = page("users", USER, {"id": BOB, "userPrincipalName": "bob@corp.example"})
    (one,) = PROVIDER.read_exports(
        [written(tmp_path, {"users.json": people, "units.json": page("directory/administrativeUnits"), **files})]
    )
    found = estate_of_tables(PROVIDER.translate(one), published())
    assert Told().state(request(found, ANN, PASSWORD, BOB)) is State.UNKNOWN
