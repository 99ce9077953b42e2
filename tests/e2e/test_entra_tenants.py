"""Two directories in one estate: each question is put to the tenant that it is about, what outsiders hold to both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.home import asking
from leastwise.cli.main import run

NORTH, SOUTH = "72f00000-0000-4000-8000-000000000000", "73f00000-0000-4000-8000-000000000000"
VENDOR, APP, OTHER = (f"99f00000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
CREATE, GLOBAL = "microsoft.directory/users/create", "62e90394-69f5-4237-9190-012177145e10"

GUEST = "0b000002-0000-4000-8000-0000000000aa"
"""Ann of the north, in the south."""


def id(tenant: str, number: int) -> str:
    return f"0b00000{1 if tenant == NORTH else 2}-0000-4000-8000-00000000000{number}"


def of(type: str, **body: Any) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{type}", **body}


def files(tenant: str, name: str) -> dict[str, Any]:
    ann, bob, ours, theirs = (id(tenant, n) for n in range(1, 5))
    coming = of("user", id=GUEST, userPrincipalName="ann_north.example#EXT#@south.example", userType="Guest",
                accountEnabled=True, mail="ann@north.example")  # fmt: skip
    guests = [coming] if name == "south" else []
    return {
        "users.json": [
            of("user", id=who, userPrincipalName=f"{person}@{name}.example", userType="Member", accountEnabled=True)
            for who, person in ((ann, "ann"), (bob, "bob"))
        ] + guests,
        "sps.json": [
            # One app of the north is used in both tenants; another is a vendor's.
            of("servicePrincipal", id=ours, appId=APP, displayName="shared", accountEnabled=True,
               servicePrincipalType="Application", appOwnerOrganizationId=NORTH),
            of("servicePrincipal", id=theirs, appId=OTHER, displayName=f"vendor-{name}", accountEnabled=True,
               servicePrincipalType="Application", appOwnerOrganizationId=VENDOR),
        ],
        "roles.json": [
            of("unifiedRoleAssignment", id=f"{name}-{who}", principalId=who, roleDefinitionId=GLOBAL,
               directoryScopeId="/")
            for who in (ann, ours, theirs, *(one["id"] for one in guests))
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tenants")
    for tenant, name in ((NORTH, "north"), (SOUTH, "south")):
        inside = folder / f"tenant-{tenant}"
        inside.mkdir()
        for file, content in files(tenant, name).items():
            (inside / file).write_text(json.dumps({"value": content}))
        assert run(["import", str(inside), "--taken", "2026-11-01T00:00:00Z", "--home", str(folder / "home")]) == 0
    return folder / "home"


def asked(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    return asking(home, capsys)(*command)


def refused(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> str:
    capsys.readouterr()
    assert run([*command, "--home", str(home)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize(("tenant", "name"), [(NORTH, "north"), (SOUTH, "south")])
def test_a_question_is_put_to_the_tenant_of_whom_it_names(
    home: Path, capsys: pytest.CaptureFixture[str], tenant: str, name: str
) -> None:
    for who in (id(tenant, 1), f"ann@{name}.example", f"ANN@{name}.example"):
        assert asked(home, capsys, "can", who, CREATE, "/")["state"] == "ALLOWED"
    assert asked(home, capsys, "can", id(tenant, 2), CREATE, tenant)["state"] == "UNKNOWN"
    holders = {one["principal"] for one in asked(home, capsys, "who-can", CREATE, tenant)["items"]}
    assert holders - {GUEST} == {id(tenant, n) for n in (1, 3, 4)}
    changed = "microsoft.directory/users/password/update"
    listed = {one["principal"] for one in asked(home, capsys, "who-can", changed, id(tenant, 2))["items"]}
    assert id(tenant, 1) in listed and not any(one.startswith(id(_other(tenant), 1)[:8]) for one in listed)
    assert any(CREATE in one["permissions"] for one in asked(home, capsys, "what-can", id(tenant, 1))["items"])
    assert asked(home, capsys, "compare", id(tenant, 1), id(tenant, 2))["equal"] is not True


def _other(tenant: str) -> str:
    return SOUTH if tenant == NORTH else NORTH


def test_what_outsiders_hold_is_told_of_both_and_an_app_of_ours_is_none(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(home, capsys, "external")["items"]
    assert {(one["account"], one["principal"], one["principal_account"]) for one in found} == {
        *((tenant, id(tenant, 4), VENDOR) for tenant in (NORTH, SOUTH)),
        (SOUTH, GUEST, ""),
    }
    snapshots = asked(home, capsys, "snapshots", "list")["items"]
    (south,) = (one["id"] for one in snapshots if (one["provider"], one["scope"]) == ("entra", SOUTH))
    # Of the south alone it is not known whose the tenant of the north is.
    outside = {one["principal"] for one in asked(home, capsys, "external", "--snapshot", south)["items"]}
    assert outside == {id(SOUTH, 3), id(SOUTH, 4), GUEST}


def test_whoever_is_of_another_tenant_is_asked_as_who_comes_in(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An app by its id, a person as a guest; of whom nobody there is known to be the same nothing is said."""
    app = asked(home, capsys, "can", id(NORTH, 3), CREATE, SOUTH)
    assert (app["state"], app["chain"][0]["id"]) == ("ALLOWED", id(SOUTH, 3))
    guest = asked(home, capsys, "can", "ann@north.example", CREATE, id(SOUTH, 2))
    assert (guest["state"], guest["chain"][0]["id"]) == ("ALLOWED", GUEST)
    for who in (id(NORTH, 2), "bob@north.example"):
        nobody = asked(home, capsys, "can", who, CREATE, SOUTH)
        assert nobody["state"] == "UNKNOWN" and NORTH in nobody["missing"][0] and SOUTH in nobody["missing"][0]
    assert "is no permission" in refused(home, capsys, "can", id(NORTH, 2), "no such", SOUTH)


