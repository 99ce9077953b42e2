"""Whether somebody is meant by an assignment: the principal itself, or a direct member of the group.

Groups nest for Azure's roles. For directory roles they do not: only role-assignable groups carry them, and these have
no groups in them. App roles reach the direct members of a group.
https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal
"""

from __future__ import annotations

from leastwise.engine.formula import Formula, Literal
from leastwise.engine.solve import Gap

from ..language.directory import GROUP, SERVICE
from .estate import Estate
from .request import Request

_OBJECT = ", and whether the object is among them"
"""That somebody else is in a group says nothing of the object, which may be protected by being in it."""


def unread_members(estate: Estate, group: str, *, of_object: bool = False) -> Formula:
    """What is not known of the members of a group that was not read."""
    return Literal(Gap(f"the members of group {estate.title(group)}{_OBJECT if of_object else ''}"))


def of_which_sort(estate: Estate, group: str) -> Formula:
    """What is not known of a group that is only named."""
    return Literal(Gap(f"whether group {estate.title(group)} is role-assignable"))


def _of_object(asked: Request, who: str) -> bool:
    return who == asked.resource and who not in (asked.who, asked.user)


def member_of(asked: Request, group: str, who: str) -> Formula:
    """Whether somebody is a direct member of a group, now."""
    estate = asked.estate
    if any(one.principal == who and one.span.holds(asked.now) for one in estate.enrolled(group)):
        return True
    members = estate.members(group)
    if members is None:
        told = group in estate.people_told and estate.kind(who) not in ("", SERVICE)
        return False if told else unread_members(estate, group, of_object=_of_object(asked, who))
    return any(one.id == who and one.span.holds(asked.now) for one in members)


def owner_of(asked: Request, object: str, who: str) -> bool:
    """Whether somebody owns an object, now."""
    owners = asked.estate.owners.get(object, ())
    enrolled = asked.estate.enrolled(object, owners=True)
    return any(one.id == who and one.span.holds(asked.now) for one in owners) or any(
        one.principal == who and one.span.holds(asked.now) for one in enrolled
    )


def carries(asked: Request, principal: str, who: str) -> Formula:
    """Whether a directory role that a principal was given is somebody's."""
    if principal == who:
        return True
    kind = asked.estate.kind(principal)
    if kind == GROUP:
        if not asked.estate.assignable(principal):
            return False
        # A group cannot be in a role-assignable group, whatever a list says.
        return False if asked.estate.kind(who) == GROUP else member_of(asked, principal, who)
    return _unknown(asked, principal, kind, who)


def _unknown(asked: Request, principal: str, kind: str, who: str) -> Formula:
    """Whether a principal may be a group that somebody is in: not where it is known, or acts in the question itself."""
    none = kind or asked.estate.all_groups or principal in (asked.who, asked.user)
    return False if none else Literal(Gap(f"who {principal} is{_OBJECT if _of_object(asked, who) else ''}"))


def receives(asked: Request, principal: str, who: str) -> Formula:
    """Whether an app role that a principal was given is somebody's."""
    if principal == who:
        return True
    kind = asked.estate.kind(principal)
    if kind == GROUP:
        # Neither a group in the group receives it, nor do those who are in that.
        return False if asked.estate.kind(who) == GROUP else member_of(asked, principal, who)
    return _unknown(asked, principal, kind, who)


def expanded(asked: Request, principal: str) -> list[str]:
    """Whom a principal stands for in a list: itself, or the direct members of a group whose members were read."""
    estate = asked.estate
    if estate.kind(principal) != GROUP:
        return [principal]
    enrolled = [one.principal for one in estate.enrolled(principal)]
    members = estate.members(principal)
    return [*enrolled, *([principal] if members is None else [one.id for one in members])]


def enabled(asked: Request, id: str) -> bool:
    """Whether a principal can get a token; one of which that is not told can.

    https://learn.microsoft.com/entra/identity/users/users-revoke-access
    https://learn.microsoft.com/entra/identity/enterprise-apps/disable-user-sign-in-portal
    """
    return asked.estate.object(id).enabled is not False
