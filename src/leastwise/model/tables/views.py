"""The read models: rows as lists show them."""

from __future__ import annotations

from ..vocabulary import PUBLIC
from .schema import TableSpec, column

_PLACE = (
    column("provider", "string", "provider"),
    column("account", "string", "account"),
)

IDENTITIES_VIEW = TableSpec(
    "identities",
    "an identity with what its row in a list needs",
    (
        *_PLACE,
        column("id", "string", "vendor id"),
        column("name", "string", "name"),
        column("kind", "string", "see principals.kind"),
        column("native", "string", "vendor noun"),
        column("path", "string", "vendor path"),
        column("created", "time?", "creation"),
        column("last_used", "time?", "newest use of itself or any of its credentials"),
        column("last_used_known", "bool", "every source of last use that applies was asked"),
        column("console", "bool?", "password sign-in"),
        column("mfa", "bool?", "MFA"),
        column("mfa_hardware", "bool?", "hardware MFA"),
        column("enabled", "bool?", "enabled"),
        column("active_keys", "int?", "number of active access keys; null when keys were not read"),
        column(
            "admin",
            "string",
            "yes, conditional (every such grant has a condition), limited (nearly everything, or a boundary, explicit "
            "deny or guardrail stands against it), no, unknown",
        ),
        column("admin_via", "strings", "policy or group → policy that gives administrator access"),
        column(
            "external",
            "bool?",
            "a subject outside its account may become it (or it stands outside itself); null when its trust policy "
            "was not read",
        ),
        column("groups", "strings", "ids of its groups"),
        column(
            "grants", "int", "policies in force on it, groups included; not what it may do for others, nor what it owns"
        ),
        column("inline", "int", "inline policies on itself"),
        column("wildcard", "bool?", "one statement of a grant allows a whole service on every resource of it"),
        column(
            "privileged",
            "bool?",
            "a grant, also one that can be had on request, gives what the vendor calls privileged; null where that is "
            "not known of one, or the vendor calls nothing so",
        ),
        column("owners", "int?", "how many own it, as the vendor tells it; null where it was not asked"),
        column("boundary", "string?", "permissions boundary"),
        column("subjects", "strings", "federated subject patterns, trusted accounts, principals and services"),
        column("owner", "string?", "owner, by tag"),
        column("mail", "string?", "mail address"),
        column("tags", "tags", "tags"),
        column("source", "string", "where it was read"),
    ),
)

CREDENTIALS_VIEW = TableSpec(
    "credentials_view",
    "a credential with its holder",
    (
        *_PLACE,
        column("id", "string", "credential id"),
        column("kind", "string", "see credentials.kind"),
        column("principal", "string", "holder"),
        column("principal_name", "string", "holder's name"),
        column("principal_kind", "string", "holder's kind"),
        column("active", "bool?", "usable"),
        column("created", "time?", "creation"),
        column("last_used", "time?", "last use"),
        column("last_used_known", "bool", "vendor was asked"),
        column("last_used_service", "string?", "service of last use"),
        column("expires", "time?", "end of validity"),
        column("hardware", "bool?", "bound to hardware"),
        column("holders", "int", "number of principals that share it"),
        column("holder_admin", "string", "admin of its holder: yes, conditional, limited, no, unknown"),
        column("source", "string", "where it was read"),
    ),
)

GRANTS_VIEW = TableSpec(
    "grants",
    "a policy in force on a principal (directly or by a group), a resource or a scope",
    (
        *_PLACE,
        column("principal", "string", "principal, resource or scope it is in force on"),
        column("principal_kind", "string", "kind of that principal; resource or scope otherwise"),
        column("via", "string", "group or permission set it comes by; empty when direct"),
        column("layer", "string", "see attachments.layer"),
        column("kind", "string", "see attachments.kind"),
        column("policy", "string", "policy ARN, inline name, or role"),
        column("resource", "string", "resource or scope that it is granted on; empty where the policy itself says it"),
        column(
            "scope_kind",
            "string",
            "kind of the scope that it is granted on (see scopes.kind); resource for one of its resources; empty where "
            "the policy itself says where it holds",
        ),
        column("until", "time?", "when it ends; null for never, or where that is not told"),
        column(
            "state",
            "string",
            "standing, ending (it has an end), activated (on request, for a time), eligible (it can "
            "be had on request); empty for what gives nothing",
        ),
        column("requires", "string?", "see attachments.requires"),
        column("document", "string?", "document hash; null when the document is not known"),
        column("unsupported", "string?", "why the document cannot be evaluated"),
        column("admin", "bool?", "administrator access"),
        column("rewrites_iam", "bool?", "may rewrite or attach any IAM policy"),
        column("wildcard", "bool?", "one statement allows a whole service on every resource of it"),
        column("wildcard_actions", "bool?", "* or service:*"),
        column("wildcard_resources", "bool?", "every resource"),
        column("conditional", "bool?", "only under conditions"),
        column("privileged", "bool?", "the vendor calls it privileged; null where nothing tells it"),
        column("source", "string", "where it was read"),
    ),
)

TRUSTS_VIEW = TableSpec(
    "trusts_view",
    "a subject that may become a principal",
    (
        *_PLACE,
        column("principal", "string", "the trusting principal"),
        column("principal_name", "string", "its name"),
        column("principal_kind", "string", "its kind"),
        column("principal_admin", "string", "its admin state"),
        column("subject_kind", "string", "see trusts.subject_kind"),
        column("subject", "string", "subject"),
        column("subject_account", "string?", "its account, project, domain or identity pool; null when not told"),
        column("patterns", "strings", "subject patterns"),
        column("audiences", "strings", "audiences"),
        column("external_id", "bool", "requires an external id; false for providers that have no such thing"),
        column("limited", "bool", "limited by condition"),
        column("conditional", "bool", "any condition"),
        column("organizations", "strings", "organizations of which one must hold the subject"),
        column("reach", "string", "anyone, wide, narrow"),
        column("source", "string", "where it was read"),
    ),
)

