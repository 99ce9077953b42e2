"""What assignments of directory roles give.

https://learn.microsoft.com/entra/identity/role-based-access-control/custom-overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.solve import Gap

from ..catalog.tables import tables
from ..language.actions import Action
from ..language.assignments import Assignment
from ..language.directory import DEVICE, GROUP, SERVICE, USER
from ..language.ids import At
from ..language.roles import OWNER, SELF, Entry, Role
from .apps import value_of
from .estate import Estate
from .membership import carries, owner_of
from .protection import yields
from .request import Request
from .scoping import about, lets, meanings, meant, within


@dataclass(frozen=True, slots=True)
class Held:
    """One permissions entry by which a role has an action.

    Args:
        role: the role whose entry it is: the assigned one, or one that it inherits.
        position: of the entry in that role's definition.
        by: the action by which it has it.
        condition: when the entry's condition is met.
    """

    role: Role
    position: int
    by: Action
    condition: Formula


@dataclass(frozen=True, slots=True)
class Grant:
    """What one assignment makes of a question.

    Args:
        assignment: the assignment.
        role: its role, or None where that is not known.
        member: whether it is the principal's.
        scope: whether the object lies in its scope.
        has: whether the role has the action.
        held: by which entries.
        passes: whether what protects the object lets it through, and the principal can use it.
        lasts: whether it has begun and not ended.
    """

    assignment: Assignment
    role: Role | None
    member: Formula
    scope: Formula
    has: Formula
    held: tuple[Held, ...]
    passes: Formula
    lasts: bool = True

    @property
    def formula(self) -> Formula:
        """When the assignment allows it."""
        return all_of((self.lasts, self.member, self.scope, self.has, self.passes))


def grants(asked: Request) -> Iterator[Grant]:
    """What each assignment that may be the principal's makes of a question about an action."""
    for one in asked.estate.assignments:
        made = grant(asked, one)
        if made.member is not False:
            yield made


def grant(asked: Request, one: Assignment) -> Grant:
    """What one assignment makes of a question about an action."""
    action, estate = asked.action, asked.estate
    role = estate.role(one.role)
    member = carries(asked, one.principal, asked.who)
    has, held = having(asked, one.role)
    scope = all_of((meant(asked, action), within(asked, action, one.place)))
    if member is False or scope is False or has is False:
        return Grant(one, role, member, scope, has, held, True, one.span.holds(asked.now))
    passes = all_of((yields(asked, action, one.role, one.place), lets(asked, action, one.place), usable(asked, one)))
    return Grant(one, role, member, scope, has, held, passes, one.span.holds(asked.now))


# --- what a role has --------------------------------------------------------------------------------------------------


def having(asked: Request, key: str) -> tuple[Formula, tuple[Held, ...]]:
    """Whether a role has the action of a question on its object, and by which entries."""
    held: list[Held] = []
    parts: list[Formula] = []
    for role in closure(asked.estate, key):
        if isinstance(role, str):
            parts.append(Literal(Gap(f"the role definition {role}")))
            continue
        for position, entry in enumerate(role.entries):
            for action, when in meanings(asked, asked.action):
                by = entry.by(action)
                if by is not None:
                    met = all_of((condition(asked, entry, role), when))
                    held.append(Held(role, position, by, met))
                    parts.append(met)
    return any_of(parts), tuple(one for one in held if one.condition is not False)


def closure(estate: Estate, key: str) -> list[Role | str]:
    """A role and all that it inherits; the id of one that is not known. A disabled role has nothing."""
    found: dict[str, Role | str] = {}
    queue = [key]
    while queue:
        at = queue.pop(0)
        if at in found:
            continue
        role = estate.role(at)
        found[at] = role if role is not None and role.told else at
        if role is not None:
            if not role.enabled:
                del found[at]
                continue
            queue += role.inherits
    return list(found.values())


def condition(asked: Request, entry: Entry, role: Role) -> Formula:
    """Whether an entry's condition is met."""
    if not entry.condition:
        return True
    if entry.condition == SELF:
        return asked.resource == asked.who
    if entry.condition == OWNER:
        return not asked.tenant and owner_of(asked, asked.resource, asked.who)
    return Literal(Gap(f"what the condition {entry.condition!r} of role {role.title} means"))


# --- who can use an assignment at a unit ------------------------------------------------------------------------------

_READ_AS = {USER: "users", GROUP: "groups", DEVICE: "devices"}
_READERS = ("directory.read.all", "directory.readwrite.all")


def usable(asked: Request, one: Assignment) -> Formula:
    """Whether the principal can use an assignment at a unit: service principals and guests must be able to read.

    https://learn.microsoft.com/entra/identity/role-based-access-control/manage-roles-portal#service-principals-and-guest-users
    """
    if one.place.at is not At.UNIT:
        return True
    who = asked.estate.object(asked.who)
    policy = asked.estate.policy
    if who.kind != SERVICE and not (who.kind == USER and who.guest):
        return True
    if who.kind == USER and policy is None:
        return Literal(Gap("the authorization policy"))
    if who.kind == USER and policy is not None and policy.guest_role == tables().member:
        return True
    # What belongs to a device (recovery keys, local passwords) is found by reading devices.
    entity = _READ_AS[about(asked.action)]
    reading = asked.to_do(f"{entity}/standard/read")
    by_role = any_of(
        all_of((carries(asked, each.principal, asked.who), having(reading, each.role)[0]))
        for each in asked.estate.assignments
        if each.place.at is At.TENANT and each.span.holds(asked.now)
    )
    return any_of((by_role, _by_permission(asked, entity)))


def _by_permission(asked: Request, entity: str) -> bool:
    names = (*_READERS, *(f"{entity.rstrip('s')}.{word}.all" for word in ("read", "readwrite")))
    return any(
        (value_of(asked.estate, one) or "").lower() in names
        for one in asked.estate.app_roles
        if one.principal == asked.who and asked.estate.is_graph(one.resource) is not False
    )
