"""`external` asked of imported exports of Azure: who outside reaches what, and which doors stand open."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

CORP = Path(__file__).parents[1] / "golden" / "azure" / "corp"
TAKEN = "2026-11-01T00:00:00Z"
TENANT, SUB = "72f00000-0000-4000-8000-000000000000", "11111111-1111-4111-8111-111111111111"
PARTNER, VENDOR = "99f00000-0000-4000-8000-000000000000", "99f00000-0000-4000-8000-000000000001"
WEB = f"/subscriptions/{SUB}/resourceGroups/web"
SHOP = f"{WEB}/providers/Microsoft.Storage/storageAccounts/shop"
BUILD = f"{WEB}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/build"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
GUEST, SUPPORT, LOST, APP = (f"0b000000-0000-4000-8000-0000000000{end}" for end in ("05", "77", "99", "55"))
CLUSTER = f"https://westeurope.oic.prod-aks.azure.com/{TENANT}/33333333-3333-4333-8333-333333333333/"
GITHUB = "https://token.actions.githubusercontent.com"


def container(name: str, level: str, account: str = SHOP) -> dict[str, Any]:
    return {
        "id": f"{account}/blobServices/default/containers/{name}", "name": name,
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers", "properties": {"publicAccess": level},
    }  # fmt: skip


def account(name: str, **properties: Any) -> dict[str, Any]:
    return {"id": f"{WEB}/providers/Microsoft.Storage/storageAccounts/{name}", "name": name, "location": "westeurope",
            "type": "Microsoft.Storage/storageAccounts", "properties": properties}  # fmt: skip


def trusted(name: str, issuer: str) -> dict[str, Any]:
    return {
        "id": f"{BUILD}/federatedIdentityCredentials/{name}", "name": name, "issuer": issuer,
        "subject": "system:serviceaccount:shop:web", "audiences": ["api://AzureADTokenExchange"],
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    }  # fmt: skip


MORE = {
    "open.json": [
        account("shop", allowBlobPublicAccess=True, allowSharedKeyAccess=False),
        account("inner", allowBlobPublicAccess=True, publicNetworkAccess="Disabled"),
        account("shut", allowBlobPublicAccess=False),
        container("pictures", "Blob"), container("orders", "None"),
        container("plans", "Container", SHOP.replace("/shop", "/inner")),
        container("old", "Container", SHOP.replace("/shop", "/shut")),
    ],
    "cluster.json": [trusted("cluster", CLUSTER)],
    "vendor-app.json": [{
        "id": APP, "appId": APP, "displayName": "Vendor", "servicePrincipalType": "Application",
        "appOwnerOrganizationId": VENDOR, "accountEnabled": True,
    }],
    "vendor-role.json": [{
        "id": f"{WEB}/providers/Microsoft.Authorization/roleAssignments/v", "name": "v", "principalId": APP,
        "principalType": "ServicePrincipal", "scope": WEB, "type": "Microsoft.Authorization/roleAssignments",
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{READER}",
    }],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("external")
    shutil.copytree(CORP, folder / "in")
    for name, told in MORE.items():
        (folder / "in" / name).write_text(json.dumps(told))
    assert run(["import", str(folder / "in"), "--taken", TAKEN, "--home", str(folder / "home")]) == 0
    return folder / "home"


def external(home: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["external", *more, "--home", str(home), "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_each_outsider_is_told_as_what_they_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {(one["principal"], one["resource"].lower()): one for one in external(home, capsys)["items"]}
    web = WEB.lower()
    told = {key: (one["principal_kind"], one["principal_account"], one["state"]) for key, one in found.items()}
    assert told == {
        (GUEST, f"{web}/providers/microsoft.storage/storageaccounts/corpweb"): ("user", "", "ALLOWED"),
        (SUPPORT, f"/subscriptions/{SUB}"): ("unknown", PARTNER, "ALLOWED"),
        (APP, web): ("service_account", VENDOR, "ALLOWED"),
        (GITHUB, BUILD.lower()): ("federated", "", "ALLOWED"),
        ("*", f"{SHOP}/blobServices/default/containers/pictures".lower()): ("everyone", "", "ALLOWED"),
        ("*", f"{SHOP}/blobServices/default/containers/plans".lower().replace("/shop", "/inner")):
            ("everyone", "", "CONDITIONAL"),
    }  # fmt: skip
    pipeline = found[GITHUB, BUILD.lower()]
    assert (pipeline["subjects"], pipeline["permissions"]) == (["repo:corp/web:ref:refs/heads/main"], [])
    assert pipeline["reasons"][0]["layer"] == "trust"
    partner = found[SUPPORT, f"/subscriptions/{SUB}"]
    assert "Microsoft.Compute/virtualMachines/write" in partner["permissions"]
    # Whom the whole directory does not tell is no more.
    assert LOST not in {one["principal"] for one in found.values()}


def test_what_is_open_is_found_among_what_is_public(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = external(home, capsys, "--public")["items"]
    assert [one["resource"].rpartition("/")[2] for one in found] == ["plans", "pictures"]
    assert {one["permissions"][0].rpartition("/")[0] for one in found} == {
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    }
    assert found[0]["residual"][0][0]["key"] == "@Environment[isPrivateLink]"


def test_what_is_not_known_of_storage_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = {one["resource"].rpartition("/")[2]: one["missing"] for one in external(home, capsys)["missing"]}
    assert missing["shop"] == [f"which containers of {SHOP} are public"]
    shut = SHOP.replace("/shop", "/shut")
    assert missing["shut"] == [f"who holds a key of {shut}, or a shared access signature"]


def test_a_tenant_in_the_zone_of_trust_is_inside(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "estate.yaml"
    file.write_text(f"version: 1\nzone_of_trust:\n  tenants: [{PARTNER}, {VENDOR}]\n  domains: [partner.example]\n")
    try:
        found = {one["principal"] for one in external(home, capsys)["items"]}
    finally:
        file.unlink()
    assert not found & {SUPPORT, APP}
    assert {GITHUB, "*"} <= found
