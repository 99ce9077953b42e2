"""What shows that smaller documents do: they give nothing new, and all that stays is given as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.engine.containment import CounterExample, Proved
from leastwise.errors import UsageError
from leastwise.model.decision import RANK, Circumstances, Decision, State
from leastwise.model.plan import Asked, Held, Proof, Shown

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.shrinking import Shrinking, Wanted

_PROVED = Shown("proved")
UNASKED = "changes of this provider's estates cannot be laid over them"
"""Why an estate with changes is not asked."""
ANYTHING = "*"
"""A resource of which nothing is known."""


@dataclass(frozen=True)
class Laid:
    """The changes of one principal and the estate without and with them.

    Args:
        after: the estate with the changes laid over it, made when it is asked for; None where changes of such an estate
            cannot be laid over it.
        unchanged: whether a permission on a resource is surely given as before by what changes alone.
        narrower: whether what changes gives nothing that it did not give.
        everywhere: whether some permissions are held wherever they were, by what both estates say is held; None where
            each is asked for.
    """

    principal: str
    before: Access
    after: Callable[[], Access] | None
    unchanged: Callable[[str, str], bool]
    narrower: Callable[[], Shown]
    everywhere: Callable[[Sequence[str]], Shown] | None = None

    def decided(self, permission: str, resource: str) -> tuple[Decision, Decision]:
        """What the estate says of a request without and with the changes; UNKNOWN where it cannot be asked."""
        asked = self.principal, permission, _on(resource), Circumstances()
        after = None if self.after is None else self.after()
        try:
            old = self.before.can(*asked)
            return old, Decision(State.UNKNOWN, missing=(UNASKED,)) if after is None else after.can(*asked)
        except UsageError as error:
            unasked = Decision(State.UNKNOWN, missing=(str(error),))
            return unasked, unasked

    def possible(self, permission: str, resource: str) -> bool:
        """Whether some request may ask for a permission on a resource: no only where that is sure."""
        try:
            return not self.before.objection(permission, _on(resource))
        except UsageError:
            # How the estate spells what it is asked says nothing of requests.
            return True


def proved(laid: Laid, wanted: Sequence[Wanted], *, thorough: bool) -> Proof:
    """The proof of changes, of which `wanted` has to stay.

    Only documents of the principal's own change, and no denial: what these give is all that can change for anybody. So
    where the new ones lie in the old, nobody gains. `thorough` asks the estate with the changes laid over it too, and
    for whom it changes. What no request can be is not asked, and the proof does not tell it as needed.
    """
    smaller = laid.narrower()
    needed = tuple((one.permission, on) for one in wanted for on in one.resources or (ANYTHING,))
    beside = tuple(one for one in needed if not laid.unchanged(*one))
    asked = needed if thorough and laid.after else beside
    if impossible := {one for one in asked if not laid.possible(*one)}:
        needed, beside = (tuple(one for one in each if one not in impossible) for each in (needed, beside))
    enough = _enough(laid, _asked(laid, needed) if thorough and laid.after else beside, beside)
    if thorough and enough.holds and laid.everywhere is not None and laid.after is not None:
        enough = laid.everywhere([one for one, on in needed if on == ANYTHING])
    if laid.after is None or (not thorough and smaller.holds):
        return Proof(smaller, (), enough, (laid.principal,), needed, beside)
    widens, affected = [], []
    for one in laid.after().changes(laid.before):
        affected.append(one.principal)
        widens += [
            {"principal": one.principal, "permissions": list(cube.permissions), "resources": list(cube.resources)}
            for cube in one.gained
        ]
    return Proof(smaller, tuple(widens), enough, tuple(affected), needed, beside)


def _on(resource: str) -> str | None:
    return None if resource == ANYTHING else resource


def _asked(laid: Laid, needed: Sequence[Asked]) -> Sequence[Asked]:
    """What each is asked for: not what is looked at all at once."""
    return needed if laid.everywhere is None else [one for one in needed if one[1] != ANYTHING]


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
