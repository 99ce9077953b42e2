"""What role assignments give: those of the resource and of all above it, together.

https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap

from ..language.assignments import Assignment
from ..language.operations import Plane
from ..language.parse import parse_stamp
from ..language.roles import Entry, Role
from .conditions import condition
from .membership import given_to
from .request import NOW, Request
from .systems import other_systems


@dataclass(frozen=True, slots=True)
class Held:
    """One permissions entry of a role that has the operation.

    Args:
        position: of the entry in the role definition.
        pattern: by which it has the operation, as it is written.
        condition: when the entry's own condition is true.
    """

    position: int
    pattern: str
    condition: Formula


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role assignment makes of a request.

    Args:
        assignment: the assignment.
        role: its role, or None where that is not known.
        scope: whether the resource is in its scope.
        member: whether the principal is the assignment's, or in it.
        held: the role's entries that have the operation.
        left_out: entries that would have it and leave it out.
        condition: when the assignment's condition is true.
        lasts: whether it has not ended.
    """

    assignment: Assignment
    role: Role | None
    scope: Formula
    member: Formula
    held: tuple[Held, ...]
    left_out: tuple[int, ...]
    condition: Formula
    lasts: Formula = True

    @property
    def has(self) -> Formula:
        """When the role has the operation."""
        if self.role is None:
            return Literal(Gap(f"the role definition {self.assignment.role}"))
        return any_of(one.condition for one in self.held)

    @property
    def formula(self) -> Formula:
        """When the assignment gives access."""
        return all_of((self.scope, self.member, self.has, self.condition, self.lasts))


@dataclass(frozen=True, slots=True)
class Allow:
    """What all role assignments give, and what was not read of them."""

    grants: tuple[Grant, ...]
    unread: tuple[str, ...]

    @property
    def formula(self) -> Formula:
        """When one of them gives access."""
        return any_of((*(one.formula for one in self.grants), *(Literal(Gap(one)) for one in self.unread)))


def allow(asked: Request, plane: Plane) -> Allow:
    """What the role assignments at the resource's scope and above make of a request."""
    grants = tuple(grant(asked, plane, one) for one in reaching(asked))
    return Allow(grants, (*unread(asked), *other_systems(asked, plane)))


def unread(asked: Request) -> tuple[str, ...]:
    """What may give access and was not read."""
    return tuple(f"the role assignments of {key}" for key in asked.chain.keys if key in asked.estate.unread_grants)


def reaching(asked: Request, *, eligible: bool = False) -> Iterator[Assignment]:
    """The assignments (eligible ones) in whose scope the resource is, or may be; those of the resource first."""
    at = asked.estate.offered if eligible else asked.estate.assigned
    for key in asked.chain.keys:
        yield from at.get(key, ())
    if asked.chain.open:
        for key in asked.estate.above:
            if key not in asked.chain.keys:
                yield from at.get(key, ())


def grant(asked: Request, plane: Plane, one: Assignment, member: Formula | None = None) -> Grant:
    """What one assignment makes of a request; `member`: whether it means the principal, where that is known."""
    role = asked.estate.role(one.role)
    held, left_out = _held(asked, plane, role)
    return Grant(
        assignment=one,
        role=role,
        scope=asked.chain.within(one.scope),
        member=given_to(asked.estate, one, asked.who) if member is None else member,
        held=held,
        left_out=left_out,
        condition=condition(one.condition, asked, f"role assignment {one.id or one.role}"),
        lasts=_lasts(asked, one),
    )


def _lasts(asked: Request, one: Assignment) -> Formula:
    """Whether an assignment that ends has not ended; a request that says nothing of the time is one of today."""
    now = asked.context.get(NOW.key)
    if not one.until or not now:
        return not one.ended
    at, until = parse_stamp(str(now[0])), parse_stamp(one.until)
    if at is None or until is None:
        return Literal(Gap(f"whether role assignment {one.id or one.role} has ended"))
    return at.ticks < until.ticks


def _held(asked: Request, plane: Plane, role: Role | None) -> tuple[tuple[Held, ...], tuple[int, ...]]:
    held: list[Held] = []
    left_out: list[int] = []
    for position, entry in enumerate(role.entries if role is not None else ()):
        if entry.has(asked.operation, plane):
            held.append(Held(position, pattern_of(entry, asked.operation, plane), _own(asked, role, position, entry)))
        elif entry.of(plane)[0].take(asked.operation):
            left_out.append(position)
    return tuple(held), tuple(left_out)


def _own(asked: Request, role: Role | None, position: int, entry: Entry) -> Formula:
    title = role.title if role is not None else ""
    return condition(entry.condition, asked, f"entry {position + 1} of role {title}")


def pattern_of(entry: Entry, operation: str, plane: Plane) -> str:
    """The pattern by which an entry has an operation."""
    return entry.of(plane)[0].first(operation) or ""
