"""The tenant's authorization policy: what every user may do, and who may invite guests.

https://learn.microsoft.com/graph/api/resources/authorizationpolicy
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leastwise.providers.fields import Body, FieldError, Fields

from .ids import object_id

_INVITERS = ("none", "adminsandguestinviters", "adminsguestinvitersandallmembers", "everyone")


@dataclass(frozen=True, slots=True)
class Policy:
    """What it says; without anything said, what it says in a tenant where nobody changed it.

    Args:
        guest_role: the role of guests; empty for that of guests.
        invites: who may invite guests, in lower case.
        off: names of the permissions of default users that are switched off.
        consent: names of the consent policies that users have, in lower case; None where not told.
    """

    guest_role: str = ""
    invites: str = "everyone"
    off: frozenset[str] = field(default_factory=frozenset)
    consent: tuple[str, ...] | None = None


def parse_policy(body: Body) -> Policy:
    """The policy of a vendor's object. Raises FieldError."""
    fields = Fields(body)
    defaults = fields.object("defaultUserRolePermissions")
    inner = Fields(defaults)
    invites = fields.text("allowInvitesFrom").lower() or "everyone"
    if invites not in _INVITERS:
        raise FieldError(f"allowInvitesFrom {invites!r} is none of {', '.join(_INVITERS)}")
    off = frozenset(name for name, value in _truths(defaults).items() if value is False)
    consent = inner.texts("permissionGrantPoliciesAssigned")
    return Policy(
        guest_role=object_id(fields.text("guestUserRoleId")),
        invites=invites,
        off=off,
        consent=None if consent is None else tuple(one.lower() for one in consent),
    )


def _truths(body: Body) -> Mapping[str, object]:
    return {str(name): value for name, value in body.items()}
