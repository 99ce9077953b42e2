"""Permissions on places as sets of numbers: what grants give is held against what others give.

Permissions that every role and guardrail in use tells alike are one *atom*; an element is an atom on a place. What is
given on a place is given on all that lies in it: elements below one that is there already say nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array

Given = tuple[BitMap, tuple[int, ...]]
"""Some permissions, and the places on which they are given; both by number."""


class Elements:
    """The elements of all that is given in one estate.

    Args:
        given: everything of which elements are asked.
        permissions: how many permissions there are.
        ends: for each place, where those that lie in it end.
    """

    def __init__(self, given: Iterable[Given], permissions: int, ends: Array) -> None:
        sets: dict[bytes, BitMap] = {}
        places: set[int] = set()
        for held, at in given:
            sets.setdefault(held.serialize(), held)
            places.update(at)
        random = np.random.default_rng(20_260_101)
        sums = np.zeros(permissions, np.uint64)
        for one in sets.values():
            sums[np.array(one.to_array(), np.int64)] += random.integers(1, 1 << 63, dtype=np.uint64)
        found, self._atom = np.unique(sums, return_inverse=True)
        self.sizes: Array = np.bincount(self._atom, minlength=len(found))
        self.places: Array = np.array(sorted(places), np.int64)
        self._ends = np.searchsorted(self.places, ends[self.places])
        self._atoms: dict[bytes, Array] = {}

    @property
    def _count(self) -> int:
        return max(len(self.places), 1)

    def _atoms_of(self, held: BitMap) -> Array:
        key = held.serialize()
        if key not in self._atoms:
            self._atoms[key] = np.unique(self._atom[np.array(held.to_array(), np.int64)])
        return self._atoms[key]

    def of(self, given: Sequence[Given]) -> tuple[BitMap, BitMap]:
        """The elements of what is given, and all that lie below them."""
        found, below = BitMap(), BitMap()
        for held, at in given:
            atoms = self._atoms_of(held) * self._count
            ranks = np.searchsorted(self.places, np.array(at, np.int64))
            found |= BitMap((atoms[:, None] + ranks).ravel().astype(np.uint32))
            for rank in ranks[self._ends[ranks] > ranks + 1].tolist():
                end = int(self._ends[rank])
                for atom in atoms.tolist():
                    below.add_range(atom + rank + 1, atom + end)
        return found, below

    def weights(self, elements: Array) -> Array:
        """How many permissions each of some elements is."""
        return np.asarray(self.sizes[elements // self._count])

    def permissions(self, elements: Array) -> BitMap:
        """The permissions of some elements, wherever."""
        atoms = np.unique(elements // self._count).tolist()
        return BitMap.union(BitMap(), *(self._members[atom] for atom in atoms))

    def where(self, elements: Array) -> Array:
        """The places of some elements, by number."""
        return np.asarray(self.places[np.unique(elements % self._count)])

    @cached_property
    def _members(self) -> list[BitMap]:
        order = np.argsort(self._atom, kind="stable").astype(np.uint32)
        return [BitMap(one) for one in np.split(order, np.cumsum(self.sizes)[:-1])]
