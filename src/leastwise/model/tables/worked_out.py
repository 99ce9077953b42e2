"""Tables of what is worked out when it is asked for, as questions in SQL see them."""

from __future__ import annotations

from .schema import TableSpec, column

GAP = TableSpec(
    "gap",
    "one permission that one principal holds, and what the logs say of its use in the window",
    (
        column("provider", "string", "provider"),
        column("principal", "string", "vendor's id"),
        column("account", "string", "account of the principal"),
        column("permission", "string", "permission"),
        column("state", "string", "USED, IMPLIED, UNUSED (a use would have been recorded) or UNOBSERVABLE"),
        column("access", "string", "ALLOWED or CONDITIONAL"),
        column("resources", "strings", "patterns of the resources it is granted on"),
        column("sensitivity", "string", "see creep.md"),
        column("weight", "float", "of that sensitivity, in the creep index"),
        column("reach", "float", "how far the widest of the resource patterns reaches, from 0 to 1"),
        column("count", "int", "authorised calls in the window"),
        column("denied", "int", "denied calls in the window: wanted, not used"),
        column("first_used", "time?", "first authorised call of all logs"),
        column("last_used", "time?", "last authorised call of all logs"),
        column("touched", "strings", "resource buckets that were touched in the window"),
        column("workloads", "strings", "ephemeral identities that used it in the window"),
        column("missing", "string", "why it is UNOBSERVABLE; empty otherwise"),
        column("service_used", "time?", "when the vendor last saw the service tried, whatever the action"),
        column("grants", "strings", "policies and statements that give it"),
    ),
)

CREEP = TableSpec(
    "creep",
    "the gap of one principal in numbers; null where its policies were not read",
    (
        column("provider", "string", "provider"),
        column("principal", "string", "vendor's id"),
        column("name", "string", "name"),
        column("kind", "string", "see principals.kind"),
        column("native", "string", "vendor noun"),
        column("account", "string", "account"),
        column("granted", "int?", "permissions that it holds"),
        column("used", "int?", "used in the window"),
        column("implied", "int?", "needed by calls without a record of their own"),
        column("unused", "int?", "a use would have been recorded, and there is none"),
        column("unobservable", "int?", "a use might not have been recorded"),
        column("unused_share", "float?", "share of the unused among those whose use would have been recorded"),
        column("last_used", "time?", "last call of all logs"),
        column("creep", "float?", "creep index, 0 to 100"),
        column("at_most", "float?", "the same if nothing unobservable is used"),
        column("exact", "bool", "false where granted is an upper bound"),
    ),
)

FINDINGS = TableSpec(
    "findings",
    "what a rule found",
    (
        column("key", "string", "stays the same from run to run"),
        column("rule", "string", "id of the rule"),
        column("severity", "string", "info, low, medium, high, critical"),
        column("provider", "string", "provider"),
        column("account", "string", "account"),
        column("subject", "string", "vendor's id of what it is about"),
        column("resource", "string", "the other end; empty where there is none"),
        column("title", "string", "title of the rule"),
        column("message", "string", "what is wrong"),
        column("remediation", "string", "what to do"),
        column("owner", "string?", "owner of the subject"),
        column("evidence", "string", "the facts it rests on, as JSON"),
        column("muted", "bool", "somebody decided not to see it for a while"),
        column("muted_reason", "string?", "why"),
        column("muted_until", "string?", "until when; null: for good"),
    ),
)

DORMANT = TableSpec(
    "dormant",
    "something that nobody used in the window, or that reaches nobody",
    (
        column("what", "string", "principal, credential, group, bundle …: see `leastwise dormant`"),
        column("id", "string", "vendor's id"),
        column("name", "string", "name"),
        column("kind", "string", "kind"),
        column("account", "string", "account"),
        column("holder", "string", "principal that holds it; empty where that says nothing"),
        column("state", "string", "UNUSED or UNOBSERVABLE"),
        column("last_used", "time?", "newest use that any source tells"),
        column("days", "int?", "days since"),
        column("because", "string", "what says so"),
    ),
)

LOGS = TableSpec(
    "logs",
    "what the lake holds of one account by one kind of log",
    (
        column("provider", "string", "provider"),
        column("account", "string", "account in whose log the events stand"),
        column("log", "string", "kind of log"),
        column("events", "int", "how many"),
        column("first", "time", "first event"),
        column("last", "time", "last event"),
    ),
)

COVERAGE_VIEW = TableSpec(
    "coverage",
    "a call or a section of an export, and how it ended; a scope that could not be read stands in it as denied",
    (
        column("provider", "string", "provider"),
        column("account", "string", "scope that was read, or the account within it that this is about"),
        column("kind", "string", "kind of the scope"),
        column("service", "string", "vendor service"),
        column("call", "string", "API call or export section"),
        column("status", "string", "ok, denied, throttled, failed, unsupported, unlicensed, not_tried"),
        column("detail", "string", "cause"),
        column("affects", "string", "what cannot be known because of it"),
        column("snapshot", "string?", "snapshot that says so; null where there is none"),
        column("stale", "bool", "a newer attempt to read the scope failed"),
    ),
)

ASKED: tuple[TableSpec, ...] = (GAP, CREEP, FINDINGS, DORMANT, LOGS, COVERAGE_VIEW)
"""Every such table."""
