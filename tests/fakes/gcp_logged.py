"""A small organization with its audit logs, as files: an export, and what a sink of the organization wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RM, ORG = "//cloudresourcemanager.googleapis.com/", "organizations/1"
PIN = "//secretmanager.googleapis.com/projects/3/secrets/pin"
ANN, BOB, EVE, ZED = "user:ann@corp.example", "user:bob@corp.example", "user:eve@other.example", "user:zed@corp.example"
JOB, AGENT = "serviceAccount:job@data.iam.gserviceaccount.com", "serviceAccount:3@cloudservices.gserviceaccount.com"
SHOP, DATA = ["projects/3", ORG], ["projects/4", ORG]
TYPES = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")
Bindings = Sequence[tuple[str, Sequence[str]]]


def asset(full: str, kind: str, above: list[str], bindings: Bindings = (), audited: bool = False, **data: Any) -> Any:
    policy: dict[str, Any] = {"version": 3, "bindings": [{"role": role, "members": some} for role, some in bindings]}
    if audited:
        logs = [{"logType": one} for one in TYPES]
        policy["auditConfigs"] = [{"service": "allServices", "auditLogConfigs": logs}]
    return {
        "name": full,
        "assetType": f"{kind}",
        "ancestors": above,
        "resource": {"data": data},
        "iamPolicy": policy,
    }


def assets(audited: Sequence[str]) -> Iterator[Any]:
    """The organization; Data Access logs are switched on in the accounts `audited`."""
    rm = "cloudresourcemanager.googleapis.com/"
    yield asset(
        RM + ORG, f"{rm}Organization", [ORG], [("roles/browser", ["group:staff@corp.example"])], ORG in audited,
        name=ORG, displayName="corp.example", directoryCustomerId="C01",
    )  # fmt: skip
    shop = [
        ("roles/secretmanager.secretAccessor", [ANN, BOB]), ("roles/editor", [AGENT]),
        ("roles/iam.serviceAccountTokenCreator", [JOB]), ("organizations/1/roles/own", [ANN]),
    ]  # fmt: skip
    yield asset(RM + SHOP[0], f"{rm}Project", SHOP, shop, "shop" in audited, projectId="shop", projectNumber="3")
    data = [("roles/bigquery.dataViewer", [EVE, BOB]), ("roles/secretmanager.secretAccessor", [ZED])]
    yield asset(RM + DATA[0], f"{rm}Project", DATA, data, "data" in audited, projectId="data", projectNumber="4")
    yield asset(
        "//iam.googleapis.com/projects/data/serviceAccounts/100", "iam.googleapis.com/ServiceAccount", DATA,
        name="projects/data/serviceAccounts/job@data.iam.gserviceaccount.com", email=JOB.partition(":")[2],
        uniqueId="100", projectId="data",
    )  # fmt: skip
    yield asset(PIN, "secretmanager.googleapis.com/Secret", SHOP, name="projects/3/secrets/pin")
    yield asset(
        "//logging.googleapis.com/organizations/1/sinks/all", "logging.googleapis.com/LogSink", [ORG], name="all",
        destination="storage.googleapis.com/logs-b", includeChildren=True,
    )  # fmt: skip
    for name, held in (("own", "storage.buckets.create"), ("loose", "storage.buckets.get")):
        full = f"organizations/1/roles/{name}"
        yield asset(
            f"//iam.googleapis.com/{full}", "iam.googleapis.com/Role", [ORG], name=full, title=name,
            includedPermissions=[held],
        )  # fmt: skip


def export(folder: Path, audited: Sequence[str] = (ORG,)) -> Path:
    """The export's folder; its deny policy and boundary take nothing away."""
    folder.mkdir(parents=True)
    place = "policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies/d"
    rule = {
        "deniedPrincipals": ["principal://goog/subject/zed@corp.example"],
        "deniedPermissions": ["iam.googleapis.com/roles.create"],
    }
    boundary = "organizations/1/locations/global/principalAccessBoundaryPolicies/p"
    bound = {"name": "organizations/1/locations/global/policyBindings/b", "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
             "policy": boundary, "target": {"principalSet": RM + SHOP[0]}}  # fmt: skip
    rules = [{"resources": [RM + ORG], "effect": "ALLOW"}]
    told: dict[str, list[Any]] = {
        "assets": list(assets(audited)),
        "denies": [{"name": place, "displayName": "d", "rules": [{"denyRule": rule}]}],
        "boundaries": [{"name": boundary, "details": {"rules": rules, "enforcementVersion": "3"}}],
        "bound": [bound],
        "groups": [{"name": "groups/g", "groupKey": {"id": "staff@corp.example"}, "displayName": "Staff"}],
        "memberships": [
            {"name": "groups/g/memberships/1", "preferredMemberKey": {"id": "ann@corp.example"}, "type": "USER"}
        ],
    }
    for name, objects in told.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in objects))
    return folder


def entry(id: str, who: str, permission: str, resource: str, at: datetime, log: str = "data_access") -> Any:
    """An entry of project shop: one permission that was asked for and granted."""
    service, _, method = permission.partition(".")
    return {
        "insertId": id, "timestamp": at.isoformat().replace("+00:00", "Z"), "severity": "INFO",
        "logName": f"projects/shop/logs/cloudaudit.googleapis.com%2F{log}",
        "resource": {"type": "audited_resource", "labels": {"project_id": "shop"}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": f"{service}.googleapis.com",
            "methodName": method, "resourceName": resource, "authenticationInfo": {"principalEmail": who},
            "authorizationInfo": [{"permission": permission, "granted": True, "resource": resource}],
            "requestMetadata": {"callerIp": "198.51.100.7", "callerSuppliedUserAgent": "curl/8"},
        },
    }  # fmt: skip


def logs(folder: Path, kinds: Sequence[str] = ("activity", "data_access"), days: int = 14) -> Path:
    """The sink's bucket, a file a day and log; Ann read the secret three days ago."""
    for back in range(days):
        day = NOW - timedelta(days=back)
        for log in kinds:
            place = folder / f"logs-b/cloudaudit.googleapis.com/{log}/{day:%Y/%m/%d}"
            place.mkdir(parents=True)
            rows = [entry(f"{log}{back}", "filler@corp.example", "compute.instances.list", "projects/shop", day, log)]
            if log == "data_access" and back == 3:
                pin = "projects/3/secrets/pin/versions/1"
                rows.append(entry("pin", "ann@corp.example", "secretmanager.versions.access", pin, day))
            (place / "00:00:00_23:59:59_S0.json").write_text("".join(json.dumps(one) + "\n" for one in rows))
    return folder / "logs-b"
