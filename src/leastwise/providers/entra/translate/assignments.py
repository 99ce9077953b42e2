"""Assignments of directory roles, and memberships of groups by PIM: in force, activated, or to be had on request.

https://learn.microsoft.com/graph/api/resources/privilegedidentitymanagementv3-overview
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from leastwise.providers.entra.language.assignments import (
    Assignment,
    Enrolment,
    Span,
    joined,
    parse_assignment,
    parse_enrolment,
)
from leastwise.providers.entra.language.directory import GROUP
from leastwise.providers.entra.language.ids import TENANT, At, Place, needed_id, object_id
from leastwise.providers.fields import Body, Fields
from leastwise.providers.microsoft.activation import requirements

from . import roles
from .context import Context
from .owners import OWNER_OF

ASSIGNED, ACTIVATED, ELIGIBLE = "role_assignment", "activated_assignment", "eligible_assignment"
MEMBER_OF = "member/group"
_ACCESS = {False: "member", True: "owner"}


def assignment(context: Context, body: Body, about: str, source: str) -> None:
    """A role assignment that is in force. Raises FieldError."""
    _take(context, context.assigned, parse_assignment(body), body, source)


def instance(context: Context, body: Body, about: str, source: str) -> None:
    """What an assignment schedule has made, which the list of role assignments tells as well. Raises FieldError."""
    if _pending(body):
        return
    one = parse_assignment(body)
    _take(context, context.instances, replace(one, id=one.origin or one.id), body, source)


def eligible(context: Context, body: Body, about: str, source: str) -> None:
    """A role that somebody may activate. Raises FieldError."""
    if not _pending(body):
        _take(context, context.eligible, parse_assignment(body), body, source)


def enrolment(context: Context, body: Body, about: str, source: str) -> None:
    """A membership or ownership of a group that PIM gives. Raises FieldError."""
    if _pending(body):
        return
    body = _of_group(body, about)
    one, fields = parse_enrolment(body), Fields(body)
    context.people.named(one.principal, _kind(body, "principal"), source)
    context.people.named(one.group, GROUP, source)
    activated = fields.text("assignmentType").lower() == "activated"
    context.enrolled.setdefault((one, activated, fields.text("id")), source)


def offer(context: Context, body: Body, about: str, source: str) -> None:
    """A membership or ownership of a group that somebody may activate. Raises FieldError."""
    if _pending(body):
        return
    body = _of_group(body, about)
    one = parse_enrolment(body)
    context.people.named(one.principal, _kind(body, "principal"), source)
    context.people.named(one.group, GROUP, source)
    context.offered.setdefault((one, Fields(body).text("id")), source)


def _pending(body: Body) -> bool:
    """Whether a schedule, or what it should make, is not in force: it waits, failed, or was taken back.

    https://learn.microsoft.com/graph/api/resources/unifiedrolescheduleinstancebase
    """
    status = Fields(body).text("status").lower()
    return bool(status) and status not in ("provisioned", "granted", "active")


def _of_group(body: Body, about: str) -> Body:
    return body if not about or Fields(body).text("groupId") else {**body, "groupId": about}


def _take(context: Context, into: dict[Assignment, str], one: Assignment, body: Body, source: str) -> None:
    roles.expanded(context, body, source)
    context.people.named(one.principal, _kind(body, "principal"), source)
    into.setdefault(one, source)


def _kind(body: Body, name: str) -> str:
    """The kind of an object that is given along."""
    return Fields(Fields(body).object(name)).text("@odata.type")


# --- how it is activated ----------------------------------------------------------------------------------------------


def rules(context: Context, body: Body, about: str, source: str) -> None:
    """A role management policy, which assignments of policies name. Raises FieldError."""
    fields = Fields(body)
    told = fields.objects("effectiveRules") or fields.objects("rules") or ()
    context.rules.setdefault(fields.needed("id").lower(), requirements(told, approvers=True, standing=True))


def rule_assignment(context: Context, body: Body, about: str, source: str) -> None:
    """Which policy says how a role is activated, or a membership of a group. Raises FieldError."""
    fields = Fields(body)
    inner = Fields(fields.object("policy"))
    told = inner.objects("effectiveRules") or inner.objects("rules") or ()
    scope = object_id(fields.text("scopeId")) or TENANT
    policy = (fields.text("policyId") or inner.text("id")).lower()
    key = (scope, needed_id(fields, "roleDefinitionId"))
    context.ruled.setdefault(key, (policy, requirements(told, approvers=True, standing=True)))


def _required(context: Context, scope: str, role: str) -> str | None:
    """What must be done to activate it; policies of roles are those of the whole tenant."""
    policy, told = context.ruled.get((scope, role), ("", None))
    return told if told is not None else context.rules.get(policy)


# --- rows -------------------------------------------------------------------------------------------------------------


def finish(context: Context) -> None:
    """A row for each assignment, and for each membership by PIM."""
    where = context.instances | context.assigned
    for one in joined([*context.assigned], [*context.instances]):
        kind = ACTIVATED if one.activated else ASSIGNED
        row(context, "allow", kind, one, context.instances.get(one) or where[one])
    for one, source in context.eligible.items():
        row(context, "eligible", ELIGIBLE, one, source, _required(context, TENANT, one.role))
    _finish_groups(context)


def row(context: Context, layer: str, kind: str, one: Assignment, source: str, requires: str | None = None) -> None:
    """The row of an assignment."""
    body = {
        "id": one.id, "roleDefinitionId": one.role, "principalId": one.principal, **_scope(one.place),
        **_span(one.span), "assignmentType": "Activated" if one.activated else "",
        "roleAssignmentOriginId": one.origin,
    }  # fmt: skip
    target = context.tenant if one.place.at is At.TENANT else one.place.id
    context.give(
        layer, kind, target, [one.role], [one.principal], body, source, id=one.id, until=one.span.until,
        requires=requires,
    )  # fmt: skip


def _scope(place: Place) -> dict[str, str]:
    """A place as the vendor writes it."""
    if place.at is At.APP:
        return {"appScopeId": place.id}
    unit = "administrativeUnits/" if place.at is At.UNIT else ""
    return {"directoryScopeId": f"/{unit}{place.id}"}


def _span(span: Span) -> Mapping[str, str]:
    return {"startDateTime": _moment(span.since), "endDateTime": _moment(span.until)}


def _moment(time: datetime | None) -> str:
    return "" if time is None else time.isoformat()


def _finish_groups(context: Context) -> None:
    for (one, activated, id), source in context.enrolled.items():
        if one.owner:
            kind = "activated_owner" if activated else "owner"
            group_row(context, "ownership", kind, one, id, source)
            continue
        group_row(context, "allow", ACTIVATED if activated else ASSIGNED, one, id, source)
        context.people.belongs(one.principal, one.group, "privileged_group", one.span.until, source)
    for (one, id), source in context.offered.items():
        group_row(context, "eligible", ELIGIBLE, one, id, source, _required(context, one.group, _ACCESS[one.owner]))
    of_groups = any(Fields(body).get("accessId") for _, body, *_ in context.asked.requests)
    if context.enrolled or context.offered or of_groups:
        context.bundle(MEMBER_OF, "membership", "Member of the group", {"accessId": "member"}, [], "catalogue",
                       flags={"privileged": False})  # fmt: skip


def group_row(
    context: Context, layer: str, kind: str, one: Enrolment, id: str, source: str, requires: str | None = None
) -> None:
    """The row of a membership or ownership by PIM."""
    body = {
        "id": id, "principalId": one.principal, "groupId": one.group, "accessId": _ACCESS[one.owner],
        **_span(one.span),
    }  # fmt: skip
    bundle = OWNER_OF + GROUP if one.owner else MEMBER_OF
    context.give(
        layer, kind, one.group, [bundle], [one.principal], body, source, id=id, until=one.span.until,
        requires=requires,
    )  # fmt: skip
