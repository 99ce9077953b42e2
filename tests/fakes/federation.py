"""Small estates with trusts of other systems: roles, pools, federated credentials."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fakes.escalation import ACCOUNT, IAM, document
from leastwise.model.federation import Door
from leastwise.providers.aws import PROVIDER as AWS
from leastwise.providers.aws.conform.scenarios import scopes_of
from leastwise.providers.base import Provider, ScopeTables
from leastwise.providers.gcp import PROVIDER as GCP

GITHUB = "token.actions.githubusercontent.com"
ORG = "organizations/1"
POOL = "projects/801/locations/global/workloadIdentityPools/ci"


def role(name: str, *statements: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Arn": f"{IAM}:role/{name}", "Path": "/", "RoleName": name, "RoleId": "AROAROLE0000000000000",
        "AssumeRolePolicyDocument": document(*map(dict, statements)), "InstanceProfileList": [], "RolePolicyList": [],
        "AttachedManagedPolicies": [],
    }  # fmt: skip


def web(condition: Mapping[str, Any], issuer: str = GITHUB) -> dict[str, Any]:
    """A statement that lets in by a token of an issuer."""
    provider = issuer if issuer == "accounts.google.com" else f"{IAM}:oidc-provider/{issuer}"
    return {
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": dict(condition),
    }  # fmt: skip


def account(*roles: Mapping[str, Any]) -> list[ScopeTables]:
    body = {"UserDetailList": [], "RoleDetailList": list(roles), "GroupDetailList": [], "Policies": []}
    return list(scopes_of([{"kind": "account_authorization_details", "body": body}], []))


def doors_of(provider: Provider, scopes: Sequence[ScopeTables], alone: Sequence[str] = (ACCOUNT,)) -> list[Door]:
    assert provider.answering is not None
    assert provider.federating is not None
    access = provider.answering.access(provider.answering.compile(scopes), frozenset(alone))
    return list(provider.federating.doors(scopes, access))


def door_of(condition: Mapping[str, Any], issuer: str = GITHUB) -> Door:
    """The door of a role that trusts an issuer under a condition."""
    [found] = doors_of(AWS, account(role("target", web(condition, issuer))))
    return found


def corp(
    folder: Path, providers: Sequence[Mapping[str, Any]], bindings: Mapping[str, Sequence[str]]
) -> list[ScopeTables]:
    """A Google Cloud organization with a pool, and service accounts (by name) that let in members of it."""
    folder.mkdir(parents=True, exist_ok=True)
    top, project = "//cloudresourcemanager.googleapis.com/organizations/1", ["projects/801", ORG]
    assets: list[dict[str, Any]] = [
        {"name": top, "assetType": "cloudresourcemanager.googleapis.com/Organization", "ancestors": [ORG],
         "resource": {"data": {"name": ORG, "displayName": "corp.example"}}, "iamPolicy": {"bindings": []}},
        {"name": "//cloudresourcemanager.googleapis.com/projects/build", "ancestors": project,
         "assetType": "cloudresourcemanager.googleapis.com/Project", "iamPolicy": {"bindings": []},
         "resource": {"data": {"projectId": "build", "projectNumber": "801", "parent": {"id": "1"}}}},
    ]  # fmt: skip
    for number, (name, members) in enumerate(bindings.items()):
        mail = f"{name}@build.iam.gserviceaccount.com"
        binding = {"role": "roles/iam.workloadIdentityUser", "members": list(members)}
        assets.append({
            "name": f"//iam.googleapis.com/projects/build/serviceAccounts/10{number}", "ancestors": project,
            "assetType": "iam.googleapis.com/ServiceAccount", "iamPolicy": {"bindings": [binding]},
            "resource": {"data": {"email": mail, "uniqueId": f"10{number}", "projectId": "build"}},
        })  # fmt: skip
    pool = {"workloadIdentityPools": [{"name": POOL, "displayName": "CI", "state": "ACTIVE"}]}
    listed = {"workloadIdentityPoolProviders": [{"name": f"{POOL}/providers/p{at}", "state": "ACTIVE", **one}
                                                for at, one in enumerate(providers)]}  # fmt: skip
    (folder / "assets.jsonl").write_text("".join(json.dumps(one) + "\n" for one in assets))
    (folder / "pools.json").write_text(json.dumps(pool))
    (folder / "providers.json").write_text(json.dumps(listed))
    return [
        ScopeTables(one.scope.kind, one.scope.id, GCP.translate(one), True, one.time)
        for one in GCP.read_exports([folder])
    ]
