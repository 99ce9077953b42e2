"""`can` and `who-can` asked of imported Google Cloud exports by the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.shared import SHARED
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.providers import aws, gcp
from leastwise.providers.base import Provider

SAMPLES = SHARED / "samples/gcp"
RM = "//cloudresourcemanager.googleapis.com/"
ANCESTORS = ["projects/33", "folders/2", "organizations/1"]
BUCKET = "//storage.googleapis.com/orders"


def asset(full: str, type: str, ancestors: list[str], /, *bindings: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {
        "name": full, "assetType": type, "ancestors": ancestors, "resource": {"data": data},
        "iamPolicy": {"version": 3, "bindings": list(bindings)},
    }  # fmt: skip


def binding(role: str, *members: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "members": list(members), **more}


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google Cloud is known, also where this version was not installed anew."""
    monkeypatch.setattr(Workspace, "providers", _providers)


def _providers(_: Workspace) -> dict[str, Provider]:
    return {"aws": aws.PROVIDER, "gcp": gcp.PROVIDER}


ASSETS = [
    asset(f"{RM}organizations/1", "cloudresourcemanager.googleapis.com/Organization", ANCESTORS[2:],
          binding("roles/viewer", "user:boss@corp.example"), name="organizations/1", displayName="corp.example"),
    asset(f"{RM}folders/2", "cloudresourcemanager.googleapis.com/Folder", ANCESTORS[1:], name="folders/2"),
    asset(f"{RM}projects/33", "cloudresourcemanager.googleapis.com/Project", ANCESTORS,
          binding("roles/storage.admin", "user:eve@corp.example"), projectId="shop", projectNumber="33"),
    asset(BUCKET, "storage.googleapis.com/Bucket", ANCESTORS,
          binding("roles/storage.objectViewer", "user:ada@corp.example"),
          binding("roles/storage.objectViewer", "user:bob@corp.example",
                  condition={"title": "t", "expression": "request.time < timestamp('2030-01-01T00:00:00Z')"}))
]  # fmt: skip
DENY = {
    "name": f"policies/{RM.removeprefix('//').replace('/', '%2F')}organizations%2F1/denypolicies/d",
    "rules": [{"denyRule": {
        "deniedPrincipals": ["principal://goog/subject/eve@corp.example"],
        "deniedPermissions": ["storage.googleapis.com/objects.get"],
    }}],
}  # fmt: skip
BOUNDARY = {
    "name": "organizations/1/locations/global/principalAccessBoundaryPolicies/unbound",
    "details": {"rules": [], "enforcementVersion": "1"},
}
BOUND = {
    "name": "organizations/1/locations/global/policyBindings/b", "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
    "policy": BOUNDARY["name"],
    "target": {"principalSet": "//iam.googleapis.com/locations/global/workforcePools/nobody"},
}  # fmt: skip
FILES = {"assets": ASSETS, "deny": [DENY], "boundaries": [BOUNDARY], "bound": [BOUND]}


def imported(folder: Path, monkeypatch: pytest.MonkeyPatch, *without: str) -> None:
    for name, objects in FILES.items():
        if name not in without:
            (folder / "in").mkdir(exist_ok=True)
            (folder / "in" / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in objects))
    monkeypatch.setenv("LEASTWISE_HOME", str(folder / "home"))
    assert run(["import", str(folder / "in"), "--format", "json"]) == 0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with everything of the tree."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "providers", _providers)
        imported(folder, patch)
        yield folder / "home"


