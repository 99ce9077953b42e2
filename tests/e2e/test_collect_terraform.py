"""What Terraform applies to moto's server is what is collected of it; and the examples of the documentation apply.

Optional: it needs Terraform on the PATH and its AWS provider on the machine. LEASTWISE_TERRAFORM_PLUGINS names a folder
of providers (laid out as `terraform providers mirror` does); without it, a file that TF_CLI_CONFIG_FILE names must say
where they are.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.surroundings import moto
from leastwise.app.collecting import collect, policy
from leastwise.app.importing import Imported
from leastwise.app.wiring import Workspace
from leastwise.model.tables import FACT_TABLES

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
PLUGINS = os.environ.get("LEASTWISE_TERRAFORM_PLUGINS", "")
CONFIGURED = Path(os.environ.get("TF_CLI_CONFIG_FILE") or "nowhere").is_file()

pytestmark = [
    pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on the PATH"),
    pytest.mark.skipif(
        not PLUGINS and not CONFIGURED,
        reason="no providers for Terraform: LEASTWISE_TERRAFORM_PLUGINS names no folder, TF_CLI_CONFIG_FILE no file",
    ),
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto's server, and an environment in which the SDK and Terraform talk to it."""
    monkeypatch.setattr("leastwise.providers.collecting.run.pause", lambda tries: 0.01)
    more = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_REGION": "eu-central-1", "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1", "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}  # fmt: skip
    with moto(monkeypatch, **more):
        yield


def terraform(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["terraform", *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"terraform {' '.join(arguments)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def ready(folder: Path) -> None:
    terraform(folder, "init", "-input=false", "-no-color", *([f"-plugin-dir={PLUGINS}"] if PLUGINS else []))


def applied(folder: Path, *variables: str) -> dict[str, list[dict[str, Any]]]:
    """The attributes of everything that Terraform says it made, by type."""
    ready(folder)
    terraform(folder, "apply", "-auto-approve", "-input=false", "-no-color", *(f"-var={one}" for one in variables))
    state = json.loads(terraform(folder, "show", "-json"))["values"]["root_module"]
    found: dict[str, list[dict[str, Any]]] = {}
    for one in state["resources"]:
        found.setdefault(one["type"], []).append(one["values"])
    return found


def collected(home: Path, **keys: Any) -> Any:
    place = Workspace(home_option=home)
    (one,) = collect(place, [{"provider": "aws", "regions": ["eu-central-1"], **keys}])
    assert isinstance(one, Imported), one
    return place.store.open(one.manifest)


def test_what_terraform_applies_is_what_is_collected(server: None, tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    shutil.copytree(ROOT / "tests" / "cases" / "aws" / "terraform", folder)
    made = applied(folder)
    snapshot = collected(tmp_path / "home", services=["iam", "s3api", "s3control"])
    rows = {spec.name: snapshot.table(spec.name).to_pylist() for spec in FACT_TABLES}
    texts = [json.loads(row["text"]) for row in rows["documents"]]
    principals = {row["id"]: row for row in rows["principals"]}

    for kind in ("user", "group", "role"):
        for one in made[f"aws_iam_{kind}"]:
            row = principals[one["arn"]]
            assert (row["native"], row["name"], row["path"], row["unique_id"]) == (
                kind, one["name"], one["path"], one["unique_id"])  # fmt: skip
            assert dict(row["tags"]) == (one.get("tags") or {})
            assert row["boundary"] == (one.get("permissions_boundary") or None)
            if kind == "role":
                assert texts[row["trust"]] == json.loads(one["assume_role_policy"])
    named = {row["name"]: row["id"] for row in principals.values()}
    assert {(row["member"], row["group"]) for row in rows["memberships"]} == {
        (named[one["user"]], named[group]) for one in made["aws_iam_user_group_membership"] for group in one["groups"]
    }
    policies = {row["id"]: texts[row["document"]] for row in rows["policies"] if row["default"]}
    for one in made["aws_iam_policy"]:
        assert policies[one["arn"]] == json.loads(one["policy"])
    held = {(row["target"], row["policy"]) for row in rows["attachments"] if row["layer"] == "identity"}
    wanted = {(named[one["group"]], one["policy_arn"]) for one in made["aws_iam_group_policy_attachment"]}
    wanted |= {(named[one["role"]], one["policy_arn"]) for one in made["aws_iam_role_policy_attachment"]}
    inline = [*made["aws_iam_user_policy"], *made["aws_iam_role_policy"]]
    wanted |= {(named[one.get("user") or one["role"]], one["name"]) for one in inline}
    assert held == wanted
    for one in inline:
        (row,) = [row for row in rows["attachments"] if row["policy"] == one["name"] and row["kind"] == "inline"]
        assert texts[row["document"]] == json.loads(one["policy"])
    (key,) = made["aws_iam_access_key"]
    (credential,) = [row for row in rows["credentials"] if row["id"].endswith(key["id"])]
    assert (credential["principal"], credential["active"]) == (named[key["user"]], False)
    (vendor,) = [row for row in rows["trusts"] if row["subject_account"] == "999999999999"]
    assert (vendor["principal"], vendor["external_id"]) == (named["vendor"], True)

    blocks = {one["bucket"]: one for one in made["aws_s3_bucket_public_access_block"]}
    statements = {one["bucket"]: json.loads(one["policy"]) for one in made["aws_s3_bucket_policy"]}
    buckets = {row["name"]: row for row in rows["resources"] if row["kind"] == "s3:bucket"}
    assert set(buckets) == {one["bucket"] for one in made["aws_s3_bucket"]}
    for one in made["aws_s3_bucket"]:
        row, block = buckets[one["bucket"]], blocks[one["bucket"]]
        assert (row["id"], row["region"], dict(row["tags"])) == (one["arn"], "eu-central-1", one["tags"])
        assert texts[row["policy"]] == statements[one["bucket"]]
        assert row["public_block"] == ("all" if block["block_public_policy"] else "acl")
    assert buckets["leastwise-posters"]["opening"] == "everyone"
    assert key["secret"] not in "".join(json.dumps(one) for one in texts)


def test_the_role_of_the_documentation_applies_and_is_what_print_policy_prints(server: None, tmp_path: Path) -> None:
    folder = tmp_path / "role"
    shutil.copytree(ROOT / "docs" / "examples" / "aws", folder)
    made = applied(folder, f"collector=arn:aws:iam::{ACCOUNT}:root", "external_id=7d1f0c52")
    given, role = made["aws_iam_policy"][0], made["aws_iam_role"][0]
    place = Workspace(home_option=tmp_path / "home")
    assert json.loads(given["policy"]) == json.loads(policy(place, {"provider": "aws"}))
    trust = json.loads(role["assume_role_policy"])["Statement"][0]
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "7d1f0c52"}}
    terraform(folder, "validate", "-no-color")
    keys = {"role": role["name"], "external_id": "7d1f0c52", "accounts": ["222222222222"], "services": ["iam"]}
    assert collected(tmp_path / "home", **keys).manifest.scope.id == "222222222222"
