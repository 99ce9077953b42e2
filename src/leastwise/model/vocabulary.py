"""The words that columns of tables may hold, where a typo in a question would otherwise read as "nobody"."""

from __future__ import annotations

ADMIN = ("yes", "conditional", "limited", "no", "unknown")
"""How far a principal is an administrator: `identities.admin`."""

PUBLIC = ("yes", "conditional", "blocked", "no", "unknown")
"""Whether anyone may use a resource: `resources_view.public`."""

PRINCIPAL_KINDS = (
    "human", "workload", "service_linked", "identity_center_role", "cross_account", "federated", "group", "root",
    "device", "agent", "provider_service", "external", "deleted", "unknown",
)  # fmt: skip
"""Kinds of principals (DESIGN §7)."""

CREDENTIAL_KINDS = (
    "access_key", "password", "mfa", "certificate", "signing_certificate", "server_certificate", "ssh_key",
    "service_password", "cognito_identity", "service_account_key", "uploaded_key", "system_managed_key",
    "federated_credential", "application_password", "application_certificate",
)  # fmt: skip
"""Kinds of credentials."""

GRANT_KINDS = (
    "managed_aws", "managed_customer", "inline", "permission_set", "resource", "kms_grant", "acl", "trust", "scp",
    "rcp", "iot", "unread", "basic_role", "predefined_role", "custom_role", "unknown_role", "allow_policy",
    "deny_policy", "principal_access_boundary", "access_policy", "organization_policy", "entitlement",
    "entitlement_grant", "deny_assignment", "resource_role", "directory_role", "custom_directory_role",
    "application_permission", "delegated_permission", "ownership", "membership",
)  # fmt: skip
"""Kinds of grants."""

REQUEST_KINDS = ("role_request", "entitlement_grant")
"""Kinds of requests for access."""

REQUEST_ACTIONS = ("activate", "deactivate", "assign", "update", "remove", "extend", "renew")
"""What a request can ask for: `requests.action`."""

REQUEST_STATUSES = (
    "pending", "granted", "denied", "canceled", "expired", "failed", "revoked", "unknown",
)  # fmt: skip
"""What came of a request: `requests.status`; expired where nobody decided in time."""
