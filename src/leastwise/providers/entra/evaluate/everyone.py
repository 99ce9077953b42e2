"""What nobody was given and somebody has: what every user may do, and what owners may.

https://learn.microsoft.com/entra/fundamentals/users-default-permissions
"""

from __future__ import annotations

from collections.abc import Iterable

from leastwise.engine.formula import Formula, Literal, all_of, negate
from leastwise.engine.solve import Gap

from ..catalog.tables import tables
from ..language.actions import Action
from ..language.directory import USER
from ..language.policy import Policy
from .membership import member_of, owner_of
from .request import Request
from .roles import having
from .scoping import meant, reads_hidden, restricted

_POLICY = "the authorization policy"
_CONSENT = "managepermissiongrantsforself."


def by_default(asked: Request) -> Formula:
    """Whether the principal may do it as every user may."""
    who = asked.estate.object(asked.who)
    if who.kind not in ("", USER):
        return False
    member, guest = (all_of((meant(asked, asked.action), made(asked))) for made in (_of_members, _of_guests))
    if member is False and guest is False:
        return False
    if not who.kind:
        return Literal(Gap(f"who {asked.who} is"))
    if who.guest is None:
        found = member if member == guest else Literal(Gap(f"whether {asked.estate.title(asked.who)} is a guest"))
        return found
    return guest if who.guest else member


def _of_members(asked: Request) -> Formula:
    """Whether it is a member's by being one."""
    action, told = asked.action, tables()
    if _has(told.own["member"], action) and asked.resource == asked.who:
        return True
    if action.directory and action.verb.startswith(_CONSENT):
        return _consent(asked, action)
    if reads_hidden(asked, action):
        return _joined(asked)
    has = having(asked, told.member)[0]
    if has is False:
        return False
    return all_of((has, _switched(asked, action), may_invite(asked, member=True)))


def _of_guests(asked: Request) -> Formula:
    """Whether it is a guest's by being one."""
    action, told, policy = asked.action, tables(), asked.estate.policy
    if _has(told.own["guest"], action) and asked.resource == asked.who:
        return True
    if policy is None:
        some = any(having(asked, role)[0] is not False for role in (told.member, told.guest, told.restricted))
        return Literal(Gap(_POLICY)) if some else False
    role = policy.guest_role or told.guest
    if role == told.member:
        return _of_members(asked)
    if role == told.guest and reads_hidden(asked, action):
        return _joined(asked)
    return all_of((having(asked, role)[0], may_invite(asked, member=False)))


def _joined(asked: Request) -> Formula:
    """Whether the principal sees hidden members, being one of them or an owner."""
    return owner_of(asked, asked.resource, asked.who) or member_of(asked, asked.resource, asked.who)


def told_apart(action: Action, before: Policy, now: Policy) -> bool:
    """Whether two policies that give guests the same role may tell another thing of an action."""
    told = tables()
    off = (one for name in before.off ^ now.off for one in told.switches.get(name, ()))
    return (
        any(one.includes(action) or action.includes(one) for one in off)
        or (before.invites != now.invites and _has(told.invites, action))
        or (before.consent != now.consent and action.directory and action.verb.startswith(_CONSENT))
    )


def _has(actions: Iterable[Action], action: Action) -> bool:
    return any(one.includes(action) for one in actions)


def _switched(asked: Request, action: Action) -> Formula:
    """Whether the policy leaves an action to all users."""
    switches, policy = tables().switches, asked.estate.policy
    whole = [name for name, actions in switches.items() if _has(actions, action)]
    part = [name for name, actions in switches.items() if any(action.includes(one) for one in actions)]
    if policy is None:
        return Literal(Gap(_POLICY)) if whole or part else True
    if any(name in policy.off for name in whole):
        return False
    return Literal(Gap(f"which {asked.permission} is meant")) if any(name in policy.off for name in part) else True


def may_invite(asked: Request, *, member: bool | None) -> Formula:
    """Whether the policy lets members, guests, or (None) those who hold a role invite guests; True for all else.

    https://learn.microsoft.com/entra/external-id/external-collaboration-settings-configure
    """
    if not _has(tables().invites, asked.action):
        return True
    policy: Policy | None = asked.estate.policy
    if policy is None:
        return Literal(Gap(_POLICY))
    if member is None:
        return policy.invites != "none"
    return policy.invites in (("everyone", "adminsguestinvitersandallmembers") if member else ("everyone",))


def _consent(asked: Request, action: Action) -> Formula:
    """Whether users may consent to what a consent policy takes in.

    https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies
    """
    policy = asked.estate.policy
    if policy is None or policy.consent is None:
        return Literal(Gap("which consent policies users have"))
    return action.verb in policy.consent


# --- owners -----------------------------------------------------------------------------------------------------------


def by_owning(asked: Request) -> Formula:
    """Whether the principal may do it as an owner of the object."""
    if asked.tenant or not owner_of(asked, asked.resource, asked.who):
        return False
    action, target = asked.action, asked.target
    listed = tables().owners.get(target.kind, ())
    if not target.kind:
        some = any(_has(actions, action) for actions in tables().owners.values())
        return Literal(Gap(f"what object {asked.resource} is")) if some else False
    if not _has(listed, action):
        return False
    return all_of((meant(asked, action), negate(restricted(asked, action))))


# --- what the service itself does not do ------------------------------------------------------------------------------


def feasible(asked: Request) -> Formula:
    """Whether anybody can do it: nobody changes the members of a dynamic group, nor credentials that are locked.

    https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership
    https://learn.microsoft.com/entra/identity-platform/howto-configure-app-instance-property-locks
    """
    action = asked.action
    if asked.tenant or not action.directory:
        return True
    if action.properties == ("members",) and action.verb == "update" and asked.target.subtypes.get("dynamic"):
        return False
    if action.base == "serviceprincipals" and action.properties == ("credentials",) and action.verb == "update":
        application = asked.estate.by_app.get(asked.target.app)
        if application is not None and application.locked is None:
            return Literal(Gap(f"which credentials of {asked.estate.title(asked.resource)} are changed"))
        return application is None or not application.locked
    return True


def unknown(asked: Request) -> Formula:
    """What is not known of an action that no catalogue and no role names."""
    if asked.estate.knows(asked.action):
        return False
    return Literal(Gap(f"the action {asked.permission}"))
