"""What the Entra catalogue says, that it is compiled without loss, and that the tables are the pages'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.catalogs import (
    assert_small_source_is_refused,
    assert_sources_are_checked,
    assert_wrong_answer_is_named,
)
from fakes.shared import SHARED as _SHARED
from leastwise.providers.entra import catalog
from leastwise.providers.entra.catalog.packed import Packed
from leastwise.providers.entra.catalog.published import read_published
from leastwise.providers.entra.catalog.tables import tables
from leastwise.providers.entra.catalog.update import compiled, parts
from leastwise.providers.entra.language.actions import parse_action
from leastwise.providers.entra.language.directory import GRAPH
from leastwise.providers.entra.language.requests import action_of, parse_request

SHARED = _SHARED / "catalogs/entra"
HELPDESK, READERS = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"


def test_counts() -> None:
    assert dict(catalog.bundled().counts) == {
        "roles": 145,
        "actions": 693,
        "app roles": 716,
        "scopes": 807,
        "requests": 11127,
    }


def test_a_role_has_its_actions_and_what_it_inherits() -> None:
    role = catalog.bundled().role(HELPDESK)
    assert role is not None
    assert (role.title, role.inherits, role.custom) == ("Helpdesk Administrator", (READERS,), False)
    (entry,) = role.entries
    assert entry.by(parse_action("microsoft.directory/users/password/update"))
    assert not entry.by(parse_action("microsoft.directory/users/standard/read"))


def test_an_unknown_role_is_none() -> None:
    assert catalog.bundled().role("00000000-0000-4000-8000-000000000000") is None


def test_every_action_of_a_role_is_one() -> None:
    for one in catalog.bundled().actions:
        assert str(parse_action(one)) == one.lower()


def test_tiers_are_told() -> None:
    tiers = catalog.bundled().tiers
    assert tiers["microsoft.directory/users/password/update"] == "0"
    assert set(tiers.values()) == {"0", "1", "2"}


def test_graph_tells_its_app_roles_scopes_and_requests() -> None:
    facts = catalog.bundled()
    assert facts.app_roles["df021288-bdef-4463-88db-98f22de89214"] == "User.Read.All"
    assert {"User.Read", "Directory.AccessAsUser.All"} <= facts.scopes
    known = facts.allowing(str(parse_request("get /Users/{id}")))
    assert known is not None
    assert "User.Read.All" in known.application
    assert "User.Read" in known.delegated
    assert "User.Read" not in known.application
    assert facts.allowing("GET /starships") is None


def test_the_sources_are_named() -> None:
    told = parts()
    assert [(one.source, one.licence) for one in told] == [
        ("Cloud-Architekt/AzurePrivilegedIAM", "MIT"),
        ("merill/microsoft-info", "MIT"),
        ("microsoftgraph/microsoft-graph-devx-content", "MIT"),
    ]
    assert told[0].place == "bundled"
    assert told[0].counts


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared catalogues")
def test_the_bundled_file_is_the_source_without_loss() -> None:
    facts = catalog.bundled()
    folder = SHARED / "eam_classification"
    listed = json.loads((folder / "Classification_EntraIdDirectoryRoles.json").read_text())
    assert set(facts.roles) == {one["RoleId"] for one in listed}
    for one in listed:
        role = facts.role(one["RoleId"])
        assert role is not None
        assert role.inherits == tuple(one["InheritsPermissionsFrom"])
        names = {each["AuthorizedResourceAction"].lower() for each in one["RolePermissions"]
                 if each["AuthorizedResourceAction"]}  # fmt: skip
        assert names <= {str(action) for entry in role.entries for action in entry.actions}
    for name, held in (("GraphAppRoles", facts.app_roles.values()), ("GraphDelegateRoles", facts.scopes)):
        assert {one["Value"] for one in json.loads((SHARED / f"{name}.json").read_text())} == set(held)
    paths = json.loads((SHARED / "graph_path_to_permission.json").read_text())["paths"]
    for request, values in paths.items():
        known = facts.allowing(str(parse_request(request)))
        assert known is not None, request
        assert set(values.get("Application", ())) <= set(known.application), request
        assert set(values.get("DelegatedWork", ())) <= set(known.delegated), request


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared catalogues")
def test_the_table_of_passwords_is_the_published_one() -> None:
    told = json.loads((SHARED / "entra_password_reset_matrix.json").read_text())
    keys = {one.title: one.key for one in catalog.bundled().named()}
    reset = tables().upon[0]
    for actor in told["actors"]:
        if keys[actor] in tables().anybody:
            assert all(actor in allowed for allowed in told["target_role_to_actors"].values())
            continue
        upon = {keys[target] for target, allowed in told["target_role_to_actors"].items()
                if actor in allowed and not target.startswith("(")}  # fmt: skip
        assert reset.actors[keys[actor]] == upon, actor


def test_the_tables_name_roles_that_there_are() -> None:
    told, known = tables(), set(catalog.bundled().roles)
    for one in told.upon:
        for actor, upon in one.actors.items():
            assert {actor, *upon} <= known
    assert {*told.anybody, *told.nobody, *told.unsaid, told.member, told.guest, told.restricted} <= known


def test_a_request_of_the_tables_is_one_that_the_list_lacks() -> None:
    for request in tables().requests:
        assert str(parse_request(request)) == request
        assert catalog.bundled().allowing(request) is None


def test_most_actions_that_requests_are_are_known() -> None:
    """What is made of a request must be an action as roles name it, or is included in one."""
    named = [parse_action(one) for one in catalog.bundled().actions]
    for request in ("GET /users", "POST /users", "PATCH /groups/{id}", "DELETE /applications/{id}",
                    "POST /groups/{id}/members/$ref", "POST /applications/{id}/addPassword", "GET /users/{id}/memberOf",
                    "POST /servicePrincipals/{id}/appRoleAssignedTo", "POST /roleManagement/directory/roleAssignments",
                    "PATCH /policies/authorizationPolicy", "POST /invitations", "GET /auditLogs/signIns",
                    "POST /users/{id}/authentication/passwordMethods/{id}/resetPassword",
                    "POST /directory/administrativeUnits/{id}/members", "DELETE /users/{id}"):  # fmt: skip
        action = action_of(parse_request(request))
        assert action is not None, request
        asked = parse_action(f"microsoft.directory/{action}")
        assert any(one.includes(asked) for one in named), (request, action)


ROLE: dict[str, Any] = {
    "id": HELPDESK,
    "templateId": HELPDESK,
    "displayName": "Helpdesk Administrator",
    "isBuiltIn": True,
    "isPrivileged": True,
    "rolePermissions": [
        {"allowedResourceActions": ["microsoft.directory/users/password/update"], "condition": "$ResourceIsSelf"}
    ],
    "inheritsPermissionsFrom": [{"id": READERS}],
}
CUSTOM = {**ROLE, "id": "x", "templateId": "x", "isBuiltIn": False}
SERVICE = {
    "id": "s",
    "appId": GRAPH,
    "appRoles": [{"id": "A1", "value": "Stars.Read.All"}],
    "oauth2PermissionScopes": [{"id": "A2", "value": "Stars.Read"}],
}


@pytest.mark.parametrize(
    "files",
    [
        {"roles.json": {"value": [ROLE, CUSTOM]}, "graph.json": SERVICE},
        {
            "1.json": {"value": [ROLE], "@odata.nextLink": "https://graph.microsoft.com/x"},
            "2.json": {"value": [SERVICE]},
        },
        {"all.json": [ROLE, SERVICE, {"id": "another", "appId": "b"}]},
    ],
)
def test_saved_answers_are_read(tmp_path: Path, files: dict[str, Any]) -> None:
    for name, body in files.items():
        (tmp_path / name).write_text(json.dumps(body))
    found = read_published(tmp_path)
    (role,) = found.roles
    assert (role.key, role.privileged, role.inherits) == (HELPDESK, True, (READERS,))
    assert role.entries[0].condition == "$ResourceIsSelf"
    assert [(one.id, one.value, one.delegated) for one in found.values] == [
        ("a1", "Stars.Read.All", False),
        ("a2", "Stars.Read", True),
    ]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("{", "is no JSON"),
        ("3", "is no list of role definitions or service principals"),
        ("[3]", "is no list of role definitions or service principals"),
        ('[{"rolePermissions": []}]', "is no answer of Microsoft Graph (id is missing)"),
        ('[{"id": "x", "rolePermissions": 3}]', "is no answer of Microsoft Graph (rolePermissions must be a list"),
        (
            '[{"id": "x", "rolePermissions": [{"allowedResourceActions": ["users"]}]}]',
            "is no answer of Microsoft Graph (rolePermissions/0: 'users' is no action",
        ),
        ('{"value": [], "@odata.nextLink": "x"}', "the last page is missing"),
        ("[]", "holds no definitions of directory roles, and not Microsoft Graph's service principal"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(tmp_path: Path, content: str, cause: str) -> None:
    assert_wrong_answer_is_named(read_published, tmp_path, content, cause)


def test_a_source_is_needed_and_must_be_whole(tmp_path: Path) -> None:
    assert_sources_are_checked(read_published, compiled, tmp_path, "roleDefinitions")
    assert_small_source_is_refused(compiled, tmp_path, json.dumps([ROLE]), 145)


def test_a_newer_file_keeps_what_its_source_does_not_tell(tmp_path: Path) -> None:
    known = catalog.bundled()
    roles = [{**ROLE, "id": one.key, "templateId": one.key, "displayName": one.title} for one in known.named()]
    (tmp_path / "roles.json").write_text(json.dumps(roles))
    made = catalog.Catalog(Packed("x", compiled(tmp_path, tmp_path, "2030-01-01")), "x")
    role = made.role(GLOBAL)
    assert role is not None
    assert (role.title, role.entries[0].condition) == ("Global Administrator", "$resourceisself")
    assert made.app_roles == known.app_roles
    assert made.scopes == known.scopes
    assert made.requests == known.requests
    assert made.tiers == known.tiers
