"""Sets that share much, found by sketches: no two are compared that have little in common.

The members of a set may count for more than one: then what is shared is a share of their weights.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from pyroaring import BitMap

from .arrays import Array

_MOST_MATES = 32
"""Sets with a part of their sketch in common, next in size, that one set is compared with on either side."""


class Sketches:
    """Short sketches of sets: the more of them agree, the more two sets have in common (MinHash).

    Args:
        size: of the universe.
        weights: what each member of it counts for, above zero; all the same where none are given.
    """

    COUNT = 32

    def __init__(self, size: int, weights: Array | None = None) -> None:
        random = np.random.default_rng(20_260_101)
        ranks = [_ranks(random, size, weights) for _ in range(self.COUNT)]
        # A row for each member, so that those of one set lie side by side.
        self._ranks = np.ascontiguousarray(np.array(ranks, np.uint16 if size < 1 << 16 else np.uint32).T)

    def of(self, sets: Sequence[BitMap]) -> Array:
        """One row of COUNT numbers for each set; no set is empty."""
        found = np.empty((len(sets), self.COUNT), self._ranks.dtype)
        for row, one in enumerate(sets):
            found[row] = self._ranks[np.frombuffer(one.to_array(), np.uint32)].min(axis=0)
        return found


def _ranks(random: np.random.Generator, size: int, weights: Array | None) -> Array:
    """An order of the universe in which a member comes first of some as often as its part of their weight is."""
    if weights is None:
        return random.permutation(size)
    ranks = np.empty(size, np.int64)
    ranks[np.argsort(random.exponential(size=size) / weights, kind="stable")] = np.arange(size)
    return ranks


class Neighbours:
    """Which sets share much with one: those whose sketches agree in some part, next to it in size.

    Args:
        sets: none of them empty.
        universe: how many members there can be.
        threshold: the share that is looked for (Jaccard); hardly any pair of it is missed.
        weights: see `Sketches`.
    """

    def __init__(self, sets: Sequence[BitMap], universe: int, threshold: float, weights: Array | None = None) -> None:
        self._sets, self._threshold, self._weights = sets, threshold, weights
        self._sketches = Sketches(universe, weights).of(sets)
        self._sizes = np.fromiter((weight(one, weights) for one in sets), np.int64, len(sets))
        rows = bands(threshold)
        self._bands = [self._band(self._sketches[:, at : at + rows]) for at in range(0, Sketches.COUNT, rows)]

    def _band(self, part: Array) -> tuple[Array, Array, Array]:
        """The sets by what a part of their sketches says and by size; the place of each, and where its like begin."""
        bucket = np.zeros(len(part), np.uint64)
        for column in range(part.shape[1]):
            bucket = (bucket ^ part[:, column]) * np.uint64(0x9E3779B97F4A7C15)
            bucket ^= bucket >> np.uint64(29)
        order = np.lexsort((self._sizes, bucket))
        at = np.empty(len(order), np.int64)
        at[order] = np.arange(len(order))
        begins = np.flatnonzero(np.concatenate([[True], np.diff(bucket[order]) != 0, [True]])[: len(order) + 1])
        return order, at, begins

    def of(self, place: int, wanted: Array) -> list[int]:
        """Those of the sets of a mask, behind one, that share so much with it."""
        found = []
        for order, places, begins in self._bands:
            at = int(places[place])
            bucket = int(np.searchsorted(begins, at, side="right"))
            low, high = int(begins[bucket - 1]), int(begins[bucket]) if bucket < len(begins) else len(order)
            if high - low > 1:
                found.append(order[max(low, at - _MOST_MATES) : min(high, at + _MOST_MATES + 1)])
        if not found:
            return []
        mates = np.unique(np.concatenate(found))
        mates = mates[(mates > place) & wanted[mates]]
        sizes, size = self._sizes[mates], self._sizes[place]
        mates = mates[np.minimum(sizes, size) >= self._threshold * np.maximum(sizes, size)]
        own = self._sets[place]
        return [one for one in mates.tolist() if similarity(own, self._sets[one], self._weights) >= self._threshold]


def weight(one: BitMap, weights: Array | None) -> int:
    """What the members of a set count for together."""
    return len(one) if weights is None else int(weights[np.frombuffer(one.to_array(), np.uint32)].sum())


def similarity(one: BitMap, other: BitMap, weights: Array | None = None) -> float:
    """The share of what is in one of two sets that is in both (Jaccard); not both are empty."""
    if weights is None:
        return float(one.jaccard_index(other))
    return weight(one & other, weights) / weight(one | other, weights)


def near(close: Neighbours, count: int, parted: Collection[int]) -> Iterator[list[int]]:
    """Groups of sets, each of those that share so much with the first of them; each set stands in one group.

    One of those `parted` is a group also by itself.
    """
    taken = np.zeros(count, bool)
    for place in range(count):
        if taken[place]:
            continue
        found = close.of(place, ~taken)
        if found or place in parted:
            taken[[place, *found]] = True
            yield [place, *found]


def bands(threshold: float, count: int = Sketches.COUNT) -> int:
    """How many numbers of a sketch must agree at once for two sets to be looked at.

    The most with which a pair of just that similarity is missed at most once in two hundred.
    """
    for rows in (16, 8, 4, 2):
        if 1 - (1 - threshold**rows) ** (count // rows) >= 0.995:
            return rows
    return 1
