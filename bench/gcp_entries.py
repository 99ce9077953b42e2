"""Audit log entries as a sink writes them, in the shapes and mix of a busy organization; of a number always equal."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
_FILE = 5_000
_AGENTS = (
    "google-cloud-sdk gcloud/540.0.0 command/gcloud.storage.cp id/",
    "grpc-python/1.66.1 (linux)",
    "Terraform/1.9.5 (+https://www.terraform.io) Terraform-Plugin-SDK/2.34.0",
    "Mozilla/5.0 (X11; Linux x86_64) Chrome/141",
    "gcs-fuse/2.5",
    "kubelet/v1.31.2 (linux/amd64)",
)


def entries(count: int, principals: int = 400, projects: int = 12) -> Iterator[dict[str, Any]]:
    """So many entries, in the order of time."""
    draw = random.Random(count)
    who = [_principal(number, projects) for number in range(principals)]
    for number in range(count):
        project = f"corp-{draw.randrange(projects)}"
        time = _BEGIN + timedelta(seconds=number * 2_592_000 / count, microseconds=number % 997)
        make = draw.choices(_KINDS, _WEIGHTS)[0]
        told = make(draw, project, number)
        log = told.pop("log")
        refused = draw.random() < 0.02
        payload = {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": who[min(int(draw.expovariate(1 / 40)), principals - 1)],
            "requestMetadata": {
                "callerIp": f"203.0.{draw.randrange(4)}.{draw.randrange(256)}",
                "callerSuppliedUserAgent": draw.choice(_AGENTS) + (f"{number:032x}" if number % 5 == 0 else ""),
                "requestAttributes": {"time": time.isoformat(), "auth": {}},
                "destinationAttributes": {},
            },
            "status": {"code": 7, "message": "PERMISSION_DENIED"} if refused else {},
            **told.pop("payload"),
        }
        for info in payload["authorizationInfo"]:
            if not refused:
                info["granted"] = True
        yield {
            "insertId": f"{draw.getrandbits(60):x}",
            "logName": f"projects/{project}/logs/cloudaudit.googleapis.com%2F{log}",
            "protoPayload": payload,
            "receiveTimestamp": _written(time + timedelta(seconds=1)),
            "severity": "INFO",
            "timestamp": _written(time),
            **told,
        }


def write(folder: Path, count: int) -> None:
    """The entries in files of a sink's bucket."""
    held: list[str] = []
    for number, one in enumerate(entries(count)):
        held.append(json.dumps(one, separators=(",", ":")))
        if len(held) == _FILE or number == count - 1:
            time = datetime.fromisoformat(one["timestamp"])
            place = folder / f"corp-logs/cloudaudit.googleapis.com/activity/{time:%Y/%m/%d}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{time:%H:%M:%S}_{time:%H:59:59}_S{number // _FILE}.json").write_text("\n".join(held) + "\n")
            held = []


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _principal(number: int, projects: int) -> dict[str, Any]:
    if number % 3 == 0:
        mail = f"person{number}@corp.example"
        return {"principalEmail": mail, "principalSubject": f"user:{mail}"}
    mail = f"app-{number}@corp-{number % projects}.iam.gserviceaccount.com"
    told: dict[str, Any] = {"principalEmail": mail, "principalSubject": f"serviceAccount:{mail}"}
    if number % 7 == 0:
        told["serviceAccountKeyName"] = (
            f"//iam.googleapis.com/projects/corp-{number % projects}/serviceAccounts/{mail}/keys/{number:040x}"
        )
    elif number % 11 == 0:
        first = {"principalEmail": f"person{number}@corp.example"}
        told["serviceAccountDelegationInfo"] = [{"firstPartyPrincipal": first}]
    return told


def _object(draw: random.Random, project: str, number: int) -> dict[str, Any]:
    bucket = f"{project}-data-{draw.randrange(30)}"
    verb = draw.choices(("get", "create", "list", "delete"), (70, 20, 8, 2))[0]
    name = f"projects/_/buckets/{bucket}" + ("" if verb == "list" else f"/objects/2026/10/part-{number:08d}.parquet")
    return {
        "log": "data_access",
        "resource": {"type": "gcs_bucket", "labels": {"project_id": project, "bucket_name": bucket, "location": "eu"}},
        "payload": {
            "serviceName": "storage.googleapis.com",
            "methodName": f"storage.objects.{verb}",
            "resourceName": name,
            "authorizationInfo": [
                {"resource": name, "permission": f"storage.objects.{verb}", "resourceAttributes": {}}
            ],
            "resourceLocation": {"currentLocations": ["eu"]},
        },
    }


def _secret(draw: random.Random, project: str, number: int) -> dict[str, Any]:
    name = f"projects/{len(project) * 1000003}/secrets/secret-{draw.randrange(40)}/versions/{draw.randrange(3)}"
    return {
        "log": "data_access",
        "resource": {
            "type": "audited_resource",
            "labels": {
                "project_id": project,
                "service": "secretmanager.googleapis.com",
                "method": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
            },
        },
        "payload": {
            "serviceName": "secretmanager.googleapis.com",
            "resourceName": name,
            "methodName": "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
            "authorizationInfo": [
                {
                    "permission": "secretmanager.versions.access",
                    "resource": name,
                    "resourceAttributes": {
                        "service": "secretmanager.googleapis.com",
                        "name": name,
                        "type": "secretmanager.googleapis.com/SecretVersion",
                    },
                }
            ],
            "request": {
                "@type": "type.googleapis.com/google.cloud.secretmanager.v1.AccessSecretVersionRequest",
                "name": name,
            },
        },
    }


