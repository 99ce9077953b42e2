"""What there is: scopes, principals, their credentials, resources."""

from __future__ import annotations

from ..vocabulary import CREDENTIAL_KINDS, PRINCIPAL_KINDS
from .schema import TableSpec, column

SCOPES = TableSpec(
    "scopes",
    "a tenant, container or account of the hierarchy that this snapshot tells of",
    (
        column(
            "id",
            "string",
            "vendor id: o-…, r-…, ou-…, twelve digits; organizations/1, folders/2, id of a project or "
            "subscription, name of a management group, /",
        ),
        column(
            "kind",
            "string",
            "organization, root, organizational_unit, account, folder, project, management_group, subscription",
        ),
        column("name", "string?", "display name"),
        column("parent", "string?", "id of the scope above"),
        column("tenant", "string?", "id of the organization"),
        column("status", "string?", "the vendor's state, ACTIVE, SUSPENDED or DELETE_REQUESTED"),
        column("number", "string?", "the vendor's other name of it: number of a project"),
        column("management", "bool?", "true for the organization's management account"),
        column("directory", "string?", "the vendor's id of the directory whose people it is of"),
        column("domains", "strings", "mail domains of that directory, as far as they are known"),
        column(
            "people_known",
            "bool",
            "of a directory: the vendor was asked for all its people, groups and workloads: nobody else is in it",
        ),
        column("domains_known", "bool", "the vendor was asked for all of them: no other domain is of the directory"),
        column("tags", "tags", "tags"),
        column("tag_ids", "tags", "of a tag by its key: the ids that the vendor gives to key and value, KEY/VALUE"),
        column("source", "string", "where it was read"),
    ),
)

PRINCIPALS = TableSpec(
    "principals",
    "an identity",
    (
        column("id", "string", "ARN or the vendor's own id; unique in the snapshot"),
        column("account", "string", "account or tenant that holds it"),
        column(
            "kind",
            "string",
            ", ".join(PRINCIPAL_KINDS),
        ),
        column("name", "string", "the vendor's name"),
        column("path", "string", "vendor path, / when there is none"),
        column("unique_id", "string?", "AIDA…, AROA…; survives renames, differs after re-creation"),
        column(
            "native",
            "string",
            "the vendor's noun: user, role, group, identity_center_user, thing, service_account, workload_identity …",
        ),
        column("created", "time?", "creation"),
        column("last_used", "time?", "last use known to the vendor at collection"),
        column("last_used_known", "bool", "the vendor was asked: a null last_used then means never in its window"),
        column("last_used_region", "string?", "region of the last use"),
        column("console", "bool?", "can sign in to the console with a password"),
        column("mfa", "bool?", "has an MFA device"),
        column("mfa_hardware", "bool?", "has a hardware MFA device (security key or token)"),
        column("keys_known", "bool", "the vendor was asked for its access keys: none among the credentials means none"),
        column(
            "members_known",
            "bool?",
            "of a group: memberships hold all its members (none: it has none); false: only some; null: as far as told",
        ),
        column("enabled", "bool?", "false when disabled"),
        column("mail", "string?", "mail address, for linking people"),
        column("owners", "int?", "how many own it, as the vendor tells it; null where it was not asked"),
        column(
            "directory",
            "string",
            "whether it belongs to the organization's own directory: own, foreign, unknown; empty where nobody asks",
        ),
        column("boundary", "string?", "id of its permissions boundary"),
        column("trust", "int?", "row in documents of its trust policy"),
        column("details", "tags", "vendor facts that have no column yet (resource-details.md)"),
        column("tags", "tags", "tags"),
        column("source", "string", "where it was read"),
    ),
)

CREDENTIALS = TableSpec(
    "credentials",
    "something that proves an identity",
    (
        column(
            "id",
            "string",
            "access key id, serial number, certificate id; ARN#kind where the vendor gives none",
        ),
        column("account", "string", "account that holds it"),
        column("principal", "string", "id of its principal"),
        column(
            "kind",
            "string",
            ", ".join(CREDENTIAL_KINDS),
        ),
        column("active", "bool?", "usable"),
        column("created", "time?", "creation or last rotation"),
        column("last_used", "time?", "last use known to the vendor"),
        column("last_used_known", "bool", "the vendor was asked: a null last_used then means never"),
        column("last_used_service", "string?", "service of the last use"),
        column("last_used_region", "string?", "region of the last use"),
        column("expires", "time?", "end of validity"),
        column("hardware", "bool?", "bound to hardware"),
        column("source", "string", "where it was read"),
    ),
)

RESOURCES = TableSpec(
    "resources",
    "a thing that access is about",
    (
        column("id", "string", "ARN or the vendor's own id; unique in the snapshot"),
        column("account", "string", "account that holds it"),
        column("kind", "string", "service:type, as s3:bucket, kms:key, lambda:function"),
        column("name", "string", "short name"),
        column("region", "string?", "region"),
        column("created", "time?", "creation"),
        column("policy", "int?", "row in documents of its resource policy"),
        column(
            "policy_known",
            "bool",
            "the vendor was asked for a resource policy: a null policy then means none",
        ),
        column(
            "opening",
            "string?",
            "how far its policies open it: none, conditional (everyone, under a condition), everyone; "
            "null when one was not read",
        ),
        column("opened_by", "string", "the statement that opens it widest; empty when none does"),
        column(
            "restrictable",
            "bool",
            "a policy names everyone and is public as S3 means it: RestrictPublicBuckets acts on it",
        ),
        column(
            "shared",
            "strings",
            "other accounts, their principals, organizations and canonical users that policies or access list name",
        ),
        column(
            "acl_public", "string?", "what an access list grants to everyone: none, read, write, full; null = not read"
        ),
        column("public_block", "string?", "none, policy (public policies restricted), acl, all; null = not read"),
        column(
            "beside",
            "strings",
            "ways in that no grant tells, in words (keys, local accounts, a system of its own); those that may be "
            "there and were not read end in (not read) or (not told)",
        ),
        column("principal", "string?", "id of the identity it runs as"),
        column("details", "tags", "vendor facts that have no column yet (resource-details.md)"),
        column("tags", "tags", "tags"),
        column("tag_ids", "tags", "of a tag by its key: the ids that the vendor gives to key and value, KEY/VALUE"),
        column("source", "string", "where it was read"),
    ),
)
