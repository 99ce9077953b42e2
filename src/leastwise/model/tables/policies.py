"""What is granted: documents, their statements, policies, and what they are attached to."""

from __future__ import annotations

from .schema import TableSpec, column

DOCUMENTS = TableSpec(
    "documents",
    "a distinct policy document, interned by content; other tables point at its row number",
    (
        column(
            "hash",
            "string",
            "SHA-256 of its canonical JSON (sorted keys, no spaces), or of its bytes if unsupported",
        ),
        column("text", "binary", "the document's bytes as read (after URL decoding)"),
        column("unsupported", "string?", "why it cannot be evaluated; null when it can"),
        column("statements", "int", "number of statements"),
        column("admin", "bool?", "has an unconditional Allow of every action on every resource"),
        column(
            "admin_conditional", "bool?", "has an Allow of (nearly) every action on every resource under a condition"
        ),
        column("admin_nearly", "bool?", "has an unconditional Allow of nearly everything, by NotAction or NotResource"),
        column("admin_rest", "bool?", "has an unconditional Allow of everything but IAM, by NotAction or NotResource"),
        column("admin_iam", "bool?", "has an unconditional Allow of every IAM action on every resource"),
        column("rewrites_iam", "bool?", "an unconditional Allow lets the holder rewrite or attach any IAM policy"),
        column("wildcard", "bool?", "one Allow names a whole service (or more) on every resource of it"),
        column("wildcard_actions", "bool?", "an Allow names * or service:*, or uses NotAction"),
        column(
            "wildcard_resources",
            "bool?",
            "an Allow reaches * or uses NotResource",
        ),
        column("conditional", "bool?", "every Allow has a condition"),
        column("privileged", "bool?", "the vendor calls what it gives privileged; null where nothing tells it"),
        column("denies", "bool?", "has a Deny"),
        column(
            "denies_admin", "bool?", "has a Deny that can match what makes an administrator: iam, sts, organizations"
        ),
        column(
            "actions",
            "strings",
            "distinct action patterns of Allow statements; NotAction patterns start with !",
        ),
    ),
)

STATEMENTS = TableSpec(
    "statements",
    "a statement of a document",
    (
        column("document", "int", "row in documents"),
        column("position", "int", "index in the document"),
        column("sid", "string?", "Sid"),
        column("effect", "string", "Allow or Deny"),
        column("actions", "strings", "Action patterns, or the bundle that a binding gives"),
        column("not_actions", "strings", "NotAction patterns"),
        column("resources", "strings", "Resource patterns"),
        column("not_resources", "strings", "NotResource patterns"),
        column(
            "principals", "strings", "Principal entries as TYPE=value (AWS=…, Service=…, Federated=…, *=*), or members"
        ),
        column("not_principals", "strings", "NotPrincipal entries as TYPE=value"),
        column("condition", "string?", "Condition block as canonical JSON"),
    ),
)

POLICIES = TableSpec(
    "policies",
    "a version of a permission bundle (managed policy, permission set, guardrail)",
    (
        column("id", "string", "ARN"),
        column("account", "string?", "account that owns it; null when the vendor does"),
        column("name", "string", "name"),
        column(
            "kind",
            "string",
            "managed_aws, managed_customer, permission_set, scp, rcp, iot, inline, basic_role, predefined_role, "
            "custom_role, deny_policy, principal_access_boundary, access_policy, organization_policy, entitlement, "
            "resource_role (of a system of its own within a resource), directory_role, custom_directory_role, "
            "application_permission, delegated_permission, ownership, membership",
        ),
        column("version", "string", "version id"),
        column("default", "bool", "is the version in force"),
        column("document", "int", "row in documents"),
        column("created", "time?", "creation"),
        column("updated", "time?", "last change"),
        column("source", "string", "where it was read"),
    ),
)

ATTACHMENTS = TableSpec(
    "attachments",
    "a document in force somewhere",
    (
        column("account", "string", "account it acts in, or organization for guardrails"),
        column(
            "layer",
            "string",
            "identity, boundary, resource, trust, scp, rcp, endpoint, device, allow (bundles for whom the statements "
            "name), eligible (the same on request), requested (what came of it), application (what was granted to it "
            "as an application), delegated (what it may do for a user who may do it), ownership, deny, "
            "principal_access_boundary, access_policy, organization_policy",
        ),
        column(
            "kind",
            "string",
            "managed_aws, managed_customer, inline, permission_set, resource, kms_grant, acl, trust, scp, rcp, iot, "
            "allow_policy, deny_policy, principal_access_boundary, access_policy, organization_policy, entitlement, "
            "entitlement_grant, role_assignment, activated_assignment, eligible_assignment, delegation, role_request, "
            "resource_role, deny_assignment, app_role_assignment, delegated_grant, owner, activated_owner, "
            "unread (something in force that was not read)",
        ),
        column("target", "string", "principal, resource or scope that it is attached to"),
        column("policy", "string", "ARN of the policy, or the name of an inline policy, or the id of a grant"),
        column("document", "int?", "row in documents; null when the export names a policy without its document"),
        column("condition", "string?", "whom of the target it binds, as canonical JSON; null for all"),
        column("direct", "bool", "of a group that it names only the direct members have it, and none of its groups'"),
        column("until", "time?", "when it ends; null for never, or where that is not told"),
        column(
            "requires",
            "string?",
            "of what can be had on request: what must be done for it (mfa, authentication_context, justification, "
            "ticket, approval), and how long it lasts then (at most PT8H); null where that is not told",
        ),
        column("source", "string", "where it was read"),
    ),
)
