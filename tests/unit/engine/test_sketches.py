"""Sets that share much, by weight: sketches find them, and nothing that shares less."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from leastwise.engine.sketches import Neighbours, Sketches, near, similarity, weight

WEIGHTS = np.array([1 + (n * 7919) % 90 for n in range(120)], np.int64)
MEMBERS = st.sets(st.integers(0, 119), min_size=1, max_size=40)


def share(one: set[int], other: set[int]) -> float:
    both, either = (sum(int(WEIGHTS[n]) for n in some) for some in (one & other, one | other))
    return both / either


@settings(max_examples=60, deadline=None)
@given(MEMBERS, MEMBERS)
def test_similarity_is_the_share_of_weights(one: set[int], other: set[int]) -> None:
    assert similarity(BitMap(one), BitMap(other), WEIGHTS) == share(one, other)
    assert weight(BitMap(one), WEIGHTS) == sum(int(WEIGHTS[n]) for n in one)
    assert similarity(BitMap(one), BitMap(other)) == len(one & other) / len(one | other)


@settings(max_examples=60, deadline=None)
@given(st.lists(MEMBERS, min_size=2, max_size=10), st.data())
def test_weighted_neighbours_share_so_much(members: list[set[int]], data: st.DataObject) -> None:
    for _ in range(6):
        base = data.draw(st.sampled_from(members))
        members = [*members, base ^ set(data.draw(st.lists(st.integers(0, 119), max_size=2))) or {1}]
    sets, everyone = [BitMap(one) for one in members], np.ones(len(members), bool)
    close = Neighbours(sets, 120, 0.8, WEIGHTS)
    for place, one in enumerate(members):
        found = close.of(place, everyone)
        assert all(other > place and share(one, members[other]) >= 0.8 for other in found)
        assert {n for n in range(place + 1, len(members)) if members[n] == one} <= set(found), "equal sets"


def test_sketches_agree_as_often_as_weights_are_shared() -> None:
    """Few heavy members in common count for more than many light ones that are not."""
    weights = np.array([100.0] * 10 + [1.0] * 200)
    heavy, one, other = list(range(10)), list(range(10, 110)), list(range(110, 210))
    first, second, third = Sketches(210, weights).of([BitMap(heavy + one), BitMap(heavy + other), BitMap(one)])
    assert (first == second).mean() > 0.6 > 0.4 > (first == third).mean()


def test_every_set_stands_in_one_group() -> None:
    sets = [BitMap(range(20)), BitMap(range(50, 60)), BitMap(range(19)), BitMap(range(50, 61)), BitMap([99])]
    close = Neighbours(sets, 120, 0.9)
    assert list(near(close, len(sets), ())) == [[0, 2], [1, 3]]
    assert list(near(close, len(sets), {4})) == [[0, 2], [1, 3], [4]]
