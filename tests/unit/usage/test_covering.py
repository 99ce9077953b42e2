"""The least set of permissions that allows calls, against every set there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.choices import Choices, Cost
from leastwise.usage.covering import compared, least

_NAMES = "abcdefgh"
_CALLS = st.lists(st.frozensets(st.sampled_from(_NAMES), max_size=4), max_size=9)
_COSTS = st.fixed_dictionaries({one: st.tuples(st.integers(0, 2), st.integers(0, 3)) for one in _NAMES})


def total(names: tuple[str, ...], costs: dict[str, Cost]) -> Cost:
    return tuple(sum(parts) for parts in zip((0, 0), *(costs[one] for one in names), strict=True))


def every_way(calls: list[frozenset[str]], costs: dict[str, Cost]) -> Cost:
    """The least cost, by trying all."""
    wanted = [one for one in calls if one]
    return min(
        total(some, costs)
        for size in range(len(_NAMES) + 1) for some in combinations(_NAMES, size)
        if all(one & set(some) for one in wanted)
    )  # fmt: skip


@settings(deadline=None)
@given(_CALLS, _COSTS)
def test_it_is_the_least_of_all(calls: list[frozenset[str]], costs: dict[str, Cost]) -> None:
    found = least(calls, costs.__getitem__)
    assert found.exact and all(one & set(found.chosen) for one in calls if one)
    assert total(found.chosen, costs) == every_way(calls, costs)


@settings(deadline=None)
@given(_CALLS, _COSTS, st.integers(0, 3))
def test_a_search_that_is_given_up_still_allows_every_call(
    calls: list[frozenset[str]], costs: dict[str, Cost], steps: int
) -> None:
    found = least(calls, costs.__getitem__, steps)
    assert all(one & set(found.chosen) for one in calls if one)
    if found.exact:
        assert total(found.chosen, costs) == every_way(calls, costs)
    else:
        assert total(found.chosen, costs) >= every_way(calls, costs)


@given(_CALLS, _COSTS, st.randoms())
def test_it_does_not_go_by_the_order(calls: list[frozenset[str]], costs: dict[str, Cost], random: object) -> None:
    assert least(calls, costs.__getitem__) == least(reversed(calls), costs.__getitem__)


@pytest.mark.parametrize(
    ("calls", "wanted"),
    [
        ([], ()),
        (["x"], ("x",)),
        (["xy", "y"], ("y",)),
        # One of the worst tier alone would do for all: two of the next are still less.
        (["wa", "wb"], ("a", "b")),
        # Three that hang together, each by another.
        (["ac", "bc", "bd"], ("a", "b")),
        # And it is taken where there is no other way.
        (["wa", "w"], ("w",)),
    ],
)
def test_by_hand(calls: list[str], wanted: tuple[str, ...]) -> None:
    assert least([frozenset(one) for one in calls], lambda name: (int(name == "w"), 1)).chosen == wanted


def test_against_what_is_granted() -> None:
    calls = {"in": {"GET /x": frozenset("ab"), "GET /y": frozenset("bc")}}
    made = Choices(
        calls, lambda layer, name: (1, 0), lambda name: name in "abcz", {"in": ("GET /q",), "out": ("GET /r",)}
    )
    inside, outside = compared(made, {"in": ["a", "c", "z", "else"], "roles": ["else"]})
    assert (inside.least.chosen, inside.lacking) == (("b",), ("b",))
    assert inside.granted == inside.beyond == ("a", "c", "z")
    assert (inside.calls, inside.unknown, outside.layer, outside.unknown) == (2, ("GET /q",), "out", ("GET /r",))
    # Of equal costs what is granted comes first.
    [only] = compared(Choices({"in": {"GET /x": frozenset("ab")}}, made.cost, made.among), {"in": ["b"]})
    assert (only.least.chosen, only.beyond, only.lacking) == (("b",), (), ())
