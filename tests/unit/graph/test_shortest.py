"""The k shortest ways, held against every way that there is."""

from __future__ import annotations

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.graphs import NODES, gates, steps
from leastwise.graph.gates import Gates
from leastwise.graph.network import Network
from leastwise.graph.paths import ANY, LEVELS, ranked
from leastwise.graph.shortest import Shortest, Way, through

NODE = st.integers(0, NODES - 1)
MOST = 60


def every(all_: set[tuple[int, int, int]], source: int, targets: set[int]) -> list[Way]:
    """Every way without a loop that ends at the first target."""
    found: list[Way] = []

    def follow(way: Way, at: int, seen: frozenset[int]) -> None:
        if at in targets:
            found.append(way)
            return
        for step in all_:
            if step[0] == at and step[2] not in seen:
                follow((*way, step), step[2], seen | {step[2]})

    if source not in targets:
        follow((), source, frozenset([source]))
    return found


def alike(told: list[Way], wanted: list[Way]) -> None:
    """Both are the shortest ways; of equally long ones any."""
    assert len(set(told)) == len(told)
    assert set(told) <= set(wanted)
    assert [len(one) for one in told] == sorted(len(one) for one in wanted)[:MOST]


@settings(deadline=None, max_examples=60)
@given(gates(most=5), NODE, st.sets(NODE, min_size=1, max_size=3))
def test_the_shortest_ways_are_those_of_all(drawn: Gates, source: int, targets: set[int]) -> None:
    wanted = every(steps(drawn, ANY), source, targets)
    alike(list(islice(Shortest(Network(drawn, ANY), targets).ways(source), MOST)), wanted)


@settings(deadline=None, max_examples=60)
@given(gates(most=5), NODE, NODE, st.sets(NODE, min_size=1, max_size=2))
def test_ways_through_a_node_are_those_of_all_that_touch_it(
    drawn: Gates, source: int, node: int, targets: set[int]
) -> None:
    wanted = [
        way for way in every(steps(drawn, ANY), source, targets) if node in {source, *(target for _, _, target in way)}
    ]
    alike(list(islice(through(Network(drawn, ANY), source, node, targets, 10_000), MOST)), wanted)


@settings(deadline=None, max_examples=40)
@given(gates(most=5), NODE, NODE)
def test_sure_ways_come_first_and_of_these_the_shortest(drawn: Gates, source: int, target: int) -> None:
    found = list(
        islice(
            ranked([Network(drawn, states) for states in LEVELS], lambda one: Shortest(one, [target]).ways(source)),
            MOST,
        )
    )
    places = [(ANY.index(one.state), len(one.hops)) for one in found]
    wanted = sorted(
        (max(ANY.index(drawn.gates[gate].state) for _, gate, _ in way), len(way))
        for way in every(steps(drawn, ANY), source, {target})
    )
    assert places == wanted[:MOST]
