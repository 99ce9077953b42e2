"""What of a directory can be out of use, and of which groups it was read who is in them.

https://learn.microsoft.com/graph/api/resources/signinactivity
https://learn.microsoft.com/graph/api/group-list-members
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.dormancy import Nouns, Told
from leastwise.model.scope import Coverage, CoverageStatus

from .exports.kinds import ASSIGNMENTS

_ROLES = ("directory_role", "custom_directory_role")
_MEMBERS = ("members", "transitivemembers")


def told(coverage: Sequence[Coverage]) -> Told:
    """Who is in a group was read where lists of members were, and none of them was refused or cut off.

    Who holds a role was where that is so, and assignments of roles were read.
    """
    lists = [one for one in coverage if any(word in one.call.lower() for word in _MEMBERS)]
    whole = bool(lists) and all(one.status is CoverageStatus.OK for one in lists)

    assigned = [one.status for one in coverage if f"{one.service}.{one.call}" == ASSIGNMENTS]
    every = whole and bool(assigned) and set(assigned) == {CoverageStatus.OK}

    def known(noun: str, id: str, name: str) -> bool:
        return every if noun in _ROLES else noun == "group" and whole

    return known


NOUNS = Nouns(
    principals=frozenset({"user", "service_principal", "managed_identity"}),
    kept=frozenset({"provider_service", "deleted"}),
    groups=frozenset({"group"}),
    bundles=frozenset(),
    carriers=frozenset(),
    told=told,
    credentials=frozenset(),
)
