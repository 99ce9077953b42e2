"""What holds for everybody: organization policies, a deny policy, a principal access boundary, custom roles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from demo_company.clock import alive, moment
from demo_company.google.places import CUSTOMER, LAB, MANAGER, ORGANIZATION, PROD, TRACKING, group, mail

OPERATOR = f"{ORGANIZATION}/roles/trackingOperator"
QUALITY = "projects/bw-analytics/roles/dataQuality"
ROLES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    OPERATOR: ("Tracking operator", "Restarts what is stuck", "2024-05-06", (
        "container.clusters.get", "container.clusters.list", "container.pods.delete", "container.pods.get",
        "container.pods.list", "run.services.get", "run.services.list",
    )),
    QUALITY: ("Data quality", "Looks at tables, not into them", "2025-03-10", (
        "bigquery.datasets.get", "bigquery.tables.get", "bigquery.tables.list",
    )),
}  # fmt: skip
"""Custom roles: title, description, first day, permissions."""

_POLICIES = (
    (ORGANIZATION, "iam.allowedPolicyMemberDomains", "2024-03-04", {"values": {"allowedValues": [CUSTOMER]}}),
    (PROD, "iam.disableServiceAccountKeyCreation", "2026-09-14", {"enforce": True}),
    (ORGANIZATION, "iam.automaticIamGrantsForDefaultServiceAccounts", "2025-01-20", {"enforce": True}),
    (LAB, "compute.vmExternalIpAccess", "2025-01-20", {"denyAll": True}),
    (f"projects/{TRACKING}", "storage.publicAccessPrevention", "2024-09-02", {"enforce": False}),
)
DENY_SINCE, BOUNDARY_SINCE = "2026-02-02", "2026-06-15"
BOUNDARY = f"{ORGANIZATION}/locations/global/principalAccessBoundaryPolicies/only-brightwater"


def roles(day: datetime) -> dict[str, dict[str, Any]]:
    """Custom roles by name, as the API tells of them."""
    return {
        name: {"name": name, "title": title, "description": says, "includedPermissions": list(held), "stage": "GA"}
        for name, (title, says, since, held) in ROLES.items()
        if alive(day, since, "")
    }


def organization_policies(day: datetime) -> list[dict[str, Any]]:
    """As `gcloud org-policies list` writes them."""
    return [
        {
            "name": f"{node}/policies/{constraint}",
            "spec": {"updateTime": f"{moment(since, node, constraint):%Y-%m-%dT%H:%M:%SZ}", "rules": [rule]},
        }
        for node, constraint, since, rule in _POLICIES
        if alive(day, since, "")
    ]


def deny_policies(day: datetime) -> list[dict[str, Any]]:
    """As `gcloud iam policies get --kind=denypolicies` writes it: nobody but administrators makes keys."""
    point = f"cloudresourcemanager.googleapis.com%2F{ORGANIZATION.replace('/', '%2F')}"
    found = {
        "name": f"policies/{point}/denypolicies/no-keys-in-files",
        "kind": "DenyPolicy",
        "displayName": "Keys of service accounts are made by the platform team alone",
        "createTime": f"{moment(DENY_SINCE, 'deny'):%Y-%m-%dT%H:%M:%SZ}",
        "rules": [
            {
                "description": "Nobody else makes or uploads a key",
                "denyRule": {
                    "deniedPrincipals": ["principalSet://goog/public:all"],
                    "exceptionPrincipals": [f"principalSet://goog/group/{mail('gcp-platform-admins')}"],
                    "deniedPermissions": [
                        "iam.googleapis.com/serviceAccountKeys.create",
                        "iam.googleapis.com/serviceAccountKeys.upload",
                    ],
                },
            }
        ],
    }
    return [found] if alive(day, DENY_SINCE, "") else []


def boundaries(day: datetime) -> list[dict[str, Any]]:
    """As `gcloud iam principal-access-boundary-policies list` writes it: our people stay in our organization."""
    found = {
        "name": BOUNDARY,
        "displayName": "Only Brightwater's own resources",
        "createTime": f"{moment(BOUNDARY_SINCE, 'boundary'):%Y-%m-%dT%H:%M:%SZ}",
        "details": {
            "enforcementVersion": "1",
            "rules": [{"description": "Ours", "effect": "ALLOW", "resources": [MANAGER + ORGANIZATION]}],
        },
    }
    return [found] if alive(day, BOUNDARY_SINCE, "") else []


def boundary_bindings(day: datetime) -> list[dict[str, Any]]:
    """As `gcloud iam policy-bindings list` writes it."""
    found = {
        "name": f"{ORGANIZATION}/locations/global/policyBindings/everybody",
        "policyKind": "PRINCIPAL_ACCESS_BOUNDARY",
        "policy": BOUNDARY,
        "target": {"principalSet": MANAGER + ORGANIZATION},
    }
    return [found] if alive(day, BOUNDARY_SINCE, "") else []


def entitlements() -> list[dict[str, Any]]:
    """As `gcloud pam entitlements list` writes it: an administrator of bw-tracking for two hours, if another agrees."""
    return [
        {
            "name": f"projects/{TRACKING}/locations/global/entitlements/incident",
            "state": "AVAILABLE",
            "maxRequestDuration": "7200s",
            "eligibleUsers": [{"principals": [group("gcp-tracking-developers")]}],
            "privilegedAccess": {
                "gcpIamAccess": {
                    "resourceType": "cloudresourcemanager.googleapis.com/Project",
                    "resource": f"{MANAGER}projects/{TRACKING}",
                    "roleBindings": [{"role": "roles/container.admin"}],
                }
            },
            "approvalWorkflow": {
                "manualApprovals": {
                    "requireApproverJustification": True,
                    "steps": [{"approvalsNeeded": 1, "approvers": [{"principals": [group("gcp-platform-admins")]}]}],
                }
            },
        }
    ]
