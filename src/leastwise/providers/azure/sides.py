"""Which of several reasons a permission of Azure needs one of.

What a role assignment lets its holder delegate limits that assignment: it gives nothing by itself.
https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import Reason


def sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    """Any of the reasons, but for those of delegation."""
    return ([one for one in reasons if one.layer != "delegation"] or reasons,)
