"""Patterns of operations: `*` and nothing else, over slashes, without case."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.azure.language.operations import Patterns, canonical, literal, matches, pattern_of

texts = st.one_of(
    st.text("aA/*.? ", max_size=6), st.lists(st.sampled_from(("/*/", "a", "/", "*")), max_size=6).map("".join)
)


def meant(pattern: str) -> set[str]:
    """A pattern, and all that it stands for where there is nothing between two slashes, and then one of them."""
    found, queue = {pattern}, [pattern]
    while queue:
        at = queue.pop()
        fewer = {at[:place] + at[place + 2 :] for place in range(len(at)) if at.startswith("/*/", place)}
        queue += fewer - found
        found |= fewer
    return found


@given(texts, st.text("aA/. ", max_size=6))
def test_a_pattern_takes_letters_and_slashes(pattern: str, operation: str) -> None:
    wanted = any(
        re.fullmatch(re.escape(one).replace(r"\*", ".*"), operation.strip().lower(), re.S)
        for one in meant(pattern.strip().lower())
    )
    assert matches(pattern, operation) is wanted
    if "/*/" not in pattern:
        assert pattern_of(pattern).matches(canonical(operation)) is wanted


@given(st.lists(texts, max_size=4), st.text("aA/.", max_size=5))
def test_several_take_what_one_of_them_takes(patterns: list[str], operation: str) -> None:
    several = Patterns(patterns)
    taking = [one for one in patterns if matches(one, operation)]
    assert several.take(canonical(operation)) is bool(taking)
    assert several.first(operation) == (taking[0] if taking else None)


def test_many_wildcards_take_no_longer() -> None:
    assert not matches("*a" * 60, "a" * 2_000 + "b")
    assert Patterns(["*a" * 60 + "*"]).take("a" * 2_000)


def test_nothing_may_be_between_slashes() -> None:
    assert matches("userAssignedIdentities/*/assign/action", "userAssignedIdentities/assign/action")
    assert matches("a/*/*/b", "a/b")
    assert not matches("a/*/b", "ab")
    assert not matches("a/*/b", "a/xb")
    assert not matches("a/*b/c", "ab/c")
    assert not matches("a/*", "a")
    assert not matches("*/read", "read")


def test_none_take_nothing() -> None:
    assert not Patterns(()).take("")
    assert Patterns(("a",)) == Patterns(["a"])
    assert literal("Microsoft.Compute/virtualMachines/read")
    assert not literal("*/read")
