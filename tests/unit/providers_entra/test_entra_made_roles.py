"""Custom roles of Entra ID for what stays of a role: what they hold, where they can be assigned: cases as data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pyroaring import BitMap

sys.path.insert(0, str(Path(__file__).parents[2] / "differential"))

from entra_tables import TENANT, raw

from fakes.laid import tables_of
from leastwise.engine.placed import Making
from leastwise.providers.base import ScopeTables
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.compile import compile_estate
from leastwise.providers.entra.compiled.port import EntraPort
from leastwise.providers.entra.regranting import granted
from leastwise.providers.entra.regranting.commands import command

OWN, READERS = "dddddddd-0000-4000-8000-000000000001", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
ACTIONS = {
    "members": "microsoft.directory/groups/members/update",
    "sign-ins": "microsoft.directory/signInReports/allProperties/read",
    "disable": "microsoft.directory/users/disable",
    "basic": "microsoft.directory/applications/basic/update",
    "all": "microsoft.directory/applications/allProperties/update",
}
SCOPES = {"/": "/", "unit-1": "/administrativeUnits/unit-1", "group-1": "/group-1", "user-2": "/user-2"}


def one(kind: str, **body: Any) -> dict[str, Any]:
    return {"kind": kind, "body": body}


@pytest.fixture(scope="module")
def grants() -> granted.Grants:
    told = [
        *(one("user", id=id, userPrincipalName=f"{id}@corp.example", userType="Member") for id in ("user-1", "user-2")),
        one("group", id="group-1", displayName="Staff", securityEnabled=True),
        one("administrative_unit", id="unit-1", displayName="Unit"),
        one("directory_role_definition", id=OWN, displayName="Own", isBuiltIn=False, isEnabled=True, templateId=OWN,
            rolePermissions=[{"allowedResourceActions": list(ACTIONS.values())}]),
        *(one("directory_role_assignment", id=scope, roleDefinitionId=OWN, principalId="user-1", directoryScopeId=at)
          for scope, at in SCOPES.items()),
        one("directory_role_assignment", id="app", roleDefinitionId=OWN, principalId="user-2", appScopeId="/Catalog/1"),
    ]  # fmt: skip
    made = tables_of(PROVIDER.translate(raw(told)))
    return granted.Grants(EntraPort(compile_estate([ScopeTables("tenant", TENANT, made, True, None, "entra")])))


def made(grants: granted.Grants, scope: str, *wanted: str) -> Making:
    [grant] = [one for one in grants.of("user-1") if one.scope == scope]
    numbers = BitMap(grants._numbers.by_lower[ACTIONS[one].lower()] for one in wanted)
    return grants.written(grant, scope, "user-1", numbers)


CASES = {
    "in the tenant": ("/", ["members", "basic"], {}, ["basic", "members"], [], ""),
    "what such roles cannot hold is left": ("/", ["members", "disable"], {}, ["members"], ["disable"], ""),
    "nothing that they can hold": ("/", ["disable"], {}, None, ["disable"], ""),
    "at a group": ("group-1", ["members"], {}, ["members"], [], ""),
    "at a unit": ("unit-1", ["members", "sign-ins"], {}, ["members", "sign-ins"], [], ""),
    "at a unit without users, groups or devices": (
        "unit-1", ["sign-ins"], {}, ["sign-ins"], [],
        "a custom role at an administrative unit needs an action on users, groups or devices",
    ),
    "at a user": ("user-2", ["members"], {}, ["members"], [], "custom roles cannot be assigned at a user"),
    "too many of the tenant": (
        "/", ["members"], {"ROLES": 1}, ["members"], [], "the tenant has 1 custom roles, 1 are allowed",
    ),
    "too many of somebody": (
        "/", ["members"], {"ASSIGNMENTS": 4}, ["members"], [],
        "custom roles are assigned to it 4 times, 4 are allowed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_made_roles(name: str, grants: granted.Grants) -> None:
    scope, wanted, limits, holds, left, blocked = CASES[name]
    with patch.multiple(granted, **{"ROLES": granted.ROLES, **limits}):
        found = made(grants, scope, *wanted)
    listed = [entry["allowedResourceActions"] for one in found.bundles for entry in one.document["rolePermissions"]]
    assert listed == ([] if holds is None else [[ACTIONS[one] for one in holds]])
    assert [grants._numbers.names[one] for one in found.left] == [ACTIONS[one] for one in left]
    assert (found.blocked, bool(found.why)) == (blocked, bool(left))


def test_a_made_role_is_told_with_all_that_it_gives(grants: granted.Grants) -> None:
    [role] = made(grants, "/", "all").bundles
    assert {ACTIONS["all"], ACTIONS["basic"]} <= {grants._numbers.names[one] for one in role.permissions}


NOTHING_READ = """az() { printf '%s\\n' "$*" >> "$LOG"; case "$*" in *roleDefinitions*) echo own;; esac; }
"""


def test_a_role_where_somebody_owned_something_is_at_its_id(tmp_path: Path) -> None:
    log = tmp_path / "log"
    told = command("assign", {"bundle": OWN, "principal": "p", "on": "app-1"})
    subprocess.run(["sh", "-ec", NOTHING_READ + told], check=True, env={"LOG": str(log), "PATH": "/usr/bin:/bin"})
    assert '"directoryScopeId": "/app-1"' in log.read_text().splitlines()[-1]


def test_what_is_assigned_in_an_application_stays(grants: granted.Grants) -> None:
    assert [one.kept for one in grants.of("user-2")] == ["it is assigned in an application, not in the directory"]


COMMANDS: dict[str, tuple[str, dict[str, Any], list[list[str]]]] = {
    "a built-in role in the tenant": ("assign", {"bundle": READERS, "principal": "p", "on": "/"}, [
        ["rest", "--method", "post", "--body", READERS],
    ]),
    "a made role on an object": ("assign", {"bundle": OWN, "principal": "p", "on": "group-1"}, [
        ["get", "roleDefinitions?$filter=isBuiltIn eq false", f"templateId=='{OWN}'"],
        ["get", "principalId eq 'p'", "ends_with(directoryScopeId, '/group-1')"],
        ["post", '"roleDefinitionId": "found-1"', '"directoryScopeId": "found-2"'],
    ]),
    "taken from an object": ("unassign", {"bundle": OWN, "principal": "p", "on": "group-1"}, [
        ["get", "$expand=roleDefinition", "ends_with(directoryScopeId, '/group-1')"],
        ["delete", "roleAssignments/found-1"],
    ]),
    "made": ("create", {"policy": OWN, "document": {"id": OWN, "displayName": "a b", "templateId": OWN}}, [
        ["post", '"displayName": "a b"', f'"templateId": "{OWN}"'],
    ]),
    "an owner": ("assign", {"bundle": "owner/application", "principal": "p", "on": "app-1"}, [
        ["post", "applications/app-1/owners/$ref", "directoryObjects/p"],
    ]),
    "an owner less": ("unassign", {"bundle": "owner/group", "principal": "p", "on": "group-1", "condition": None}, [
        ["delete", "/groups/group-1/owners/p/$ref"],
    ]),
    "an app role": ("assign", {"bundle": "Mail.Read", "principal": "p", "on": "graph-1"}, [
        ["get", "servicePrincipals/graph-1?$select=appRoles", "value=='Mail.Read'"],
        ["post", "servicePrincipals/graph-1/appRoleAssignedTo", '"appRoleId": "found-1"', '"resourceId": "graph-1"'],
    ]),
    "an app role less": ("unassign", {"bundle": "res-1/Orders.Read", "principal": "p", "on": "res-1"}, [
        ["get", "servicePrincipals/res-1?$select=appRoles", "value=='Orders.Read'"],
        ["get", "appRoleAssignedTo?$top=999", "principalId=='p' && appRoleId=='found-1'"],
        ["delete", "servicePrincipals/res-1/appRoleAssignedTo/found-2"],
    ]),
    "deleted": ("delete", {"policy": OWN}, [["get", f"id=='{OWN}'"], ["delete", "roleDefinitions/found-1"]]),
}  # fmt: skip
AZ = """az() { printf '%s\\n' "$*" >> "$LOG"; echo "found-$(wc -l < "$LOG" | tr -d ' ')"; }
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_as_a_shell_runs_them(name: str, tmp_path: Path) -> None:
    verb, told, wanted = COMMANDS[name]
    log = tmp_path / "log"
    log.touch()
    subprocess.run(
        ["sh", "-ec", f"{AZ}{command(verb, told)}"], check=True, env={"LOG": str(log), "PATH": "/usr/bin:/bin"}
    )
    calls = log.read_text().splitlines()
    assert len(calls) == len(wanted)
    for call, parts in zip(calls, wanted, strict=True):
        assert [one for one in parts if one not in call] == []
    bodies = [call.partition("--body ")[2] for call in calls if "--body" in call]
    assert all(json.loads(one) for one in bodies)


def test_what_is_delegated_has_no_command() -> None:
    assert command("unassign", {"bundle": "Mail.Read:delegated", "principal": "p", "on": "graph-1"}) == ""
