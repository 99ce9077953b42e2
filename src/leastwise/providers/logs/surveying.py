"""Of several places that have logs, those that together have all for the least."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from leastwise.providers.fetching import Place


def cheapest(
    looked: Iterable[tuple[Place, Mapping[Hashable, bool]]], left: set[Hashable], lacks: str, notes: list[str]
) -> list[Place]:
    """The places to read: the cheapest that have something that no other has, and those that cannot be read.

    Args:
        looked: places, each with what it has, and whether it has that for all the time that is asked for.
        left: what is needed; what the chosen places have throughout is taken out of it.
        lacks: what is said of a place that has nothing.
        notes: is told of the places that are not read.
    """
    chosen: list[Place] = []
    for place, covers in sorted(looked, key=lambda one: (one[0].requests + one[0].transfer, one[0].url)):
        if place.cause:
            chosen.append(place)
        elif not covers:
            notes.append(f"{place.url} ({', '.join(place.trails)}) {lacks}")
        elif not covers.keys() & left:
            notes.append(f"{place.url} is not read: all it has is in another place that is read")
        else:
            chosen.append(place)
            left -= {need for need, throughout in covers.items() if throughout}
    return chosen
