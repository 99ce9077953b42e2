"""Allow policies of the fake organization, and how they look to who asks for an older version.

https://cloud.google.com/iam/docs/policies#versions
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_NIGHTS = {"title": "nights", "expression": 'request.time.getHours("Europe/Berlin") < 6'}
_VIEWER = {"role": "roles/viewer", "members": ["group:staff@brightwater.example", "domain:brightwater.example"]}
POLICIES: dict[str, dict[str, Any]] = {
    "organizations/1": {
        "version": 3, "etag": "BwOrg1",
        "bindings": [
            {"role": "roles/resourcemanager.organizationAdmin", "members": ["user:root@brightwater.example"]},
            {"role": "roles/iam.securityReviewer", "members": ["group:staff@brightwater.example"],
             "condition": _NIGHTS},
        ],
        "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}],
    },
    "folders/10": {"version": 1, "etag": "BwFol10", "bindings": [_VIEWER]},
    "folders/11": {"version": 1, "etag": "ACAB"},
    "projects/101": {
        "version": 3, "etag": "BwAlpha1",
        "bindings": [
            {"role": "roles/editor", "members": ["serviceAccount:101-compute@developer.gserviceaccount.com"]},
            {"role": "roles/storage.objectViewer", "members": ["user:ann@brightwater.example"], "condition": _NIGHTS},
            {"role": "roles/storage.objectViewer", "members": ["user:ben@brightwater.example"]},
            {"role": "projects/bw-alpha/roles/deployer",
             "members": ["serviceAccount:ci@bw-alpha.iam.gserviceaccount.com"]},
        ],
        "auditConfigs": [{"service": "storage.googleapis.com", "auditLogConfigs": [
            {"logType": "DATA_READ", "exemptedMembers": ["user:ann@brightwater.example"]}]}],
    },
    "projects/102": {"version": 1, "etag": "BwBeta1", "bindings": [
        {"role": "roles/owner", "members": ["user:ben@brightwater.example", "deleted:user:eve@x.example?uid=1"]}]},
    "projects/103": {"version": 1, "etag": "BwGamma1", "bindings": [_VIEWER]},
    "projects/bw-alpha/serviceAccounts/ci@bw-alpha.iam.gserviceaccount.com": {
        "version": 1, "etag": "BwCi1", "bindings": [
            {"role": "roles/iam.workloadIdentityUser", "members": [
                "principalSet://iam.googleapis.com/projects/101/locations/global/workloadIdentityPools/gh/*"]}]},
}  # fmt: skip


def at_version(policy: Mapping[str, Any], version: int) -> dict[str, Any]:
    """A policy as it is told to who asks for that version: below 3, roles with a condition get another name."""
    if version >= 3 or not any("condition" in one for one in policy.get("bindings", ())):
        return dict(policy)
    bindings = [
        {"role": f"{one['role']}_withcond_{_hash(one['condition'])}", "members": one["members"]}
        if "condition" in one else one
        for one in policy["bindings"]
    ]  # fmt: skip
    return {**policy, "version": 1, "bindings": bindings}


def _hash(condition: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(condition, sort_keys=True).encode()).hexdigest()[:20]