def test_what_is_of_several_tenants_or_of_none_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = refused(home, capsys, "compare", id(NORTH, 1), id(SOUTH, 1))
    assert f"{id(NORTH, 1)} is of {NORTH}" in both and f"{id(SOUTH, 1)} is of {SOUTH}" in both
    said = refused(home, capsys, "can", "0b000009-0000-4000-8000-000000000001", CREATE, "/")
    assert NORTH in said and SOUTH in said and "name one by its id" in said
    assert NORTH in refused(home, capsys, "gap", "0b000009-0000-4000-8000-000000000001")


def test_questions_about_everybody_are_put_to_both(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = {id(tenant, n) for tenant in (NORTH, SOUTH) for n in (1, 3, 4)} | {GUEST}
    for where in ((), ("/",)):
        assert {one["principal"] for one in asked(home, capsys, "who-can", CREATE, *where)["items"]} == both
    alike = asked(home, capsys, "similar", "--equal")["items"]
    assert {one["principal"] for group in alike for one in group["principals"]} >= both
    gaps = asked(home, capsys, "gap")
    assert {one["principal"] for one in gaps["items"]} >= both and gaps["exact"]
    for tenant in (NORTH, SOUTH):
        assert asked(home, capsys, "gap", id(tenant, 1))["principal"] == id(tenant, 1)
    trend = asked(home, capsys, "gap", id(SOUTH, 1), "--trend")["items"]
    assert [one["provider"] for one in trend] == ["entra"] * len(trend) and trend
    asked(home, capsys, "top")
    asked(home, capsys, "dormant")


def test_differences_are_told_tenant_by_tenant(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What changed in one is held against that one alone; a tenant that only one estate has is named."""
    for tenant, name in ((NORTH, "north"), (SOUTH, "south")):
        inside = tmp_path / f"tenant-{tenant}"
        inside.mkdir()
        for file, content in files(tenant, name).items():
            left = [one for one in content if one.get("principalId") != id(NORTH, 1)]
            (inside / file).write_text(json.dumps({"value": left}))
        where = ["--home", str(tmp_path / "home")]
        assert run(["import", str(inside), "--taken", "2026-11-02T00:00:00Z", *where]) == 0
        found = asked(home, capsys, "diff", str(home), str(tmp_path / "home"))
        assert [one["principal"] for one in found["items"]] == [id(NORTH, 1)]
        assert any(SOUTH in one and "left out" in one for one in found["missing"]) is (name == "north")


def test_assertions_are_put_to_the_tenant_that_they_are_about(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = [
        {"can": id(tenant, 1), "permission": CREATE, "resource": tenant} for tenant in (NORTH, SOUTH)
    ]  # fmt: skip
    file = tmp_path / "wanted.yaml"
    file.write_text(json.dumps({"version": 1, "assertions": wanted}))
    assert [one["state"] for one in asked(home, capsys, "check", str(file))["items"]] == ["passed", "passed"]
