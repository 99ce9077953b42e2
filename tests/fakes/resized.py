"""Grants at scopes made smaller on estates of tests: what is lost that is wanted, and what is given that was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pyroaring import BitMap

from fakes.laid import overlay
from leastwise.app.overlay import laid_over
from leastwise.app.preceding import Preceding
from leastwise.app.redrafting import Redrafted, Redrafting
from leastwise.app.thought import NOTHING
from leastwise.engine.access import Access
from leastwise.engine.placed import Placed
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.providers.base import Provider, ScopeTables
from leastwise.providers.base.draft import Draft
from leastwise.rightsizing.placing import Need, left_of

MANY = 12
"""So many permissions of each kind are asked about."""


def redrafted(
    provider: Provider, port: Access, principal: str, needs: Sequence[Need], *, making: bool = True
) -> Redrafted:
    """The changes that leave a principal with what is needed."""
    assert provider.regranting is not None
    granted = provider.regranting().granted(port, ())
    grants = list(granted.of(principal))
    sensitivity = ["write"] * len(port.permissions())
    drafting = Redrafting(
        provider.name,
        principal,
        "somebody",
        grants,
        granted,
        above_in(port),
        sensitivity,
        making=making,
        trifling=lambda gone: False,
    )
    return drafting.of(left_of(principal, grants, needs, above_in(port)))


def above_in(port: Access) -> Any:
    def above(scope: str) -> tuple[str, ...]:
        try:
            return tuple(port.above(scope))
        except (UsageError, NotFoundError):
            return ()

    return above


def grants_of(provider: Provider, port: Access, principal: str) -> list[Placed]:
    assert provider.regranting is not None
    return list(provider.regranting().granted(port, ()).of(principal))


def laid(provider: Provider, scopes: Sequence[ScopeTables], draft: Redrafted) -> list[ScopeTables]:
    """The scopes after the changes, each made only where what its precondition says stands there."""
    assert provider.answering is not None
    changing = provider.answering.changing
    assert changing is not None and changing.granting is not None
    made = Preceding(Draft(scopes), changing.granting()).of(draft.changes)
    taken = [one for one in made if one.verb == "unassign"]
    assert all(one.before for one in taken)
    changes = [{one.verb: {**one.told, "before": one.before or NOTHING}} for one in made]
    return laid_over(overlay(*changes), scopes, changing)


def faults(
    before: Access, after: Access, principal: str, needs: Sequence[Need], draft: Redrafted, places: Sequence[str]
) -> Iterator[str]:
    """What is wrong of a smaller grant, by asking the reference evaluator of both estates."""
    names = before.permissions()
    shown = draft.narrower(above_in(before), names)
    if not shown.holds:
        yield f"not narrower: {shown}"
    wanted = {names[one.permission]: one.scopes for one in needs}
    given = BitMap.union(BitMap(), *(one.permissions or BitMap() for one in draft.before))
    others = [names[number] for number in given if names[number] not in wanted][:MANY]
    for name in [*list(wanted)[:MANY], *others]:
        for place in places:
            old, new = (port.can(principal, name, place, Circumstances()) for port in (before, after))
            if RANK[new.state] < RANK[old.state]:
                yield f"{name} on {place} was {old.state} and is {new.state}"
            stays = name in wanted and (not wanted[name] or place in wanted[name])
            alike = (new.state, new.residual) == (old.state, old.residual)
            # What was not known before may be for fewer reasons now, but it is not denied.
            if stays and not alike and (old.state is not State.UNKNOWN or new.state is State.DENIED):
                yield f"{name} on {place} is wanted, was {old.state} and is {new.state}"
