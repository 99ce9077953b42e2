"""The tables of a snapshot and of its read models: names, columns, meaning.

Kinds of columns: `string`, `bool`, `int`, `time` (UTC, microseconds), `binary`, `strings` (list of strings),
`tags` (map of string to string). `optional` columns may be null, and null always means *not known*, never *no*.
"""

from __future__ import annotations

from dataclasses import dataclass

from .vocabulary import CREDENTIAL_KINDS, PRINCIPAL_KINDS, PUBLIC

SCHEMA_VERSION = 4
"""Raised when a column changes its meaning; an older snapshot is then translated again from its raw documents."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind and what it says."""

    name: str
    kind: str
    doc: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: its name, what one row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(column.name for column in self.columns)


def _c(name: str, kind: str, doc: str) -> Column:
    return Column(name, kind.removesuffix("?"), doc, kind.endswith("?"))


# --- facts: what translation writes ------------------------------------------------------------------------------

SCOPES = TableSpec(
    "scopes",
    "a tenant, container or account of the hierarchy that this snapshot tells of",
    (
        _c("id", "string", "vendor id: o-…, r-…, ou-…, twelve digits"),
        _c("kind", "string", "organization, root, organizational_unit, account"),
        _c("name", "string?", "display name"),
        _c("parent", "string?", "id of the scope above"),
        _c("tenant", "string?", "id of the organization"),
        _c("status", "string?", "the vendor's state, ACTIVE or SUSPENDED"),
        _c("management", "bool?", "true for the organization's management account"),
        _c("tags", "tags", "tags"),
        _c("source", "string", "where it was read"),
    ),
)

PRINCIPALS = TableSpec(
    "principals",
    "an identity",
    (
        _c("id", "string", "ARN or the vendor's own id; unique in the snapshot"),
        _c("account", "string", "account or tenant that holds it"),
        _c(
            "kind",
            "string",
            ", ".join(PRINCIPAL_KINDS),
        ),
        _c("name", "string", "the vendor's name"),
        _c("path", "string", "vendor path, / when there is none"),
        _c("unique_id", "string?", "AIDA…, AROA…; survives renames, differs after re-creation"),
        _c("native", "string", "the vendor's noun: user, role, group, identity_center_user, thing …"),
        _c("created", "time?", "creation"),
        _c("last_used", "time?", "last use known to the vendor at collection"),
        _c("last_used_known", "bool", "the vendor was asked: a null last_used then means never in its window"),
        _c("last_used_region", "string?", "region of the last use"),
        _c("console", "bool?", "can sign in to the console with a password"),
        _c("mfa", "bool?", "has an MFA device"),
        _c("mfa_hardware", "bool?", "has a hardware MFA device (security key or token)"),
        _c("keys_known", "bool", "the vendor was asked for its access keys: none among the credentials means none"),
        _c("enabled", "bool?", "false when disabled"),
        _c("mail", "string?", "mail address, for linking people"),
        _c("boundary", "string?", "id of its permissions boundary"),
        _c("trust", "int?", "row in documents of its trust policy"),
        _c("tags", "tags", "tags"),
        _c("source", "string", "where it was read"),
    ),
)

CREDENTIALS = TableSpec(
    "credentials",
    "something that proves an identity",
    (
        _c(
            "id",
            "string",
            "access key id, serial number, certificate id; ARN#kind where the vendor gives none",
        ),
        _c("account", "string", "account that holds it"),
        _c("principal", "string", "id of its principal"),
        _c(
            "kind",
            "string",
            ", ".join(CREDENTIAL_KINDS),
        ),
        _c("active", "bool?", "usable"),
        _c("created", "time?", "creation or last rotation"),
        _c("last_used", "time?", "last use known to the vendor"),
        _c("last_used_known", "bool", "the vendor was asked: a null last_used then means never"),
        _c("last_used_service", "string?", "service of the last use"),
        _c("last_used_region", "string?", "region of the last use"),
        _c("expires", "time?", "end of validity"),
        _c("hardware", "bool?", "bound to hardware"),
        _c("source", "string", "where it was read"),
    ),
)

