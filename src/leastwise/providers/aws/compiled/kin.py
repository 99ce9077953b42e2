"""What is said of principals and a resource without the account's name: where it is equal, they decide alike.

Accounts under the same guardrails differ in their names. A user of one who holds `iam:*` on everything can do there
what such a user of another can do there. So of resources that differ in their account alone each kind of principal is
decided once for all of these accounts. Nothing is shared where something asks for the account of the resource, or what
a pattern takes in depends on the principal.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from leastwise.engine.arrays import Array

from .access import AwsAccess
from .places import Place

Limits = tuple[bytes, Mapping[int, bytes | None]]
"""Which patterns above everybody take a resource in, and which of each boundary: None where that depends on more."""


class Kin:
    """One resource among those that differ in their account alone.

    Args:
        access: the estate.
        place: of the resource.
        about: equal for these resources; None where they are not known to decide alike.
        limits: what stands above principals and takes this one in.
    """

    def __init__(self, access: AwsAccess, place: Place, about: int | None, limits: Limits | None) -> None:
        self._arrays, self._account = access.estate.arrays, place.account
        self._accounts = access.estate.texts("principal.account.texts")
        self._boundaries = limits[1] if limits is not None else {}
        self.about: Hashable = None
        if about is not None and limits is not None and place.behind is None and not place.consent:
            # What was not read has a name of its own; how much of it there is, and what it can do, decides.
            self.about = about, limits[0], len(place.gaps), tuple(one.gives for one in place.giving)

    def told(self, said: Hashable, members: Array) -> Hashable:
        """Equal for groups of principals that decide alike on these resources; None where that is not known.

        Args:
            said: of the group, see `WhoCan.alike`.
            members: the group.
        """
        number = int(members[0])
        boundary = self._boundaries.get(int(self._arrays["principal.boundary"][number]), b"")
        if self.about is None or said is None or boundary is None:
            return None
        code = int(self._arrays["principal.account"][number])
        own = not self._account or (code >= 0 and self._accounts[code] == self._account)
        return self.about, said, boundary, -1 if own else code
