"""Choke points, held against the removal of every grant in turn."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from fakes.graphs import NODES, gates, steps
from leastwise.graph.choke import Choking, Held, holds
from leastwise.graph.gates import Gates
from leastwise.graph.network import Network
from leastwise.graph.paths import ANY
from leastwise.graph.shortest import Step

GRANTS = 5
NODE = st.integers(0, NODES - 1)
GROUP = st.frozensets(st.integers(0, GRANTS - 1), min_size=1, max_size=2)
NEED = st.lists(GROUP, max_size=2)
HELD = st.lists(st.lists(NEED, min_size=1, max_size=2), min_size=1, max_size=2)


@st.composite
def resting(draw: st.DrawFn) -> tuple[Gates, dict[Step, Held]]:
    drawn = draw(gates(most=5))
    return drawn, {step: draw(HELD) for step in sorted(steps(drawn, ANY))}


def reaching(held: dict[Step, Held], removed: frozenset[int], targets: set[int]) -> set[int]:
    """Who has a way when some grants are gone."""
    there = [step for step, one in held.items() if holds(one, removed)]
    found = set(targets)
    while more := {source for source, _, target in there if target in found} - found:
        found |= more
    return found - targets


@settings(deadline=None, max_examples=80)
@given(resting(), st.sets(NODE, min_size=1, max_size=2))
def test_each_is_the_best_that_there_is(drawn: tuple[Gates, dict[Step, Held]], targets: set[int]) -> None:
    graph, held = drawn
    choking = Choking(Network(graph, ANY), targets, BitMap(range(NODES)), held.__getitem__)
    whole = reaching(held, frozenset(), targets)
    best = max(len(whole - reaching(held, frozenset([one]), targets)) for one in range(GRANTS))
    found = choking.points(GRANTS)
    if best:
        assert len(found[0].cut) == best
    removed: frozenset[int] = frozenset()
    left = whole
    for one in found:
        removed |= {one.grant}
        now = reaching(held, removed, targets)
        assert set(one.cut) == left - now
        left = now
    # Whatever can be cut at all is cut by them together.
    assert left == reaching(held, frozenset(range(GRANTS)), targets)


@settings(deadline=None, max_examples=60)
@given(resting(), st.sets(NODE, min_size=1, max_size=2))
def test_a_set_of_grants_cuts_what_it_cuts(drawn: tuple[Gates, dict[Step, Held]], targets: set[int]) -> None:
    graph, held = drawn
    choking = Choking(Network(graph, ANY), targets, BitMap(range(NODES)), held.__getitem__)
    whole = reaching(held, frozenset(), targets)
    for several in combinations(range(GRANTS), 2):
        assert set(choking.cut(frozenset(several))) == whole - reaching(held, frozenset(several), targets)


def test_a_step_that_rests_on_one_of_two_needs_is_there_until_both_are_gone() -> None:
    held = [[[frozenset([1])], [frozenset([2, 3])]]]
    assert holds(held, {1}) and holds(held, {1, 2}) and not holds(held, {1, 2, 3})
    assert holds([[[]]], {1}) and not holds([[[frozenset([1]), frozenset([2])]]], {2})
