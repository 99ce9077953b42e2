"""Requests for access: the facts, and the read model that is made of them."""

from __future__ import annotations

from ..vocabulary import REQUEST_ACTIONS, REQUEST_KINDS, REQUEST_STATUSES
from .schema import Column, TableSpec, column

_SAID: tuple[Column, ...] = (
    column("id", "string", "vendor's id of the request"),
    column("kind", "string", ", ".join(REQUEST_KINDS)),
    column("action", "string", f"what was asked for: {', '.join(REQUEST_ACTIONS)}; empty where that is not told"),
    column(
        "layer",
        "string",
        "layer of the grant that it was about (see attachments.layer): allow, ownership, or eligible for what can be "
        "had on request; empty where that is not told",
    ),
    column("principal", "string", "for whom"),
    column("requester", "string?", "who asked; null where that is not told"),
    column("policy", "string", "bundle that it was about: a role, or a membership of the resource"),
    column("resource", "string", "resource or scope that it was about; empty where that is not told"),
    column("status", "string", ", ".join(REQUEST_STATUSES)),
    column("told", "string", "the vendor's own words for action and status"),
    column("reason", "string?", "why, in the words of who asked; null where none was given or told"),
    column("ticket", "string?", "number of the ticket that was named"),
    column("ticket_system", "string?", "where that ticket is"),
    column("approvers", "strings", "who decided, in order; empty where nobody did, or where that was not read"),
    column("approver_reasons", "strings", "why each of them decided so; an empty text where nothing was said"),
    column("decided", "time?", "when the last of them decided"),
    column("created", "time?", "when it was made"),
    column("completed", "time?", "when nothing was left to do for it"),
    column("starts", "time?", "from when on it was to hold"),
    column("ends", "time?", "until when it was to hold; null for good, or where a duration is told"),
    column("duration", "string?", "for how long it was to hold (ISO 8601); null for good, or where an end is told"),
)

REQUESTS = TableSpec(
    "requests",
    "a request for access and what came of it, which gives nothing by itself",
    (
        column("account", "string", "account that it is about"),
        *_SAID,
        column("source", "string", "where it was read"),
    ),
)

REQUESTS_VIEW = TableSpec(
    "requests_view",
    "a request for access and what came of it",
    (
        column("provider", "string", "provider"),
        column("account", "string", "account"),
        *_SAID,
        column("principal_kind", "string", "kind of the one it is for; unknown where nothing tells it"),
        column("source", "string", "where it was read"),
    ),
)
