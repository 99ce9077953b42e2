"""`leastwise external` on the demo company: who is listed, what estate.yaml changes, and agreement with `can`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import open_access
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.model.decision import Circumstances, State

PROD, DATA, VENDOR = "222222222222", "333333333333", "999999999999"
GITHUB = "oidc-provider/token.actions.githubusercontent.com"
EKS = f"arn:aws:iam::{PROD}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/06B0B35EBE7A0CFCC49364E8241C1AED"
EXPECTED: list[tuple[str, str, str, tuple[str, ...], str]] = [
    ("arn:aws:iam::111111111111:role/infra-runner", f"arn:aws:iam::111111111111:{GITHUB}", "CONDITIONAL",
     ("repo:brightwater-parcel/infra:environment:production",), ""),
    (f"arn:aws:iam::{PROD}:role/gha-deploy", f"arn:aws:iam::{PROD}:{GITHUB}", "CONDITIONAL",
     ("repo:brightwater-parcel*",), ""),
    (f"arn:aws:iam::{PROD}:role/image-build", f"arn:aws:iam::{PROD}:{GITHUB}", "CONDITIONAL",
     ("repo:brightwater-parcel/images:ref:refs/heads/main",), ""),
    (f"arn:aws:iam::{PROD}:role/shop-release", f"arn:aws:iam::{PROD}:{GITHUB}", "CONDITIONAL",
     ("repo:brightwater-parcel/shop:environment:production",), ""),
    (f"arn:aws:iam::{PROD}:role/sorter-planner", EKS, "CONDITIONAL", ("system:serviceaccount:sorting:planner",), ""),
    (f"arn:aws:iam::{PROD}:role/sortwise-vendor", f"arn:aws:iam::{VENDOR}:root", "CONDITIONAL", (), ""),
    (f"arn:aws:iam::{PROD}:role/tracking-api", EKS, "CONDITIONAL", ("system:serviceaccount:tracking:api",), ""),
    (f"arn:aws:iam::{PROD}:role/website-deploy", f"arn:aws:iam::{PROD}:{GITHUB}", "CONDITIONAL",
     ("repo:brightwater-parcel/website:ref:refs/heads/main",), ""),
    (f"arn:aws:iam::{DATA}:role/ci-dbt", f"arn:aws:iam::{DATA}:{GITHUB}", "CONDITIONAL",
     ("repo:brightwater-parcel/dbt:ref:refs/heads/main",), ""),
    ("arn:aws:s3:::bw-website", "*", "ALLOWED", (), "The public website is served from it"),
]  # fmt: skip
"""Resource or role, outsider, state, subjects, why it is meant."""


@pytest.fixture
def asked_demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo as it is, compiled once for every test that only asks."""
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    return demo_home


GOOGLE = [
    ("//iam.googleapis.com/projects/666666666666/serviceAccounts/151783187207537136331", "ALLOWED"),
    ("//iam.googleapis.com/projects/777777777777/serviceAccounts/121375184731359948433", "ALLOWED"),
    ("//storage.googleapis.com/bw-tracking-status", "ALLOWED"),
]
"""What the company's Google Cloud lets others in to: two service accounts by pools, and the public status page."""


_SANDBOX = "/subscriptions/14d51760-0a46-4d37-be31-c101e66fa893"
_GUEST = "ab5bdb24-536e-4147-a94f-b080cb72f1b7"
AZURE = [
    (_SANDBOX, "e1cedfd1-1f12-479e-9673-292f6896833e", "ALLOWED"),
    (_SANDBOX, _GUEST, "ALLOWED"),
    (f"{_SANDBOX}/resourceGroups/sbx-demo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-sandbox-deploy",
     "https://token.actions.githubusercontent.com", "ALLOWED"),
    (f"{_SANDBOX}/resourceGroups/sbx-lab/providers/Microsoft.Storage/storageAccounts/bwsandbox", _GUEST, "ALLOWED"),
]  # fmt: skip
"""What its Azure lets others in to: a partner by Lighthouse and a guest to the sandbox, a workflow to an identity."""


