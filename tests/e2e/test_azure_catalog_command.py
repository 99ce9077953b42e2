"""`leastwise catalog update --provider azure`: operations that a snapshot tells come into force, with their planes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run
from leastwise.providers.azure import catalog
from leastwise.providers.azure.language.operations import Plane

CORP = Path(__file__).parents[1] / "golden" / "azure" / "corp"
SUB, TENANT = "11111111-1111-4111-8111-111111111111", "72f00000-0000-4000-8000-000000000000"
ACCOUNT = {
    "cloudName": "AzureCloud",
    "id": SUB,
    "isDefault": True,
    "name": "Sub",
    "state": "Enabled",
    "tenantId": TENANT,
}
LATER, EARLIER = "2026-11-01T00:00:00Z", "2020-01-01T00:00:00Z"
NEW = [{"name": "Contoso.Shop/baskets/read", "isDataAction": True}, {"name": "Contoso.Shop/baskets/write"}]


def operations(share: int = 1) -> list[dict[str, Any]]:
    """What `az provider operation list` tells: all that the catalogue has (or every so manieth), and two more."""
    known = [
        {"name": one, "isDataAction": plane is Plane.DATA} for plane in Plane for one in catalog.bundled().every(plane)
    ]
    named = {"type": "Microsoft.Authorization/providerOperations"}
    return [
        named | {"id": f"/providers/Microsoft.Authorization/providerOperations/{name}", "name": name,
                 "displayName": name, "operations": several, "resourceTypes": []}
        for name, several in (("All", known[::share]), ("Contoso.Shop", NEW))
    ]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    catalog.use(None)


def imported(folder: Path, taken: str, **files: Any) -> None:
    folder.mkdir()
    for name, content in {"account": ACCOUNT, **files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    assert run(["import", str(folder), "--taken", taken]) == 0


def snapshots(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert run(["snapshots", "list", "--format", "json"]) == 0
    return [row["id"] for row in json.loads(capsys.readouterr().out)["items"]]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["catalog", "update", "--provider", "azure", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("leastwise: ") and error.count("\n") == 1 and "internal error" not in error
    return error


def test_operations_of_the_newest_snapshot_that_tells_any_have_their_plane(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path / "with", LATER, operations=operations())
    assert run(["import", str(CORP), "--taken", "2026-11-02T00:00:00Z"]) == 0
    capsys.readouterr()
    assert run(["catalog", "update", "--provider", "azure"]) == 0
    told = capsys.readouterr().out
    assert "of 2026-11-01 is in force: 928 roles" in told and "20572 operations, 3398 data operations" in told
    assert catalog.planes("contoso.shop/baskets/read") == {Plane.DATA}
    assert catalog.planes("contoso.shop/baskets/write") == {Plane.CONTROL}
    assert catalog.current().every(Plane.DATA) == tuple(sorted((*catalog.bundled().every(Plane.DATA), NEW[0]["name"])))
    assert [one.name for one in (home / "catalog" / "azure").iterdir()] == [catalog.FILE]
    resources = run(["resources", "--format", "json"]), json.loads(capsys.readouterr().out)
    assert not [row for row in resources[1]["items"] if "providerOperations" in row["id"]]


def test_a_named_snapshot_is_the_source(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(tmp_path / "with", LATER, operations=operations())
    (first,) = snapshots(capsys)
    assert run(["catalog", "update", "--provider", "azure", "--snapshot", first]) == 0
    assert catalog.planes("contoso.shop/baskets/read") == {Plane.DATA}
    assert "give one" in refused(capsys, "--snapshot", first, "--from", str(tmp_path))


def test_what_cannot_renew_it_is_refused_and_the_one_in_force_stays(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no snapshot holds them" in refused(capsys)
    assert run(["import", str(CORP), "--taken", LATER]) == 0
    without = set(snapshots(capsys))
    for name in without:
        assert f"snapshot {name}: holds nothing that renews the catalogue of azure" in refused(
            capsys, "--snapshot", name
        )
    assert "no snapshot holds them" in refused(capsys)
    imported(tmp_path / "old", EARLIER, operations=operations())
    (old,) = set(snapshots(capsys)) - without
    assert f"snapshot {old}: is of 2020-01-01, the bundled catalogue of" in refused(capsys)
    imported(tmp_path / "cut", LATER, operations=operations(share=2))
    assert "is it whole?" in refused(capsys)
    assert "none" in refused(capsys, "--snapshot", "none")
    assert not (home / "catalog" / "azure" / catalog.FILE).exists()
    assert catalog.planes("contoso.shop/baskets/read") == frozenset()