RESOURCES = TableSpec(
    "resources",
    "a thing that access is about",
    (
        _c("id", "string", "ARN or the vendor's own id; unique in the snapshot"),
        _c("account", "string", "account that holds it"),
        _c("kind", "string", "service:type, as s3:bucket, kms:key, lambda:function"),
        _c("name", "string", "short name"),
        _c("region", "string?", "region"),
        _c("created", "time?", "creation"),
        _c("policy", "int?", "row in documents of its resource policy"),
        _c(
            "policy_known",
            "bool",
            "the vendor was asked for a resource policy: a null policy then means none",
        ),
        _c(
            "opening",
            "string?",
            "how far its policies open it: none, conditional (everyone, under a condition), everyone; "
            "null when one was not read",
        ),
        _c("opened_by", "string", "the statement that opens it widest; empty when none does"),
        _c(
            "restrictable",
            "bool",
            "a policy names everyone and is public as S3 means it: RestrictPublicBuckets acts on it",
        ),
        _c(
            "shared",
            "strings",
            "other accounts, their principals, organizations and canonical users that policies or access list name",
        ),
        _c("acl_public", "string?", "what an access list grants to everyone: none, read, write, full; null = not read"),
        _c("public_block", "string?", "none, policy (public policies restricted), acl, all; null = not read"),
        _c("principal", "string?", "id of the identity it runs as"),
        _c("details", "tags", "vendor facts that have no column yet (resource-details.md)"),
        _c("tags", "tags", "tags"),
        _c("source", "string", "where it was read"),
    ),
)

