"""Whether somebody is meant by an assignment: the principal itself, or a group that it is in, however deeply nested.

https://learn.microsoft.com/azure/role-based-access-control/overview#groups
"""

from __future__ import annotations

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.solve import Gap

from ..language.assignments import Assignment
from .estate import FOREIGN, GROUP, NOT_HERE, USER, Estate


def given_to(estate: Estate, one: Assignment, who: str) -> Formula:
    """Whether an assignment names somebody, or a group that they are in."""
    return includes(estate, one.principal, one.type, who, one.tenant, estate.tenant(one.scope.top))


def includes(estate: Estate, listed: str, told: str, who: str, tenant: str = "", here: str = "") -> Formula:
    """Whether somebody is a principal that is listed, or in it.

    Args:
        estate: what is known.
        listed: the principal's id.
        told: its type, as whoever lists it tells; or empty.
        who: the somebody.
        tenant: whose principal it is, where whoever lists it tells that it is another tenant's; or empty.
        here: the tenant in which it is listed; empty where that is not known.
    """
    if told.lower() in FOREIGN and listed != who and estate.kind(listed, told) == GROUP and listed not in estate.groups:
        of = tenant or estate.homes.get(listed, "")
        if apart(estate.homes.get(who, ""), of, here if told.lower() == NOT_HERE else ""):
            return False
    return _includes(estate, listed, told, who, frozenset())


def apart(home: str, tenant: str, here: str) -> bool:
    """Whether somebody whose directory is a tenant's cannot be in a group of another tenant.

    An id is of one tenant, and a group has those of its own in it: a guest is another object in each. A group of which
    it is known only that it is not of the tenant in which it is listed has nobody in it whose home that is.
    https://learn.microsoft.com/azure/lighthouse/concepts/tenants-users-roles

    Args:
        home: the tenant whose directory told of somebody; empty where none did.
        tenant: the group's; empty where it is not known.
        here: the tenant in which the group is listed; empty where that is not known.
    """
    return bool(home) and (home != tenant if tenant else home == here)


def _includes(estate: Estate, listed: str, told: str, who: str, passed: frozenset[str]) -> Formula:
    if listed == who:
        return True
    if listed in passed:
        return False
    kind = estate.kind(listed, told)
    if not kind:
        return Literal(Gap(f"whether {listed} is a group, and who is in it"))
    if kind != GROUP:
        return False
    members = estate.groups.get(listed)
    if members is None:
        return Literal(Gap(f"the members of group {listed}"))
    within = any_of(_includes(estate, one.id, one.kind, who, passed | {listed}) for one in members)
    person = estate.kinds.get(who) in (USER, GROUP)
    if listed not in estate.partly or (person and listed in estate.people_told):
        return within
    return any_of((within, Literal(Gap(f"the members of group {listed}"))))
