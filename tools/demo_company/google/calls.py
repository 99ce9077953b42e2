"""The calls that people and programs of the company make in Google Cloud."""

from __future__ import annotations

from demo_company.google.acts import Call
from demo_company.google.agents import AGENTS
from demo_company.google.places import ANALYTICS, MANAGER, REGION, TRACKING, WORKBENCH, account
from demo_company.google.things import ZONE

_QUERY = "google.cloud.bigquery.v2.JobService."
_AUDITED = "type.googleapis.com/google.cloud.audit.BigQueryAuditMetadata"
_IAM = "//iam.googleapis.com/"


def job(kind: str = "Query") -> Call:
    """A query or load job in bw-analytics."""
    what = {"@type": _AUDITED, "jobInsertion": {"reason": "JOB_INSERT_REQUEST"}}
    return Call("bigquery", f"{_QUERY}{kind}", "bigquery.jobs.create", f"projects/{ANALYTICS}",
                f"{MANAGER}projects/{ANALYTICS}", ANALYTICS, "bigquery_project", {"location": REGION},
                {"metadata": what})  # fmt: skip


def _table(method: str, permission: str, dataset: str, table: str, project: str, what: str) -> Call:
    on = f"projects/{project}/datasets/{dataset}/tables/{table}"
    metadata = {"@type": _AUDITED, what: {"reason": "JOB"}}
    return Call("bigquery", method, permission, on, f"//bigquery.googleapis.com/{on}", project, "bigquery_dataset",
                {"dataset_id": dataset}, {"metadata": metadata})  # fmt: skip


def read(dataset: str, table: str) -> Call:
    """A table that a query read."""
    return _table(f"{_QUERY}InsertJob", "bigquery.tables.getData", dataset, table, ANALYTICS, "tableDataRead")


def write(dataset: str, table: str) -> Call:
    """A table that a job wrote."""
    return _table(f"{_QUERY}InsertJob", "bigquery.tables.updateData", dataset, table, ANALYTICS, "tableDataChange")


def make(dataset: str, table: str) -> Call:
    """A table that is made."""
    return _table("google.cloud.bigquery.v2.TableService.InsertTable", "bigquery.tables.create", dataset, table,
                  ANALYTICS, "tableCreation")  # fmt: skip


def rows(dataset: str, table: str, project: str = ANALYTICS) -> Call:
    """Rows of a table, without a query."""
    return _table("google.cloud.bigquery.v2.TableDataService.List", "bigquery.tables.getData", dataset, table, project,
                  "tableDataRead")  # fmt: skip


def objects(verb: str, bucket: str, key: str, project: str) -> Call:
    """One object of a bucket: `create`, `get`, `list`, `delete`."""
    on = f"projects/_/buckets/{bucket}" + (f"/objects/{key}" if key else "")
    name = f"storage.objects.{verb}"
    return Call("storage", name, name, on, f"//storage.googleapis.com/{bucket}", project, "gcs_bucket",
                {"bucket_name": bucket, "location": REGION})  # fmt: skip


def token(name: str, project: str) -> Call:
    """A token of a service account, for somebody who may become it."""
    return Call("iamcredentials", "GenerateAccessToken", "iam.serviceAccounts.getAccessToken", *_named(name, project),
                project, "service_account", {"email_id": account(name, project)})  # fmt: skip


def _named(name: str, project: str) -> tuple[str, str]:
    """A service account as entries name it, by its unique id, and its full name."""
    unique = next(one.unique for one in AGENTS if (one.name, one.project) == (name, project))
    return f"projects/-/serviceAccounts/{unique}", f"{_IAM}projects/{project}/serviceAccounts/{unique}"


def cluster(verb: str, group: str, kind: str, name: str, sub: str = "") -> Call:
    """A change of an object in the cluster `tracking`, in the namespace of the same name."""
    method = ".".join(("io.k8s", group, kind, *([sub] if sub else []), verb))
    path = group.replace(".", "/")
    on = f"{path}/namespaces/tracking/{kind}/{name}" + (f"/{sub}" if sub else "")
    permission = {("deployments", ""): "container.deployments.update", ("pods", "exec"): "container.pods.exec"}[
        kind, sub
    ]
    inside = f"{kind}/{name}" if kind != "pods" else kind  # pods come and go
    full = (
        f"//container.googleapis.com/projects/{TRACKING}/locations/{REGION}/clusters/tracking/k8s/namespaces/tracking"
    )
    bucket = f"{full}/{inside}"
    return Call("k8s.io", method, permission, on, bucket, TRACKING, "k8s_cluster",
                {"cluster_name": "tracking", "location": REGION}, checked=method)  # fmt: skip


