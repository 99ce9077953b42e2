"""Who can do what: `can`, `who-can`, `what-can` and `reach`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from leastwise.model.decision import Circumstances, Cube, Decision, Holder, Holders, Reached

from ..asking import Asking, decision_values, holder_values, reached_values
from ..comparing import cube_items
from ..each import asked_of_each
from ..eligible import Offered, eligible_of, eligible_values
from ..wiring import Workspace
from .told import Told


def can(asking: Asking, principal: str, permission: str, resource: str | None, given: Circumstances) -> Told[Decision]:
    """Whether a principal has a permission. Raises as `Access.can`."""
    decision = asking.can(principal, permission, resource, asking.given(given))
    return Told(decision_values(decision), decision)


@dataclass(frozen=True)
class Everybody:
    """Everybody who can, by provider; nobody is made into values before he is shown.

    Args:
        asking: what was asked.
        found: those of each provider.
        missing: what might add others.
        outside: how many there are whom whoever asks may not see.
    """

    asking: Asking
    found: Sequence[Sequence[Holder]]
    missing: tuple[str, ...]
    outside: int = 0

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(map(len, self.found))

    def page(self, start: int = 0, limit: int | None = None) -> Told[list[Holder]]:
        """So many of them from a place on; all where no limit is given."""
        holders: list[Holder] = []
        for some in self.found:
            wanted = None if limit is None else limit - len(holders)
            if wanted is not None and wanted <= 0:
                break
            whole = wanted is None and start == 0
            holders += some if whole else some[start : None if wanted is None else start + wanted]
            start = max(0, start - len(some))
        items = [holder_values(one) for one in holders]
        return Told({"items": items, "next": None, "missing": list(self.missing)}, holders)

    def states(self) -> dict[str, int] | None:
        """How many there are of each state; None where some are not shown."""
        found: dict[str, int] = {}
        for some in self.found:
            if not isinstance(some, Holders):
                return None
            for state, count in some.counts().items():
                found[str(state)] = found.get(str(state), 0) + count
        return found

    def seen_by(self, sees: Callable[[str, str], bool]) -> Everybody:
        """Those whom somebody may see, who sees accounts of providers; the others are counted."""
        kept, outside = list[Sequence[Holder]](), self.outside
        for one, holders in zip(self.asking.every, self.found, strict=True):
            assert isinstance(holders, Holders)
            parts = list(holders.alike())
            mine = [part for part in parts if sees(one.provider, part[0].account)]
            outside += sum(map(len, parts)) - sum(map(len, mine))
            kept.append(_Merged(mine))
        return Everybody(self.asking, kept, self.missing, outside)


class _Merged(Sequence[Holder]):
    """Several sorted parts as one, sorted by id; they are merged as far as they are looked at."""

    def __init__(self, parts: Collection[Sequence[Holder]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[Holder]:
        return merge(*self._parts, key=lambda one: one.principal)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            return list(islice(self, start, stop, step))
        return self[place : place + 1][0]


def who_can(
    asking: Asking, permission: str, resource: str | None, given: Circumstances, *, transitive: bool = False
) -> Everybody:
    """Everybody who has a permission, of each provider that is asked. Raises as `Access.who_can`."""
    each = [one.access.who_can(permission, resource, one.given(given), transitive=transitive) for one in asking.every]
    missing = tuple(dict.fromkeys(text for found in each for text in found.missing))
    return Everybody(asking, [found.holders for found in each], missing)


@dataclass(frozen=True, slots=True)
class Can:
    """What somebody can do: of each provider its cubes, with their values; and what can be activated besides."""

    sides: Sequence[tuple[list[dict[str, Any]], Sequence[Cube]]]
    offered: Offered


def what_can(
    workspace: Workspace, asking: Asking, principal: str, resource: str | None, given: Circumstances
) -> Told[Can]:
    """Everything that a principal can do, by every provider that knows it. Raises as `Access.what_can`."""
    said, refused = asked_of_each(asking.every, lambda one: one.access.what_can(principal, resource, one.given(given)))
    sides = [([{"provider": one.provider, **item} for item in cube_items(one, found)], found) for one, found in said]
    offered = eligible_of(workspace, [one for one, _ in said], principal)
    items = [item for mine, _ in sides for item in mine]
    body = {"items": items, "next": None, **eligible_values(offered)}
    unasked = tuple(sorted({*asking.unasked, *(one.provider for one, _ in refused)}))
    return Told(body, Can(sides, offered), unasked=unasked)


@dataclass(frozen=True, slots=True)
class Reaching:
    """What some principals reach: known resources, each with the principal, and any other that can be named."""

    resources: Sequence[tuple[str, Reached]]
    elsewhere: Sequence[tuple[str, Decision]]


def reach(asking: Asking, permission: str, principals: Sequence[str], given: Circumstances) -> Told[Reaching]:
    """The known resources on which principals have a permission. Raises as `Access.reach`."""
    resources: list[tuple[str, Reached]] = []
    elsewhere: list[tuple[str, Decision]] = []
    missing: dict[str, None] = {}
    for principal in principals:
        found = asking.access.reach(principal, permission, asking.given(given))
        missing |= dict.fromkeys(found.missing)
        resources += [(principal, one) for one in found.resources]
        elsewhere.append((principal, found.elsewhere))
    items = [{"principal": principal, **reached_values(one)} for principal, one in resources]
    told = {principal: decision_values(one) for principal, one in elsewhere}
    body = {"items": items, "next": None, "elsewhere": told, "missing": list(missing)}
    return Told(body, Reaching(resources, elsewhere))
