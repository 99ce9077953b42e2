"""Resources of a relation in classes that the same principals have the permission on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.relation import Relation
from leastwise.model.decision import State

NOBODY = -1
"""The class of what nobody has the permission on."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a permission: those who surely do, those who may, and how unsure the least sure of these are."""

    sure: BitMap = field(default_factory=BitMap)
    may: BitMap = field(default_factory=BitMap)
    state: State = State.CONDITIONAL

    def either(self, other: Held) -> Held:
        """Who has one of two permissions."""
        sure = self.sure | other.sure
        may = (self.may | other.may) - sure
        return Held(sure, may, worst(one.state for one in (self, other) if one.may))

    def both(self, other: Held) -> Held:
        """Who has two permissions."""
        sure = self.sure & other.sure
        may = ((self.sure | self.may) & (other.sure | other.may)) - sure
        return Held(sure, may, worst(one.state for one in (self, other) if one.may))

    def among(self, principals: BitMap) -> Held:
        """Those of them who are among some principals."""
        return Held(self.sure & principals, self.may & principals, self.state)


def worst(states: Iterable[State]) -> State:
    """UNKNOWN where one of the states is; else CONDITIONAL."""
    return State.UNKNOWN if State.UNKNOWN in set(states) else State.CONDITIONAL


class Classes:
    """The classes of one relation.

    Args:
        relation: of it.
        nodes: the number in the graph of each of its principals.
    """

    def __init__(self, relation: Relation, nodes: Array) -> None:
        self._relation, self._nodes = relation, nodes
        self._of, firsts = _signed(relation)
        self._held = _held(relation, nodes, firsts)

    def of(self, places: Array) -> Array:
        """The class of each resource by its number in the relation; of those below 0 that of nobody."""
        found = np.full(len(places), NOBODY, np.int64)
        known = places >= 0
        found[known] = self._of[places[known]]
        return found

    def held(self, number: int) -> Held:
        """Who has the permission on the resources of a class."""
        return self._held[number] if number >= 0 else Held()


def _signed(relation: Relation) -> tuple[Array, Array]:
    """The class of each resource, and the first resource of each class: resources in the same rectangles are alike."""
    count = len(relation.resources)
    signs = np.zeros((count, 2), np.uint64)
    draw = np.random.default_rng(0)
    for one in relation.rectangles:
        signs[np.array(one.resources, np.int64)] += draw.integers(1, 1 << 63, 2, np.uint64)
    touched = np.flatnonzero(signs.any(axis=1))
    of = np.full(count, NOBODY, np.int64)
    if not len(touched):
        return of, touched
    _, first, place = np.unique(signs[touched].view("V16").ravel(), return_index=True, return_inverse=True)
    of[touched] = place.ravel()
    return of, touched[first]


def _held(relation: Relation, nodes: Array, firsts: Array) -> list[Held]:
    found: list[list[tuple[State, BitMap]]] = [[] for _ in firsts]
    place_of = {int(resource): place for place, resource in enumerate(firsts.tolist())}
    chosen = BitMap(firsts.tolist())
    for one in relation.rectangles:
        among = one.resources & chosen
        if among:
            principals = BitMap(nodes[np.array(one.principals, np.int64)].astype(np.uint32))
            for resource in among:
                found[place_of[resource]].append((one.state, principals))
    return [_joined(parts) for parts in found]


def _joined(parts: Sequence[tuple[State, BitMap]]) -> Held:
    by_state: dict[State, BitMap] = {}
    for state, principals in parts:
        by_state[state] = by_state.get(state, BitMap()) | principals
    sure = by_state.get(State.ALLOWED, BitMap())
    unsure = {state: one for state, one in by_state.items() if state is not State.ALLOWED}
    may = BitMap().union(*unsure.values()) - sure if unsure else BitMap()
    return Held(sure, may, worst(unsure))


def numbered(ids: Sequence[str], among: Mapping[str, int], within: str = "") -> Array:
    """The number of each id, or of what lies `within` it, among those of a relation; -1 for none."""
    return np.fromiter((among.get(f"{id}{within}", -1) for id in ids), np.int64, len(ids))