@pytest.fixture
def home(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, asked by default."""
    monkeypatch.setenv("LEASTWISE_HOME", str(shop))
    return shop


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*words, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("who", "state"),
    [("ada@corp.example", "ALLOWED"), ("user:bob@corp.example", "CONDITIONAL"), ("eve@corp.example", "DENIED"),
     ("user:stranger@other.example", "DENIED"), ("boss@corp.example", "DENIED"), ("*", "DENIED")],
)  # fmt: skip
def test_can(home: Path, capsys: pytest.CaptureFixture[str], who: str, state: str) -> None:
    object = "//storage.googleapis.com/projects/_/buckets/orders/objects/a.csv"
    assert asked(capsys, "can", who, "storage.objects.get", object)["state"] == state


def test_who_can_and_what_is_not_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = {"user:ada@corp.example": "ALLOWED", "user:bob@corp.example": "CONDITIONAL"}
    for place in ([BUCKET], []):
        found = asked(capsys, "who-can", "storage.objects.get", *place)
        assert {one["principal"]: one["state"] for one in found["items"]} == states, place
    found = asked(capsys, "who-can", "storage.buckets.list")
    assert {one["principal"] for one in found["items"]} == {"user:boss@corp.example", "user:eve@corp.example"}


def test_what_can_and_reach(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "what-can", "ada@corp.example")
    assert [one["resources"] for one in found["items"]] == [[BUCKET]]
    assert "storage.objects.get" in found["items"][0]["permissions"]
    on_folder = asked(capsys, "what-can", "boss@corp.example", "folders/2")
    assert any("storage.buckets.list" in one["permissions"] for one in on_folder["items"])
    reached = asked(capsys, "reach", "storage.objects.get", "bob@corp.example")
    assert [(one["resource"], one["state"]) for one in reached["items"]] == [(BUCKET, "CONDITIONAL")]
    assert asked(capsys, "reach", "storage.objects.get", "eve@corp.example")["items"] == []


def test_who_can_become_somebody_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = "app@shop.iam.gserviceaccount.com"
    assets = [
        *ASSETS[:3],
        asset(BUCKET, "storage.googleapis.com/Bucket", ANCESTORS,
              binding("roles/storage.objectViewer", f"serviceAccount:{app}")),
        asset(f"//iam.googleapis.com/projects/shop/serviceAccounts/{app}", "iam.googleapis.com/ServiceAccount",
              ANCESTORS, binding("roles/iam.workloadIdentityUser", "serviceAccount:shop.svc.id.goog[web/front]"),
              binding("roles/iam.serviceAccountUser", "user:passes@corp.example"), email=app, uniqueId="1077"),
    ]  # fmt: skip
    monkeypatch.setitem(FILES, "assets", assets)
    imported(tmp_path, monkeypatch)
    question = ("who-can", "storage.objects.get", BUCKET)
    assert [one["principal"] for one in asked(capsys, *question)["items"]] == [f"serviceAccount:{app}"]
    found = asked(capsys, *question, "--transitive")["items"]
    assert [(one["principal"], one["state"]) for one in found] == [
        (f"serviceAccount:{app}", "ALLOWED"), ("serviceAccount:shop.svc.id.goog[web/front]", "ALLOWED")
    ]  # fmt: skip
    assert found[1]["chain"] == [{"kind": "serviceAccount", "id": f"serviceAccount:{app}", "name": app}]


@pytest.mark.parametrize(("lacking", "word"), [("deny", "deny policies"), ("bound", "access boundaries")])
def test_what_could_take_away_and_was_not_read_makes_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lacking: str, word: str
) -> None:
    imported(tmp_path, monkeypatch, lacking)
    found = asked(capsys, "can", "ada@corp.example", "storage.objects.get", BUCKET)
    assert found["state"] == "UNKNOWN"
    assert word in " ".join(found["missing"])


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (("can", "ada@corp.example", "storage.object.get"), "Google Cloud has no such permission; did you mean"),
        (("can", "ada@corp.example", "s3:GetObject"), "is no permission, as in storage.objects.get"),
        (("can", "ada@corp.example", "storage.objects.get", "orders"), "is no full name of a resource"),
        (("can", "adda@corp.example", "storage.objects.get"), "did you mean ada@corp.example?"),
        (("can", "projectOwner:shop", "storage.objects.get"), "names nobody who can call"),
        (("can", "ada@corp.example", "storage.objects.get", "--context", "request.tim=1"), "did you mean request.time"),
        (("can", "ada@corp.example", "storage.objects.get", "--context", "request.time=1"), "is no moment"),
        (("similar", "--threshold", "2"), "--threshold: 2 does not lie from 0.5 to 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...],
    cause: str,
) -> None:  # fmt: skip
    capsys.readouterr()
    assert run(list(words)) == 2
    told = capsys.readouterr().err.strip()
    assert cause in told
    assert len(told.splitlines()) == 1


def test_similar_tells_permissions_with_their_places(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ada always sees the orders, Bob until 2030: they hold the same, and their access is not equal."""
    found = asked(capsys, "similar")
    (group,) = found["items"]
    assert (group["provider"], group["equal"], group["decided"], group["similarity"]) == ("gcp", False, True, 1.0)
    assert [one["principal"] for one in group["principals"]] == ["user:ada@corp.example", "user:bob@corp.example"]
    assert group["on"] == [BUCKET] and "storage.objects.get" in group["patterns"]
    assert all(one["more"] == one["more_on"] == [] for one in group["principals"])
    assert asked(capsys, "similar", "--equal")["items"] == asked(capsys, "similar", "--kind", "workload")["items"] == []


def test_a_sample_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    sample = SAMPLES / "cai_forseti"
    paths = [str(sample / f"mock_cai_{name}.dump") for name in ("iam_policies", "resources")]
    assert run(["import", *paths, "--format", "json"]) == 0
    for question in (
        ("resourcemanager.projects.get", "projects/1043"),
        ("storage.buckets.get", "//storage.googleapis.com/bucket1"),
    ):
        found = asked(capsys, "who-can", *question)
        assert found["items"]
        for one in found["items"]:
            assert asked(capsys, "can", one["principal"], *question)["state"] == one["state"]
