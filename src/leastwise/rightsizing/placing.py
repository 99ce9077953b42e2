"""Which of the bundles that somebody is granted at scopes have to give what, and where: pure, by scopes and numbers.

What is needed is allotted to the grants that are there. One that hangs on nothing does for all below it, so that what
it gives need not be given twice; where only grants under a condition, or for a time, allow something, each of them may
have, and all keep it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from leastwise.engine.placed import Placed

SPREAD = 4
"""On more places below its scope than so many a grant is not split: it stays where it is."""
Above = Callable[[str], Sequence[str]]
"""What a scope lies in, itself first."""


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that is to stay, by number: at these scopes, or wherever it is granted where none are named."""

    permission: int
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """What one grant has to give still, by scope: its own or some below it; nothing at all where that is empty."""

    grant: Placed
    at: Mapping[str, BitMap]

    @property
    def same(self) -> bool:
        """Whether that is all that it gives now."""
        return dict(self.at) == {self.grant.scope: self.grant.permissions}


def left_of(principal: str, grants: Sequence[Placed], needs: Iterable[Need], above: Above) -> list[Left]:
    """What the grants of a principal's own have to give, in the order in which they come.

    Grants of its groups stay as they are, and do for what they give. Those that may not be touched are left out.
    """
    allotting = _Allotting(principal, grants, above)
    for need in needs:
        allotting.add(need)
    found: list[Left] = []
    for one in grants:
        if one.holder != principal or one.kept or one.permissions is None:
            continue
        whole = {one.scope: one.permissions} if one.id in allotting.whole else None
        found.append(Left(one, whole or _at(one, allotting.found.get(one.id, {}), above)))
    return found


def _at(one: Placed, found: Mapping[str, BitMap], above: Above) -> dict[str, BitMap]:
    """Where a grant has to give what. One on terms of its own stays where it is: not everything below takes them."""
    if one.firm or not found:
        return _lifted(one.scope, found, above)
    return {one.scope: BitMap.union(BitMap(), *found.values())}


class _Allotting:
    def __init__(self, principal: str, grants: Sequence[Placed], above: Above) -> None:
        self._above = above
        known = [one for one in grants if one.permissions is not None]
        self._fixed = [one for one in known if one.firm and (one.kept or one.holder != principal)]
        own = [one for one in known if not one.kept and one.holder == principal]
        # The nearest grant first, of these the one that gives least besides.
        own.sort(key=lambda one: (-len(above(one.scope)), len(one.permissions or ()), one.id))
        self._firm, self._loose = [one for one in own if one.firm], [one for one in own if not one.firm]
        self._known, self._hanging = known, [one for one in known if one.hangs]
        self.whole: set[str] = set()
        """Grants that stay as they are, as another one hangs on them."""
        self.found: dict[str, dict[str, BitMap]] = {}

    def add(self, need: Need) -> None:
        """A need becomes what one grant, or several, have to give."""
        number = need.permission
        for scope in need.scopes or dict.fromkeys(one.scope for one in self._known if _gives(one, number)):
            around = set(self._above(scope)) | {scope}
            if any(_gives(one, number) and one.scope in around for one in self._fixed):
                continue
            firm = [one for one in self._firm if _gives(one, number) and one.scope in around][:1]
            if not firm:
                hanging = (one for one in self._hanging if _gives(one, number) and one.scope in around)
                self.whole.update(*(one.hangs for one in hanging))
            for one in firm or [one for one in self._loose if _gives(one, number) and one.scope in around]:
                self.found.setdefault(one.id, {}).setdefault(scope, BitMap()).add(number)


def _gives(one: Placed, number: int) -> bool:
    return one.permissions is not None and number in one.permissions


def _lifted(scope: str, found: Mapping[str, BitMap], above: Above) -> dict[str, BitMap]:
    """What is given at some scopes, at as few of them as its use suggests: where all of it meets, below the grant's.

    Where something is given below, it is all that was used there, though some of it may be given above too: that it is
    kept there may be for want of logs, and go once there are some.
    """
    here = found.get(scope, BitMap())
    below = {place: permissions for place, permissions in found.items() if place != scope}
    if all(permissions <= here for permissions in below.values()):
        below = {}
    paths = {place: _path(scope, place, above) for place in below}
    gathered: dict[str, BitMap] = {scope: here} if here else {}
    for places in _gathered(list(below), paths):
        meeting = _shared([paths[place] for place in places])[-1]
        for place in places:
            gathered.setdefault(meeting, BitMap()).update(below[place])
    if len(gathered) - bool(here) > SPREAD:
        return {scope: BitMap.union(here, *below.values())}
    return gathered


def _path(scope: str, place: str, above: Above) -> tuple[str, ...]:
    """The scopes from just below one down to a place in it."""
    chain = list(above(place))
    if chain[:1] != [place]:
        chain.insert(0, place)
    return tuple(reversed(chain[: chain.index(scope)])) if scope in chain else (place,)


def _gathered(places: Sequence[str], paths: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Places in groups that meet in something below the grant's scope."""
    depth = len(_shared([paths[place] for place in places])) if places else 0
    if depth:
        return [list(places)]
    found: dict[str, list[str]] = {}
    for place in places:
        found.setdefault(paths[place][0], []).append(place)
    return list(found.values())


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The beginning that some paths have in common."""
    found: list[str] = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        found.append(names[0])
    return tuple(found)
