"""What audit logs say: events, the two aggregates of them, who changed what, and what a log would have shown.

These tables are of the usage lake, not of snapshots: they grow by months and are found by the lake's manifest. Every
provider fills the same columns. A text is empty where the log does not tell; null is *not known*, never *no*.
"""

from __future__ import annotations

from collections.abc import Mapping

from .schema import TableSpec, column

EVENTS = TableSpec(
    "events",
    "a call that a log recorded, once, however often it was delivered",
    (
        column("id", "string", "the vendor's id of the event; a hash of the record where it has none"),
        column("time", "time", "when it was made"),
        column("provider", "string", "provider"),
        column("account", "string", "account in whose log it stands"),
        column("region", "string", "region"),
        column("principal", "string", "vendor's id of who it counts for; empty for nobody's (a service's own)"),
        column("owner", "string", "account of the principal, which in cross-account calls is not the log's"),
        column("kind", "string", "kind of the caller, in the vendor's word"),
        column("credential", "string", "id of the key, session key or certificate that signed it"),
        column("temporary", "bool", "whether the credential was made for one session"),
        column("session", "string", "name of the session as it was given"),
        column("workload", "string", "ephemeral identity behind the session: repository and ref, function, pod, task"),
        column("origin", "string", "who began the chain of sessions that the credential is of; empty: not told"),
        column("source_identity", "string", "who began the session, as the session was told"),
        column("via", "string", "service that called with the principal's permissions"),
        column("mfa", "bool?", "whether the session was begun with a second factor"),
        column("source", "string", "service that logged it, in the vendor's word"),
        column("name", "string", "operation, in the vendor's word"),
        column(
            "what",
            "string",
            "call; free (no policy decides it); sign_in; service (a service's own doing); console; insight (unusual "
            "activity, nobody's call); unknown (in no table)",
        ),
        column("permission", "string", "first permission it needed; empty when it needs none or is not resolved"),
        column("resource", "string", "first resource it touched, as exactly as the log tells"),
        column("bucket", "string", "what usage counts that under: the resource without what is made anew each time"),
        column("target", "string", "account that holds the resource, as far as the log tells"),
        column(
            "grant_id",
            "string",
            "name of the grant that the log says allowed it, the last part of the grant's id; several with blanks "
            "between them; empty where the log does not tell",
        ),
        column("outcome", "string", "allowed, denied, failed (after it was authorised) or unknown"),
        column("facts", "string", "what usage counts of it, where that is not the one call above (`usage_facts`)"),
        column("error", "string", "error code"),
        column("ip", "string", "address that called, or the service that did"),
        column("agent", "string", "user agent"),
        column("read_only", "bool?", "whether it only reads"),
        column("data", "bool", "whether it is a data event"),
        column("log", "string", "kind of log that it was read from"),
    ),
)

SESSIONS = TableSpec(
    "sessions",
    "a session that a call began: the link from its key to who began it",
    (
        column("provider", "string", "provider"),
        column("key", "string", "id of the session's key"),
        column("time", "time", "when it began"),
        column("by", "string", "vendor's id of who began it"),
        column("by_key", "string", "id of the key that this call was signed with: the next link"),
        column("role", "string", "what the session acts as"),
        column("session", "string", "name that it was given"),
        column("workload", "string", "ephemeral identity that it was begun for; empty: look at the next link"),
        column("source_identity", "string", "who began it, as the session was told"),
        column("event", "string", "id of the event"),
    ),
)

