"""Policies of conditional access: whether a token is issued, and what that asks for. They never give anything.

They are told beside an answer and are no part of it. Whether a condition on the app, the place, the device or the risk
is met is not looked at, nor who is in the groups and roles that a policy names: it *may* ask.

https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy
https://learn.microsoft.com/graph/api/resources/conditionalaccessusers
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from leastwise.providers.fields import Fields

ON = "enabled"
"""The state of a policy that is in force; others are off, or only reported."""
EVERYBODY, GUESTS = "all", "guestsorexternalusers"
OWN_SERVICES = "serviceprincipalsinmytenant"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """A policy that is in force.

    Args:
        name: for people; its id where it has none.
        asks: what it asks for, as `mfa`; `block` where it lets nobody in.
        users: ids of the users that it names, or `all`.
        services: ids of the service principals that it names, or `serviceprincipalsinmytenant`.
        without: ids of those who are left out.
        others: whether it also means users by groups, roles, or as guests.
    """

    name: str
    asks: tuple[str, ...]
    users: frozenset[str]
    services: frozenset[str]
    without: frozenset[str]
    others: bool

    def may_mean(self, who: str, *, service: bool) -> bool:
        """Whether it may mean somebody, by the object id."""
        if who in self.without:
            return False
        if service:
            return bool(self.services & {who, OWN_SERVICES})
        return self.others or bool(self.users & {who, EVERYBODY})


def parse_access_policy(name: str, state: str, conditions: object, controls: object) -> AccessPolicy | None:
    """The policy of a vendor's object, by its conditions and grant controls; None unless it is in force.

    Raises:
        FieldError: a member is not of the vendor's form.
    """
    if state != ON:
        return None
    whole = Fields({"conditions": conditions, "grantControls": controls})
    told = Fields(whole.object("conditions"))
    users, services = Fields(told.object("users")), Fields(told.object("clientApplications"))
    named = _lower(users.texts("includeUsers"))
    groups = any(users.texts(key) for key in ("includeGroups", "includeRoles"))
    guests = bool(users.object("includeGuestsOrExternalUsers")) or GUESTS in named
    given = Fields(whole.object("grantControls"))
    strength = Fields(given.object("authenticationStrength")).text("displayName")
    return AccessPolicy(
        name=name,
        asks=(*sorted(_lower(given.texts("builtInControls"))), *((strength,) if strength else ())),
        users=named,
        services=_lower(services.texts("includeServicePrincipals")),
        without=_lower(users.texts("excludeUsers")) | _lower(services.texts("excludeServicePrincipals")),
        others=groups or guests,
    )


def unread_access_policy(name: str) -> AccessPolicy:
    """A policy that is in force and of which the rest cannot be read: it may mean anybody."""
    anybody = frozenset({EVERYBODY, OWN_SERVICES})
    return AccessPolicy(name, ("what could not be read",), anybody, anybody, frozenset(), True)


def told_beside(policies: Iterable[AccessPolicy], who: str, *, service: bool) -> tuple[str, ...]:
    """What the policies may ask of somebody before a token is issued, each as people are told it."""
    return tuple(
        f"conditional access {one.name} may {'block the sign-in' if 'block' in one.asks else _asking(one)}"
        for one in policies
        if one.may_mean(who, service=service)
    )


def _asking(policy: AccessPolicy) -> str:
    return f"ask for {' or '.join(policy.asks)}" if policy.asks else "limit the session"


def _lower(texts: Iterable[str] | None) -> frozenset[str]:
    return frozenset(one.lower() for one in texts or ())
