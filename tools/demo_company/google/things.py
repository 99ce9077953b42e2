"""Datasets, buckets, topics, services, the cluster: what is there, and as whom it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.clock import alive, moment
from demo_company.google.places import ANALYTICS, NUMBERS, REGION, TRACKING, WORKBENCH, account

ZONE = f"{REGION}-b"
CUSTOMERS = f"//bigquery.googleapis.com/projects/{ANALYTICS}/datasets/customers"
LOCATION = f"projects/{{}}/locations/{REGION}"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource: full name, type of asset, its project, what the API says of it beside names and times."""

    name: str
    type: str
    project: str
    data: dict[str, Any]
    since: str = "2024-03-04"
    until: str = ""
    place: str = REGION

    @property
    def created(self) -> str:
        """When it was made."""
        return f"{moment(self.since, self.name):%Y-%m-%dT%H:%M:%SZ}"


def dataset(project: str, id: str, says: str, owner: str, since: str = "2024-03-04") -> Thing:
    """A dataset of BigQuery."""
    name = f"//bigquery.googleapis.com/projects/{project}/datasets/{id}"
    data = {
        "id": f"{project}:{id}",
        "datasetReference": {"datasetId": id, "projectId": project},
        "description": says,
        "location": REGION,
        "labels": {"owner": owner},
        "creationTime": str(int(moment(since, name).timestamp() * 1000)),
    }
    return Thing(name, "bigquery.googleapis.com/Dataset", project, data, since)


def bucket(project: str, id: str, owner: str, since: str = "2024-03-04", public: bool = False) -> Thing:
    """A bucket; all but the one that is public on purpose are locked against the public."""
    name = f"//storage.googleapis.com/{id}"
    data = {
        "id": id, "name": id, "kind": "storage#bucket", "projectNumber": NUMBERS[project], "location": REGION.upper(),
        "timeCreated": f"{moment(since, name):%Y-%m-%dT%H:%M:%SZ}", "labels": {"owner": owner},
        "iamConfiguration": {
            "publicAccessPrevention": "inherited" if public else "enforced",
            "uniformBucketLevelAccess": {"enabled": True},
        },
    }  # fmt: skip
    return Thing(name, "storage.googleapis.com/Bucket", project, data, since)


def service(project: str, id: str, agent: str, owner: str, since: str = "2024-03-04") -> Thing:
    """A service of Cloud Run."""
    path = f"{LOCATION.format(project)}/services/{id}"
    data = {
        "name": path, "createTime": f"{moment(since, path):%Y-%m-%dT%H:%M:%SZ}", "labels": {"owner": owner},
        "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY", "template": {"serviceAccount": account(agent, project)},
    }  # fmt: skip
    return Thing(f"//run.googleapis.com/{path}", "run.googleapis.com/Service", project, data, since)


def named(host: str, type: str, project: str, path: str, data: dict[str, Any], since: str = "2024-03-04") -> Thing:
    """A resource whose data has its relative name."""
    full = f"//{host}.googleapis.com/{path}"
    return Thing(full, f"{host}.googleapis.com/{type}", project, {"name": path, **data}, since)


NODES = account("gke-tracking-nodes", TRACKING)
CLUSTER = Thing(
    f"//container.googleapis.com/projects/{TRACKING}/locations/{REGION}/clusters/tracking",
    "container.googleapis.com/Cluster",
    TRACKING,
    {
        "name": "tracking",
        "location": REGION,
        "status": "RUNNING",
        "createTime": "2024-04-15T08:12:40Z",
        "resourceLabels": {"owner": "team-tracking"},
        "workloadIdentityConfig": {"workloadPool": f"{TRACKING}.svc.id.goog"},
        "nodePools": [
            {"name": pool, "config": {"serviceAccount": NODES, "oauthScopes": [SCOPE],
                                      "workloadMetadataConfig": {"mode": "GKE_METADATA"}}, "status": "RUNNING"}
            for pool in ("web", "batch")
        ],
        "privateClusterConfig": {"enablePrivateNodes": True},
    },
    "2024-04-15",
)  # fmt: skip
NOTEBOOK = Thing(
    f"//compute.googleapis.com/projects/{WORKBENCH}/zones/{ZONE}/instances/notebook-1",
    "compute.googleapis.com/Instance",
    WORKBENCH,
    {
        "name": "notebook-1", "status": "RUNNING", "creationTimestamp": "2026-06-15T09:20:11Z",
        "labels": {"owner": "team-data"},
        "serviceAccounts": [{"email": account("notebook", WORKBENCH), "scopes": [SCOPE]}],
    },
    "2026-06-15",
    place=ZONE,
)  # fmt: skip

THINGS = (
    dataset(ANALYTICS, "customers", "Who sends and who receives, by name and address", "team-data"),
    dataset(ANALYTICS, "shipments_raw", "Exports of the table shipments", "team-data"),
    dataset(ANALYTICS, "shipments_mart", "Counts by depot and day, of nobody by name", "team-data"),
    dataset(WORKBENCH, "eta_features", "Features without names", "team-data", "2026-04-13"),
    bucket(ANALYTICS, "bw-analytics-landing", "team-data", "2026-05-04"),
    bucket(ANALYTICS, "bw-audit-logs", "team-platform"),
    bucket(TRACKING, "bw-tracking-artifacts", "team-tracking"),
    bucket(TRACKING, "bw-tracking-status", "team-tracking", public=True),
    bucket(WORKBENCH, "bw-lab-scratch", "team-data"),
    named("pubsub", "Topic", TRACKING, f"projects/{TRACKING}/topics/scans", {"labels": {"owner": "team-tracking"}}),
    named("pubsub", "Subscription", TRACKING, f"projects/{TRACKING}/subscriptions/scans-ingest",
          {"topic": f"projects/{TRACKING}/topics/scans", "labels": {"owner": "team-tracking"}}),
    named("secretmanager", "Secret", TRACKING, f"projects/{NUMBERS[TRACKING]}/secrets/carrier-token",
          {"createTime": "2025-09-02T10:02:33Z", "labels": {"owner": "team-tracking"}}, "2025-09-02"),
    named("cloudscheduler", "Job", ANALYTICS, f"{LOCATION.format(ANALYTICS)}/jobs/nightly-marts",
          {"schedule": "0 2 * * *", "state": "ENABLED",
           "httpTarget": {"oidcToken": {"serviceAccountEmail": account("mart-scheduler", ANALYTICS)}}}),
    service(ANALYTICS, "mart-build", "dbt-runner", "team-data"),
    service(TRACKING, "status-writer", "status-page", "team-tracking"),
    service(TRACKING, "eta", "eta-predictor", "team-tracking", "2026-10-23"),
    CLUSTER,
    NOTEBOOK,
)  # fmt: skip


def things(day: datetime) -> list[Thing]:
    """Those that exist on a day."""
    return [one for one in THINGS if alive(day, one.since, one.until)]
