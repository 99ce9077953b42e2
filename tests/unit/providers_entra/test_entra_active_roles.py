"""Assignments of directory roles in their older form: `directoryRoles` with members, scoped role members of units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from entra_support import collected

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.evaluate.decide import decide
from leastwise.providers.entra.evaluate.estate import Estate
from leastwise.providers.entra.evaluate.explain import explain
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.evaluate.request import request
from leastwise.providers.entra.language.ids import At, Place

ANN, ROBOT, ADMINS, UNIT, ROLE, OTHER = (f"0b000000-0000-4000-8000-00000000000{n}" for n in range(1, 7))
READERS, HELPDESK = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
GRAPH = "https://graph.microsoft.com/v1.0/$metadata#"
MEMBERS = [
    {"@odata.type": "#microsoft.graph.user", "id": ANN, "userPrincipalName": "ann@corp.example"},
    {"@odata.type": "#microsoft.graph.servicePrincipal", "id": ROBOT},
    {"@odata.type": "#microsoft.graph.group", "id": ADMINS},
]
IN_USE = {"id": ROLE, "displayName": "Directory Readers", "roleTemplateId": READERS}
SCOPED = {
    "id": "s-1",
    "roleId": OTHER,
    "administrativeUnitId": UNIT,
    "roleMemberInfo": {"id": ANN, "displayName": "Ann"},
}
AT_UNIT = {"id": OTHER, "displayName": "Helpdesk Administrator", "roleTemplateId": HELPDESK}


def shell(told: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An object as `ConvertTo-Json` of Graph PowerShell writes it."""
    names = {name[:1].upper() + name[1:]: one for name, one in told.items()}
    return {**names, **more, "AdditionalProperties": {}}


SHELL_MEMBERS = [{"Id": one["id"], "AdditionalProperties": {"@odata.type": one["@odata.type"]}} for one in MEMBERS]
FORMS: dict[str, dict[str, Any]] = {
    "expanded": {"roles.json": {"@odata.context": f"{GRAPH}directoryRoles(members())", "value": [
        {**IN_USE, "members": MEMBERS}]}},
    "a bare list": {"roles.json": [{**IN_USE, "members": MEMBERS}]},
    "lists of each": {
        "roles.json": {"value": [IN_USE]}, f"role-members--{ROLE}.json": {"value": MEMBERS},
    },
    "a list that names its role": {
        "roles.json": [IN_USE],
        "page.json": {"@odata.context": f"{GRAPH}directoryRoles('{ROLE}')/members", "value": MEMBERS},
    },
    "a list by the template": {f"role-members--{READERS}.json": MEMBERS},
    "Graph PowerShell": {"roles.json": [shell(IN_USE, Members=SHELL_MEMBERS)]},
    "Graph PowerShell, lists of each": {
        "roles.json": shell(IN_USE), f"role-members--{ROLE}.json": SHELL_MEMBERS,
    },
}  # fmt: skip
SCOPED_FORMS: dict[str, dict[str, Any]] = {
    "a page": {"page.json": {"@odata.context": f"{GRAPH}scopedRoleMemberships", "value": [SCOPED]}},
    "of a unit": {"page.json": {
        "@odata.context": f"{GRAPH}directory/administrativeUnits('{UNIT}')/scopedRoleMembers", "value": [SCOPED]}},
    "a bare list": {f"scoped-role-members--{UNIT}.json": [SCOPED]},
    "Graph PowerShell": {"scoped.json": [
        shell({**SCOPED, "roleMemberInfo": {"Id": ANN, "DisplayName": "Ann", "AdditionalProperties": {}}})]},
    "expanded": {"more.json": [{**AT_UNIT, "scopedMembers": [SCOPED]}]},
}  # fmt: skip


def estate(one: Collected) -> Estate:
    return estate_of_tables(PROVIDER.translate(one), published())


@pytest.mark.parametrize("form", FORMS)
def test_members_of_a_role_have_it_in_the_tenant(tmp_path: Path, form: str) -> None:
    tables = PROVIDER.translate(collected(tmp_path, FORMS[form]))
    found = estate_of_tables(tables, published())
    given = {(one.role, one.principal, one.place) for one in found.assignments}
    assert given == {(READERS, one["id"], Place(At.TENANT)) for one in MEMBERS}
    types = {row["id"]: dict(row["details"]).get("type") for row in plain(tables["principals"]).to_pylist()}
    assert [types[one["id"]] for one in MEMBERS] == ["user", "servicePrincipal", "group"]
    # Neither custom roles nor those at single objects are in it: what is not given here may be given otherwise.
    assert "assignments of directory roles" in found.unread
    asked = request(found, ANN, "microsoft.directory/users/standard/read", "/")
    assert explain(decide(asked)).state == "ALLOWED"


@pytest.mark.parametrize("form", SCOPED_FORMS)
def test_a_scoped_member_has_the_role_at_the_unit(tmp_path: Path, form: str) -> None:
    found = estate(collected(tmp_path, {"roles.json": [AT_UNIT], **SCOPED_FORMS[form]}))
    assert {(one.role, one.principal, one.place) for one in found.assignments} == {
        (HELPDESK, ANN, Place(At.UNIT, UNIT))
    }


def test_what_the_newer_lists_tell_is_told_once(tmp_path: Path) -> None:
    newer = {"id": "a-1", "principalId": ANN, "roleDefinitionId": READERS, "directoryScopeId": "/"}
    activated = {**newer, "id": "i-1", "principalId": ROBOT, "assignmentType": "Activated", "memberType": "Direct",
                 "roleAssignmentOriginId": "a-2", "endDateTime": "2030-01-01T00:00:00Z"}  # fmt: skip
    found = estate(collected(tmp_path, {**FORMS["expanded"], "a.json": [newer], "i.json": [activated]}))
    told = {one.principal: (one.id, one.activated) for one in found.assignments}
    assert len(found.assignments) == 3 and told == {ANN: ("a-1", False), ROBOT: ("a-2", True), ADMINS: ("", False)}


def test_a_scoped_member_of_a_role_that_nothing_names_is_a_gap(tmp_path: Path) -> None:
    tables = PROVIDER.translate(collected(tmp_path, {"page.json": [SCOPED]}))
    assert [one.role for one in estate_of_tables(tables, published()).assignments] == [OTHER]
    gaps = [row["detail"] for row in plain(tables["coverage"]).to_pylist() if row["status"] == "not_tried"]
    assert any(OTHER in one and "the role was not read" in one for one in gaps)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ([{**IN_USE, "roleTemplateId": None, "members": []}], "roleTemplateId is missing"),
        ([{**IN_USE, "members": [{"displayName": "nobody"}]}], "id is missing"),
        ([{**SCOPED, "roleMemberInfo": {}}], "id is missing"),
        ([{**SCOPED, "administrativeUnitId": None}], "administrativeUnitId is missing"),
        ([{**SCOPED, "roleId": None}], "roleId is missing"),
    ],
)
def test_what_is_broken_is_told_and_the_rest_is_read(tmp_path: Path, file: Any, said: str) -> None:
    tables = PROVIDER.translate(collected(tmp_path, {"x.json": file, "u.json": [MEMBERS[0]]}))
    odd = [row["detail"] for row in plain(tables["coverage"]).to_pylist() if row["status"] == "unsupported"]
    assert any(said in one and "x.json" in one for one in odd), odd
