"""Small graphs as Hypothesis draws them, and every step of a graph written out."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from hypothesis import strategies as st
from pyroaring import BitMap

from leastwise.graph.gates import Gate, Gates
from leastwise.model.decision import State
from leastwise.model.shadows import Shadows
from leastwise.rules.escalation import EscalationRule

NODES = 8
RULE = EscalationRule("r", 1, "", "", "assume", "identity", (), "", "")
STATES = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)


@st.composite
def gates(draw: st.DrawFn, most: int = 8) -> Gates:
    number = st.integers(0, NODES - 1)
    found = []
    for _ in range(draw(st.integers(0, most))):
        targets = draw(st.lists(number, min_size=1, max_size=4))
        each = draw(st.one_of(st.none(), st.lists(number, min_size=len(targets), max_size=len(targets))))
        sources = BitMap(draw(st.sets(number, min_size=1)) if each is None else each)
        alone = None if each is None else np.array(each)
        things = tuple(f"thing-{place}" for place in range(len(targets))) if draw(st.booleans()) else ()
        found.append(Gate(0, sources, np.array(targets), things, draw(st.sampled_from(STATES)), alone))
    return Gates([str(one) for one in range(NODES)], (RULE,), found, Shadows({}, {}, {}))


def pairs(network: Gates, states: tuple[State, ...]) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for one in network.gates:
        if one.state in states and one.each is not None:
            found |= set(zip(one.each.tolist(), one.targets.tolist(), strict=True))
        elif one.state in states:
            found |= {(source, target) for source in one.sources for target in one.targets.tolist()}
    return found


def steps(drawn: Gates, states: Collection[State]) -> set[tuple[int, int, int]]:
    """Every step of a graph: from, gate, to."""
    found = set()
    for number, one in enumerate(drawn.gates):
        if one.state in states and one.each is not None:
            pairs = set(zip(one.each.tolist(), one.targets.tolist(), strict=True))
        elif one.state in states:
            pairs = {(source, target) for source in one.sources for target in one.targets.tolist()}
        else:
            continue
        found |= {(source, number, target) for source, target in pairs}
    return found
