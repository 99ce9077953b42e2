"""Classes of a relation, held against the relation pair by pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from leastwise.engine.relation import Rectangle, Relation
from leastwise.graph.classes import NOBODY, Classes, Held, numbered, worst
from leastwise.model.decision import State

PRINCIPALS, RESOURCES = 5, 6
UNSURE = (State.CONDITIONAL, State.UNKNOWN)


@st.composite
def relations(draw: st.DrawFn) -> Relation:
    """Rectangles of which no pair is in two."""
    state = st.sampled_from((State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED))
    cells = [[draw(state) for _ in range(RESOURCES)] for _ in range(PRINCIPALS)]
    found = []
    for principal, row in enumerate(cells):
        for one in (State.ALLOWED, *UNSURE):
            resources = BitMap([place for place, cell in enumerate(row) if cell is one])
            if resources:
                found.append(Rectangle(BitMap([principal]), resources, one, lambda _: ((), ()), ""))
    return Relation(
        "p", [f"p{n}" for n in range(PRINCIPALS)], [f"r{n}" for n in range(RESOURCES)], tuple(found), PRINCIPALS
    )


@settings(deadline=None)
@given(relations(), st.permutations(range(10, 10 + PRINCIPALS)))
def test_a_class_says_what_the_relation_says(relation: Relation, nodes: list[int]) -> None:
    classes = Classes(relation, np.array(nodes))
    of = classes.of(np.arange(RESOURCES))
    for resource in range(RESOURCES):
        held = classes.held(int(of[resource]))
        for principal, node in enumerate(nodes):
            state = relation.state(principal, resource)
            assert (node in held.sure) == (state is State.ALLOWED)
            assert (node in held.may) == (state in UNSURE)
        states = {relation.state(principal, resource) for principal in range(PRINCIPALS)} & set(UNSURE)
        assert held.state is worst(states)
        alike = [other for other in range(RESOURCES) if all(
            relation.state(one, other) is relation.state(one, resource) for one in range(PRINCIPALS)
        )]  # fmt: skip
        assert all(of[other] == of[resource] for other in alike) and (of[resource] == NOBODY) == (
            not held.sure and not held.may
        )


def test_both_and_either_keep_what_is_sure_apart() -> None:
    first = Held(BitMap([1, 2]), BitMap([3]), State.CONDITIONAL)
    other = Held(BitMap([2, 3]), BitMap([1]), State.UNKNOWN)
    both, either = first.both(other), first.either(other)
    assert (both.sure, both.may, both.state) == (BitMap([2]), BitMap([1, 3]), State.UNKNOWN)
    assert (either.sure, either.may) == (BitMap([1, 2, 3]), BitMap())


def test_a_thing_is_found_by_what_lies_in_it_too() -> None:
    among = {"a": 0, "b/*": 1}
    assert numbered(["a", "b"], among).tolist() == [0, -1]
    assert numbered(["a", "b"], among, "/*").tolist() == [-1, 1]
    assert Classes(Relation("p", [], ["a"], (), 0), np.empty(0, np.int64)).of(np.array([0, -1])).tolist() == [
        NOBODY,
        NOBODY,
    ]