def _query(draw: random.Random, project: str, number: int) -> dict[str, Any]:
    job = f"projects/{project}/jobs/bquxjob_{number:08x}"
    tables = [
        f"projects/{project}/datasets/d{draw.randrange(8)}/tables/t{draw.randrange(20)}"
        for _ in range(draw.randrange(1, 4))
    ]
    return {
        "log": "data_access",
        "resource": {"type": "bigquery_project", "labels": {"project_id": project, "location": "EU"}},
        "operation": {"id": f"{number}-bquxjob", "producer": "bigquery.googleapis.com", "last": True},
        "payload": {
            "serviceName": "bigquery.googleapis.com",
            "methodName": "google.cloud.bigquery.v2.JobService.InsertJob",
            "resourceName": job,
            "authorizationInfo": [
                {"permission": "bigquery.jobs.create", "resource": f"projects/{project}", "resourceAttributes": {}}
            ],
            "metadata": {
                "@type": "type.googleapis.com/google.cloud.audit.BigQueryAuditMetadata",
                "jobChange": {
                    "after": "DONE",
                    "job": {
                        "jobName": job,
                        "jobConfig": {
                            "type": "QUERY",
                            "queryConfig": {
                                "query": f"select a, b, count(*) from t where day = '{number}' group by a, b  -- "
                                + "x" * 200
                            },
                        },
                        "jobStats": {"queryStats": {"referencedTables": tables, "totalProcessedBytes": "1000000"}},
                    },
                },
            },
        },
    }


def _compute(draw: random.Random, project: str, number: int) -> dict[str, Any]:
    verb = draw.choice(("insert", "delete", "setMetadata", "list", "get"))
    zone = draw.choice(("europe-west1-b", "us-central1-a"))
    name = f"projects/{project}/zones/{zone}/instances/vm-{draw.randrange(300)}"
    told = {"insert": "create"}.get(verb, verb)
    granted = [
        {
            "permission": f"compute.instances.{told}",
            "resource": name,
            "resourceAttributes": {"service": "compute", "name": name, "type": "compute.instances"},
        }
    ]
    request: dict[str, Any] = {"@type": f"type.googleapis.com/compute.instances.{verb}"}
    if verb == "insert":
        granted.append(
            {
                "permission": "compute.subnetworks.use",
                "resource": f"projects/{project}/regions/{zone[:-2]}/subnetworks/default",
                "resourceAttributes": {},
            }
        )
        request |= {
            "name": f"vm-{number}",
            "machineType": f"zones/{zone}/machineTypes/e2-small",
            "serviceAccounts": [{"email": f"app-1@{project}.iam.gserviceaccount.com", "scopes": ["cloud-platform"]}],
            "disks": [{"boot": True, "initializeParams": {"sourceImage": "projects/debian-cloud/global/images/d"}}],
        }
    return {
        "log": "activity" if verb not in ("list", "get") else "data_access",
        "resource": {
            "type": "gce_instance",
            "labels": {"project_id": project, "zone": zone, "instance_id": str(number)},
        },
        "payload": {
            "serviceName": "compute.googleapis.com",
            "methodName": f"v1.compute.instances.{verb}",
            "resourceName": name,
            "authorizationInfo": granted,
            "request": request,
        },
    }


def _policy(draw: random.Random, project: str, number: int) -> dict[str, Any]:
    member = f"user:person{draw.randrange(400)}@corp.example"
    return {
        "log": "activity",
        "resource": {"type": "project", "labels": {"project_id": project}},
        "payload": {
            "serviceName": "cloudresourcemanager.googleapis.com",
            "methodName": "SetIamPolicy",
            "resourceName": f"projects/{project}",
            "authorizationInfo": [
                {
                    "permission": "resourcemanager.projects.setIamPolicy",
                    "resource": f"projects/{project}",
                    "resourceAttributes": {
                        "service": "cloudresourcemanager.googleapis.com",
                        "name": f"projects/{project}",
                        "type": "x/Project",
                    },
                }
            ],
            "serviceData": {
                "@type": "type.googleapis.com/google.iam.v1.logging.AuditData",
                "policyDelta": {"bindingDeltas": [{"action": "ADD", "role": "roles/viewer", "member": member}]},
            },
            "request": {
                "resource": project,
                "policy": {"bindings": [{"role": "roles/viewer", "members": [member] * 20}]},
            },
        },
    }


def _pods(draw: random.Random, project: str, number: int) -> dict[str, Any]:
    verb, kind = draw.choice((("list", "pods"), ("get", "configmaps"), ("patch", "deployments"), ("create", "events")))
    space = f"team-{draw.randrange(15)}"
    group = "apps" if kind == "deployments" else "core"
    name = f"{group}/v1/namespaces/{space}/{kind}" + ("" if verb == "list" else f"/thing-{draw.randrange(5000)}")
    return {
        "log": "activity" if verb in ("patch", "create") else "data_access",
        "resource": {
            "type": "k8s_cluster",
            "labels": {"project_id": project, "location": "europe-west1", "cluster_name": "main"},
        },
        "payload": {
            "serviceName": "k8s.io",
            "methodName": f"io.k8s.{group}.v1.{kind}.{verb}",
            "resourceName": name,
            "authorizationInfo": [{"permission": f"io.k8s.{group}.v1.{kind}.{verb}", "resource": name}],
        },
    }


_KINDS = (_object, _secret, _query, _compute, _policy, _pods)
_WEIGHTS = (55, 10, 10, 8, 1, 16)
