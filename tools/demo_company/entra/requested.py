"""What PIM was asked for: each activation with its reason and ticket, and who approved it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo_company.entra import roles, staff
from demo_company.entra.activating import ACTIVATIONS, APPROVER, Activation
from demo_company.ids import guid


def requests(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph lists requests for assignments, those of the day and before."""
    return [_request(one) for one in ACTIVATIONS if one.begins < day]


def approvals(day: datetime) -> list[dict[str, Any]]:
    """As Microsoft Graph tells an approver of each request that somebody had to approve."""
    return [_approval(one) for one in ACTIVATIONS if one.begins < day and one.strict]


def _id(one: Activation) -> str:
    return guid("role request", one.ticket)


def _request(one: Activation) -> dict[str, Any]:
    holder = staff.object_id(one.who)
    return {
        "id": _id(one), "action": "selfActivate", "status": "Provisioned",
        "principalId": holder, "roleDefinitionId": roles.ROLE_IDS[one.role], "directoryScopeId": "/",
        "appScopeId": None, "isValidationOnly": False, "targetScheduleId": guid("role schedule", one.ticket),
        "justification": one.reason, "approvalId": _id(one) if one.strict else None,
        "createdBy": {"user": {"id": holder}}, "createdDateTime": _time(_asked(one)),
        "completedDateTime": _time(one.begins),
        "scheduleInfo": {"startDateTime": _time(one.begins), "recurrence": None, "expiration": {
            "type": "afterDuration", "endDateTime": None, "duration": f"PT{one.hours}H"}},
        "ticketInfo": {"ticketNumber": one.ticket, "ticketSystem": "Change board"},
    }  # fmt: skip


def _approval(one: Activation) -> dict[str, Any]:
    by = {"id": staff.object_id(APPROVER), "displayName": APPROVER}
    stage = {
        "id": guid("approval stage", one.ticket), "displayName": "Approval", "assignedToMe": False,
        "reviewResult": "Approve", "reviewedBy": by, "reviewedDateTime": _time(one.begins - timedelta(minutes=1)),
        "status": "Completed", "justification": f"As agreed in {one.ticket}",
    }  # fmt: skip
    return {"id": _id(one), "stages": [stage]}


def _asked(one: Activation) -> datetime:
    """The audit log has the request five minutes before an approved activation, else a minute."""
    return one.begins - timedelta(minutes=5 if one.strict else 1)


def _time(one: datetime) -> str:
    return f"{one:%Y-%m-%dT%H:%M:%SZ}"
