"""Groups of those who share a grant: who uses the same is together, and nobody is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.rightsizing.clustering import Use, clustered

Uses = dict[str, set[Use]]


def uses(**each: str) -> Uses:
    return {name: {(one, "") for one in some} for name, some in each.items()}


CASES: dict[str, tuple[Uses, int | None, list[tuple[str, ...]]]] = {
    "nobody": ({}, None, []),
    "who uses nothing is in no group": (uses(a="", b="x"), None, [("b",)]),
    "all the same": (uses(a="xy", b="xy"), None, [("a", "b")]),
    "nothing in common": (uses(a="xy", b="vw", c="xy"), None, [("a", "c"), ("b",)]),
    "hardly a difference": (uses(a="pqrstuvw", b="pqrstuv"), None, [("a", "b")]),
    "the same on other resources": (
        {"a": {("x", "1")}, "b": {("x", "2")}}, None, [("a",), ("b",)],
    ),
    "so many as are wanted": (uses(a="x", b="xy", c="vw", d="v"), 2, [("a", "b"), ("c", "d")]),
    "one is wanted": (uses(a="x", b="y"), 1, [("a", "b")]),
    "more are wanted than differ": (uses(a="x", b="x"), 2, [("a", "b")]),
}  # fmt: skip


@pytest.mark.parametrize(("some", "parts", "groups"), CASES.values(), ids=CASES)
def test_cases(some: Uses, parts: int | None, groups: list[tuple[str, ...]]) -> None:
    assert [one.members for one in clustered(some, parts)] == groups


SOME = st.dictionaries(st.sampled_from("abcdef"), st.sets(st.tuples(st.sampled_from("vwxyz"), st.sampled_from("12"))))


@settings(max_examples=100, deadline=None)
@given(SOME, st.none() | st.integers(1, 4))
def test_everybody_is_in_one_group_that_has_what_it_uses(some: Uses, parts: int | None) -> None:
    found = clustered(some, parts)
    assert sorted(name for one in found for name in one.members) == sorted(name for name, each in some.items() if each)
    for one in found:
        assert one.uses == set().union(*(some[name] for name in one.members))
    if parts is not None:
        assert len(found) <= parts
