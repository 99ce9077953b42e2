"""Whether somebody is meant by an assignment: the principal itself, or a group that it is in, however deeply nested.

https://learn.microsoft.com/azure/role-based-access-control/overview#groups
"""

from __future__ import annotations

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.solve import Gap

from .estate import FOREIGN, GROUP, Estate


def includes(estate: Estate, listed: str, told: str, who: str) -> Formula:
    """Whether somebody is a principal that is listed, or in it.

    Args:
        estate: what is known.
        listed: the principal's id.
        told: its type, as whoever lists it tells; or empty.
        who: the somebody.
    """
    return _includes(estate, listed, told, who, frozenset())


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
    if members is None and told.lower() in FOREIGN and who in estate.kinds:
        return False
    if members is None:
        return Literal(Gap(f"the members of group {listed}"))
    within = any_of(_includes(estate, one.id, one.kind, who, passed | {listed}) for one in members)
    return any_of((within, Literal(Gap(f"the members of group {listed}")))) if listed in estate.partly else within
