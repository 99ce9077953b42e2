"""What the Google Cloud catalogue says, and that it is compiled without loss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.shared import SHARED as _SHARED
from leastwise.errors import InputError
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.catalog.compile import Others, compile_catalog
from leastwise.providers.gcp.catalog.lookup import Catalog
from leastwise.providers.gcp.catalog.packed import Packed, positions, runs
from leastwise.providers.gcp.catalog.published import PublishedRole, read_roles
from leastwise.providers.gcp.catalog.update import compiled, parts
from leastwise.providers.packed import Source

SHARED = _SHARED / "catalogs/gcp"
ROLE = {"name": "roles/x.admin", "title": "X Admin", "stage": "GA", "includedPermissions": ["x.a.get", "x.b.list"]}
EMPTY = {"name": "roles/x.user", "title": "X User", "stage": "BETA"}


@given(st.sets(st.integers(0, 300)))
def test_runs_stand_for_their_positions(chosen: set[int]) -> None:
    assert positions(runs(sorted(chosen))) == sorted(chosen)


@pytest.mark.parametrize(
    ("role", "holds", "lacks"),
    [
        ("roles/owner", "resourcemanager.projects.setIamPolicy", "storage.objects.get"),
        ("roles/editor", "compute.instances.create", "iam.serviceAccounts.getAccessToken"),
        ("roles/viewer", "compute.instances.get", "compute.instances.create"),
        ("roles/storage.objectViewer", "storage.objects.get", "storage.objects.create"),
        ("roles/iam.workloadIdentityPoolAdmin", "iam.googleapis.com/workloadIdentityPools.create", "iam.roles.create"),
    ],
)
def test_a_role_holds_its_permissions_and_no_others(role: str, holds: str, lacks: str) -> None:
    known = catalog.permissions_of(role)
    assert known is not None
    assert holds in known
    assert lacks not in known
    assert catalog.current().knows(lacks)


@pytest.mark.parametrize(
    ("role", "why"),
    [
        ("roles/admin", "a new basic role that no source has"),
        ("roles/writer", "the same"),
        ("roles/reader", "the same"),
        ("roles/spanner.databaseRoleUser", "told without permissions: these are not public"),
        ("roles/nothing.atAll", "no such role"),
        ("projects/p/roles/mine", "no predefined role"),
    ],
)
def test_what_is_not_known_of_a_role_is_none_and_not_nothing(role: str, why: str) -> None:
    assert catalog.permissions_of(role) is None, why


def test_a_role_that_is_told_without_permissions_is_still_known_by_name() -> None:
    found = catalog.role("roles/spanner.databaseRoleUser")
    assert found is not None
    assert (found.stage, found.permissions) == ("GA", None)
    assert catalog.role("roles/nothing.atAll") is None


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("service-123@compute-system.iam.gserviceaccount.com", "Compute Engine Service Agent"),
        ("Service-123@Compute-System.iam.gserviceaccount.com", "Compute Engine Service Agent"),
        ("123@cloudservices.gserviceaccount.com", "Google APIs Service Agent"),
        ("p7-abc1@gcp-sa-cloud-sql.iam.gserviceaccount.com", "Cloud SQL Service Account"),
        ("service-abc@compute-system.iam.gserviceaccount.com", None),
        ("123-compute@developer.gserviceaccount.com", None),
        ("app@project.iam.gserviceaccount.com", None),
        ("service-123@compute-system.iam.gserviceaccount.com.example.com", None),
    ],
)
def test_service_agents_are_told_by_their_address(address: str, title: str | None) -> None:
    found = catalog.service_agent(address)
    assert (found is None) == (title is None)
    if address.startswith(("service", "Service", "123@")):
        assert found == title


def test_where_a_permission_can_be_granted() -> None:
    known = catalog.current()
    assert known.levels("storage.objects.get") == {"project", "folder", "organization"}
    assert known.levels("billing.accounts.list") == {"organization"}
    assert known.levels("no.such.permission") == frozenset()


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared catalogues")
def test_the_bundled_file_is_the_source_without_loss() -> None:
    told = [json.loads(line) for line in (SHARED / "predefined_roles.jsonl").read_text().splitlines()]
    assert set(catalog.bundled().roles) == {role["name"] for role in told}
    for role in told:
        holds = role["includedPermissions"]
        assert catalog.bundled().permissions_of(role["name"]) == (None if holds is None else frozenset(holds))
    for level in ("project", "folder", "organization"):
        for name in (SHARED / f"testable_{level}_permissions.txt").read_text().split():
            assert level in catalog.bundled().levels(name)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"a.json": json.dumps({"roles": [ROLE, EMPTY]})}, {"roles/x.admin", "roles/x.user"}),
        ({"a.json": json.dumps([ROLE])}, {"roles/x.admin"}),
        ({"a.json": json.dumps(ROLE, indent=1)}, {"roles/x.admin"}),
        ({"a.jsonl": json.dumps(ROLE) + "\n\n" + json.dumps(EMPTY)}, {"roles/x.admin", "roles/x.user"}),
        (
            {
                "1.json": json.dumps({"roles": [ROLE], "nextPageToken": "t"}),
                "2.json": json.dumps({"roles": [EMPTY, {"name": "projects/p/roles/own"}]}),
            },
            {"roles/x.admin", "roles/x.user"},
        ),
    ],
)  # fmt: skip
def test_roles_are_read_from_pages_arrays_and_lines(tmp_path: Path, files: dict[str, str], names: set[str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = {role.name: role for role in read_roles(tmp_path)}
    assert set(found) == names
    assert found["roles/x.admin"].permissions == {"x.a.get", "x.b.list"}
    assert "roles/x.user" not in found or found["roles/x.user"].permissions is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"roles": [', "no answer with roles"),
        (json.dumps({"roles": [ROLE], "nextPageToken": "t"}), "last page"),
        ("[]", "no predefined role"),
        (json.dumps(ROLE) + "\n{", "line 2"),
    ],
)
def test_damaged_roles_are_refused_with_the_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "roles.json").write_text(text)
    with pytest.raises(InputError, match=says):
        read_roles(tmp_path / "roles.json")


def test_an_update_needs_a_source_and_the_whole_of_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="view=FULL"):
        compiled(None, tmp_path, "2026-01-01")
    (tmp_path / "roles.json").write_text(json.dumps({"roles": [ROLE]}))
    with pytest.raises(InputError, match="is it whole"):
        compiled(tmp_path, tmp_path, "2026-01-01")


def test_an_update_comes_into_force_and_goes_again(tmp_path: Path) -> None:
    known = catalog.bundled()
    roles = [
        {"name": name, "title": "", "stage": "GA", "includedPermissions": sorted(known.permissions_of(name) or ())}
        for name in known.roles
    ]
    roles.append({"name": "roles/newer.admin", "stage": "GA", "includedPermissions": ["newer.things.get"]})
    (tmp_path / "roles.json").write_text(json.dumps({"roles": roles}))
    (tmp_path / catalog.FILE).write_bytes(compiled(tmp_path / "roles.json", tmp_path, "2099-01-01"))
    try:
        assert catalog.use(tmp_path).permissions_of("roles/newer.admin") == {"newer.things.get"}
        assert catalog.permissions_of("roles/owner") == known.permissions_of("roles/owner")
        assert catalog.service_agent("123@cloudservices.gserviceaccount.com") is not None
        assert parts()[0].date == "2099-01-01"
        raw = bytearray((tmp_path / catalog.FILE).read_bytes())
        raw[-100] ^= 1
        (tmp_path / catalog.FILE).write_bytes(raw)
        with pytest.raises(InputError, match="damaged"):
            catalog.use(tmp_path)
        assert catalog.permissions_of("roles/newer.admin") is None
    finally:
        catalog.use(None)


def test_the_same_facts_give_the_same_bytes() -> None:
    role = PublishedRole("roles/x", "X", "GA", frozenset({"x.b", "x.a"}))
    source = [Source("s", "1", "MIT", "2026-01-01", "2026-01-01")]
    others = Others({"project": ["x.c"]}, {"Risk": ["x.b"]}, [("Agent", "a-PROJECT_NUMBER@b.c")], {"x": "y"})
    raw = compile_catalog([role], others, source)
    assert raw == compile_catalog([role], others, source)
    made = Catalog(Packed("it", raw), "here")
    assert made.permissions == ("x.a", "x.b", "x.c")
    assert made.levels("x.c") == {"project"}
    assert made.tags == {"Risk": ("x.b",)}
    assert made.hosts == {"x": "y"}
    assert made.service_agent("a-1@b.c") == "Agent"
