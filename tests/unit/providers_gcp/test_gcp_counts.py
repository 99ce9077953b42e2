"""What is in the raw files is in the tables: objects are counted by code that shares nothing with the importer."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from gcp_support import SAMPLES, rows, tables

from leastwise.errors import InputError
from leastwise.model.scope import Collected
from leastwise.providers.gcp import PROVIDER

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="needs the shared samples")
_CONTAINERS = ("Organization", "Folder", "Project")
_FILES = sorted(
    path for folder in ("cai_config_validator", "cai_forseti", "cai_terraform_validator")
    for path in (SAMPLES / folder).glob("*") if "tfplan" not in path.name and path.stat().st_size
) if SAMPLES.exists() else []  # fmt: skip


def raw_assets(path: Path) -> list[dict[str, Any]]:
    """The assets of a file, read plainly."""
    text = path.read_text()
    try:
        whole = json.loads(text)
        return whole if isinstance(whole, list) else [whole]
    except json.JSONDecodeError:
        told = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
        return [json.loads(line) for line in told]


def kept(path: Path, found: list[Collected]) -> list[dict[str, Any]]:
    """The assets of a file but those that name no container, of which the import says so."""
    lost = {
        gap.detail.rpartition("(")[2].rstrip(")") for one in found for gap in one.coverage if "left out" in gap.detail
    }
    return [
        asset for at, asset in enumerate(raw_assets(path)) if f"item {at}" not in lost and f"line {at + 1}" not in lost
    ]


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_tables_hold_what_the_file_holds(path: Path) -> None:
    try:
        found = PROVIDER.read_exports([path])
    except InputError as error:
        assert "names no organization, folder or project" in str(error)
        return
    assets = kept(path, found)
    made = [tables(one) for one in found]

    def all_rows(name: str) -> list[dict[str, Any]]:
        return [row for one in made for row in rows(one, name)]

    resources = {
        asset["name"] for asset in assets
        if not (asset["asset_type"].startswith("cloudresourcemanager.googleapis.com/")
                and asset["asset_type"].endswith(_CONTAINERS) and "googleapis.com/placeholder" not in asset["name"])
    }  # fmt: skip
    assert len({row["id"] for row in all_rows("resources")}) == len(resources)

    policies: dict[str, list[Any]] = {}
    for asset in assets:
        if "iam_policy" in asset:
            policies.setdefault(asset["name"], []).append(asset["iam_policy"])
    attached = [row for row in all_rows("attachments") if row["layer"] == "allow"]
    assert len(attached) == len(policies)
    repeated = sum(
        1 for told in policies.values() if len({json.dumps(one, sort_keys=True) for one in told}) > 1
    )  # fmt: skip
    assert sum(gap["detail"].startswith("allow policy of") for gap in all_rows("coverage")) == repeated

    bound = Counter(
        (name, binding.get("role", ""), member)
        for name, told in policies.items()
        for binding in told[0].get("bindings") or ()
        for member in set(binding.get("members", ()))
    )
    seen = _bindings(made)
    assert sum(seen.values()) == sum(bound.values())
    assert {role for _, role, _ in seen} == {role for _, role, _ in bound}

    keys = {asset["name"] for asset in assets if asset["asset_type"] == "iam.googleapis.com/ServiceAccountKey"}
    # A key of an account that nobody tells the address of has no holder.
    assert len(all_rows("credentials")) == sum("@" in one or _known(one, assets) for one in keys)
    custom = {asset["name"] for asset in assets if asset["asset_type"] == "iam.googleapis.com/Role"}
    assert sum(row["kind"] == "custom_role" for row in all_rows("policies")) == len(custom)
    constraints = [policy for asset in assets for policy in asset.get("org_policy", ())]
    assert sum(row["layer"] == "organization_policy" for row in all_rows("attachments")) == len(
        {(asset["name"], policy["constraint"]) for asset in assets for policy in asset.get("org_policy", ())}
    )
    assert bool(constraints) == any(row["layer"] == "organization_policy" for row in all_rows("attachments"))


def _known(key: str, assets: list[dict[str, Any]]) -> bool:
    account = key.partition("/keys/")[0].rpartition("/")[2]
    told = (asset.get("resource", {}).get("data", {}) for asset in assets)
    return any(one.get("uniqueId") == account for one in told)


def _bindings(made: list[Any]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for one in made:
        statements: dict[int, list[dict[str, Any]]] = {}
        for row in rows(one, "statements"):
            statements.setdefault(row["document"], []).append(row)
        for attached in rows(one, "attachments"):
            if attached["layer"] == "allow":
                for statement in statements.get(attached["document"], ()):
                    for who in set(statement["principals"]):
                        found[attached["target"], statement["actions"][0], who] += 1
    return found