_PORTAL = ("82ce9a04-c94b-4901-a60c-aefab54a4a22", "a9a41e2a-9c3b-49cb-82a1-cbedb5b7d1fb")
ENTRA = [
    (*_PORTAL, [], "CONDITIONAL"), (*_PORTAL, [], "CONDITIONAL"),
    ("ef5e4c8f-aa57-4ba7-9b99-85efe5973ea3", "https://token.actions.githubusercontent.com",
     ["repo:brightwater-parcel/erp:environment:production"], "CONDITIONAL"),
]  # fmt: skip
"""What its directory lets others in to: a vendor's app on behalf of users, by two consents; a workflow to an app."""


def asked(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """The answer; what is Google Cloud's, Azure's and the directory's of it stands apart."""
    assert run(["external", "--format", "json", *options]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    google = [one for one in found["items"] if one["resource"].startswith("//")]
    azure = [one for one in found["items"] if one["resource"].startswith("/")]
    azure = [one for one in azure if one not in google]
    entra = [one for one in found["items"] if one["kind"].startswith("entra:")]
    items = [one for one in found["items"] if one not in (*google, *azure, *entra)]
    missing = [one for one in found["missing"] if not one["resource"].startswith("/subscriptions/")]
    return found | {"items": items, "google": google, "azure": azure, "entra": entra, "missing": missing}


def test_the_demo_company_lets_in_exactly_these(asked_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys)
    listed = [
        (item["resource"], item["principal"], item["state"], tuple(item["subjects"]), item["meant"])
        for item in answer["items"]
    ]
    assert listed == EXPECTED
    assert [(one["resource"], one["state"]) for one in answer["google"]] == GOOGLE
    assert [(one["resource"], one["principal"], one["state"]) for one in answer["azure"]] == AZURE
    told = [(one["resource"], one["principal"], one["subjects"], one["state"]) for one in answer["entra"]]
    assert told == ENTRA
    assert answer["total"] == len(EXPECTED) + len(GOOGLE) + len(AZURE) + len(ENTRA)
    assert answer["next"] is None and answer["trusted"] == 0
    assert answer["estate"]["estate_file"] == ["public_on_purpose", "zone_of_trust"]
    assert answer["coverage"]["unreadable"] == ["aws:444444444444"]


def test_the_vendor_needs_its_external_id(asked_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (item,) = asked(capsys, "--text", "sortwise")["items"]
    assert item["permissions"] == ["sts:AssumeRole"]
    assert [[(one["key"], one["values"]) for one in clause] for clause in item["residual"]] == [
        [("sts:ExternalId", ["bw-2f6c1c7e"])]
    ]
    assert item["reasons"][0]["source"].endswith("role/sortwise-vendor")


def test_a_vendor_is_trusted_for_its_resources_only(own_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own_demo / "estate.yaml"
    before = file.read_text()
    file.write_text(before.replace('resources: ["arn:aws:s3:::bw-scans"], external_id', "external_id"))
    assert file.read_text() != before
    answer = asked(capsys)
    assert answer["trusted"] == 1 and "vendors" in answer["estate"]["estate_file"]
    assert VENDOR not in {item["principal_account"] for item in answer["items"]}
    (item,) = asked(capsys, "--trusted", "--text", VENDOR)["items"]
    assert item["trusted"] == "vendors: Sortwise"


def test_an_account_in_the_zone_is_inside(own_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own_demo / "estate.yaml"
    file.write_text(file.read_text().replace('"444444444444"]\n  tenants', f'"444444444444", "{VENDOR}"]\n  tenants'))
    assert VENDOR not in {item["principal_account"] for item in asked(capsys, "--trusted")["items"]}


def test_identity_providers_can_be_trusted(own_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own_demo / "estate.yaml"
    entry = '  identity_providers: ["*:oidc-provider/oidc.eks.*"]\n  domains'
    file.write_text(file.read_text().replace("  domains", entry, 1))
    answer = asked(capsys)
    assert answer["trusted"] == 2 and EKS not in {item["principal"] for item in answer["items"]}


def test_filters_and_services(asked_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [item["resource"] for item in asked(capsys, "--public")["items"]] == ["arn:aws:s3:::bw-website"]
    assert {item["account"] for item in asked(capsys, "--account", DATA)["items"]} == {DATA}
    assert {item["kind"] for item in asked(capsys, "--kind", "s3:bucket")["items"]} == {"s3:bucket"}
    services = [item for item in asked(capsys, "--services")["items"] if item["principal_kind"] == "service"]
    functions = [item for item in services if item["kind"] == "lambda:function"]
    assert functions and {item["source"] for item in functions} == {"inside"}
    assert {item["kind"] for item in services} >= {"iam:role", "lambda:function"}
    assert not any("aws-reserved" in item["resource"] for item in services)


def test_an_earlier_time(asked_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(capsys, "--at", "2026-03-01")["estate"]["oldest"].startswith("2026-03-01")


@pytest.mark.parametrize("strict", [False, True])
def test_every_answer_is_what_can_says(asked_demo: Path, capsys: pytest.CaptureFixture[str], strict: bool) -> None:
    access = open_access(Workspace(asked_demo)).access
    items = asked(capsys, "--services", *(["--strict"] if strict else []))["items"]
    assert len(items) > 60 or strict
    for item in items:
        if item["principal"].startswith("any "):
            continue
        for permission in (item["permissions"][0], item["permissions"][-1]):
            for resource in item["resources"]:
                found = access.can(item["principal"], permission, resource, Circumstances(strict=strict))
                assert found.state is State(item["state"]), (item, found)


def test_nobody_is_left_out_whom_who_can_names(asked_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    access = open_access(Workspace(asked_demo)).access
    listed = {(item["resource"], item["principal"]) for item in asked(capsys, "--services")["items"]}
    roles = access.access.estate.principal_ids.all()  # type: ignore[attr-defined]
    found = 0
    for role in (one for one in roles if ":role/" in one and ":role/aws-reserved/" not in one):
        for action in ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"):
            for holder in access.who_can(action, role, Circumstances()).holders:
                if not holder.inside:
                    found += 1
                    assert (role, holder.principal) in listed
    assert found > 40


def test_table_and_csv(asked_demo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert run(["external", "--kind", "s3:bucket"]) == 0
    table = capsys.readouterr().out
    assert "everyone" in table and "meant: The public website is served from it" in table
    assert "1 way in to 1 resource." in table and "Perhaps others: aws:444444444444 could not be read" in table
    assert run(["external", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(EXPECTED) + len(GOOGLE) + len(AZURE) + len(ENTRA)
    assert [one["permissions"] for one in rows if one["resource"].startswith("arn:")][-1] == "s3:GetObject"
    assert run(["external", "--kind", "sqs:queue"]) == 0
    assert "Nothing matches." in capsys.readouterr().out


def test_what_was_not_read_is_counted_and_listed(asked_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys)
    items = [item for item in asked(capsys, "--unknown")["items"] if item["principal_kind"] == "unknown"]
    assert [item["resource"] for item in items] == [one["resource"] for one in answer["missing"]]
    assert all(item["state"] == "UNKNOWN" and item["missing"] for item in items)


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (["--account", "123"], "--account: '123' is none of"),
        (["--kind", "bucket"], "--kind: 'bucket' is no kind of a resource"),
        (["--at", "soon"], "--at: 'soon' is no date or time"),
        (["--snapshot", "nothing"], "nothing"),
    ],
)
def test_mistakes_are_one_line(
    asked_demo: Path, capsys: pytest.CaptureFixture[str], options: list[str], cause: str
) -> None:
    assert run(["external", *options]) == 2
    error = capsys.readouterr().err
    assert cause in error and len(error.strip().splitlines()) == 1


def test_an_empty_home_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["external", "--home", str(tmp_path / "home")]) == 2
    assert "import or collect something first" in capsys.readouterr().err