DOCUMENTS = TableSpec(
    "documents",
    "a distinct policy document, interned by content; other tables point at its row number",
    (
        _c(
            "hash",
            "string",
            "SHA-256 of its canonical JSON (sorted keys, no spaces), or of its bytes if unsupported",
        ),
        _c("text", "binary", "the document's bytes as read (after URL decoding)"),
        _c("unsupported", "string?", "why it cannot be evaluated; null when it can"),
        _c("statements", "int", "number of statements"),
        _c("admin", "bool?", "has an unconditional Allow of every action on every resource"),
        _c("admin_conditional", "bool?", "has an Allow of (nearly) every action on every resource under a condition"),
        _c("admin_nearly", "bool?", "has an unconditional Allow of nearly everything, by NotAction or NotResource"),
        _c("admin_rest", "bool?", "has an unconditional Allow of everything but IAM, by NotAction or NotResource"),
        _c("admin_iam", "bool?", "has an unconditional Allow of every IAM action on every resource"),
        _c("rewrites_iam", "bool?", "an unconditional Allow lets the holder rewrite or attach any IAM policy"),
        _c("wildcard", "bool?", "one Allow names a whole service (or more) on every resource of it"),
        _c("wildcard_actions", "bool?", "an Allow names * or service:*, or uses NotAction"),
        _c(
            "wildcard_resources",
            "bool?",
            "an Allow reaches * or uses NotResource",
        ),
        _c("conditional", "bool?", "every Allow has a condition"),
        _c("denies", "bool?", "has a Deny"),
        _c("denies_admin", "bool?", "has a Deny that can match what makes an administrator: iam, sts, organizations"),
        _c(
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
        _c("document", "int", "row in documents"),
        _c("position", "int", "index in the document"),
        _c("sid", "string?", "Sid"),
        _c("effect", "string", "Allow or Deny"),
        _c("actions", "strings", "Action patterns"),
        _c("not_actions", "strings", "NotAction patterns"),
        _c("resources", "strings", "Resource patterns"),
        _c("not_resources", "strings", "NotResource patterns"),
        _c("principals", "strings", "Principal entries as TYPE=value (AWS=…, Service=…, Federated=…, *=*)"),
        _c("not_principals", "strings", "NotPrincipal entries as TYPE=value"),
        _c("condition", "string?", "Condition block as canonical JSON"),
    ),
)

POLICIES = TableSpec(
    "policies",
    "a version of a permission bundle (managed policy, permission set, guardrail)",
    (
        _c("id", "string", "ARN"),
        _c("account", "string?", "account that owns it; null when the vendor does"),
        _c("name", "string", "name"),
        _c("kind", "string", "managed_aws, managed_customer, permission_set, scp, rcp, iot, inline"),
        _c("version", "string", "version id"),
        _c("default", "bool", "is the version in force"),
        _c("document", "int", "row in documents"),
        _c("created", "time?", "creation"),
        _c("updated", "time?", "last change"),
        _c("source", "string", "where it was read"),
    ),
)

ATTACHMENTS = TableSpec(
    "attachments",
    "a document in force somewhere",
    (
        _c("account", "string", "account it acts in, or organization for guardrails"),
        _c("layer", "string", "identity, boundary, resource, trust, scp, rcp, endpoint, device"),
        _c(
            "kind",
            "string",
            "managed_aws, managed_customer, inline, permission_set, resource, kms_grant, acl, trust, scp, rcp, iot, "
            "unread (something in force that was not read)",
        ),
        _c("target", "string", "principal, resource or scope that it is attached to"),
        _c("policy", "string", "ARN of the policy, or the name of an inline policy, or the id of a grant"),
        _c("document", "int?", "row in documents; null when the export names a policy without its document"),
        _c("source", "string", "where it was read"),
    ),
)

MEMBERSHIPS = TableSpec(
    "memberships",
    "a principal in a group",
    (
        _c("member", "string", "principal id"),
        _c("group", "string", "group id"),
        _c("kind", "string", "iam_group, identity_center_group, thing_group"),
        _c("source", "string", "where it was read"),
    ),
)

TRUSTS = TableSpec(
    "trusts",
    "one subject that may become a principal, by one statement of its trust policy",
    (
        _c("principal", "string", "id of the principal that trusts"),
        _c("account", "string", "its account"),
        _c("effect", "string", "Allow or Deny"),
        _c("subject_kind", "string", "account, principal, service, oidc, saml, anyone, canonical"),
        _c("subject", "string", "account id, ARN, service name, provider ARN or host, *"),
        _c("subject_account", "string?", "account of the subject, where it has one"),
        _c(
            "patterns",
            "strings",
            "subject patterns that a federated condition allows (…:sub, …:repository …)",
        ),
        _c("audiences", "strings", "audiences that a federated condition allows"),
        _c("actions", "strings", "sts actions"),
        _c("external_id", "bool", "requires sts:ExternalId to equal given values"),
        _c(
            "limited",
            "bool",
            "a condition or a Deny limits who the subject is, and a stranger cannot meet it "
            "(organization, account of the principal, source account …)",
        ),
        _c("conditional", "bool", "has any condition"),
        _c("dead", "bool", "names an identity provider that its account does not have: nobody comes this way"),
        _c("document", "int", "row in documents"),
        _c("position", "int", "statement index"),
        _c("organizations", "strings", "organizations of which one must hold the subject; empty when it need not"),
        _c(
            "reach",
            "string",
            "who is let in: anyone, wide (part of a name, a whole private provider, a network), narrow (named)",
        ),
    ),
)

ASSIGNMENTS = TableSpec(
    "assignments",
    "a permission bundle given to a person or group on an account (Identity Center account assignment)",
    (
        _c("bundle", "string", "permission set ARN"),
        _c("principal", "string", "Identity Center user or group id"),
        _c("principal_kind", "string", "user or group"),
        _c("account", "string", "target account"),
        _c("source", "string", "where it was read"),
    ),
)

RUNS_AS = TableSpec(
    "runs_as",
    "a link by which one thing acts as, through, or with another",
    (
        _c("subject", "string", "resource or principal"),
        _c("object", "string", "role, function, certificate, instance profile …"),
        _c(
            "kind",
            "string",
            "executes_as, service_role (the service itself uses it), gives (to whom it admits), enters, administers, "
            "instance_profile (thing to profile, profile to role), role_alias, attached_certificate, "
            "attached_identity, invokes",
        ),
        _c("account", "string", "account of the subject"),
        _c("source", "string", "where it was read"),
    ),
)

COVERAGE = TableSpec(
    "coverage",
    "one call or export section, and how it ended",
    (
        _c("service", "string", "vendor service"),
        _c("call", "string", "API call or export section"),
        _c("status", "string", "ok, denied, throttled, failed, unsupported, unlicensed, not_tried"),
        _c("detail", "string", "cause"),
        _c("affects", "string", "what cannot be known because of it"),
    ),
)

FACT_TABLES: tuple[TableSpec, ...] = (
    SCOPES,
    PRINCIPALS,
    CREDENTIALS,
    RESOURCES,
    DOCUMENTS,
    STATEMENTS,
    POLICIES,
    ATTACHMENTS,
    MEMBERSHIPS,
    TRUSTS,
    ASSIGNMENTS,
    RUNS_AS,
    COVERAGE,
)

# --- read models: what lists, filters and posture rules read --------------------------------------------------------

_PLACE = (
    _c("provider", "string", "provider"),
    _c("account", "string", "account"),
)

IDENTITIES_VIEW = TableSpec(
    "identities",
    "an identity with what its row in a list needs",
    (
        *_PLACE,
        _c("id", "string", "vendor id"),
        _c("name", "string", "name"),
        _c("kind", "string", "see principals.kind"),
        _c("native", "string", "vendor noun"),
        _c("path", "string", "vendor path"),
        _c("created", "time?", "creation"),
        _c("last_used", "time?", "newest use of itself or any of its credentials"),
        _c("last_used_known", "bool", "every source of last use that applies was asked"),
        _c("console", "bool?", "password sign-in"),
        _c("mfa", "bool?", "MFA"),
        _c("mfa_hardware", "bool?", "hardware MFA"),
        _c("enabled", "bool?", "enabled"),
        _c("active_keys", "int?", "number of active access keys; null when keys were not read"),
        _c(
            "admin",
            "string",
            "yes, conditional (every such grant has a condition), limited (nearly everything, or a boundary, explicit "
            "deny or guardrail stands against it), no, unknown",
        ),
        _c("admin_via", "strings", "policy or group → policy that gives administrator access"),
        _c(
            "external",
            "bool?",
            "a subject outside its account may become it (or it stands outside itself); null when its trust policy "
            "was not read",
        ),
        _c("groups", "strings", "ids of its groups"),
        _c("grants", "int", "policies in force on it, groups included"),
        _c("inline", "int", "inline policies on itself"),
        _c("wildcard", "bool?", "one statement of a grant allows a whole service on every resource of it"),
        _c("boundary", "string?", "permissions boundary"),
        _c("subjects", "strings", "federated subject patterns, trusted accounts, principals and services"),
        _c("owner", "string?", "owner, by tag"),
        _c("mail", "string?", "mail address"),
        _c("tags", "tags", "tags"),
        _c("source", "string", "where it was read"),
    ),
)

CREDENTIALS_VIEW = TableSpec(
    "credentials_view",
    "a credential with its holder",
    (
        *_PLACE,
        _c("id", "string", "credential id"),
        _c("kind", "string", "see credentials.kind"),
        _c("principal", "string", "holder"),
        _c("principal_name", "string", "holder's name"),
        _c("principal_kind", "string", "holder's kind"),
        _c("active", "bool?", "usable"),
        _c("created", "time?", "creation"),
        _c("last_used", "time?", "last use"),
        _c("last_used_known", "bool", "vendor was asked"),
        _c("last_used_service", "string?", "service of last use"),
        _c("expires", "time?", "end of validity"),
        _c("hardware", "bool?", "bound to hardware"),
        _c("holders", "int", "number of principals that share it"),
        _c("holder_admin", "string", "admin of its holder: yes, conditional, limited, no, unknown"),
        _c("source", "string", "where it was read"),
    ),
)

GRANTS_VIEW = TableSpec(
    "grants",
    "a policy in force on a principal (directly or by a group), a resource or a scope",
    (
        *_PLACE,
        _c("principal", "string", "principal, resource or scope it is in force on"),
        _c("principal_kind", "string", "kind of that principal; resource or scope otherwise"),
        _c("via", "string", "group or permission set it comes by; empty when direct"),
        _c("layer", "string", "see attachments.layer"),
        _c("kind", "string", "see attachments.kind"),
        _c("policy", "string", "policy ARN or inline name"),
        _c("document", "string?", "document hash; null when the document is not known"),
        _c("unsupported", "string?", "why the document cannot be evaluated"),
        _c("admin", "bool?", "administrator access"),
        _c("rewrites_iam", "bool?", "may rewrite or attach any IAM policy"),
        _c("wildcard", "bool?", "one statement allows a whole service on every resource of it"),
        _c("wildcard_actions", "bool?", "* or service:*"),
        _c("wildcard_resources", "bool?", "every resource"),
        _c("conditional", "bool?", "only under conditions"),
        _c("source", "string", "where it was read"),
    ),
)

TRUSTS_VIEW = TableSpec(
    "trusts_view",
    "a subject that may become a principal",
    (
        *_PLACE,
        _c("principal", "string", "the trusting principal"),
        _c("principal_name", "string", "its name"),
        _c("principal_kind", "string", "its kind"),
        _c("principal_admin", "string", "its admin state"),
        _c("subject_kind", "string", "see trusts.subject_kind"),
        _c("subject", "string", "subject"),
        _c("subject_account", "string?", "its account"),
        _c("patterns", "strings", "subject patterns"),
        _c("audiences", "strings", "audiences"),
        _c("external_id", "bool", "requires an external id"),
        _c("limited", "bool", "limited by condition"),
        _c("conditional", "bool", "any condition"),
        _c("organizations", "strings", "organizations of which one must hold the subject"),
        _c("reach", "string", "anyone, wide, narrow"),
        _c("source", "string", "where it was read"),
    ),
)

RESOURCES_VIEW = TableSpec(
    "resources_view",
    "a resource with what its row in a list needs",
    (
        *_PLACE,
        _c("id", "string", "vendor id"),
        _c("kind", "string", "service:type"),
        _c("name", "string", "name"),
        _c("region", "string?", "region"),
        _c("created", "time?", "creation"),
        _c("policy", "bool?", "has a resource policy; null when not read"),
        _c("public", "string", ", ".join(PUBLIC)),
        _c("public_reason", "string", "which statement or access list, and what blocks it"),
        _c(
            "shared_with",
            "strings",
            "other accounts, their principals, organizations and canonical users named by policy or access list",
        ),
        _c("principal", "string?", "identity it runs as"),
        _c("owner", "string?", "owner, by tag"),
        _c("tags", "tags", "tags"),
        _c("source", "string", "where it was read"),
    ),
)

VIEW_TABLES: tuple[TableSpec, ...] = (
    IDENTITIES_VIEW,
    CREDENTIALS_VIEW,
    GRANTS_VIEW,
    TRUSTS_VIEW,
    RESOURCES_VIEW,
)
"""Derived from the facts of one snapshot when it is committed; the provider and account stand in every row."""

BY_NAME: dict[str, TableSpec] = {spec.name: spec for spec in FACT_TABLES + VIEW_TABLES}
