"""What the Azure catalogue says, and that it is compiled without loss."""

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
from leastwise.providers.azure import catalog
from leastwise.providers.azure.catalog.packed import Packed
from leastwise.providers.azure.catalog.published import read_published
from leastwise.providers.azure.catalog.update import compiled, parts
from leastwise.providers.azure.language.operations import Plane, canonical

SHARED = _SHARED / "catalogs/azure"
WRITES = "microsoft.authorization/roleassignments/write"
OWNER, UAA, RBAC = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
)  # fmt: skip


def test_counts() -> None:
    assert dict(catalog.bundled().counts) == {
        "roles": 928,
        "conditions in roles": 31,
        "operations": 20570,
        "data operations": 3397,
    }
    assert (len(catalog.every(Plane.CONTROL)), len(catalog.every(Plane.DATA))) == (17204, 3397)


def test_owner_has_every_control_operation_and_no_data_operation() -> None:
    owner = catalog.role(OWNER)
    assert owner is not None
    (entry,) = owner.entries
    assert all(entry.has(canonical(one), Plane.CONTROL) for one in catalog.every(Plane.CONTROL))
    assert not any(entry.has(canonical(one), Plane.DATA) for one in catalog.every(Plane.DATA))


def test_few_roles_write_role_assignments_without_a_condition() -> None:
    writers: dict[str, bool] = {}
    for key in catalog.bundled().roles:
        role = catalog.role(key)
        assert role is not None
        having = [one for one in role.entries if one.has(WRITES, Plane.CONTROL)]
        if having:
            writers[key] = any(not one.condition for one in having)
    assert len(writers) == 28
    assert {key for key, free in writers.items() if free} == {OWNER, UAA, RBAC}


@pytest.mark.parametrize(
    ("operation", "planes"),
    [
        ("microsoft.compute/virtualmachines/read", {Plane.CONTROL}),
        ("microsoft.storage/storageaccounts/blobservices/containers/blobs/read", {Plane.DATA}),
        ("microsoft.nothing/at/all", set()),
    ],
)
def test_an_operation_tells_its_planes(operation: str, planes: set[Plane]) -> None:
    assert catalog.planes(operation) == planes


def test_some_operations_are_on_both_planes() -> None:
    both = [one for one in catalog.every(Plane.DATA) if Plane.CONTROL in catalog.planes(canonical(one))]
    assert len(both) == 31


def test_an_unknown_role_is_none() -> None:
    assert catalog.role("00000000-0000-4000-8000-000000000000") is None


def test_the_sources_are_named() -> None:
    told = parts()
    assert [(one.source, one.licence) for one in told] == [
        ("iann0036/iam-dataset", "MIT"),
        ("awsles/AzureServices", "MIT"),
    ]
    assert told[0].place == "bundled"
    assert told[0].counts


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared catalogues")
def test_the_bundled_file_is_the_source_without_loss() -> None:
    told = json.loads((SHARED / "azure_builtin_roles.json").read_text())
    assert set(catalog.bundled().roles) == {role["name"] for role in told}
    for one in told:
        role = catalog.bundled().role(one["name"])
        assert role is not None
        assert role.title == one["roleName"]
        for entry, body in zip(role.entries, one["permissions"], strict=True):
            given = (entry.actions, entry.not_actions, entry.data_actions, entry.not_data_actions)
            names = ("actions", "notActions", "dataActions", "notDataActions")
            assert [list(each.texts) for each in given] == [[text.strip() for text in body[name]] for name in names]
            assert entry.condition == (body["condition"] or "")
    for line in (SHARED / "azure_operations_catalogue.jsonl").read_text().splitlines():
        operation = json.loads(line)
        assert catalog.bundled().planes(canonical(operation["action"])) == set(operation["planes"])


