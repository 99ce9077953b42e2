"""Principals by number, of whom some bear a mark."""

from __future__ import annotations

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array

_FEW = 8
"""A set so many times larger is cut down to who is asked for before it is spread out."""


def among(numbers: Array, wanted: BitMap) -> Array:
    """The places of those numbers, which ascend, that a bitmap holds."""
    if len(wanted) > _FEW * len(numbers):
        wanted = wanted & BitMap(numbers.astype(np.uint32))
    held = np.array(wanted.to_array(), np.uint32)
    places = np.searchsorted(numbers, held)
    inside = places < len(numbers)
    places = places[inside]
    return np.asarray(places[numbers[places] == held[inside]])
