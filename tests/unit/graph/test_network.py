"""Searches over drawn gates, held against a search that goes pair by pair."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.graphs import NODES, gates, pairs
from leastwise.graph.gates import Gates
from leastwise.graph.network import Network
from leastwise.graph.paths import ANY, LEVELS, Searching, beyond


def distances(edges: set[tuple[int, int]], ends: set[int], *, forward: bool) -> dict[int, int]:
    found, queue = dict.fromkeys(ends, 0), deque(ends)
    while queue:
        at = queue.popleft()
        for pair in edges:
            near, far = pair if forward else pair[::-1]
            if near == at and far not in found:
                found[far] = found[at] + 1
                queue.append(far)
    return found


@settings(deadline=None)
@given(gates(), st.sets(st.integers(0, NODES - 1), min_size=1))
def test_steps_are_those_of_a_search_pair_by_pair(drawn: Gates, ends: set[int]) -> None:
    for states in LEVELS:
        edges = pairs(drawn, states)
        network = Network(drawn, states)
        to = network.to(sorted(ends)).steps
        assert {node: int(one) for node, one in enumerate(to) if one >= 0} == distances(edges, ends, forward=False)
        assert set(network.reaching(sorted(ends))) == distances(edges, ends, forward=False).keys()
        back = network.back(sorted(ends)).steps
        assert {node: int(one) for node, one in enumerate(back) if one >= 0} == distances(edges, ends, forward=True)


@settings(deadline=None)
@given(gates(), st.integers(0, NODES - 1))
def test_of_several_gates_the_first_is_gone_through(drawn: Gates, end: int) -> None:
    network = Network(drawn, ANY)
    for ways, forward in ((network.to([end]), False), (network.back([end]), True)):
        for node in np.flatnonzero(ways.steps > 0).tolist():
            other = int(ways.other[node])
            assert ways.steps[other] == ways.steps[node] - 1
            leading = []
            for number, one in network.numbered():
                edges = pairs(replace(drawn, gates=[one]), ANY)
                steps = [(far, near) if forward else (near, far) for near, far in edges]
                if any(mine == node and ways.steps[beyond] == ways.steps[node] - 1 for mine, beyond in steps):
                    leading.append((number, (node, other) in steps))
            assert leading[0] == (ways.gate[node], True)


@settings(deadline=None)
@given(gates(), st.integers(0, NODES - 1))
def test_paths_go_through_gates_one_by_one(drawn: Gates, target: int) -> None:
    searching = Searching([Network(drawn, states) for states in LEVELS], [target])
    known = [distances(pairs(drawn, states), {target}, forward=False) for states in LEVELS]
    told = searching.reaching()
    assert set(told) == set(known[-1]) - {target}
    surest = {one: next(at for at, each in enumerate(known) if one in each) for one in known[-1]}
    assert [(surest[one], known[surest[one]][one]) for one in told] == sorted(
        (surest[one], known[surest[one]][one]) for one in told
    )
    for source in range(NODES):
        path = searching.path(source)
        best = known[surest[source]][source] if source in surest else None
        assert (None if path is None else len(path.hops)) == (best or None)
        if path is None:
            continue
        steps = [(int(hop.source), int(hop.target)) for hop in path.hops]
        assert steps[0][0] == source and steps[-1][1] == target
        assert all(one[1] == other[0] for one, other in pairwise(steps))
        assert all(step in pairs(drawn, (hop.state,)) for step, hop in zip(steps, path.hops, strict=True))
        assert path.state is ANY[surest[source]]


@settings(deadline=None)
@given(gates(), st.integers(0, NODES - 1))
def test_what_is_reached_is_told_nearest_first(drawn: Gates, source: int) -> None:
    told = list(beyond(Network(drawn, ANY), source))
    edges = pairs(drawn, ANY)
    wanted = distances(edges, {source}, forward=True)
    assert {one.node: one.steps for one in told} == {node: steps for node, steps in wanted.items() if steps}
    assert [one.steps for one in told] == sorted(one.steps for one in told)
    for one in told:
        assert (source, one.first) in edges
        assert distances(edges, {one.first}, forward=True)[one.node] == one.steps - 1