USAGE = TableSpec(
    "usage",
    "what one principal did with one permission on one resource bucket on one day, in one way",
    (
        column("provider", "string", "provider"),
        column("account", "string", "account of the principal"),
        column("principal", "string", "vendor's id; roles stand for their sessions"),
        column("workload", "string", "ephemeral identity behind the sessions"),
        column("permission", "string", "permission"),
        column("bucket", "string", "resource bucket; empty where the log does not tell a resource"),
        column("target", "string", "account that holds the resource, as far as the log tells"),
        column("grant_id", "string", "grants that the log says allowed it, as in events; empty where it does not tell"),
        column(
            "how", "string", "call; implied (needed by a call without a record of its own); possible (one of several)"
        ),
        column("via", "string", "service that called with the principal's permissions; empty for own calls"),
        column("day", "int", "days since 1970-01-01, UTC"),
        column("count", "int", "calls that were authorised"),
        column("denied", "int", "calls that were denied: wanted, not used"),
        column("unknown", "int", "calls of which the log does not tell whether they were authorised"),
        column("first", "time", "first call of that day, however it ended"),
        column("last", "time", "last call of that day, however it ended"),
        column("first_used", "time?", "first that was authorised"),
        column("last_used", "time?", "last that was authorised"),
        column("source", "string", "log that it was read from"),
    ),
)

SIGHTINGS = TableSpec(
    "sightings",
    "one credential seen from one network with one user agent on one day",
    (
        column("provider", "string", "provider"),
        column("account", "string", "account of the principal"),
        column("principal", "string", "vendor's id"),
        column("workload", "string", "ephemeral identity behind the session"),
        column("credential", "string", "long-lived key; of sessions `session`, since their keys are made anew"),
        column("network", "string", "/24 of IPv4, /48 of IPv6, or the service that called"),
        column("agent", "string", "family of the user agent: its first product without versions"),
        column("mfa", "bool?", "whether the session was begun with a second factor"),
        column("day", "int", "days since 1970-01-01, UTC"),
        column("count", "int", "calls"),
        column("denied", "int", "calls that were denied"),
        column("first", "time", "first call of that day"),
        column("last", "time", "last call of that day"),
        column("source", "string", "log that it was read from"),
    ),
)

CHANGES = TableSpec(
    "changes",
    "a call that made, changed or removed a principal, credential, grant or trust",
    (
        column("provider", "string", "provider"),
        column("account", "string", "account of what was changed"),
        column("what", "string", "principal, credential, grant, trust, membership"),
        column(
            "subject",
            "string",
            "vendor's id of the principal, credential or policy that was changed; of a membership that ended, its own "
            "where the call names nothing else",
        ),
        column(
            "object",
            "string",
            "policy, group or trust it was changed in; empty for the subject itself. After a blank follow, of an "
            "assignment, the account that it is for, and of a new membership the id that its end will name",
        ),
        column("verb", "string", "created, changed, removed"),
        column("time", "time", "when"),
        column("principal", "string", "who did it"),
        column("session", "string", "name of the session"),
        column("origin", "string", "who began the chain of sessions; empty: not told"),
        column("source_identity", "string", "who began the session, as the session was told"),
        column("event", "string", "id of the event"),
    ),
)

OBSERVABILITY = TableSpec(
    "observability",
    "for one part of an account whether its log would have shown a use, in one span of time",
    (
        column("provider", "string", "provider"),
        column("account", "string", "account"),
        column("region", "string", "region; * for all"),
        column("permission", "string", "pattern of permissions"),
        column("resource", "string", "pattern of resources; * for all"),
        column("observed", "string", "yes, no or part"),
        column("reason", "string", "why, in a sentence that names the log"),
        column(
            "log",
            "string",
            "vendor's ids of the logs that show it together, with blanks between them; empty where none does",
        ),
        column("begin", "time", "from when this holds"),
        column("end", "time", "until when"),
        column("source", "string", "where it was read"),
    ),
)

LATER: Mapping[str, tuple[str, ...]] = {"events": ("grant_id",), "usage": ("grant_id",)}
"""Text columns that stored tables of version 1 do not have; they are empty there."""

LAKE_TABLES: tuple[TableSpec, ...] = (EVENTS, USAGE, SIGHTINGS, CHANGES, SESSIONS, OBSERVABILITY)
"""The tables of the usage lake."""
