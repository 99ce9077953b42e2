"""What stands between principals: memberships, trust, assignments, what runs as what; and what was not read."""

from __future__ import annotations

from .schema import TableSpec, column

MEMBERSHIPS = TableSpec(
    "memberships",
    "a principal in a group",
    (
        column("member", "string", "principal id"),
        column("group", "string", "group id"),
        column(
            "kind",
            "string",
            "iam_group, identity_center_group, thing_group, directory_group, privileged_group (the same, as what "
            "gives it for a time tells it), administrative_unit (a part of a directory, which holds no grants)",
        ),
        column("until", "time?", "when it ends; null for never, or where that is not told"),
        column("source", "string", "where it was read"),
    ),
)

TRUSTS = TableSpec(
    "trusts",
    "one subject that may become a principal, by one statement of its trust policy",
    (
        column("principal", "string", "id of the principal that trusts"),
        column("account", "string", "its account"),
        column("effect", "string", "Allow or Deny"),
        column(
            "subject_kind", "string", "account, principal, service, oidc, saml, anyone, canonical, group, domain, pool"
        ),
        column("subject", "string", "account id, ARN, service name, provider ARN or host, *"),
        column(
            "subject_account", "string?", "account, project, domain or identity pool of the subject; null when not told"
        ),
        column(
            "patterns",
            "strings",
            "subject patterns that a federated condition allows (…:sub, …:repository …)",
        ),
        column("audiences", "strings", "audiences that a federated condition allows"),
        column("actions", "strings", "permissions by which it becomes the principal"),
        column("external_id", "bool", "requires sts:ExternalId to equal given values"),
        column(
            "limited",
            "bool",
            "a condition or a Deny limits who the subject is, and a stranger cannot meet it "
            "(organization, account of the principal, source account …)",
        ),
        column("conditional", "bool", "has any condition"),
        column("dead", "bool", "names an identity provider that its account does not have: nobody comes this way"),
        column("document", "int", "row in documents"),
        column("position", "int", "statement index"),
        column("organizations", "strings", "organizations of which one must hold the subject; empty when it need not"),
        column(
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
        column("bundle", "string", "permission set ARN"),
        column("principal", "string", "Identity Center user or group id"),
        column("principal_kind", "string", "user or group"),
        column("account", "string", "target account"),
        column("source", "string", "where it was read"),
    ),
)

RUNS_AS = TableSpec(
    "runs_as",
    "a link by which one thing acts as, through, or with another",
    (
        column("subject", "string", "resource or principal"),
        column("object", "string", "role, function, certificate, instance profile …"),
        column(
            "kind",
            "string",
            "executes_as, service_role (the service itself uses it), gives (to whom it admits), enters, administers, "
            "instance_profile (thing to profile, profile to role), role_alias, attached_certificate, "
            "attached_identity, invokes, acts_for_domain (as anybody of a directory), "
            "acts_for_domain_here (the same, with whatever they may do in this cloud)",
        ),
        column("account", "string", "account of the subject"),
        column("source", "string", "where it was read"),
    ),
)

COVERAGE = TableSpec(
    "coverage",
    "one call or export section, and how it ended",
    (
        column("service", "string", "vendor service"),
        column("call", "string", "API call or export section"),
        column("status", "string", "ok, denied, throttled, failed, unsupported, unlicensed, not_tried"),
        column("detail", "string", "cause"),
        column("affects", "string", "what cannot be known because of it"),
        column("account", "string", "the account within the scope that it is about; empty: the scope itself"),
    ),
)

LAST_ACCESSED = TableSpec(
    "last_accessed",
    "what the vendor itself says of the last time a principal tried a service or an action, denied attempts included",
    (
        column("principal", "string", "vendor's id"),
        column("account", "string", "account of the principal"),
        column("service", "string", "prefix of the service's permissions"),
        column("permission", "string", "permission; empty for the service as a whole"),
        column("last", "time?", "last attempt; null for none in the vendor's tracking period"),
        column(
            "inexact",
            "bool",
            "the vendor tells that there was an attempt since `since`, not when: `last` is the latest it can have been",
        ),
        column("region", "string?", "region of it"),
        column("since", "time", "from when on the vendor would have seen one"),
        column("taken", "time", "when the vendor said so"),
        column("source", "string", "where it was read"),
    ),
)