def machine(verb: str) -> Call:
    """Starting or stopping the notebook."""
    on = f"projects/{WORKBENCH}/zones/{ZONE}/instances/notebook-1"
    return Call("compute", f"v1.compute.instances.{verb}", f"compute.instances.{verb}", on,
                f"//compute.googleapis.com/{on}", WORKBENCH, "gce_instance", {"zone": ZONE})  # fmt: skip


def listed(service: str, method: str, permission: str, project: str) -> Call:
    """What a project holds, looked at."""
    return Call(service, method, permission, f"projects/{project}", f"{MANAGER}projects/{project}", project, "project")


def on_account(verb: str, permission: str, name: str, project: str) -> Call:
    """A change of a service account."""
    method, address = f"google.iam.admin.v1.{verb}", account(name, project)
    if verb != "CreateServiceAccount":
        return Call("iam", method, permission, *_named(name, project), project, "service_account")
    answer = {"response": {"email": address, "name": f"projects/{project}/serviceAccounts/{address}"}}
    on = f"projects/{project}"
    return Call("iam", method, permission, on, MANAGER + on, project, "service_account", {}, answer)


def without_key(name: str, project: str, key: str) -> Call:
    """A key of a service account that is deleted; it counts under its account."""
    address = f"projects/{project}/serviceAccounts/{account(name, project)}"  # this method names it by its address
    return Call("iam", "google.iam.admin.v1.DeleteServiceAccountKey", "iam.serviceAccountKeys.delete",
                f"{address}/keys/{key}", _IAM + address, project, "service_account")  # fmt: skip


def let_in(name: str, project: str, role: str, member: str) -> Call:
    """A role on a service account for somebody."""
    delta = {"bindingDeltas": [{"action": "ADD", "role": role, "member": member}]}
    told = {"serviceData": {"@type": "type.googleapis.com/google.iam.v1.logging.AuditData", "policyDelta": delta}}
    return Call("iam", "google.iam.admin.v1.SetIAMPolicy", "iam.serviceAccounts.setIamPolicy", *_named(name, project),
                project, "service_account", {}, told)  # fmt: skip


def pool(name: str, provider: str = "") -> Call:
    """A pool for those from outside, or a provider of it, that is made."""
    below = f"/providers/{provider}" if provider else ""
    kind = "workloadIdentityPoolProviders" if provider else "workloadIdentityPools"
    method = f"google.iam.v1.WorkloadIdentityPools.CreateWorkloadIdentityPool{'Provider' if provider else ''}"
    return Call("iam", method, f"iam.googleapis.com/{kind}.create", name + below, f"{_IAM}{name}{below}", TRACKING,
                "audited_resource")  # fmt: skip


def service(verb: str, project: str, name: str) -> Call:
    """A service of Cloud Run that is made or changed."""
    on = f"projects/{project}/locations/{REGION}/services/{name}"
    method = {"create": "CreateService", "update": "UpdateService"}[verb]
    return Call("run", f"google.cloud.run.v2.Services.{method}", f"run.services.{verb}", on,
                f"//run.googleapis.com/{on}", project, "cloud_run_revision", {"location": REGION})  # fmt: skip


def publish() -> Call:
    """A message, which no audit log has."""
    on = f"projects/{TRACKING}/topics/scans"
    return Call("pubsub", "google.pubsub.v1.Publisher.Publish", "pubsub.topics.publish", on,
                f"//pubsub.googleapis.com/{on}", TRACKING, "pubsub_topic")  # fmt: skip


def pull() -> Call:
    """Messages that are taken, which no audit log has."""
    on = f"projects/{TRACKING}/subscriptions/scans-ingest"
    return Call("pubsub", "google.pubsub.v1.Subscriber.Pull", "pubsub.subscriptions.consume", on,
                f"//pubsub.googleapis.com/{on}", TRACKING, "pubsub_subscription")  # fmt: skip


def secret() -> Call:
    """The carriers' token, of which the log leaves its reader out."""
    on = f"projects/{TRACKING}/secrets/carrier-token/versions/latest"
    return Call("secretmanager", "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion",
                "secretmanager.versions.access", on,
                f"//secretmanager.googleapis.com/projects/{TRACKING}/secrets/carrier-token", TRACKING,
                "audited_resource")  # fmt: skip
