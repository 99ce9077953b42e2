"""Who is granted which role on what, with the first and last day of each: the allow policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo_company.clock import alive
from demo_company.google.agents import AGENTS
from demo_company.google.guardrails import OPERATOR, QUALITY
from demo_company.google.places import (
    ANALYTICS,
    LAB,
    MANAGER,
    NUMBERS,
    ORGANIZATION,
    PROD,
    PROJECTS,
    TRACKING,
    WORKBENCH,
    agent,
    digits,
    group,
    mail,
    user,
)
from demo_company.google.pools import AWS_SINCE, BRIDGE, GITHUB_SINCE, RELEASES
from demo_company.google.things import CUSTOMERS
from demo_company.ids import hexes


@dataclass(frozen=True, slots=True)
class Grant:
    """One member of one binding."""

    on: str
    role: str
    who: str
    since: str = ""
    until: str = ""
    condition: tuple[str, str] | None = None


_DATA, _TRACK, _LAB = (PROJECTS[one].full for one in (ANALYTICS, TRACKING, WORKBENCH))
_RAW, _MART = (
    f"//bigquery.googleapis.com/projects/{ANALYTICS}/datasets/{one}" for one in ("shipments_raw", "shipments_mart")
)
_FEATURES = f"//bigquery.googleapis.com/projects/{WORKBENCH}/datasets/eta_features"
_STATUS, _ARTIFACTS, _LANDING, _SCRATCH = (
    f"//storage.googleapis.com/{one}"
    for one in ("bw-tracking-status", "bw-tracking-artifacts", "bw-analytics-landing", "bw-lab-scratch")
)
_SECRET = f"//secretmanager.googleapis.com/projects/{NUMBERS[TRACKING]}/secrets/carrier-token"
_SCANS = f"//pubsub.googleapis.com/projects/{TRACKING}/topics/scans"
_INGEST = f"//pubsub.googleapis.com/projects/{TRACKING}/subscriptions/scans-ingest"
_BUILD = f"//run.googleapis.com/projects/{ANALYTICS}/locations/europe-west1/services/mart-build"
_UNTIL_NEW_YEAR = ("Contract ends", "request.time < timestamp('2027-01-01T00:00:00Z')")
_RELEASES_ONLY = (
    "Releases", "resource.name.startsWith('projects/_/buckets/bw-tracking-artifacts/objects/releases/')",
)  # fmt: skip


def account_name(name: str, project: str) -> str:
    """The full resource name of a service account, by its unique id."""
    unique = next(one.unique for one in AGENTS if (one.name, one.project) == (name, project))
    return f"//iam.googleapis.com/projects/{project}/serviceAccounts/{unique}"


def _kubernetes(name: str) -> str:
    return f"serviceAccount:{TRACKING}.svc.id.goog[{name}]"


def _robot(project: str, domain: str) -> str:
    return f"serviceAccount:service-{NUMBERS[project]}@{domain}.iam.gserviceaccount.com"


GRANTS = (
    Grant(MANAGER + ORGANIZATION, "roles/resourcemanager.organizationAdmin", group("gcp-platform-admins")),
    Grant(MANAGER + ORGANIZATION, "roles/orgpolicy.policyAdmin", group("gcp-platform-admins")),
    Grant(MANAGER + ORGANIZATION, "roles/iam.securityReviewer", group("gcp-security")),
    Grant(MANAGER + ORGANIZATION, "roles/cloudasset.viewer", group("gcp-security")),
    Grant(MANAGER + ORGANIZATION, "roles/billing.viewer", group("gcp-finance")),
    Grant(MANAGER + ORGANIZATION, "roles/browser", f"domain:{mail('x').partition('@')[2]}"),
    Grant(MANAGER + PROD, "roles/owner", group("gcp-platform-admins")),
    Grant(MANAGER + PROD, "roles/logging.viewer", group("gcp-security")),
    Grant(MANAGER + LAB, "roles/viewer", group("gcp-lab-users")),
    Grant(_DATA, "roles/bigquery.jobUser", group("gcp-data-analysts")),
    Grant(_DATA, "roles/bigquery.jobUser", agent("etl", ANALYTICS), AWS_SINCE),
    Grant(_DATA, "roles/bigquery.jobUser", agent("dbt-runner", ANALYTICS)),
    Grant(_DATA, "roles/bigquery.jobUser", agent("bi-dashboard", ANALYTICS)),
    Grant(_DATA, QUALITY, agent("data-quality", ANALYTICS)),
    Grant(CUSTOMERS, "roles/bigquery.dataViewer", agent("etl", ANALYTICS), AWS_SINCE),  # story 4
    Grant(CUSTOMERS, "roles/bigquery.dataOwner", user("Leila Farouk")),
    Grant(_RAW, "roles/bigquery.dataEditor", agent("etl", ANALYTICS), AWS_SINCE),
    Grant(_RAW, "roles/bigquery.dataViewer", agent("dbt-runner", ANALYTICS)),
    Grant(_MART, "roles/bigquery.dataEditor", agent("dbt-runner", ANALYTICS)),
    Grant(_MART, "roles/bigquery.dataViewer", agent("bi-dashboard", ANALYTICS)),
    Grant(_MART, "roles/bigquery.dataViewer", group("gcp-data-analysts")),
    Grant(_MART, "roles/bigquery.dataViewer", group("gcp-depot-leads")),
    Grant(_LANDING, "roles/storage.objectAdmin", agent("etl", ANALYTICS), AWS_SINCE),
    Grant(_BUILD, "roles/run.invoker", agent("mart-scheduler", ANALYTICS)),
    Grant(account_name("etl", ANALYTICS), "roles/iam.workloadIdentityUser", BRIDGE, AWS_SINCE),  # story 4
    Grant(_TRACK, "roles/container.developer", group("gcp-tracking-developers")),
    Grant(_TRACK, "roles/logging.viewer", group("gcp-tracking-developers")),
    Grant(_TRACK, "roles/monitoring.viewer", group("gcp-tracking-developers")),
    Grant(_TRACK, OPERATOR, user("Aisha Rahman")),
    Grant(_TRACK, "roles/container.defaultNodeServiceAccount", agent("gke-tracking-nodes", TRACKING)),
    Grant(_TRACK, "roles/artifactregistry.reader", agent("gke-tracking-nodes", TRACKING)),
    Grant(_TRACK, "roles/container.developer", agent("ci-deployer", TRACKING)),
    Grant(_TRACK, "roles/container.serviceAgent", _robot(TRACKING, "container-engine-robot")),
    Grant(_TRACK, "roles/compute.serviceAgent", _robot(TRACKING, "compute-system")),
    Grant(_SCANS, "roles/pubsub.publisher", agent("tracking-api", TRACKING)),
    Grant(_INGEST, "roles/pubsub.subscriber", agent("tracking-ingest", TRACKING)),
    Grant(_SECRET, "roles/secretmanager.secretAccessor", agent("carrier-sync", TRACKING), "2025-09-02"),
    Grant(_ARTIFACTS, "roles/storage.objectAdmin", agent("ci-deployer", TRACKING), condition=_RELEASES_ONLY),
    Grant(_STATUS, "roles/storage.objectViewer", "allUsers"),
    Grant(_STATUS, "roles/storage.objectAdmin", agent("status-page", TRACKING)),
    Grant(_MART, "roles/bigquery.dataViewer", agent("eta-predictor", TRACKING), "2026-10-23"),
    Grant(account_name("ci-deployer", TRACKING), "roles/iam.workloadIdentityUser", RELEASES, GITHUB_SINCE),
    Grant(account_name("tracking-api", TRACKING), "roles/iam.workloadIdentityUser", _kubernetes("tracking/api")),
    Grant(account_name("tracking-ingest", TRACKING), "roles/iam.workloadIdentityUser", _kubernetes("tracking/ingest")),
    Grant(account_name("carrier-sync", TRACKING), "roles/iam.workloadIdentityUser", _kubernetes("tracking/carriers")),
    Grant(_LAB, "roles/aiplatform.user", group("gcp-data-scientists")),
    Grant(_LAB, "roles/editor", user("Yara Nassar")),
    Grant(_LAB, "roles/editor", user("Birgit Saar"), "", "2026-04-17"),
    # What Google leaves in a policy when a user is deleted.
    Grant(_LAB, "roles/editor", f"deleted:{user('Birgit Saar')}?uid={digits(21, 'user', 'Birgit Saar')}", "2026-04-17"),
    Grant(_LAB, "roles/notebooks.admin", user("Oskar Vinter"), "2026-05-11", condition=_UNTIL_NEW_YEAR),
    Grant(_LAB, "roles/editor", agent("compute", WORKBENCH), "", "2026-06-08"),
    Grant(_LAB, "roles/aiplatform.user", agent("eta-experiments", WORKBENCH), "2026-04-13"),
    Grant(_SCRATCH, "roles/storage.objectAdmin", agent("notebook", WORKBENCH)),
    Grant(_SCRATCH, "roles/storage.objectViewer", agent("parcel-simulator", WORKBENCH), "", "2026-08-31"),
    Grant(_FEATURES, "roles/bigquery.dataEditor", agent("eta-experiments", WORKBENCH), "2026-04-13"),
    Grant(account_name("notebook", WORKBENCH), "roles/iam.serviceAccountUser", group("gcp-data-scientists")),
)

AUDIT: Mapping[str, list[dict[str, Any]]] = {
    MANAGER + ORGANIZATION: [{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}],
    _DATA: [
        {"service": f"{one}.googleapis.com", "auditLogConfigs": [{"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}]}
        for one in ("bigquery", "storage")
    ],
    _TRACK: [
        {
            "service": "secretmanager.googleapis.com",
            "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": [agent("carrier-sync", TRACKING)]}],
        }
    ],
}
"""Which reads and writes of data are logged, and whose are not."""


def policy(name: str, day: datetime) -> dict[str, Any] | None:
    """The allow policy of a resource on a day; None where it has none."""
    bindings: dict[tuple[str, tuple[str, str] | None], list[str]] = {}
    for one in GRANTS:
        if one.on == name and alive(day, one.since, one.until):
            bindings.setdefault((one.role, one.condition), []).append(one.who)
    if not bindings and name not in AUDIT:
        return None
    found: dict[str, Any] = {
        "version": 3,
        "etag": hexes(16, "etag", name, str(sorted(bindings.items(), key=str))),
        "bindings": [_binding(*key, members) for key, members in sorted(bindings.items(), key=str)],
    }
    return found | ({"auditConfigs": AUDIT[name]} if name in AUDIT else {})


def _binding(role: str, condition: tuple[str, str] | None, members: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"role": role, "members": sorted(members)}
    if condition:
        found["condition"] = {"title": condition[0], "expression": condition[1]}
    return found
