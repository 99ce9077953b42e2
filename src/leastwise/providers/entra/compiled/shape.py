"""Actions that the same principals may do to the same objects, and requests that the same apps may make.

Equal shapes are told without deciding anything.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from leastwise.engine.arrays import Array

from ..catalog.allowing import changing
from ..catalog.tables import tables
from ..evaluate.graph import allowing, directory_question, system_of
from ..evaluate.request import Kind, Request
from ..evaluate.roles import closure
from ..evaluate.scoping import ASSIGNABLE, SUBTYPES, changes_group, creates
from ..language.actions import Action
from ..language.roles import Role
from .held import Compiled
from .placing import of_credentials, of_members

_CONSENT = "managepermissiongrantsfor"
"""Of actions that the policy itself gives, each for itself."""


def shape(held: Compiled, asked: Request, objects: Array) -> Hashable | None:
    """Equal for two permissions of which every answer is the same; None where that cannot be told so.

    It is made of what a decision reads of an action: which entries of roles have it, which tables name it, and what
    kind of object it is done to and how; of a request which values allow it, and the action that it comes to.

    Args:
        held: the tenant.
        asked: the question, about any object.
        objects: those that it can be about, by number.
    """
    if asked.user or asked.kind not in (Kind.ACTION, Kind.REQUEST):
        return None
    beside: Hashable = None
    if asked.kind is Kind.REQUEST:
        known, doing = allowing(asked), directory_question(asked)
        if known is None or doing is None or asked.graph.mine or asked.graph.method == "PATCH":
            return None
        beside = tuple(sorted(changing(known.application, doing.action))), system_of(asked)
        asked = doing
    told = _of_action(held, asked)
    return None if told is None else (asked.now, asked.strict, beside, told, objects.tobytes())


def _of_action(held: Compiled, asked: Request) -> Hashable | None:
    """What decides of an action; None where what is told of it names it, or it reads or makes something."""
    action, estate, told = asked.action, asked.estate, tables()
    if action.reads or creates(action) or not action.directory or not estate.knows(action):
        return None
    if _part(action) or action.verb.startswith(_CONSENT):
        return None
    variants = _variants(action)
    assigned = {*held.roles_of("assignment"), told.member, told.guest, told.restricted}
    roles = tuple(tuple(_having(one, variants) for one in closure(estate, key)) for key in sorted(assigned))
    kind = action.base, action.subtypes, action.verb in ("update", "create"), of_credentials(action), of_members(action)
    return kind, _passes(action), _dynamic(action), roles, _tabled(action)


def _variants(action: Action) -> list[Action]:
    """What roles may name instead of an action: the same of subtypes of its object."""
    more = [action.of(ASSIGNABLE)] if changes_group(action) else []
    return [action, *more, *(action.of(f"{action.base}.{one}") for one in SUBTYPES.get(action.base, ()))]


def _having(role: Role | str, variants: Iterable[Action]) -> Hashable:
    if isinstance(role, str):
        return role
    return tuple(tuple(one.by(each) is not None for each in variants) for one in role.entries)


def _part(action: Action) -> bool:
    """Whether the policy may take a part of an action from users, of which is told which was asked."""
    switches = tables().switches.values()
    return any(action.includes(one) and not one.includes(action) for several in switches for one in several)


def _tabled(action: Action) -> Hashable:
    """Which of the vendor's tables name an action."""
    told = tables()
    several = (
        *(one.actions for one in told.upon), told.invites, *told.switches.values(), *told.own.values(),
        *told.owners.values(),
    )  # fmt: skip
    upon = next((place for place, one in enumerate(told.upon) if action in one.actions), -1)
    return upon, tuple(any(one.includes(action) for one in listed) for listed in several)


def _passes(action: Action) -> bool:
    """Whether what protects a user lets permissions of an app through."""
    return action.properties[:1] == ("authenticationmethods",) or action.verb == "invalidateallrefreshtokens"


def _dynamic(action: Action) -> bool:
    """Whether it changes the members of a group, which nobody does of a dynamic one."""
    return action.properties == ("members",) and action.verb == "update"
