"""The fewest bundles for what principals have: nothing more, nothing less, and as few as brute force finds."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.rightsizing.mining import Mined, mined

MATRICES = Path(__file__).parents[4] / "shared" / "rolemining"
BEST = {"hc": 14, "domino": 20, "emea": 34, "fire2": 10}
"""The fewest that are known (research page on usage, §3)."""

Has = dict[str, frozenset[str]]


def given_by(found: Mined) -> Has:
    every: dict[str, set[str]] = {}
    for one in found.bundles:
        for member in one.members:
            every.setdefault(member, set()).update(one.permissions)
    return {member: frozenset(each) for member, each in every.items()}


def fewest(has: Has) -> int:
    """By trying all: every set of bundles that nobody would be given too much by, from the smallest on."""
    has = {one: each for one, each in has.items() if each}
    edges = {(one, permission) for one, each in has.items() for permission in each}
    shared = {
        frozenset.intersection(*some) for count in range(1, len(has) + 1) for some in combinations(has.values(), count)
    }
    covers = [{(one, name) for one, each in has.items() if bundle <= each for name in bundle} for bundle in shared]
    for count in range(len(edges) + 1):
        if any(set().union(*some) == edges for some in combinations(covers, count)):
            return count
    raise AssertionError


SOME = st.dictionaries(st.sampled_from("ABCDE"), st.frozensets(st.sampled_from("vwxyz")), max_size=5)


@settings(max_examples=150, deadline=None)
@given(SOME)
def test_as_few_as_there_can_be(has: Has) -> None:
    found = mined(has)
    assert given_by(found) == {one: each for one, each in has.items() if each}
    assert len(found.bundles) == found.at_least == fewest(has)


CASES = {
    "nobody": ({}, 0),
    "nothing": ({"A": frozenset()}, 0),
    "all alike": ({"A": frozenset("xy"), "B": frozenset("xy")}, 1),
    "one has more": ({"A": frozenset("xy"), "B": frozenset("x")}, 2),
    "each with each": ({"A": frozenset("xy"), "B": frozenset("yz"), "C": frozenset("zx")}, 3),
    "a bundle for three": ({"A": frozenset("xa"), "B": frozenset("xb"), "C": frozenset("xc")}, 3),
}


@pytest.mark.parametrize(("has", "count"), CASES.values(), ids=CASES)
def test_cases(has: Has, count: int) -> None:
    assert len(mined(has).bundles) == count


@pytest.mark.skipif(not MATRICES.is_dir(), reason="the matrices of ../shared are not there")
@pytest.mark.parametrize("name", BEST)
def test_real_matrices(name: str) -> None:
    has: dict[str, set[str]] = {}
    for line in (MATRICES / f"{name}.txt").read_text().splitlines():
        one, permission = line.split()
        has.setdefault(one, set()).add(permission)
    whole = {one: frozenset(each) for one, each in has.items()}
    found = mined(whole)
    assert given_by(found) == whole
    assert found.at_least <= BEST[name] <= len(found.bundles)
    assert len(found.bundles) <= BEST[name]
