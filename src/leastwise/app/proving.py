"""What shows that smaller documents do: they give nothing new, and all that stays is given as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from leastwise.engine.containment import CounterExample, Proved
from leastwise.model.decision import RANK, Circumstances, Decision, State
from leastwise.model.plan import Asked, Held, Proof, Shown

from .drafting import Drafted

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.shrinking import Shrinking, Wanted

_PROVED = Shown("proved")
ANYTHING = "*"
"""A resource of which nothing is known."""


@dataclass(frozen=True)
class Laid:
    """The changes of one principal and the estate without and with them.

    Args:
        after: the estate with the changes laid over it, made when it is asked for.
    """

    shrinking: Shrinking
    principal: str
    draft: Drafted
    before: Access
    after: Callable[[], Access]

    @cached_property
    def unchanged(self) -> Callable[[str, str], bool]:
        """Whether a permission on a resource is surely given as before by the documents alone."""
        return self.shrinking.unchanged(self.draft.before, self.draft.after)

    def decided(self, permission: str, resource: str) -> tuple[Decision, Decision]:
        """What the estate says of a request without and with the changes."""
        asked = self.principal, permission, None if resource == ANYTHING else resource, Circumstances()
        return self.before.can(*asked), self.after().can(*asked)


def proved(laid: Laid, wanted: Sequence[Wanted], *, thorough: bool) -> Proof:
    """The proof of changes, of which `wanted` has to stay.

    Only documents of the principal's own change, and no denial: what these give is all that can change for anybody. So
    where the new ones lie in the old, nobody gains. `thorough` asks the estate with the changes laid over it too, and
    for whom it changes.
    """
    smaller = narrower(laid.shrinking, laid.draft.after, laid.draft.before)
    needed = tuple((one.permission, on) for one in wanted for on in one.resources or (ANYTHING,))
    beside = tuple(one for one in needed if not laid.unchanged(*one))
    enough = _enough(laid, needed if thorough else beside, beside)
    if not thorough and smaller.holds:
        return Proof(smaller, (), enough, (laid.principal,), needed, beside)
    widens, affected = [], []
    for one in laid.after().changes(laid.before):
        affected.append(one.principal)
        widens += [
            {"principal": one.principal, "permissions": list(cube.permissions), "resources": list(cube.resources)}
            for cube in one.gained
        ]
    return Proof(smaller, tuple(widens), enough, tuple(affected))


def narrower(shrinking: Shrinking, after: Sequence[Held], before: Sequence[Held]) -> Shown:
    """Whether documents give nothing that others did not."""
    if not after:
        return _PROVED
    found = shrinking.contains(after, before)
    if isinstance(found, Proved):
        return _PROVED
    if isinstance(found, CounterExample):
        request = {"permission": found.permission, "resource": found.resource}
        return Shown("refuted", "the smaller documents give more", request)
    return Shown("not proven", found.reason)


def _enough(laid: Laid, needed: Sequence[Asked], beside: Collection[Asked]) -> Shown:
    """Whether the estate gives what is needed as it did; of what stands `beside` documents show nothing."""
    for permission, resource in needed:
        old, new = laid.decided(permission, resource)
        # What another document decides that was not read is told by no state.
        if RANK[new.state] > RANK[old.state] or (new.state is State.UNKNOWN and (permission, resource) in beside):
            request = {"permission": permission, "resource": "" if resource == ANYTHING else resource}
            return Shown("refuted", f"{old.state} before, {new.state} after", request)
    return _PROVED
