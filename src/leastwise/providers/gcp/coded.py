"""Which types of Terraform carry which document or attachment of Google Cloud.

The pages of https://registry.terraform.io/providers/hashicorp/google/latest/docs: every resource that takes a policy
has three types, `_iam_member` (one member of one role), `_iam_binding` (all members of one role) and `_iam_policy`
(the whole policy).
"""

from __future__ import annotations

from leastwise.model.coding import Attacher, Blocks, Carrier, Coding

_POLICY = Blocks(
    block="binding",
    key="bindings",
    keys={"role": "role", "members": "members"},
    lists=frozenset(("members",)),
    barred=frozenset(("audit_config", "count", "for_each")),
)
"""`data "google_iam_policy"`."""
_ON = {
    "project": ("project",),
    "folder": ("folder",),
    "organization": ("org_id",),
    "billing_account": ("billing_account_id",),
    "storage_bucket": ("bucket",),
    "service_account": ("service_account_id",),
    "pubsub_topic": ("topic",),
    "pubsub_subscription": ("subscription",),
    "bigquery_dataset": ("dataset_id",),
    "bigquery_table": ("table_id",),
    "kms_crypto_key": ("crypto_key_id",),
    "kms_key_ring": ("key_ring_id",),
    "secret_manager_secret": ("secret_id",),
    "cloud_run_service": ("service",),
    "cloud_run_v2_service": ("name",),
    "cloudfunctions_function": ("cloud_function",),
    "cloudfunctions2_function": ("cloud_function",),
    "artifact_registry_repository": ("repository",),
    "compute_instance": ("instance_name",),
    "compute_subnetwork": ("subnetwork",),
    "spanner_instance": ("instance",),
    "spanner_database": ("database",),
    "bigtable_instance": ("instance",),
    "dataproc_cluster": ("cluster",),
    "notebooks_instance": ("instance_name",),
    "iap_tunnel_instance": ("instance",),
    "iap_web": ("project",),
    "sourcerepo_repository": ("repository",),
}
"""What has a policy, and the attribute that names it."""
_APART = frozenset(("condition",))

CODING = Coding(
    "gcp",
    (
        Carrier("google_project_iam_custom_role", ("permissions",), "bundle", ("role_id",), plain=True),
        Carrier("google_organization_iam_custom_role", ("permissions",), "bundle", ("role_id",), plain=True),
        *(Carrier(f"google_{kind}_iam_policy", ("policy_data",), "resource", (), (on,)) for kind, on in _ON.items()),
    ),
    (
        *(
            Attacher(f"google_{kind}_iam_member", ("role",), to=(("member",),), on=(on,), apart=_APART)
            for kind, on in _ON.items()
        ),
        *(
            Attacher(f"google_{kind}_iam_binding", ("role",), to=(("members",),), on=(on,), apart=_APART)
            for kind, on in _ON.items()
        ),
    ),
    {
        "google_project": "project_id",
        "google_folder": "name",
        "google_storage_bucket": "name",
        "google_service_account": "name",
        "google_pubsub_topic": "name",
        "google_pubsub_subscription": "name",
        "google_bigquery_dataset": "dataset_id",
        "google_secret_manager_secret": "secret_id",
        "google_project_iam_custom_role": "role_id",
        "google_organization_iam_custom_role": "role_id",
    },
    frozenset(("id", "name", "project_id", "dataset_id", "secret_id", "role_id")),
    {"google_iam_policy": ("policy_data", _POLICY)},
    ("id", "name", "email"),
)
"""What code of Google Cloud looks like."""
