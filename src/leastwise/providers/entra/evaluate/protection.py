"""Whom administrators may act upon: resetting passwords and other sensitive actions depend on the user's own roles.

https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords
https://learn.microsoft.com/entra/identity/role-based-access-control/manage-roles-portal#roles-that-can-be-assigned-with-administrative-unit-scope
"""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap

from ..catalog.tables import Upon, tables
from ..language.actions import Action
from ..language.assignments import Assignment
from ..language.directory import USER
from ..language.ids import At, Place
from .estate import ASSIGNMENTS, GROUP_OWNERS
from .membership import carries, member_of, of_which_sort, owner_of
from .request import Request


def table_of(asked: Request, action: Action) -> Upon | None:
    """The table that an action on the object of the question is held to; None where there is none."""
    if asked.tenant or asked.target.kind not in ("", USER):
        return None
    return next((one for one in tables().upon if action in one.actions), None)


def yields(asked: Request, action: Action, role: str, place: Place) -> Formula:
    """Whether the user that the question is about yields to a role that is assigned at a place.

    Args:
        asked: the question; its object is the user.
        action: what is done to it.
        role: id of the role of who does it.
        place: where that is assigned.
    """
    table, told = table_of(asked, action), tables()
    if table is None:
        return True
    actor = asked.estate.template(role)
    if actor in told.anybody:
        return True
    if not asked.target.kind and asked.resource not in asked.estate.assigned_to:
        # An object that nothing describes may hold any role.
        return Literal(Gap(f"what object {asked.resource} is"))
    return all_of((negate(_of_group(asked)), *_roles_of(asked, table, actor, place)))


def plain(asked: Request) -> Formula:
    """Whether the user that the question is about holds no role and is in no role-assignable group."""
    held = any_of(carries(asked, one.principal, asked.resource) for one in _active(asked))
    return negate(any_of((held, _untold(asked), _of_group(asked))))


def _active(asked: Request) -> Iterator[Assignment]:
    """Assignments that hold now: eligible ones protect nobody until they are activated."""
    return (one for one in asked.estate.assignments if one.span.holds(asked.now))


def _of_group(asked: Request) -> Formula:
    """Whether the user is a member or owner of a role-assignable group."""
    groups = asked.estate.assignable_groups
    owns = any(owner_of(asked, one, asked.resource) for one in groups)
    perhaps = (
        all_of((of_which_sort(asked.estate, one), _is_near(asked, one))) for one in asked.estate.perhaps_assignable
    )  # fmt: skip
    # Of whom nobody was asked anything may own one; what that gives is another question.
    untold = GROUP_OWNERS in asked.estate.unread and asked.estate.any_assignable
    may_own = Literal(Gap(f"whether {asked.resource} owns a role-assignable group")) if untold else False
    return owns or any_of((may_own, *(member_of(asked, one, asked.resource) for one in groups), *perhaps))


def _is_near(asked: Request, group: str) -> Formula:
    """Whether the user is a member or owner of a group."""
    return owner_of(asked, group, asked.resource) or member_of(asked, group, asked.resource)


def _untold(asked: Request) -> Formula:
    """Whether the user may hold a role that was not read."""
    if ASSIGNMENTS not in asked.estate.unread:
        return False
    return Literal(Gap(f"whether {asked.resource} holds a directory role that was not read"))


def _roles_of(asked: Request, table: Upon, actor: str, place: Place) -> Iterator[Formula]:
    """For each role that the user may hold: that it holds it not, or that the actor may act upon such a user."""
    yield negate(_untold(asked))
    for one in _active(asked):
        held = carries(asked, one.principal, asked.resource)
        if held is not False:
            yield any_of((negate(held), _upon(asked, table, actor, place, one)))


def _upon(asked: Request, table: Upon, actor: str, place: Place, held: Assignment) -> Formula:
    told = tables()
    if actor in told.nobody:
        return False
    listed = table.actors.get(actor)
    if listed is None:
        return Literal(Gap(f"whether role {_title(asked, actor)} may act upon a user who holds a role"))
    among = asked.estate.template(held.role) in listed
    if held.place.at is At.UNIT and among:
        unit = asked.estate.units.get(held.place.id)
        if unit is None or unit.restricted is None:
            return Literal(Gap(f"whether administrative unit {held.place.id} is restricted"), False)
        among = not unit.restricted
    if place.at is not At.UNIT or not among:
        return among
    if actor in told.unsaid:
        return Literal(
            Gap(f"whether {_title(asked, actor)} at an administrative unit may act upon limited administrators")
        )
    return False


def _title(asked: Request, role: str) -> str:
    found = asked.estate.role(role)
    return found.title if found is not None else role
