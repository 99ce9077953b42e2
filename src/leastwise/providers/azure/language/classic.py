"""Classic administrators, as old exports tell them: as Owner on a subscription, until these were retired.

https://learn.microsoft.com/azure/role-based-access-control/classic-administrators
https://learn.microsoft.com/rest/api/authorization/classic-administrators/list
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from leastwise.providers.fields import Body, FieldError

from .assignments import Assignment
from .fields import Fields
from .ids import ArmId, arm_id

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
RETIRED = datetime(2024, 8, 31, tzinfo=UTC)
"""When classic administrators stopped to give access."""
_MARK = "/providers/microsoft.authorization/"


@dataclass(frozen=True, slots=True)
class Classic:
    """Who was a classic administrator of a subscription.

    Args:
        mail: address, as it is written.
        subscription: of what.
    """

    mail: str
    subscription: ArmId

    def assignment(self, principal: str) -> Assignment:
        """What it amounted to, for the principal that has the address."""
        until = f"{RETIRED:%Y-%m-%dT%H:%M:%SZ}"
        return replace(Assignment("", OWNER, principal, "User", self.subscription), until=until, ended=True)


def parse_classic(body: Body) -> Classic | None:
    """A service or co-administrator; None for an account administrator alone, who sees bills.

    Raises:
        FieldError, IdError: naming what is wrong.
    """
    fields = Fields(body)
    mail = fields.text("emailAddress", "principalName", "signInName")
    words = fields.text("role", "roleDefinitionName").lower()
    id = fields.text("id")
    at = id.lower().rfind(_MARK)
    scope = fields.text("scope") or (id[:at] if at > 0 else "")
    if not mail or not scope:
        raise FieldError("an address or subscription is missing")
    subscription = arm_id(scope)
    if subscription.subscription is None:
        raise FieldError(f"{scope} is no subscription")
    if "reader" in words or words == "accountadministrator":
        return None
    return Classic(mail, arm_id(subscription.top))
