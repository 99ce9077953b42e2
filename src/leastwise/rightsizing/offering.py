"""Which bundles are granted for what somebody is to have at a scope: one of just that, made for it, or the fewest
that are there with the least harmful excess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed
from leastwise.usage.covering import least
from leastwise.usage.creep import WEIGHTS


@dataclass(frozen=True, slots=True)
class Offered:
    """What is granted in the place of one grant at one scope.

    Args:
        bundles: that are there already.
        making: those that are to be made; None where none are.
        lacking: numbers of what nothing that may be granted gives.
        excess: numbers of what bundles give besides.
        notes: what to know, a clause each.
    """

    bundles: tuple[Bundle, ...]
    making: Making | None = None
    lacking: BitMap = field(default_factory=BitMap)
    excess: BitMap = field(default_factory=BitMap)
    notes: tuple[str, ...] = ()


def offered(
    wanted: BitMap,
    grant: Placed,
    offers: Sequence[Bundle],
    sensitivity: Sequence[str],
    written: Callable[[BitMap], Making] | None,
) -> Offered:
    """What gives the wanted permissions and nothing that the grant did not give.

    Args:
        wanted: by number.
        grant: what is granted now.
        offers: the bundles that may be granted there.
        sensitivity: of each permission, by number.
        written: bundles made for some permissions; None where only what is there may be granted.
    """
    held = grant.permissions or BitMap()
    fit = {one.id: one for one in offers if one.permissions and one.permissions <= held}
    just = [one for one in fit.values() if one.permissions == wanted]
    if just:
        return Offered((min(just, key=lambda one: (one.id != grant.bundle, one.own, one.id)),))
    if written is None:
        return _covered(wanted, grant, list(fit.values()), sensitivity)
    made = written(wanted)
    if made.blocked or not made.left:
        return Offered((), made)
    rest = _covered(made.left, grant, list(fit.values()), sensitivity)
    beyond = BitMap.union(BitMap(), *(one.permissions for one in made.beyond))
    if made.left <= beyond and (rest.lacking or any(one.id == grant.bundle for one in rest.bundles)):
        return Offered((), replace(made, bundles=(*made.bundles, *made.beyond), left=BitMap(), why="", beyond=()))
    notes = (f"{len(made.left)} permissions stay in bundles that are there: {made.why}", *rest.notes)
    # What those bundles give anyway need not be in the one that is made.
    other = wanted - BitMap.union(BitMap(), *(one.permissions for one in rest.bundles))
    return Offered(rest.bundles, written(other) if other else None, rest.lacking, rest.excess - wanted, notes)


def _covered(wanted: BitMap, grant: Placed, offers: Sequence[Bundle], sensitivity: Sequence[str]) -> Offered:
    known = {one.id: one for one in offers}

    def cost(id: str) -> tuple[int, ...]:
        excess = known[id].permissions - wanted
        harm = sum(int(WEIGHTS[sensitivity[number]]) for number in excess)
        # Of equal harm what is granted already, then what gives less besides.
        return harm + 1, int(id != grant.bundle), len(excess)

    calls = {number: frozenset(id for id, one in known.items() if number in one.permissions) for number in wanted}
    lacking = BitMap(number for number, some in calls.items() if not some)
    found = least((some for some in set(calls.values()) if some), cost)
    chosen = tuple(known[id] for id in found.chosen)
    every = BitMap.union(BitMap(), *(one.permissions for one in chosen))
    notes = () if found.exact else ("that no other choice of bundles has less excess is not certain",)
    return Offered(chosen, None, lacking, every - wanted, notes)
