"""Which of several reasons a permission of the directory needs one of.

That an application is registered elsewhere gives nothing by itself. What every user has no grant gives: there is none
to take. https://learn.microsoft.com/entra/fundamentals/users-default-permissions
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import Reason
from leastwise.providers.microsoft.sides import alternatives

_BESIDE, _EVERYBODY = ("outside", "eligible"), "default"


def sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    """Any of the reasons that are grants; nothing where the permission needs none."""
    if any(one.layer == _EVERYBODY for one in reasons):
        return ()
    return (alternatives(reasons, _BESIDE),)
