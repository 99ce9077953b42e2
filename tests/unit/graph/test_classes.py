"""Classes of a relation, held against the relation pair by pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from leastwise.engine.relation import Rectangle, Relation
from leastwise.graph.classes import NOBODY, Classes, Held, numbered
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
            assert held.state_of(node) is state
            assert [node in one for one in (held.sure, held.unsure, held.unknown)].count(True) == (
                state is not State.DENIED
            )
        alike = [other for other in range(RESOURCES) if all(
            relation.state(one, other) is relation.state(one, resource) for one in range(PRINCIPALS)
        )]  # fmt: skip
        assert all(of[other] == of[resource] for other in alike) and (of[resource] == NOBODY) == (not held)


STATE = st.sampled_from((State.DENIED, State.UNKNOWN, State.CONDITIONAL, State.ALLOWED))
BY_RANK = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)


def held_by(states: list[State]) -> Held:
    sets = [BitMap([at for at, one in enumerate(states) if one is state]) for state in BY_RANK[:3]]
    return Held(*sets)


@given(st.lists(st.tuples(STATE, STATE), max_size=6), st.sampled_from(BY_RANK[:3]))
def test_each_principal_has_a_state_of_his_own(pairs: list[tuple[State, State]], best: State) -> None:
    """A neighbour of whom something was not read changes nothing for the others."""
    first, other = (held_by([pair[side] for pair in pairs]) for side in (0, 1))
    for at, pair in enumerate(pairs):
        assert first.both(other).state_of(at) is max(pair, key=BY_RANK.index)
        assert first.either(other).state_of(at) is min(pair, key=BY_RANK.index)
        assert first.at_best(best).state_of(at) is max(pair[0], best, key=BY_RANK.index)


def test_a_thing_is_found_by_what_lies_in_it_too() -> None:
    among = {"a": 0, "b/*": 1}
    assert numbered(["a", "b"], among).tolist() == [0, -1]
    assert numbered(["a", "b"], among, "/*").tolist() == [-1, 1]
    assert Classes(Relation("p", [], ["a"], (), 0), np.empty(0, np.int64)).of(np.array([0, -1])).tolist() == [
        NOBODY,
        NOBODY,
    ]
