"""Exports of Google Cloud through the command line: what every list shows of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

CORP = Path(__file__).parents[1] / "golden" / "gcp" / "corp"
TAKEN = "2026-11-01T00:00:00Z"


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("corp") / "home"
    assert run(["import", str(CORP), "--taken", TAKEN, "--home", str(home), "--format", "json"]) == 0
    return home


def listed(home: Path, capsys: pytest.CaptureFixture[str], *command: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run([*command, "--home", str(home), "--format", "json"]) == 0
    items: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["items"]
    return items


def test_identities(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {row["id"]: row for row in listed(corp, capsys, "identities")}
    ann, eve = found["user:ann@corp.example"], found["user:eve@gmail.com"]
    assert (ann["admin"], ann["admin_via"], ann["external"]) == ("yes", ["roles/owner on corp-web"], False)
    # What roles/writer gives is not known, and she is a stranger.
    assert (eve["admin"], eve["external"]) == ("unknown", True)
    dora = found["user:dora@corp.example"]
    assert (dora["admin"], dora["grants"], dora["groups"]) == ("no", 2, ["group:oncall@corp.example"])
    gone = found["deleted:user:bob@corp.example?uid=99"]
    assert (gone["kind"], gone["grants"], gone["admin"], gone["enabled"]) == ("deleted", 0, "no", False)
    deploy = found["serviceAccount:deploy@corp-web.iam.gserviceaccount.com"]
    assert (deploy["account"], deploy["active_keys"], deploy["kind"]) == ("corp-web", 1, "workload")
    assert found["serviceAccount:801-compute@developer.gserviceaccount.com"]["active_keys"] is None
    assert {row["provider"] for row in found.values()} == {"gcp"}


def test_grants_say_who_holds_which_role_on_what(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = listed(corp, capsys, "grants")
    told = {(row["principal"], row["via"], row["layer"], row["policy"], row["resource"]): row for row in rows}
    owner = told["user:ann@corp.example", "", "allow", "roles/owner", "corp-web"]
    assert (owner["kind"], owner["admin"], owner["conditional"], owner["wildcard_resources"]) == (
        "basic_role", True, False, True
    )  # fmt: skip
    nested = told["user:dora@corp.example", "group:platform@corp.example", "allow", "roles/storage.admin", "corp-web"]
    assert nested["conditional"]
    public = told["allUsers", "", "allow", "roles/storage.objectViewer", "//storage.googleapis.com/corp-site"]
    assert (public["wildcard"], public["wildcard_resources"]) == (False, False)
    unknown = told["user:eve@gmail.com", "", "allow", "roles/writer", "corp-web"]
    assert (unknown["kind"], unknown["admin"], unknown["document"]) == ("unknown_role", None, None)
    custom = next(row for row in rows if row["kind"] == "custom_role")
    assert custom["actions"] == ["run.services.update", "iam.serviceAccounts.actAs"]
    eligible = [row["principal"] for row in rows if row["layer"] == "eligible"]
    assert eligible == ["group:oncall@corp.example", "user:dora@corp.example"]


def test_lists_can_be_filtered(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {row["principal"] for row in listed(corp, capsys, "grants", "--kind", "basic_role")} >= {
        "user:ann@corp.example"
    }
    assert [row["id"] for row in listed(corp, capsys, "credentials", "--kind", "service_account_key")] == ["aa11"]
    assert listed(corp, capsys, "identities", "--account", "corp-web", "--admin", "yes") == []
    assert len(listed(corp, capsys, "identities", "--provider", "gcp", "--kind", "human")) == 5


def test_resources(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {row["id"]: row for row in listed(corp, capsys, "resources")}
    site = found["//storage.googleapis.com/corp-site"]
    assert (site["public"], site["account"]) == ("yes", "corp-web")
    assert "roles/storage.objectViewer" in site["public_reason"]
    machine = found["//compute.googleapis.com/projects/corp-web/zones/europe-west1-b/instances/web-1"]
    assert (machine["public"], machine["owner"]) == ("no", "web")
    assert machine["principal"] == "serviceAccount:deploy@corp-web.iam.gserviceaccount.com"


def test_credentials_trusts_and_coverage(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (key,) = listed(corp, capsys, "credentials")
    assert (key["principal_name"], key["active"], key["expires"][:4]) == (
        "deploy@corp-web.iam.gserviceaccount.com",
        True,
        "9999",
    )
    trusts = {row["subject"]: row for row in listed(corp, capsys, "trusts")}
    assert trusts["token.actions.githubusercontent.com"]["reach"] == "wide"
    assert trusts["user:carl@corp.example"]["principal_name"] == "deploy@corp-web.iam.gserviceaccount.com"
    gaps = listed(corp, capsys, "coverage", "--gaps")
    assert [row["detail"].partition(":")[0] for row in gaps] == ["roles/writer"]


def test_findings(corp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {(row["rule"], row["subject"]) for row in listed(corp, capsys, "findings")}
    assert {
        ("gcp-public-resource", "//storage.googleapis.com/corp-site"),
        ("gcp-key-old", "serviceAccount:deploy@corp-web.iam.gserviceaccount.com"),
        ("gcp-basic-role", "user:ann@corp.example"),
        ("gcp-external-admin", "user:zoe@gmail.com"),
        ("gcp-deleted-member", "deleted:user:bob@corp.example?uid=99"),
        ("gcp-anyone-becomes",
         "principalSet://iam.googleapis.com/projects/801/locations/global/workloadIdentityPools/ci/*"),
    } <= found  # fmt: skip
    assert ("gcp-basic-role", "serviceAccount:801@cloudservices.gserviceaccount.com") not in found


def test_the_table_of_grants_is_short_of_the_thousands_of_an_owner(
    corp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["grants", "--home", str(corp)]) == 0
    shown = capsys.readouterr().out
    assert "permissions" in shown
    assert len(shown) < 100_000


def test_secrets_are_nowhere_in_what_is_stored(corp: Path) -> None:
    from leastwise.app.wiring import Workspace

    store = Workspace(home_option=corp).store
    bodies = b"".join(
        document.body for manifest in store.list() for document in store.open(manifest).raw_documents()
    )  # fmt: skip
    assert b"db-password" in bodies and b"API_TOKEN" in bodies
    assert b"hunter2" not in bodies and b"s3cret" not in bodies


def test_importing_a_part_again_keeps_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, part = tmp_path / "home", tmp_path / "part"
    assert run(["import", str(CORP), "--taken", TAKEN, "--home", str(home)]) == 0
    part.mkdir()
    shutil.copy(CORP / "policies.jsonl", part)
    assert run(["import", str(part), "--taken", "2026-11-02T00:00:00Z", "--home", str(home)]) == 0
    assert [row["id"] for row in listed(home, capsys, "credentials")] == ["aa11"]
    assert len(listed(home, capsys, "identities")) == 18


def test_exports_of_two_providers_are_not_taken_for_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    shutil.copy(CORP / "policies.jsonl", tmp_path / "a")
    (tmp_path / "a" / "account-authorization-details.json").write_text(
        '{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}'
    )
    capsys.readouterr()
    assert run(["import", str(tmp_path / "a"), "--home", str(tmp_path / "home")]) == 2
    error = capsys.readouterr().err
    assert "aws and gcp" in error and "--provider" in error and len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("plan.json", '{"terraform_version": "1.9", "planned_values": {}}', "Terraform plan"),
        ("log.json", '{"logName": "projects/p/logs/x", "protoPayload": {}}', "leastwise events"),
        ("cut.jsonl", '{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket"}\n{"na',
        "line 2"),
        ("lost.json", '[{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket"}]',
         "names no organization"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(content)
    home = tmp_path / "home"
    capsys.readouterr()
    assert run(["import", str(tmp_path / name), "--home", str(home)]) == 2
    error = capsys.readouterr().err
    assert says in error and name in error and len(error.splitlines()) == 1
    assert listed(home, capsys, "snapshots", "list") == []
