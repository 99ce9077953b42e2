"""Which bindings a step rests on, so that somebody could take them away.

https://cloud.google.com/iam/docs/policies: of several bindings any is enough, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.decision import Reason

from .names import HOLDINGS, SHADOW


def sides(permission: str, principal: str, resource: str, reasons: Sequence[Reason]) -> Sequence[Sequence[Reason]]:
    """All bindings as one side; none of those that were added to ask of: no policy holds them."""
    if principal.startswith(SHADOW):
        return ()
    return (tuple(one for one in reasons if not one.source.startswith(HOLDINGS)),)
