"""In which accounts resources lie: a record of one stands in the log of its subscription, group or tenant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leastwise.model.naming import Places
from leastwise.providers.azure.language.ids import ROOT, IdError, arm_id
from leastwise.providers.base import Told

from .settings import states

_WILD = re.compile(r"[*?]")


def places(told: Told) -> Places:
    """For an id, or a pattern of ids, the accounts in which such resources may lie; None: any.

    Of a management group these are itself and all that lie below it. A subscription is known by its id alone.
    """
    below: dict[str, Sequence[str]] = {}
    for some in states([told]):
        for account, inside in some[-1].below.items():
            below.setdefault(account, inside)

    def found(pattern: str) -> Sequence[str] | None:
        wild = _WILD.search(pattern)
        text = pattern if wild is None else pattern[: wild.start()].rpartition("/")[0]
        try:
            id = arm_id(text or ROOT)
        except IdError:
            return [pattern.lower()] if wild is None and pattern.lower() in below else None
        if id.subscription:
            return [id.subscription]
        if id.management_group:
            group = id.management_group.rpartition("/")[2]
            return below.get(group) if id.key == id.management_group else [group]
        # What lies at the root and in none of these is the tenant's own; a pattern that ends above them may be any.
        return None if wild is not None or id.key == ROOT else [ROOT]

    return found