ROLE: dict[str, Any] = {
    "id": "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "name": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "properties": {"roleName": "Reader", "type": "BuiltInRole", "permissions": [{"actions": ["*/read"]}]},
}
CUSTOM = {"name": "mine", "roleName": "Mine", "roleType": "CustomRole", "permissions": []}
PROVIDER = {
    "name": "Contoso.Shop",
    "operations": [{"name": "Contoso.Shop/register/action"}],
    "resourceTypes": [
        {
            "name": "baskets",
            "operations": [
                {"name": "Contoso.Shop/baskets/read", "isDataAction": False},
                {"name": "Contoso.Shop/baskets/items/read", "isDataAction": True},
                {"name": "Contoso.Shop/baskets/items/read", "isDataAction": False},
            ],
        }
    ],
}


@pytest.mark.parametrize(
    "files",
    [
        {"roles.json": [ROLE, CUSTOM], "operations.json": [PROVIDER]},
        {"1.json": {"value": [ROLE], "nextLink": "https://management.azure.com/x"}, "2.json": {"value": [PROVIDER]}},
        {"role.json": ROLE, "provider.json": PROVIDER},
    ],
)
def test_saved_answers_are_read(tmp_path: Path, files: dict[str, Any]) -> None:
    for name, body in files.items():
        (tmp_path / name).write_text(json.dumps(body))
    found = read_published(tmp_path)
    assert list(found.roles) == [ROLE["name"]]
    assert found.operations == {
        "Contoso.Shop/register/action": {Plane.CONTROL},
        "Contoso.Shop/baskets/read": {Plane.CONTROL},
        "Contoso.Shop/baskets/items/read": {Plane.CONTROL, Plane.DATA},
    }


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("{", "is no JSON"),
        ("3", "is no list of role definitions or of operations"),
        ("[3]", "is no list of role definitions or of operations"),
        ('[{"roleName": "x"}]', "is no role definition (name is missing)"),
        ('[{"name": "x", "permissions": 3}]', "is no role definition (permissions must be a list of objects)"),
        ('{"value": [], "nextLink": "x"}', "the last page is missing"),
        ("[]", "holds no role definitions and no operations"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(tmp_path: Path, content: str, cause: str) -> None:
    assert_wrong_answer_is_named(read_published, tmp_path, content, cause)


def test_a_source_is_needed_and_must_be_whole(tmp_path: Path) -> None:
    assert_sources_are_checked(read_published, compiled, tmp_path, "az role definition list -o json")
    assert_small_source_is_refused(compiled, tmp_path, json.dumps([ROLE]), 928)


def test_a_newer_file_keeps_what_its_source_does_not_tell(tmp_path: Path) -> None:
    known = catalog.bundled()
    roles = [
        {
            "name": key,
            "roleName": role.title,
            "roleType": "BuiltInRole",
            "permissions": [{"actions": ["Contoso.Shop/*"]}],
        }
        for key in known.roles
        if (role := known.role(key)) is not None
    ]
    (tmp_path / "roles.json").write_text(json.dumps(roles))
    made = catalog.Catalog(Packed("x", compiled(tmp_path, tmp_path, "2030-01-01")), "x")
    reader = made.role(ROLE["name"])
    assert reader is not None
    assert reader.entries[0].actions.texts == ("Contoso.Shop/*",)
    assert made.every(Plane.DATA) == known.every(Plane.DATA)
    assert made.every(Plane.CONTROL) == known.every(Plane.CONTROL)
    assert made.sources[0].date == "2030-01-01"


def test_a_newer_file_of_a_home_is_in_force(tmp_path: Path) -> None:
    operations = [{"name": one} for one in catalog.every(Plane.CONTROL)] + [
        {"name": one, "isDataAction": True} for one in catalog.every(Plane.DATA)
    ]
    source = tmp_path / "source"
    source.mkdir()
    (source / "operations.json").write_text(
        json.dumps([{"operations": [*operations, {"name": "Contoso.Shop/baskets/read"}]}])
    )
    home = tmp_path / "home"
    home.mkdir()
    (home / catalog.FILE).write_bytes(compiled(source, tmp_path, "2030-01-01"))
    try:
        catalog.use(home)
        assert catalog.planes("contoso.shop/baskets/read") == {Plane.CONTROL}
        assert len(catalog.current().roles) == 928
    finally:
        catalog.use(None)
    assert catalog.planes("contoso.shop/baskets/read") == frozenset()
