"""Exports that other people wrote import without loss: the tables hold what plain json counts in the raw files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aws_support import Tables, imported, needs_shared

from fakes.shared import SHARED
from leastwise.errors import InputError

SAMPLES = SHARED / "samples" / "aws"
NOT_AN_EXPORT = "cloudsplaining_test_missing_constraints_v2.json"
EXPORTS = sorted(p for p in SAMPLES.glob("*.json") if p.name != NOT_AN_EXPORT)
EXPORTS.append(SHARED / "conformance" / "aws" / "iam_vulnerable_gaad.json")
LABS = SHARED / "conformance" / "aws" / "pathfinding_labs.jsonl"
DATASETS = sorted((SHARED / "conformance" / "aws" / "datasets").glob("iam-data-*"))
SECTIONS = (("User", "user"), ("Group", "group"), ("Role", "role"))


def expected(raw: dict[str, Any]) -> Counter[str]:
    count: Counter[str] = Counter()
    for section, native in SECTIONS:
        distinct = {one["Arn"]: one for one in raw.get(f"{section}DetailList", [])}
        for one in distinct.values():
            count[native] += 1
            count["inline"] += len(one.get(f"{section}PolicyList", []))
            count["managed"] += len(one.get("AttachedManagedPolicies", []))
            count["member"] += len(one.get("GroupList", []))
            count["tag"] += len(one.get("Tags", []))
            count["boundary"] += bool(one.get("PermissionsBoundary"))
            count["trust"] += bool(one.get("AssumeRolePolicyDocument"))
            count["profile"] += len(one.get("InstanceProfileList", []))
    policies = {one["Arn"]: one for one in raw.get("Policies", [])}
    count["policy"] = sum(bool(one["PolicyVersionList"]) for one in policies.values())
    count["version"] = sum(len(one["PolicyVersionList"]) for one in policies.values())
    return +count


def found(tables: Tables) -> Counter[str]:
    count: Counter[str] = Counter()
    for row in tables["principals"].to_pylist():
        if row["native"] in ("user", "group", "role"):
            count[row["native"]] += 1
            count["tag"] += len(row["tags"])
    for row in tables["attachments"].to_pylist():
        if row["layer"] == "identity":
            count["inline" if row["kind"] == "inline" else "managed"] += 1
        elif row["layer"] in ("boundary", "trust"):
            count[row["layer"]] += 1
    given = [row for row in tables["policies"].to_pylist() if "#/Policies/" in row["source"]]
    count["policy"] = len({row["id"] for row in given})
    count["version"] = len(given)
    count["member"] = tables["memberships"].num_rows
    count["profile"] = tables["runs_as"].num_rows
    return +count


@needs_shared
@pytest.mark.parametrize("path", EXPORTS, ids=lambda p: p.stem)
def test_account_details_import_without_loss(path: Path) -> None:
    scopes = list(imported(path).values())
    counts = sum((found(tables) for tables in scopes), Counter())
    # What AWS owns stands in each account of a joined export.
    owned = [{r["id"] for r in tables["policies"].to_pylist() if r["kind"] == "managed_aws"} for tables in scopes[1:]]
    versions = [r for t in scopes[1:] for r in t["policies"].to_pylist() if r["kind"] == "managed_aws"]
    counts -= Counter(policy=sum(map(len, owned)), version=sum("#/Policies/" in r["source"] for r in versions))
    assert counts == expected(json.loads(path.read_text()))


@needs_shared
def test_every_account_of_the_labs_imports_without_loss(tmp_path: Path) -> None:
    checked = 0
    for line in LABS.read_text().splitlines():
        lab = json.loads(line)
        for account, raw in lab["accounts"].items():
            if not any(raw[f"{section}DetailList"] for section, _ in SECTIONS):
                continue
            path = tmp_path / f"{account}.json"
            path.write_text(json.dumps(raw))
            assert found(imported(path)[account]) == expected(raw), (lab["id"], account)
            checked += 1
    assert checked >= 64


@needs_shared
def test_another_tools_output_is_no_export() -> None:
    with pytest.raises(InputError, match=f"{NOT_AN_EXPORT}.*not an AWS export"):
        imported(SAMPLES / NOT_AN_EXPORT)


def load(path: Path, default: Any) -> Any:
    return json.loads(path.read_text()) if path.exists() else default


def expected_folder(account: Path) -> Counter[str]:
    count: Counter[str] = Counter()
    for _, native in SECTIONS:
        for folder in account.glob(f"iam/{native}/*"):
            about = load(folder / "metadata.json", {})
            count[native] += 1
            count["inline"] += len(load(folder / "inline-policies.json", []))
            count["managed"] += len(load(folder / "managed-policies.json", []))
            count["member"] += len(load(folder / "groups.json", []))
            count["tag"] += len(load(folder / "tags.json", {}))
            count["boundary"] += "permissionBoundary" in about
            count["trust"] += (folder / "trust-policy.json").exists()
    count["version"] = count["policy"] = len(list(account.glob("iam/**/current-policy.json")))
    return +count


@needs_shared
@pytest.mark.parametrize("dataset", DATASETS, ids=lambda p: p.name)
def test_collected_accounts_import_without_loss(dataset: Path) -> None:
    scopes, root = imported(dataset), dataset / "aws" / "aws"
    for account in (root / "accounts").iterdir():
        tables = scopes[account.name]
        assert found(tables) == expected_folder(account), account.name
        policies = [p for p in account.glob("**/*policy.json") if "iam" not in p.relative_to(account).parts]
        kept = [r for r in tables["attachments"].to_pylist() if r["layer"] in ("resource", "endpoint")]
        assert len(kept) == len(policies), account.name
        resources = {
            json.loads(p.read_text())["arn"] for p in account.glob("*/**/metadata.json") if "/iam/" not in str(p)
        }
        given = [row for row in tables["resources"].to_pylist() if row["source"] != "named by trust policies"]
        assert {row["id"] for row in given} == resources
        assert sum(len(r["tags"]) for r in tables["resources"].to_pylist()) == sum(
            len(json.loads(p.read_text())) for p in account.glob("**/tags.json") if "/iam/" not in str(p)
        )


@needs_shared
@pytest.mark.parametrize("dataset", DATASETS, ids=lambda p: p.name)
def test_collected_guardrails_import_with_every_target(dataset: Path) -> None:
    scopes = imported(dataset)
    for folder in (dataset / "aws" / "aws" / "organizations").iterdir():
        held = load(folder / "ous.json", {}) | load(folder / "accounts.json", {})
        tables = scopes[folder.name]
        for kind in ("scp", "rcp"):
            targets = sorted((id, arn) for id, one in held.items() for arn in one.get(f"{kind}s", []))
            rows = [r for r in tables["attachments"].to_pylist() if r["layer"] == kind]
            assert sorted((r["target"], r["policy"]) for r in rows) == targets
            documents = [r for r in tables["policies"].to_pylist() if r["kind"] == kind]
            assert len(documents) == len(list(folder.glob(f"{kind}s/*/policy.json")))
        assert tables["scopes"].num_rows == 1 + len(held)
