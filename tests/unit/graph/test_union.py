"""Graphs of several providers as one: every way of each is there, and ways through several."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from fakes.graphs import RULE, gates, pairs
from leastwise.graph.gates import Gate, Gates
from leastwise.graph.paths import ANY
from leastwise.graph.union import joined
from leastwise.model.decision import State
from leastwise.model.shadows import Shadows


def named(drawn: Gates, names: list[str], rule: str) -> Gates:
    return replace(drawn, nodes=names[: len(drawn.nodes)], rules=(replace(RULE, id=rule),), missing=(rule,))


def told(graph: Gates) -> set[tuple[str, str, str]]:
    """Every step of a graph, by ids."""
    found = set()
    for number, rule in enumerate(graph.rules):
        mine = replace(graph, gates=[one for one in graph.gates if one.rule == number])
        found |= {(rule.id, graph.nodes[source], graph.nodes[target]) for source, target in pairs(mine, ANY)}
    return found


@settings(deadline=None, max_examples=50)
@given(gates(), gates(), st.permutations([str(one) for one in range(12)]))
def test_nothing_is_lost_and_nothing_is_new(one: Gates, other: Gates, names: list[str]) -> None:
    several = [named(one, [str(number) for number in range(8)], "first"), named(other, names, "second")]
    whole = joined(several)
    assert told(whole) == told(several[0]) | told(several[1])
    assert sorted(whole.nodes) == sorted(set(several[0].nodes) | set(several[1].nodes))
    assert whole.missing == ("first", "second")
    states = sorted(gate.state for graph in several for gate in graph.gates)
    assert sorted(gate.state for gate in whole.gates) == states


def test_one_graph_is_itself() -> None:
    gate = Gate(0, BitMap([0]), np.array([1]), ("thing",), State.ALLOWED)
    one = Gates(["a", "b"], (RULE,), [gate], Shadows({"1": "b"}, {}, {}), ("gap",))
    assert joined([one]) == replace(one, gates=list(one.gates), rules=list(one.rules))


def test_shadows_of_all_are_told_and_the_first_names_one_twice() -> None:
    kinds = ("administrator", "anything", "member", "over", "places")
    first, second = (
        Gates([], (), [], Shadows(**{kind: {"both": f"{name}-both", name: f"{name}-{kind}"} for kind in kinds}))
        for name in ("a", "b")
    )
    shadows = joined([first, second]).shadows
    for kind, name in product(kinds, ("a", "b")):
        assert getattr(shadows, kind)[name] == f"{name}-{kind}"
        assert getattr(shadows, kind)["both"] == "a-both"
