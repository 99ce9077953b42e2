"""The saved calls that translation reads, and those that add nothing to it but are no gap either."""

from __future__ import annotations

READ: dict[str, tuple[str, ...]] = {
    "apigateway": ("get-account", "get-rest-apis"),
    "apigatewayv2": ("get-apis",),
    "apprunner": ("describe-service",),
    "backup": ("get-backup-vault-access-policy", "list-backup-vaults"),
    "batch": ("describe-compute-environments", "describe-job-definitions"),
    "bedrock-agent": ("get-agent", "get-agent-action-group"),
    "cloudformation": ("describe-stacks",),
    "cloudtrail": ("describe-trails", "get-event-data-store", "get-event-selectors", "get-trail-status"),
    "codebuild": ("batch-get-projects",),
    "cognito-identity": ("describe-identity-pool", "get-identity-pool-roles", "get-principal-tag-attribute-map"),
    "dynamodb": ("describe-table", "get-resource-policy"),
    "ec2": (
        "describe-iam-instance-profile-associations", "describe-instances", "describe-network-interfaces",
        "describe-security-groups", "describe-vpc-endpoints",
    ),
    "ecr": ("describe-repositories", "get-registry-policy", "get-repository-policy"),
    "ecs": ("describe-services", "describe-task-definition", "describe-tasks"),
    "efs": ("describe-file-system-policy", "describe-file-systems"),
    "eks": (
        "describe-access-entry", "describe-cluster", "describe-pod-identity-association",
        "list-associated-access-policies",
    ),
    "events": ("list-event-buses", "list-rules", "list-targets-by-rule"),
    "glue": ("get-crawlers", "get-jobs", "get-resource-policies"),
    "iam": (
        "get-access-key-last-used", "get-account-password-policy", "get-account-summary", "get-login-profile",
        "get-open-id-connect-provider", "get-saml-provider", "get-service-last-accessed-details",
        "get-service-last-accessed-details-with-entities", "list-access-keys", "list-account-aliases",
        "list-mfa-devices", "list-open-id-connect-providers", "list-saml-providers", "list-server-certificates",
        "list-service-specific-credentials", "list-signing-certificates", "list-ssh-public-keys", "list-users",
        "list-virtual-mfa-devices",
    ),
    "identitystore": ("list-group-memberships", "list-groups", "list-users"),
    "iot": (
        "describe-certificate", "describe-role-alias", "describe-thing-group", "get-policy", "list-attached-policies",
        "list-certificates", "list-principal-policies", "list-targets-for-policy", "list-thing-groups",
        "list-thing-principals", "list-thing-principals-v2", "list-things", "list-things-in-thing-group",
    ),
    "kms": ("describe-key", "get-key-policy", "list-aliases", "list-grants", "list-resource-tags"),
    "lambda": (
        "get-layer-version-policy", "get-policy", "list-aliases", "list-function-url-configs", "list-functions",
        "list-layer-versions",
    ),
    "logs": ("describe-destinations", "describe-resource-policies"),
    "opensearch": ("describe-domains",),
    "organizations": (
        "describe-organization", "describe-policy", "describe-resource-policy", "list-accounts",
        "list-accounts-for-parent", "list-delegated-services-for-account", "list-organizational-units-for-parent",
        "list-policies", "list-policies-for-target", "list-roots", "list-targets-for-policy",
    ),
    "rolesanywhere": ("list-profiles", "list-trust-anchors"),
    "s3api": (
        "get-bucket-acl", "get-bucket-location", "get-bucket-ownership-controls", "get-bucket-policy",
        "get-bucket-tagging", "get-public-access-block", "list-buckets",
    ),
    "s3control": ("get-access-point", "get-access-point-policy", "get-public-access-block"),
    "sagemaker": (
        "describe-domain", "describe-endpoint", "describe-endpoint-config", "describe-model",
        "describe-notebook-instance", "describe-training-job", "describe-user-profile",
    ),
    "scheduler": ("get-schedule",),
    "secretsmanager": ("get-resource-policy", "list-secrets"),
    "sesv2": ("get-email-identity-policies", "list-email-identities"),
    "sns": ("get-topic-attributes",),
    "sqs": ("get-queue-attributes",),
    "ssm": ("describe-activations",),
    "sso-admin": (
        "describe-permission-set", "get-inline-policy-for-permission-set",
        "get-permissions-boundary-for-permission-set", "list-account-assignments",
        "list-customer-managed-policy-references-in-permission-set", "list-instances",
        "list-managed-policies-in-permission-set",
    ),
    "stepfunctions": ("describe-state-machine",),
}  # fmt: skip
"""Service → operations whose responses become facts."""

ACCEPTED: dict[str, tuple[str, ...]] = {
    "apprunner": ("list-services",),
    "bedrock-agent": ("list-agent-action-groups", "list-agent-aliases", "list-agent-versions", "list-agents"),
    "cloudtrail": ("list-event-data-stores", "list-trails"),
    "codebuild": ("list-projects",),
    "cognito-identity": ("list-identity-pools",),
    "dynamodb": ("list-tables",),
    "ecs": ("list-clusters", "list-services", "list-tasks"),
    "eks": ("list-access-entries", "list-clusters", "list-pod-identity-associations"),
    "iam": (
        "generate-credential-report", "list-groups", "list-roles",
    ),
    "iot": ("list-policies", "list-role-aliases"),
    "kms": ("list-keys",),
    "lambda": ("list-layers",),
    "opensearch": ("list-domain-names",),
    "organizations": ("list-delegated-administrators",),
    "s3control": ("list-access-points",),
    "sagemaker": (
        "list-domains", "list-endpoints", "list-notebook-instances", "list-training-jobs", "list-user-profiles",
    ),
    "scheduler": ("list-schedules",),
    "sns": ("list-topics",),
    "sqs": ("list-queues",),
    "sso-admin": ("list-accounts-for-provisioned-permission-set", "list-permission-sets"),
    "stepfunctions": ("list-state-machines",),
    "sts": ("get-caller-identity",),
}  # fmt: skip
"""Service → operations that only list what other calls describe, or tell whose account it is."""


def known(service: str, operation: str) -> bool:
    """Whether a saved response is of any use."""
    return operation in READ.get(service, ()) or operation in ACCEPTED.get(service, ())
