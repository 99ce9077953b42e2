"""Identity pools: who from outside Google Cloud comes in, and as whom policies name them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from demo_company import ids
from demo_company.clock import alive
from demo_company.google.places import ANALYTICS, NUMBERS, TRACKING

AWS_SINCE, GITHUB_SINCE = "2026-05-04", "2026-07-20"
AWS_POOL = f"projects/{NUMBERS[ANALYTICS]}/locations/global/workloadIdentityPools/aws-prod"
GITHUB_POOL = f"projects/{NUMBERS[TRACKING]}/locations/global/workloadIdentityPools/github"
REPOSITORY = "brightwater-parcel/tracking"
BRIDGE = (
    f"principalSet://iam.googleapis.com/{AWS_POOL}/attribute.aws_role/arn:aws:sts::{ids.PROD}:assumed-role/etl-bridge"
)
"""Every session of the AWS role etl-bridge."""
RELEASES = f"principalSet://iam.googleapis.com/{GITHUB_POOL}/attribute.repository/{REPOSITORY}"
"""Every workflow of one repository."""

_ROLE = (
    "assertion.arn.contains('assumed-role') ? assertion.arn.extract('{account_arn}assumed-role/') + 'assumed-role/' + "
    "assertion.arn.extract('assumed-role/{role_name}/') : assertion.arn"
)


def pools(project: str, day: datetime) -> list[dict[str, Any]]:
    """As `gcloud iam workload-identity-pools list` writes them."""
    found = {ANALYTICS: (AWS_POOL, AWS_SINCE, "aws-prod"), TRACKING: (GITHUB_POOL, GITHUB_SINCE, "GitHub")}
    if project not in found or not alive(day, found[project][1], ""):
        return []
    name, _, says = found[project]
    return [{"name": name, "displayName": says, "state": "ACTIVE"}]


def providers(pool: str) -> list[dict[str, Any]]:
    """As `gcloud iam workload-identity-pools providers list` writes them."""
    if pool == AWS_POOL:
        return [
            {
                "name": f"{AWS_POOL}/providers/bw-prod",
                "displayName": "AWS account bw-prod",
                "state": "ACTIVE",
                "attributeMapping": {"google.subject": "assertion.arn", "attribute.aws_role": _ROLE},
                "aws": {"accountId": ids.PROD},
            }
        ]
    return [
        {
            "name": f"{GITHUB_POOL}/providers/actions",
            "displayName": "GitHub Actions",
            "state": "ACTIVE",
            "attributeMapping": {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"},
            "attributeCondition": f"assertion.repository == '{REPOSITORY}' && assertion.ref == 'refs/heads/main'",
            "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
        }
    ]
