"""Patterns of operations: `*` and nothing else, over slashes, without case."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.azure.language.operations import Patterns, canonical, literal, matches, pattern_of

texts = st.text("aA/*.? ", max_size=6)


@given(texts, st.text("aA/. ", max_size=6))
def test_a_pattern_takes_what_the_engine_takes(pattern: str, operation: str) -> None:
    wanted = re.fullmatch(re.escape(pattern.strip().lower()).replace(r"\*", ".*"), operation.strip().lower(), re.S)
    assert matches(pattern, operation) is (wanted is not None)
    assert pattern_of(pattern).matches(canonical(operation)) is (wanted is not None)


@given(st.lists(texts, max_size=4), st.text("aA/.", max_size=5))
def test_several_take_what_one_of_them_takes(patterns: list[str], operation: str) -> None:
    several = Patterns(patterns)
    taking = [one for one in patterns if matches(one, operation)]
    assert several.take(canonical(operation)) is bool(taking)
    assert several.first(operation) == (taking[0] if taking else None)


def test_many_wildcards_take_no_longer() -> None:
    assert not matches("*a" * 60, "a" * 2_000 + "b")
    assert Patterns(["*a" * 60 + "*"]).take("a" * 2_000)


def test_none_take_nothing() -> None:
    assert not Patterns(()).take("")
    assert Patterns(("a",)) == Patterns(["a"])
    assert literal("Microsoft.Compute/virtualMachines/read")
    assert not literal("*/read")
