"""Resources of a relation in classes that the same principals have the permission on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    """Who has a permission: each principal is in one set at most, that of his own state.

    Args:
        sure: ALLOWED.
        unsure: CONDITIONAL.
        unknown: UNKNOWN.
    """

    sure: BitMap = field(default_factory=BitMap)
    unsure: BitMap = field(default_factory=BitMap)
    unknown: BitMap = field(default_factory=BitMap)

    @property
    def every(self) -> BitMap:
        """All of them."""
        return self.sure | self.unsure | self.unknown

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.sure or self.unsure or self.unknown)

    def state_of(self, principal: int) -> State:
        """That of one; DENIED for one who is not among them."""
        return next((state for state, one in self.parts() if principal in one), State.DENIED)

    def parts(self) -> Iterator[tuple[State, BitMap]]:
        """Those of each state that anybody is of."""
        sets = (self.sure, self.unsure, self.unknown)
        return ((state, one) for state, one in zip(STATES, sets, strict=True) if one)

    def either(self, other: Held) -> Held:
        """Who has one of two permissions, each as sure as the better of his two."""
        likely = self.sure | self.unsure | other.sure | other.unsure
        return _held_of(self.sure | other.sure, likely, self.every | other.every)

    def both(self, other: Held) -> Held:
        """Who has two permissions, each as sure as the worse of his two."""
        likely = (self.sure | self.unsure) & (other.sure | other.unsure)
        return _held_of(self.sure & other.sure, likely, self.every & other.every)

    def among(self, principals: BitMap) -> Held:
        """Those of them who are among some principals."""
        return Held(self.sure & principals, self.unsure & principals, self.unknown & principals)

    def beyond(self, other: Held) -> Held:
        """Those who are surer to have this than to have another."""
        likely = other.sure | other.unsure
        return Held(self.sure - other.sure, self.unsure - likely, self.unknown - likely - other.unknown)

    def until(self, place: int) -> BitMap:
        """Those of the states up to a place in `STATES`."""
        return BitMap().union(*(self.sure, self.unsure, self.unknown)[: place + 1])

    def at_best(self, state: State) -> Held:
        """The same, nobody surer than a state."""
        if state is State.ALLOWED:
            return self
        likely = self.sure | self.unsure if state is State.CONDITIONAL else BitMap()
        return _held_of(BitMap(), likely, self.every)


STATES = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)
"""The states of who has something, the surest first."""


def _held_of(sure: BitMap, likely: BitMap, every: BitMap) -> Held:
    """Those of a growing row of sets: the sure, with those under a condition, with the unknown."""
    return Held(sure, likely - sure, every - likely)


class Classes:
    """The classes of one relation.

    Args:
        relation: of it.
        nodes: the number in the graph of each of its principals.
    """

    def __init__(self, relation: Relation, nodes: Array) -> None:
        self._of, firsts = _signed(relation)
        self._held = _held(relation, nodes, firsts)
        self._states: dict[int, list[State]] = {}

    def of(self, places: Array) -> Array:
        """The class of each resource by its number in the relation; of those below 0 that of nobody."""
        found = np.full(len(places), NOBODY, np.int64)
        known = places >= 0
        found[known] = self._of[places[known]]
        return found

    def every(self) -> Sequence[Held]:
        """Who has the permission, of each class."""
        return self._held

    def held(self, number: int) -> Held:
        """Who has the permission on the resources of a class."""
        return self._held[number] if number >= 0 else Held()

    def states_of(self, principal: int) -> Sequence[State]:
        """What one principal has on the resources of each class."""
        if principal not in self._states:
            self._states[principal] = [one.state_of(principal) for one in self._held]
        return self._states[principal]


def _signed(relation: Relation) -> tuple[Array, Array]:
    """The class of each resource, and the first resource of each class: resources in the same rectangles are alike."""
    count = len(relation.resources)
    signs = np.zeros((count, 2), np.uint64)
    draw = np.random.default_rng(0)
    for one in relation.rectangles:
        signs[np.array(one.resources, np.int64)] += draw.integers(1, 1 << 63, 2, np.uint64)
    touched = np.flatnonzero(signs.any(axis=1))
    of = np.full(count, NOBODY, np.int32)
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
    of = {state: BitMap().union(*(one for each, one in parts if each is state)) for state in STATES}
    likely = of[State.ALLOWED] | of[State.CONDITIONAL]
    return _held_of(of[State.ALLOWED], likely, likely | of[State.UNKNOWN])


def numbered(ids: Sequence[str], among: Mapping[str, int], within: str = "") -> Array:
    """The number of each id, or of what lies `within` it, among those of a relation; -1 for none."""
    return np.fromiter((among.get(f"{id}{within}", -1) for id in ids), np.int64, len(ids))
