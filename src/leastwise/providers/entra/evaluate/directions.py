"""The reference's other two directions: who can, over everybody who may, and what can, over all that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from leastwise.engine.formula import Formula
from leastwise.model.decision import State

from ..language.actions import Action, parse_action
from ..language.directory import SERVICE, USER
from ..language.roles import Role
from .decide import access, solver
from .everyone import by_default, by_owning
from .explain import STATES
from .federation import written
from .membership import carries, expanded
from .request import Kind, Request
from .roles import closure, grant


@dataclass(frozen=True, slots=True)
class Listed:
    """Who can.

    Args:
        states: state of each that is not denied, by id.
        missing: what was not read and may let in others.
    """

    states: Mapping[str, State]
    missing: tuple[str, ...]


class Told:
    """States of many decisions that come to the same formulas; each is solved once."""

    def __init__(self) -> None:
        self._solver, self._known = solver(), dict[Formula, State]()

    def state(self, asked: Request) -> State:
        """The state of one decision."""
        formula = access(asked)
        if formula not in self._known:
            self._known[formula] = STATES[self._solver.verdict(formula).outcome]
        return self._known[formula]


def who_can(asked: Request) -> Listed:
    """Who can do what is asked; the principal of the question does not matter.

    Groups stand as their direct members, and as themselves where these were not read.
    """
    told, found = Told(), dict[str, State]()
    for who in everybody(asked):
        answer = told.state(asked.by(who))
        if answer is not State.DENIED:
            found[who] = answer
    return Listed(dict(sorted(found.items())), asked.estate.unread)


def everybody(asked: Request) -> list[str]:
    """Everybody to whom something that may give the permission was given, and who may have it without."""
    return sorted(dict.fromkeys(_everybody(asked)))


def _everybody(asked: Request) -> Iterator[str]:
    estate = asked.estate
    if asked.kind is Kind.EXCHANGE:
        yield from (written(one) for one in estate.trusted if one.application == asked.resource)
        return
    if asked.user:
        yield from (one.client for one in estate.delegations)
        return
    for one in estate.app_roles:
        if asked.kind is not Kind.ACTION:
            yield from expanded(asked, one.principal)
    for each in estate.assignments:
        if asked.kind is Kind.REQUEST or (asked.kind is Kind.ACTION and _may_give(asked, each.principal)):
            yield from expanded(asked, each.principal)
    yield from (one.id for one in estate.owners.get(asked.resource, ()))
    yield from (one.principal for one in estate.enrolled(asked.resource, owners=True))
    for object in estate.objects.values():
        if object.kind in (USER, SERVICE) and _without(asked.by(object.id)):
            yield object.id


def _may_give(asked: Request, principal: str) -> bool:
    made = (grant(asked.by(principal), one) for one in asked.estate.assigned_to.get(principal, ()))
    return any(one.has is not False and one.scope is not False for one in made)


def _without(asked: Request) -> bool:
    """Whether somebody may have the permission without having been given anything."""
    return asked.kind is Kind.ACTION and (by_default(asked) is not False or by_owning(asked) is not False)


def what_can(asked: Request) -> dict[str, State]:
    """What the principal is not denied on the object, by permission as it is written, with each state.

    Of the tenant and of its objects: actions of the directory; of a service principal also the app roles (or, on behalf
    of a user, the scopes) that the principal has of it.
    """
    told, found = Told(), dict[str, State]()
    for name in permissions(asked):
        answer = told.state(replace(asked, permission=name))
        if answer is not State.DENIED:
            found[name] = answer
    return dict(sorted(found.items()))


def permissions(asked: Request) -> list[str]:
    """The permissions that what can is about: known actions, those that roles name, and values that were granted."""
    estate = asked.estate
    named = _named(asked)
    # What says less of the same (a subtype, a limited reading) is listed where a role names it.
    found = {low: name for low, name in estate.actions.items() if low in named or not narrow(parse_action(low))}
    for one in estate.app_roles:
        value = estate.object(one.resource).app_roles or {}
        name = value.get(one.role) or estate.published.app_roles.get(one.role)
        if name and asked.resource in (one.resource, "/"):
            found[name.lower()] = name
    if asked.user:
        spelt = {value.lower(): value for value in estate.published.scopes}
        for each in estate.delegations:
            if asked.resource in (each.resource, "/"):
                own = {one.lower(): one for one in estate.object(each.resource).scopes or ()}
                found |= {one: own.get(one) or spelt.get(one) or one for one in each.scopes}
    return list(found.values())


def _named(asked: Request) -> frozenset[str]:
    """The actions that roles of the principal name, in lower case."""
    keys = {one.role for one in asked.estate.assignments if carries(asked, one.principal, asked.who) is not False}
    roles = (role for key in keys for role in closure(asked.estate, key) if isinstance(role, Role))
    return frozenset(str(one) for role in roles for entry in role.entries for one in entry.actions)


def narrow(action: Action) -> bool:
    """Whether an action says less of what another one says."""
    return (bool(action.subtypes) and action.base in ("groups", "applications")) or (
        action.reads and action.verb != "read"
    )


def unknown_roles(asked: Request) -> list[str]:
    """What may give the principal more than is known: roles that were not read."""
    estate = asked.estate
    keys = (one.role for one in estate.assigned_to.get(asked.who, ()))
    return sorted(
        {f"the role definition {one}" for key in keys for one in closure(estate, key) if isinstance(one, str)}
    )
