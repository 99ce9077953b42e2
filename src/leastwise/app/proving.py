"""What shows that smaller documents do: they give nothing new, and all that stays is given as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from leastwise.engine.containment import CounterExample, Proved
from leastwise.model.decision import Circumstances, State
from leastwise.model.plan import Proof, Shown

from .drafting import Drafted

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.shrinking import Held, Shrinking, Wanted

_PROVED = Shown("proved")
_RANK = {State.ALLOWED: 3, State.CONDITIONAL: 2, State.UNKNOWN: 1, State.DENIED: 0}


def proved(
    shrinking: Shrinking,
    principal: str,
    draft: Drafted,
    wanted: Sequence[Wanted],
    before: Access,
    after: Callable[[], Access],
    *,
    thorough: bool,
) -> Proof:
    """The proof of a draft.

    Only documents of the principal's own change, and no denial: what these give is all that can change for anybody. So
    where the new ones lie in the old, nobody gains. `thorough` asks the estate with the changes laid over it too, and
    for whom it changes.

    Args:
        shrinking: of the provider.
        principal: whose documents change.
        draft: the documents before and after.
        wanted: what has to stay.
        before: the estate as it was read.
        after: the same with the changes laid over it; asked for where it is needed.
        thorough: see above.
    """
    smaller = narrower(shrinking, draft.after, draft.before)
    enough = _enough(shrinking, principal, draft, wanted, before, after, thorough=thorough)
    if not thorough and smaller.holds:
        return Proof(smaller, (), enough, (principal,))
    widens, affected = [], []
    for one in after().changes(before):
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


def _enough(
    shrinking: Shrinking,
    principal: str,
    draft: Drafted,
    wanted: Sequence[Wanted],
    before: Access,
    after: Callable[[], Access],
    *,
    thorough: bool,
) -> Shown:
    """Whether each permission that stays is allowed as it was, by the documents or by asking the estate."""
    same = shrinking.unchanged(draft.before, draft.after)
    for one in wanted:
        for resource in one.resources or (None,):
            alike = same(one.permission, resource or "*")
            if alike and not thorough:
                continue
            old, new = (
                access.can(principal, one.permission, resource, Circumstances()) for access in (before, after())
            )
            lost = _RANK[new.state] < _RANK[old.state]
            # What another document decides that was not read is told by no state.
            if lost or (not alike and new.state is State.UNKNOWN):
                request = {"permission": one.permission, "resource": resource or ""}
                return Shown("refuted", f"{old.state} before, {new.state} after", request)
    return _PROVED