RESOURCES_VIEW = TableSpec(
    "resources_view",
    "a resource with what its row in a list needs",
    (
        *_PLACE,
        column("id", "string", "vendor id"),
        column("kind", "string", "service:type"),
        column("name", "string", "name"),
        column("region", "string?", "region"),
        column("created", "time?", "creation"),
        column("policy", "bool?", "has a resource policy; null when not read"),
        column("public", "string", ", ".join(PUBLIC)),
        column("public_reason", "string", "which statement or access list, and what blocks it"),
        column(
            "shared_with",
            "strings",
            "other accounts, their principals, organizations and canonical users named by policy or access list",
        ),
        column("beside", "strings", "see resources.beside"),
        column("principal", "string?", "identity it runs as"),
        column("owner", "string?", "owner, by tag"),
        column("tags", "tags", "tags"),
        column("source", "string", "where it was read"),
    ),
)

GAPS_VIEW = TableSpec(
    "gaps_view",
    "a user or role with what it did not use in the 90 days before the clock",
    (
        *_PLACE,
        column("id", "string", "vendor id"),
        column("name", "string", "name"),
        column("kind", "string", "see principals.kind"),
        column("native", "string", "vendor noun"),
        column("created", "time?", "creation"),
        column("mfa", "bool?", "MFA"),
        column("admin", "string", "see identities.admin"),
        column("granted", "int?", "permissions that are held; null when its policies were not read"),
        column("used", "int?", "of them used, or implied by what was used"),
        column("unused", "int?", "of them surely unused: a use would have been recorded"),
        column("unobservable", "int?", "of them those of which a use might not have been recorded"),
        column(
            "unused_percent",
            "int?",
            "unused of 100 whose use would have been recorded, rounded down; null where there is none",
        ),
        column("escalation", "int?", "unused permissions that are enough to act as another; null when not known"),
        column("exposure", "int?", "unused permissions whose answer is a secret or a token; null when not known"),
        column("management", "int?", "unused permissions that say who is let in; null when not known"),
        column("sensitive", "strings", "up to five of these, the most sensitive first"),
        column("creep", "int?", "creep index, rounded"),
        column("exact", "bool", "false where granted, and so unused, is an upper bound"),
        column("source", "string", "where it was read"),
    ),
)

REACHES_VIEW = TableSpec(
    "reaches_view",
    "a group or a bundle with how many it reaches, or a privileged bundle with how many hold it now",
    (
        *_PLACE,
        column("id", "string", "vendor id"),
        column("name", "string", "name"),
        column("what", "string", "group, bundle, or holders"),
        column("kind", "string", "vendor noun of the group, or kind of the bundle"),
        column("created", "time?", "creation"),
        column(
            "reached",
            "int?",
            "members of the group, what the bundle is attached to, or who holds it; null when not read",
        ),
    ),
)

TRIES_VIEW = TableSpec(
    "tries_view",
    "a subject that was tried at a trust in an issuer of tokens, and got in",
    (
        *_PLACE,
        column("principal", "string", "whom the bearer of the token is then"),
        column("principal_name", "string", "its name"),
        column("what", "string", "identity, or pool: one of it without anything granted to it there"),
        column("issuer", "string", "issuer of the token, without scheme"),
        column("issuer_name", "string", "what people call it"),
        column("shared", "bool", "everybody can have an account there"),
        column("tried", "string", "stranger, prefix-twin, other-workload, other-namespace, untrusted-change …"),
        column("title", "string", "whose token it was"),
        column("subject", "string", "the subject that got in"),
        column("names", "string", "what the trust names; empty where it names nobody"),
        column("state", "string", "ALLOWED, CONDITIONAL or UNKNOWN"),
    ),
)

POWERS_VIEW = TableSpec(
    "powers_view",
    "an identity with what it can become and get at, step by step",
    (
        *_PLACE,
        column("id", "string", "vendor id"),
        column("name", "string", "name"),
        column("kind", "string", "see principals.kind"),
        column("native", "string", "vendor noun"),
        column("created", "time?", "creation"),
        column("last_used", "time?", "see identities.last_used"),
        column("last_used_known", "bool", "see identities.last_used_known"),
        column("enabled", "bool?", "enabled"),
        column("console", "bool?", "password sign-in"),
        column("mfa", "bool?", "MFA"),
        column("oldest_key", "time?", "creation of its oldest active key; null when it has none"),
        column("public", "strings", "things that run as it and that anyone may use"),
        column("strangers", "strings", "accounts outside that may assume it and of which no external id is required"),
        column("administers", "string", "yes, conditional, unknown (something was not read decides), no"),
        column("administers_in", "int?", "steps of the surest and shortest way to an administrator"),
        column("administered", "strings", "accounts that it surely administers, or can"),
        column("jewels", "string", "yes, conditional, unknown, no: whether it gets at a crown jewel"),
        column("jewels_in", "int?", "steps of the surest and shortest way to a crown jewel"),
        column("reached", "strings", "crown jewels that it surely gets at, or can"),
        column("way", "string", "the way to an administrator, else to a crown jewel, as a person reads it"),
    ),
)
