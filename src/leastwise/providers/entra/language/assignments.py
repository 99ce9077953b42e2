"""Assignments of directory roles: permanent, for a time, activated, or eligible; and memberships by PIM for groups.

https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
https://learn.microsoft.com/graph/api/resources/unifiedroleassignmentscheduleinstance
https://learn.microsoft.com/graph/api/resources/privilegedaccessgroupassignmentscheduleinstance
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from leastwise.providers.fields import Body, FieldError, Fields

from .ids import Place, needed_id, object_id, place_of


@dataclass(frozen=True, slots=True)
class Span:
    """From when and until when something holds; None for an open end."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, now: datetime | None) -> bool:
        """Whether it holds at a time; at one that is not told it does, for who collected it found it in force."""
        if now is None:
            return True
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role given to a principal at a scope.

    Args:
        id: of the assignment; empty where it was not told.
        role: id of the role definition.
        principal: object id.
        place: where it holds.
        span: while it holds.
        activated: an eligible assignment was activated, and this is what came of it.
        origin: of an instance of a schedule, the id of the assignment that it made.
    """

    id: str
    role: str
    principal: str
    place: Place
    span: Span = ALWAYS
    activated: bool = False
    origin: str = ""

    @property
    def key(self) -> tuple[str, str, Place]:
        """What it gives to whom."""
        return self.role, self.principal, self.place


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A membership or ownership of a group that PIM for groups gives: to whom, in which group, and while it holds."""

    principal: str
    group: str
    owner: bool
    span: Span


def parse_assignment(body: Body) -> Assignment:
    """An assignment, or an instance of a schedule. Raises FieldError."""
    fields = Fields(body)
    role = fields.text("roleDefinitionId") or Fields(fields.object("roleDefinition")).text("id")
    principal = fields.text("principalId") or Fields(fields.object("principal")).text("id")
    role, principal = object_id(role), object_id(principal)
    if not role:
        raise FieldError("roleDefinitionId is missing")
    if not principal:
        raise FieldError("principalId is missing")
    return Assignment(
        id=fields.text("id"),
        role=role,
        principal=principal,
        place=place_of(fields),
        span=span_of(fields),
        activated=fields.text("assignmentType").lower() == "activated",
        origin=fields.text("roleAssignmentOriginId"),
    )


def parse_enrolment(body: Body) -> Enrolment:
    """A membership or ownership by PIM for groups. Raises FieldError."""
    fields = Fields(body)
    access = fields.text("accessId").lower() or "member"
    if access not in ("member", "owner"):
        raise FieldError(f"accessId {access!r} is neither member nor owner")
    principal, group = (needed_id(fields, name) for name in ("principalId", "groupId"))
    return Enrolment(principal, group, access == "owner", span_of(fields))


def joined(assignments: Sequence[Assignment], instances: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Assignments, each once: what a schedule made is told by two interfaces, and only one knows when it ends."""
    by_origin = {one.origin for one in instances if one.origin}
    timed = {one.key for one in instances if not one.origin}
    left = [one for one in assignments if one.id not in by_origin and one.key not in timed]
    return tuple(dict.fromkeys((*instances, *left)))


def span_of(fields: Fields) -> Span:
    """While an instance of a schedule, or a schedule, holds. Raises FieldError."""
    within = Fields(fields.object("scheduleInfo"))
    end = Fields(within.object("expiration"))
    since = fields.text("startDateTime") or within.text("startDateTime")
    until = fields.text("endDateTime") or end.text("endDateTime")
    return Span(*(moment(one) if one else None for one in (since, until)))


def moment(text: str) -> datetime:
    """A point in time; without a zone it is of UTC. Raises FieldError."""
    try:
        read = datetime.fromisoformat(text.strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FieldError(f"{text!r} is no point in time") from None
