"""The creep index: how much a principal could do and does not, from 0 to 100.

Each unused permission weighs its sensitivity times its reach. E is the sum of these weights, H a constant:
index = 100 E / (E + H). So nothing unused is 0, one unused permission to pass any role moves it a little, an unused
administrator is near 100, and the index never sinks when something unused is added. `docs/reference/creep.md` tells
weights and reaches, and how to work the index out again in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyroaring import BitMap

from leastwise.model.gap import SENSITIVITIES, Creep, Item, Use
from leastwise.model.naming import Naming
from leastwise.model.plan import Fall

from .outline import Outline

WEIGHTS: Mapping[str, float] = dict(zip(SENSITIVITIES, (0, 2, 2, 4, 6, 6, 8), strict=True))
"""Weight of one permission on everything, by sensitivity. What only reads descriptions weighs nothing."""
REACHES = (1.0, 0.6, 0.3, 0.1)
"""Of everything; all of a kind; several by a pattern; one by name (`Breadth`)."""
HALF = 100.0
"""The weight at which the index is 50."""


def reach(resources: Sequence[str], naming: Naming) -> float:
    """How far the widest of some patterns of resources reaches."""
    return max((REACHES[naming.breadth(one)] for one in resources), default=REACHES[0])


def index(weight: float) -> float:
    """The index of a weight, rounded to a tenth."""
    return round(100 * weight / (weight + HALF), 1)


def creep(unused: Mapping[str, float], unobservable: float) -> Creep:
    """The index of weights by sensitivity; `unobservable` is the weight of what might be unused besides."""
    sure = sum(unused.values())
    return Creep(index(sure), index(sure + unobservable), {name: round(one, 2) for name, one in unused.items() if one})


def creep_of(items: Iterable[Item], naming: Naming) -> Creep:
    """The index of one principal."""
    parts: dict[str, float] = {}
    unobservable, reaches = 0.0, dict[tuple[str, ...], float]()
    for item in items:
        far = reaches.get(item.resources)
        if far is None:
            far = reaches[item.resources] = reach(item.resources, naming)
        weight = WEIGHTS[item.sensitivity] * far
        if item.state is Use.UNUSED:
            parts[item.sensitivity] = parts.get(item.sensitivity, 0.0) + weight
        elif item.state is Use.UNOBSERVABLE:
            unobservable += weight
    return creep(parts, unobservable)


def fall_of(gap: Outline, kept: BitMap, naming: Naming) -> Fall:
    """How far the index of a principal falls when it keeps only some permissions, by number."""
    numbers = gap.of.numbers
    alike = [(BitMap((numbers[one.permission],)), one.state, one.sensitivity, one.resources) for one in gap.items]
    alike += [(one.numbers, one.state, one.sensitivity, one.resources) for one in gap.quiet]
    whole, cut = 0.0, 0.0
    for some, state, sensitivity, resources in alike:
        weight = WEIGHTS[sensitivity] * reach(resources, naming) if state is Use.UNUSED else 0.0
        if weight:
            whole += weight * len(some)
            cut += weight * (len(some) - some.intersection_cardinality(kept))
    return Fall(index(whole), index(max(0.0, whole - cut)), round(cut, 2), round(whole, 2))


def together(found: Sequence[Creep]) -> float:
    """The index of several principals: that of the mean of their weights."""
    weights = [sum(one.parts.values()) for one in found]
    return index(sum(weights) / len(weights)) if weights else 0.0
