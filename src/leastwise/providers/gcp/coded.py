"""Which types of Terraform carry which document or attachment of Google Cloud.

The pages of https://registry.terraform.io/providers/hashicorp/google/latest/docs: every resource that takes a policy
has three types, `_iam_member` (one member of one role), `_iam_binding` (all members of one role) and `_iam_policy`
(the whole policy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from leastwise.model.coding import Attacher, Carrier, Coding, Made

_RESOURCES = "//cloudresourcemanager.googleapis.com/"
_AT = {
    "project": ("project", "", f"{_RESOURCES}projects/{{project}}", "{project}"),
    "folder": ("folder", "", f"{_RESOURCES}{{folder}}", "{folder}"),
    "organization": ("org_id", "", f"{_RESOURCES}organizations/{{org_id}}", "{org_id}"),
    "billing_account": ("billing_account_id", "", "", ""),
    "storage_bucket": ("bucket", "", "//storage.googleapis.com/{bucket}", "b/{bucket}"),
    "service_account": ("service_account_id", "", "//iam.googleapis.com/{service_account_id}", "{service_account_id}"),
    "pubsub_topic": ("topic", "projects/{project}/topics/{topic}", "pubsub", ""),
    "pubsub_subscription": ("subscription", "projects/{project}/subscriptions/{subscription}", "pubsub", ""),
    "bigquery_dataset": ("dataset_id", "projects/{project}/datasets/{dataset_id}", "bigquery", ""),
    "bigquery_table": ("table_id", "projects/{project}/datasets/{dataset_id}/tables/{table_id}", "bigquery", ""),
    "kms_crypto_key": ("crypto_key_id", "", "//cloudkms.googleapis.com/{crypto_key_id}", "{crypto_key_id}"),
    "kms_key_ring": ("key_ring_id", "", "//cloudkms.googleapis.com/{key_ring_id}", "{key_ring_id}"),
    "secret_manager_secret": ("secret_id", "projects/{project}/secrets/{secret_id}", "secretmanager", ""),
    "cloud_run_service": ("service", "projects/{project}/locations/{location}/services/{service}", "", ""),
    "cloud_run_v2_service": ("name", "projects/{project}/locations/{location}/services/{name}", "run", ""),
    "cloudfunctions_function": (
        "cloud_function", "projects/{project}/locations/{region}/functions/{cloud_function}", "", ""),
    "cloudfunctions2_function": (
        "cloud_function", "projects/{project}/locations/{location}/functions/{cloud_function}", "cloudfunctions", ""),
    "artifact_registry_repository": (
        "repository", "projects/{project}/locations/{location}/repositories/{repository}", "artifactregistry", ""),
    "compute_instance": ("instance_name", "projects/{project}/zones/{zone}/instances/{instance_name}", "compute", ""),
    "compute_subnetwork": (
        "subnetwork", "projects/{project}/regions/{region}/subnetworks/{subnetwork}", "compute", ""),
    "spanner_instance": ("instance", "projects/{project}/instances/{instance}", "spanner", ""),
    "spanner_database": ("database", "projects/{project}/instances/{instance}/databases/{database}", "spanner", ""),
    "bigtable_instance": ("instance", "projects/{project}/instances/{instance}", "bigtableadmin", ""),
    "dataproc_cluster": ("cluster", "projects/{project}/regions/{region}/clusters/{cluster}", "dataproc", ""),
    "notebooks_instance": (
        "instance_name", "projects/{project}/locations/{location}/instances/{instance_name}", "notebooks", ""),
    "iap_tunnel_instance": ("instance", "projects/{project}/zones/{zone}/instances/{instance}", "", ""),
    "iap_web": ("project", "", "", ""),
    "sourcerepo_repository": ("repository", "projects/{project}/repos/{repository}", "", ""),
}  # fmt: skip
"""What has a policy: the attribute that names it, its full name by all attributes that tell it, how assets name it (or
the service alone, before the full name), and how an import does where that is not the full name.
"""
_HOLE = re.compile(r"\\\{(\w+)\\\}")
_SHAPES = {
    "folder": r"folders/[^/]+",
    "service_account_id": r"projects/[^/]+/serviceAccounts/[^/]+",
    "crypto_key_id": r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+",
    "key_ring_id": r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+",
}
_TERMS = (("condition", "title"), ("condition", "expression"))


def _attachers() -> Iterator[Attacher]:
    for kind, (on, at, _, _) in _AT.items():
        head, where = f"google_{kind}_iam", ((on,),)
        yield Attacher(f"{head}_member", ("role",), to=(("member",),), on=where, at=at, terms=_TERMS)
        yield Attacher(f"{head}_binding", ("role",), to=(("members",),), on=where, at=at, terms=_TERMS, closed="bundle")
        yield Attacher(
            f"{head}_policy", ("role",), to=(("members",),), on=where, at=at, terms=_TERMS, closed="scope",
            within="policy_data", block="binding",
        )  # fmt: skip


def _made() -> Iterator[Made]:
    """New bindings of one member, by what they are on."""
    for kind, (on, at, asset, imported) in _AT.items():
        if not asset:
            continue
        named = asset if "{" in asset else f"//{asset}.googleapis.com/{at}"
        holes = [one.strip("{}") for one in re.findall(r"\{\w+\}", at or f"{{{on}}}")]
        pattern = _HOLE.sub(lambda one: f"(?P<{one[1]}>{_SHAPES.get(one[1], '[^/]+')})", re.escape(named))
        attributes = {**{one: f"{{{one}}}" for one in holes}, "role": "{policy}", "member": "{owner}"}
        whole = f"{imported or at} {{policy}} {{owner}}"
        yield Made("attachment", "identity", f"google_{kind}_iam_member", attributes, whole, on=pattern)
    body = {"title": ("title",), "description": ("description",), "permissions": ("includedPermissions",)}
    for kind, on in (("project", "project"), ("organization", "org_id")):
        yield Made(
            "document", "bundle", f"google_{kind}_iam_custom_role", {on: f"{{{on}}}", "role_id": "{role_id}"}, "{id}",
            on=rf"{kind}s/(?P<{on}>[^/]+)/roles/(?P<role_id>[^/]+)", taken=body, refers="id",
        )  # fmt: skip


_EMAIL = "{account_id}@{project}.iam.gserviceaccount.com"
_PLACED = "projects/{project}/locations/{location}"
_FORMS: dict[str, dict[str, tuple[str, ...]]] = {
    "google_service_account": {
        "email": (_EMAIL,),
        "member": ("serviceAccount:{email}",),
        "name": ("projects/{project}/serviceAccounts/{email}",),
        "id": ("projects/{project}/serviceAccounts/{email}",),
        "account_id": ("{account_id}",),
    },
    "google_project": {"project_id": ("{project_id}",), "id": ("projects/{project_id}",)},
    "data.google_project": {"project_id": ("{project_id}", "{project}"), "id": ("projects/{project_id}",)},
    "data.google_client_config": {"project": ("{project}",)},
    "google_storage_bucket": {"name": ("{name}",), "id": ("{name}",)},
    "google_bigquery_dataset": {
        "dataset_id": ("{dataset_id}",),
        "id": ("projects/{project}/datasets/{dataset_id}",),
    },
    "google_pubsub_topic": {"name": ("{name}",), "id": ("projects/{project}/topics/{name}",)},
    "google_pubsub_subscription": {"name": ("{name}",), "id": ("projects/{project}/subscriptions/{name}",)},
    "google_secret_manager_secret": {
        "secret_id": ("{secret_id}",),
        "id": ("projects/{project}/secrets/{secret_id}",),
    },
    "google_kms_key_ring": {"id": (_PLACED + "/keyRings/{name}",)},
    "google_kms_crypto_key": {"id": ("{key_ring}/cryptoKeys/{name}",)},
    "google_cloud_run_service": {"name": ("{name}",)},
    "google_cloud_run_v2_service": {"name": ("{name}",), "id": (_PLACED + "/services/{name}",)},
    "google_cloudfunctions_function": {"name": ("{name}",)},
    "google_cloudfunctions2_function": {"name": ("{name}",), "id": (_PLACED + "/functions/{name}",)},
    "google_artifact_registry_repository": {
        "name": ("{repository_id}",),
        "repository_id": ("{repository_id}",),
        "id": (_PLACED + "/repositories/{repository_id}",),
    },
    "google_project_iam_custom_role": dict.fromkeys(("id", "name"), ("projects/{project}/roles/{role_id}",)),
    "google_organization_iam_custom_role": dict.fromkeys(("id", "name"), ("organizations/{org_id}/roles/{role_id}",)),
}
"""Attributes that a resource tells, as the page of each says."""

CODING = Coding(
    "gcp",
    tuple(
        Carrier(
            f"google_{kind}_iam_custom_role",
            ("permissions",),
            "bundle",
            ("role_id",),
            plain=True,
            taken=("includedPermissions",),
        )
        for kind in ("project", "organization")
    ),
    tuple(_attachers()),
    {
        "google_project": "project_id",
        "google_folder": "name",
        "google_storage_bucket": "name",
        "google_service_account": "account_id",
        "google_pubsub_topic": "name",
        "google_pubsub_subscription": "name",
        "google_bigquery_dataset": "dataset_id",
        "google_secret_manager_secret": "secret_id",
        "google_project_iam_custom_role": "role_id",
        "google_organization_iam_custom_role": "role_id",
    },
    frozenset(("project_id", "dataset_id", "secret_id", "role_id")),
    identifies=("id", "name", "email"),
    made=tuple(_made()),
    forms=_FORMS,
    defaults=frozenset({"project"}),
)
"""What code of Google Cloud looks like."""
