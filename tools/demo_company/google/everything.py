"""The exports of one day, as `gcloud` writes them: two of Cloud Asset Inventory, and what it does not tell.

assets-resource.jsonl, assets-iam-policy.jsonl   gcloud asset export --content-type …, an asset a line
groups.json, memberships--GROUP.json             gcloud identity groups search, memberships list
keys--ACCOUNT.json                               gcloud iam service-accounts keys list
pools--PROJECT.json, providers--POOL.json        gcloud iam workload-identity-pools list, providers list
org-policies.json, deny-policies.json            gcloud org-policies list, iam policies get, of all places in one
boundaries.json, policy-bindings.json            gcloud iam principal-access-boundary-policies list, … list
entitlements.json                                gcloud pam entitlements list
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from demo_company.google import agents, guardrails, pools, staff, things
from demo_company.google.archive import BUCKET
from demo_company.google.grants import policy
from demo_company.google.places import CUSTOMER, FOLDERS, MANAGER, NUMBERS, ORGANIZATION, PROJECTS, ancestors
from demo_company.ids import DOMAIN

_MADE = "2024-03-04T08:00:00Z"
_IAM = "//iam.googleapis.com/"
SINK = f"//logging.googleapis.com/{ORGANIZATION}/sinks/audit-archive"
"""Takes the audit logs of everything below the organization to a bucket."""
Place = tuple[str, str, list[str]]
"""Full name, type of asset, ancestors."""


def files(day: datetime) -> dict[str, bytes]:
    """File name to bytes."""
    resources, policies = list(_resources(day)), list(_policies(day))
    found: dict[str, bytes] = {"assets-resource.jsonl": _lines(resources), "assets-iam-policy.jsonl": _lines(policies)}
    lists: dict[str, list[Any]] = {
        "groups": staff.groups(),
        "org-policies": guardrails.organization_policies(day),
        "deny-policies": guardrails.deny_policies(day),
        "boundaries": guardrails.boundaries(day),
        "policy-bindings": guardrails.boundary_bindings(day),
        "entitlements": guardrails.entitlements(),
    }
    lists |= {f"memberships--{name}": held for name, held in staff.memberships(day).items()}
    lists |= {f"keys--{one.mail}": agents.keys(one, day) for one in agents.agents(day)}
    for project in PROJECTS:
        for pool in pools.pools(project, day):
            lists.setdefault(f"pools--{project}", []).append(pool)
            lists[f"providers--{pool['name'].rpartition('/')[2]}"] = pools.providers(pool["name"])
    for name, held in lists.items():
        if held:
            found[f"{name}.json"] = (json.dumps(held, indent=2, ensure_ascii=False) + "\n").encode()
    return found


def _lines(assets: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in assets).encode()


def _places(day: datetime) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Everything that is an asset, with the members of its `resource`."""
    host = "cloudresourcemanager.googleapis.com"
    yield (MANAGER + ORGANIZATION, f"{host}/Organization", [ORGANIZATION]), {"data": {
        "name": ORGANIZATION, "displayName": DOMAIN, "lifecycleState": "ACTIVE", "creationTime": _MADE,
        "owner": {"directoryCustomerId": CUSTOMER},
    }}  # fmt: skip
    for node, name in FOLDERS.items():
        yield (MANAGER + node, f"{host}/Folder", ancestors(node)), {
            "parent": MANAGER + ORGANIZATION,
            "data": {"name": node, "displayName": name, "parent": ORGANIZATION, "lifecycleState": "ACTIVE",
                     "createTime": _MADE},
        }  # fmt: skip
    for project in PROJECTS.values():
        yield (project.full, f"{host}/Project", ancestors(project.id)), {
            "parent": MANAGER + project.folder,
            "data": {"projectId": project.id, "projectNumber": NUMBERS[project.id], "name": project.id,
                     "lifecycleState": "ACTIVE", "createTime": _MADE, "labels": project.labels,
                     "parent": {"type": "folder", "id": project.folder.partition("/")[2]}},
        }  # fmt: skip
    yield (SINK, "logging.googleapis.com/LogSink", [ORGANIZATION]), {"data": {
        "name": "audit-archive", "destination": f"storage.googleapis.com/{BUCKET}", "includeChildren": True,
        "filter": 'logName:"cloudaudit.googleapis.com"', "createTime": _MADE, "updateTime": _MADE,
    }}  # fmt: skip
    for role, data in guardrails.roles(day).items():
        node = ORGANIZATION if role.startswith("organizations/") else role.split("/")[1]
        yield (_IAM + role, "iam.googleapis.com/Role", ancestors(node)), {"data": data}
    for one in agents.agents(day):
        name = f"{_IAM}projects/{one.project}/serviceAccounts/{one.unique}"
        told = {"parent": PROJECTS[one.project].full, "data": agents.data(one, day)}
        yield (name, "iam.googleapis.com/ServiceAccount", ancestors(one.project)), told
    for thing in things.things(day):
        told = {"parent": PROJECTS[thing.project].full, "data": thing.data, "location": thing.place}
        yield (thing.name, thing.type, ancestors(thing.project)), told


def _resources(day: datetime) -> Iterator[dict[str, Any]]:
    for (name, type, above), told in _places(day):
        yield {"name": name, "asset_type": type, "resource": {"version": "v1", **told}, "ancestors": above}


def _policies(day: datetime) -> Iterator[dict[str, Any]]:
    for (name, type, above), _ in _places(day):
        found = policy(name, day)
        if found:
            yield {"name": name, "asset_type": type, "iam_policy": found, "ancestors": above}
