"""Requests to Privileged Identity Management, and who decided about them.

Azure Resource Manager and Microsoft Graph write much the same: what the one calls `requestType` and `createdOn` is
`action` and `createdDateTime` of the other.
https://learn.microsoft.com/rest/api/authorization/role-assignment-schedule-requests
https://learn.microsoft.com/graph/api/resources/unifiedroleassignmentschedulerequest
https://learn.microsoft.com/graph/api/resources/privilegedaccessgroupassignmentschedulerequest
https://learn.microsoft.com/graph/api/resources/approvalstage
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from leastwise.model.vocabulary import REQUEST_ACTIONS
from leastwise.providers.fields import Body, FieldError, Fields
from leastwise.providers.redacting import is_hash
from leastwise.providers.rows import one_time

_WHOSE = ("admin", "self")
"""How the vendor's words for actions begin: for somebody, by who administers it, or for oneself."""
_STATUSES = {
    "accepted": "pending", "provisioningstarted": "pending",
    "granted": "granted", "provisioned": "granted", "schedulecreated": "granted", "adminapproved": "granted",
    "denied": "denied", "admindenied": "denied", "canceled": "canceled", "timedout": "expired",
    "failed": "failed", "failedasresourceislocked": "failed", "invalid": "failed",
    "revoked": "revoked", "pendingrevocation": "revoked",
}  # fmt: skip
_UNDECIDED = ("", "notreviewed", "notnotified")
_NOBODY = "00000000-0000-0000-0000-000000000000"
"""Who has reviewed what nobody has reviewed yet."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided: who, why, and when."""

    by: str
    reason: str
    at: datetime | None


@dataclass
class Decided:
    """Decisions by the ids of requests and of their approvals, as lists of approvals tell them."""

    _by: dict[str, tuple[Decision, ...]] = field(default_factory=dict)

    def take(self, body: Body) -> None:
        """An approval, whose stages (steps, in the beta interface) hold what was decided. Raises FieldError."""
        fields = Fields(body)
        stages = fields.objects("stages", "steps") or ()
        found = [one for stage in stages if (one := _decision(Fields(stage))) is not None]
        found.sort(key=_when)
        self._by.setdefault(_key(fields.needed("id")), tuple(found))

    def add(self, approval: str, stage: Body) -> None:
        """A stage of an approval that is told by itself. Raises FieldError."""
        one = _decision(Fields(stage))
        if one is not None and one not in (held := self._by.get(_key(approval), ())):
            self._by[_key(approval)] = tuple(sorted((*held, one), key=_when))

    def of(self, *ids: str) -> tuple[Decision, ...]:
        """Who decided about a request, by its own id or that of its approval."""
        return next((found for id in ids if id and (found := self._by.get(_key(id)))), ())


def _key(id: str) -> str:
    """Ids of Resource Manager are compared by their last part, which is what the other interface has."""
    return id.rstrip("/").rpartition("/")[2].lower()


def _when(one: Decision) -> datetime:
    return one.at or datetime.max.replace(tzinfo=UTC)


def _decision(stage: Fields) -> Decision | None:
    if stage.text("reviewResult").lower() in _UNDECIDED:
        return None
    by = Fields(stage.object("reviewedBy"))
    # A user is told as an identity, or as one of a set of identities.
    inner = Fields(by.object("user")) if isinstance(by.get("user"), Mapping) else by
    who = inner.text("id") or inner.text("userPrincipalName") or inner.text("mail") or inner.text("displayName")
    if not who or who == _NOBODY:
        return None
    return Decision(who.lower(), stage.text("justification"), _time(stage, "reviewedDateTime"))


def request_row(fields: Fields, decided: Decided) -> dict[str, Any]:
    """The columns of a request that do not depend on what it is about.

    Raises:
        FieldError: naming what is wrong.
    """
    schedule = Fields(fields.object("scheduleInfo"))
    end = Fields(schedule.object("expiration"))
    ticket = Fields(fields.object("ticketInfo"))
    action, status = fields.text("action", "requestType"), fields.text("status")
    decisions = decided.of(fields.text("approvalId"), fields.text("id"))
    return {
        "id": fields.text("id"), "kind": "role_request", "action": _action(action), "status": _status(status),
        "told": " ".join(filter(None, (action, status))), "requester": _requester(fields),
        "reason": _reason(fields), "ticket": ticket.text("ticketNumber") or None,
        "ticket_system": ticket.text("ticketSystem") or None,
        "created": _time(fields, "createdDateTime", "createdOn"), "completed": _time(fields, "completedDateTime"),
        "starts": _time(schedule, "startDateTime"), "ends": _time(end, "endDateTime"),
        "duration": end.text("duration") or None, **_decisions(decisions),
    }  # fmt: skip


def _reason(fields: Fields) -> str | None:
    """Why; snapshots of before tell a hash of it, which is nothing that anybody wrote. Raises FieldError."""
    told = fields.text("justification")
    return None if not told or is_hash(told) else told


def _action(told: str) -> str:
    low = told.lower()
    plain = next((low.removeprefix(one) for one in _WHOSE if low.startswith(one)), low)
    return plain if plain in REQUEST_ACTIONS else ""


def _status(told: str) -> str:
    low = told.lower()
    return _STATUSES.get(low) or ("pending" if low.startswith("pending") else "unknown")


def _requester(fields: Fields) -> str | None:
    told = fields.text("requestorId")
    by = Fields(fields.object("createdBy"))
    for kind in ("user", "application"):
        told = told or Fields(by.object(kind)).text("id")
    return told.lower() or None


def _decisions(found: Sequence[Decision]) -> dict[str, Any]:
    times = [one.at for one in found if one.at is not None]
    return {
        "approvers": [one.by for one in found], "approver_reasons": [one.reason for one in found],
        "decided": max(times, default=None),
    }  # fmt: skip


def _time(fields: Fields, *names: str) -> datetime | None:
    """A time; None where none is told. Raises FieldError."""
    told = fields.text(*names)
    try:
        return one_time(told) if told else None
    except ValueError:
        raise FieldError(f"{names[0]} {told!r} is no time") from None
