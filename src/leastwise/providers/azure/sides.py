"""Which of several reasons a permission of Azure needs one of.

What a role assignment lets its holder delegate limits that assignment, and a deny assignment that only audits denies
nothing: neither gives anything by itself.
https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import Reason
from leastwise.providers.microsoft.sides import alternatives

_BESIDE = ("delegation", "deny")


def sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    """Any of the reasons, but for those beside them."""
    return (alternatives(reasons, _BESIDE),)
