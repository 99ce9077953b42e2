"""The saved calls that translation reads, and those that add nothing to it but are no gap either."""

from __future__ import annotations

READ: dict[str, tuple[str, ...]] = {
    "bedrock-agent": ("get-agent", "get-agent-action-group"),
    "cloudtrail": ("describe-trails", "get-event-selectors"),
    "dynamodb": ("describe-table", "get-resource-policy"),
    "ecr": ("get-repository-policy",),
    "events": ("list-rules", "list-targets-by-rule"),
    "iam": (
        "get-access-key-last-used", "get-account-summary", "get-login-profile", "get-open-id-connect-provider",
        "get-saml-provider", "list-access-keys", "list-mfa-devices", "list-open-id-connect-providers",
        "list-saml-providers", "list-service-specific-credentials", "list-signing-certificates",
        "list-ssh-public-keys", "list-users", "list-virtual-mfa-devices",
    ),
    "identitystore": ("list-group-memberships", "list-groups", "list-users"),
    "iot": (
        "describe-certificate", "describe-role-alias", "get-policy", "list-attached-policies",
        "list-principal-policies", "list-thing-principals", "list-thing-principals-v2", "list-things",
    ),
    "kms": ("get-key-policy",),
    "lambda": ("get-policy", "list-function-url-configs", "list-functions"),
    "organizations": (
        "describe-organization", "describe-policy", "list-accounts", "list-accounts-for-parent",
        "list-organizational-units-for-parent", "list-policies", "list-policies-for-target", "list-roots",
        "list-targets-for-policy",
    ),
    "s3api": (
        "get-bucket-acl", "get-bucket-location", "get-bucket-ownership-controls", "get-bucket-policy",
        "get-bucket-tagging", "get-public-access-block", "list-buckets",
    ),
    "s3control": ("get-public-access-block",),
    "secretsmanager": ("get-resource-policy",),
    "sns": ("get-topic-attributes",),
    "sqs": ("get-queue-attributes",),
    "sso-admin": (
        "describe-permission-set", "get-inline-policy-for-permission-set",
        "get-permissions-boundary-for-permission-set", "list-account-assignments",
        "list-customer-managed-policy-references-in-permission-set", "list-managed-policies-in-permission-set",
    ),
}  # fmt: skip
"""Service → operations whose responses become facts."""

ACCEPTED: dict[str, tuple[str, ...]] = {
    "bedrock-agent": ("list-agents", "list-agent-action-groups", "list-agent-aliases", "list-agent-versions"),
    "cloudtrail": ("get-trail-status", "list-trails"),
    "dynamodb": ("list-tables",),
    "iam": (
        "get-account-password-policy", "list-account-aliases", "list-groups", "list-roles",
    ),
    "iot": ("list-certificates", "list-policies", "list-role-aliases"),
    "kms": ("list-keys", "list-aliases"),
    "organizations": ("list-delegated-administrators", "list-delegated-services-for-account"),
    "sns": ("list-topics",),
    "sqs": ("list-queues",),
    "secretsmanager": ("list-secrets",),
    "sso-admin": ("list-instances", "list-permission-sets", "list-accounts-for-provisioned-permission-set"),
    "sts": ("get-caller-identity",),
}  # fmt: skip
"""Service → operations that only list what other calls describe, or tell whose account it is."""


def known(service: str, operation: str) -> bool:
    """Whether a saved response is of any use."""
    return operation in READ.get(service, ()) or operation in ACCEPTED.get(service, ())
