"""What guardrails do to administrators, through import and list: the cases of one organization and one account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

ACCOUNT, MANAGEMENT, ORGANIZATION = "111111111111", "999999999999", "o-abcdefghij"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def deny(action: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def organization(documents: dict[str, Any], attached: dict[str, list[str]], tree: bool = True) -> dict[str, Any]:
    about = {"Id": ORGANIZATION, "MasterAccountId": MANAGEMENT}
    account = {"Accounts": [{"Id": ACCOUNT, "Name": "a", "Status": "ACTIVE"}]}
    files: dict[str, Any] = {"organizations-describe-organization": {"Organization": about}}
    files |= (
        {
            "organizations-list-roots": {"Roots": [{"Id": "r-1", "Name": "Root"}]},
            "organizations-list-organizational-units-for-parent--r-1": {
                "OrganizationalUnits": [{"Id": "ou-1-a", "Name": "a"}]
            },
            "organizations-list-accounts-for-parent--ou-1-a": account,
        }
        if tree
        else {"organizations-list-accounts": account}
    )
    for target, ids in attached.items():
        found = [{"Id": one, "Name": one, "Type": "SERVICE_CONTROL_POLICY"} for one in ids]
        files[f"organizations-list-policies-for-target--{target}--SERVICE_CONTROL_POLICY"] = {"Policies": found}
    for id, document in documents.items():
        summary = {"Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY"}
        content = {"PolicySummary": summary, "Content": json.dumps(document)}
        files[f"organizations-describe-policy--{id}"] = {"Policy": content}
    return files


def states(tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, Any]) -> tuple[str, str, str]:
    """`admin` of an administrator, of the holder of its key, and of a role that a service is linked to."""
    arn = f"arn:aws:iam::{ACCOUNT}:"
    attached = [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]
    trust = policy({"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"})
    linked = {
        "RoleName": "Linked", "Path": "/aws-service-role/x.amazonaws.com/", "AssumeRolePolicyDocument": trust,
        "Arn": f"{arn}role/aws-service-role/x.amazonaws.com/Linked", "AttachedManagedPolicies": attached,
    }  # fmt: skip
    user = {"UserName": "ann", "Arn": f"{arn}user/ann", "AttachedManagedPolicies": attached}
    details = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [linked], "Policies": []}
    keys = [{"UserName": "ann", "AccessKeyId": "AKIA1", "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z"}]
    for name, body in files.items():
        _write(tmp_path / "in" / "org" / f"{name}.json", body)
    _write(tmp_path / "in" / ACCOUNT / "account-authorization-details.json", details)
    _write(tmp_path / "in" / ACCOUNT / "iam-list-access-keys--ann.json", {"AccessKeyMetadata": keys})
    home = ["--home", str(tmp_path / "home")]
    assert run(["import", str(tmp_path / "in"), *home]) == 0
    capsys.readouterr()
    found = {}
    for what, column in (("identities", "admin"), ("credentials", "holder_admin")):
        assert run([what, *home, "--format", "json"]) == 0
        found.update({row["id"]: row[column] for row in json.loads(capsys.readouterr().out)["items"]})
    return found[f"{arn}user/ann"], found["AKIA1"], found[linked["Arn"]]


def _write(path: Path, body: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body))


FULL = "p-FullAWSAccess"
EVERYWHERE = {"r-1": [FULL], "ou-1-a": [FULL], ACCOUNT: [FULL]}
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "FullAWSAccess is known without its document": (organization({}, EVERYWHERE), "yes"),
    "leaving is nothing that an administrator is made of": (
        organization({"p-l": policy(deny("organizations:LeaveOrganization"))}, {**EVERYWHERE, "r-1": [FULL, "p-l"]}),
        "yes",
    ),
    "a Deny of IAM": (
        organization({"p-i": policy(deny("iam:CreateUser"))}, {**EVERYWHERE, "ou-1-a": [FULL, "p-i"]}),
        "limited",
    ),
    "a level that allows a part only": (
        organization({"p-s": policy({**ALLOW, "Action": "s3:*"})}, {**EVERYWHERE, "ou-1-a": ["p-s"]}),
        "limited",
    ),
    "a level without any allow": (
        organization({"p-c": policy(deny("cloudtrail:*"))}, {**EVERYWHERE, ACCOUNT: ["p-c"]}),
        "limited",
    ),
    "a document that was not read": (organization({}, {**EVERYWHERE, "r-1": [FULL, "p-x"]}), "unknown"),
    "no tree, a guardrail at the root": (
        organization({"p-i": policy(deny("iam:*"))}, {"r-1": [FULL, "p-i"]}, tree=False),
        "limited",
    ),
    "no tree, a guardrail at some unit": (
        organization({"p-i": policy(deny("iam:*"))}, {"r-1": [FULL], "ou-1-a": [FULL, "p-i"]}, tree=False),
        "unknown",
    ),
    "no tree, nothing that could limit": (organization({}, {"r-1": [FULL], "ou-1-a": [FULL]}, tree=False), "yes"),
}


@pytest.mark.parametrize("name", CASES)
def test_administrators_under_guardrails(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, wanted = CASES[name]
    assert states(tmp_path, capsys, files) == (wanted, wanted, "yes")
