"""Requests to Privileged Access Manager: told, and no access of themselves."""

from __future__ import annotations

from typing import Any

from leastwise.providers.gcp.language.members import member_of_mail
from leastwise.providers.members import Object

from .context import Context
from .reading import member, objects, text, time

_STATUSES = {
    "APPROVAL_AWAITED": "pending", "SCHEDULED": "granted", "ACTIVATING": "granted", "ACTIVE": "granted",
    "ENDED": "granted", "DENIED": "denied", "EXPIRED": "expired", "ACTIVATION_FAILED": "failed",
    "REVOKING": "revoked", "REVOKED": "revoked", "WITHDRAWING": "canceled", "WITHDRAWN": "canceled",
}  # fmt: skip
"""Who did not get an approval in time has an expired request; one that ended was in force."""


def entitlement_grant(context: Context, value: Object, node: str, source: str) -> None:
    """What somebody requested by an entitlement: by whom, why, who approved it, and what came of it.

    While it is active, Google keeps a binding in the allow policy, which is what gives the access.
    https://cloud.google.com/iam/docs/reference/pam/rest/v1/projects.locations.entitlements.grants
    """
    name, requester = text(value, "name"), text(value, "requester")
    if not name or not requester:
        return
    who = context.members.id(_id(requester), source)
    document = context.documents.intern(value, ())
    account, key = context.account(node), ("requested", who, name)
    told = key in context.attached
    context.attach("requested", "entitlement_grant", who, name, document, source, account)
    if not told:
        context.facts.requests.add(account=account, principal=who, **_row(context, value, name, who, source))


def _id(name: str) -> str:
    return name if ":" in name else member_of_mail(name).text


def _row(context: Context, value: Object, name: str, who: str, source: str) -> dict[str, Any]:
    place = text(value, "privilegedAccess", "gcpIamAccess", "resource")
    seconds = text(value, "requestedDuration").removesuffix("s")
    state, access = text(value, "state"), member(value, "auditTrail")
    return {
        "id": name, "kind": "entitlement_grant", "action": "activate", "layer": "allow", "requester": who,
        "policy": name.partition("/grants/")[0], "resource": context.target(place) if place else "",
        "status": _STATUSES.get(state, "unknown"), "told": state,
        "reason": text(value, "justification", "unstructuredJustification") or None,
        "created": time(value, "createTime"), "starts": time(access, "accessGrantTime"),
        "completed": time(access, "accessRemoveTime"),
        "duration": f"PT{seconds}S" if seconds.isdigit() else None, "source": source, **_decided(value),
    }  # fmt: skip


def _decided(value: Object) -> dict[str, Any]:
    """Who approved or denied it, in the order of the timeline."""
    found = [
        (decision, time(event, "eventTime"))
        for event in objects(value, "timeline", "events")
        for decision in (member(event, "approved"), member(event, "denied")) if text(decision, "actor")
    ]  # fmt: skip
    return {
        "approvers": [_id(text(one, "actor")) for one, _ in found],
        "approver_reasons": [text(one, "reason") for one, _ in found],
        "decided": max((at for _, at in found if at is not None), default=None),
    }  # fmt: skip
