"""Patterns inside one another, against all short texts, z3 and the cells of both."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import (
    Budget,
    Pattern,
    TooManyStatesError,
    Wild,
    exactly,
    glob,
    join,
    lies_in,
    meets,
    outside,
    regions,
)

ALPHABET = "aB:/"
TEXTS = ["".join(letters) for size in range(6) for letters in product(ALPHABET, repeat=size)]
TOKENS = st.one_of(st.text(ALPHABET, min_size=1, max_size=2), st.sampled_from(Wild))
PATTERNS = st.builds(
    lambda tokens, fold, separator: Pattern(join(tokens), fold, separator),
    st.lists(TOKENS, max_size=4),
    st.sampled_from([False, False, True]),
    st.sampled_from([":", ":", "/"]),
)
PLENTY = 20_000


@given(PATTERNS, PATTERNS)
def test_a_pattern_lies_in_another_when_no_cell_is_in_it_alone(pattern: Pattern, other: Pattern) -> None:
    cells = {cell.matched for cell in regions([pattern, other])}
    assert lies_in(pattern, other) == ((True, False) not in cells)
    assert meets(pattern, other) == ((True, True) in cells)
    for text in TEXTS:
        if pattern.matches(text):
            assert other.matches(text) or lies_in(pattern, other) is False
            assert meets(pattern, other) or not other.matches(text)


@given(st.lists(PATTERNS, min_size=1, max_size=3), st.lists(PATTERNS, max_size=4))
def test_a_text_outside_is_found_when_there_is_one(inside: list[Pattern], avoid: list[Pattern]) -> None:
    found = outside(inside, avoid, Budget(PLENTY))
    wanted = (True,) * len(inside) + (False,) * len(avoid)
    assert (found is not None) == any(cell.matched == wanted for cell in regions([*inside, *avoid]))
    if found is not None:
        assert all(one.matches(found) for one in inside)
        assert not any(one.matches(found) for one in avoid)


@given(PATTERNS)
def test_a_pattern_lies_in_itself_and_meets_itself(pattern: Pattern) -> None:
    assert lies_in(pattern, pattern)
    assert lies_in(pattern, glob("*"))
    assert meets(pattern, pattern)
    assert outside([pattern], [], Budget(PLENTY)) is not None


@pytest.mark.parametrize(
    ("pattern", "other", "expected"),
    [
        (glob("?*"), glob("*?"), True),
        (glob("a*b*c"), glob("a*c"), True),
        (glob("a*c"), glob("a*b*c"), False),
        (glob("ab*"), glob("a*"), True),
        (glob("a*"), glob("ab*"), False),
        (exactly("A", fold=True), exactly("a"), False),
        (exactly("a"), exactly("A", fold=True), True),
        (exactly("1", fold=True), exactly("1"), True),
        (glob("a*", fold=True), glob("a*"), False),
        (Pattern(("a:", Wild.ANY_WITHIN)), glob("a:*"), True),
        (glob("a:*"), Pattern(("a:", Wild.ANY_WITHIN)), False),
        (Pattern((Wild.ANY_WITHIN,), separator="/"), Pattern((Wild.ANY_WITHIN,)), False),
        (Pattern((Wild.ONE_WITHIN,)), glob("?"), True),
        (exactly(""), glob("*"), True),
        (glob("*"), exactly(""), False),
    ],
)
def test_cases(pattern: Pattern, other: Pattern, expected: bool) -> None:
    assert lies_in(pattern, other) is expected


def test_patterns_of_different_separators_are_cut_together() -> None:
    colons, slashes = Pattern(("x", Wild.ANY_WITHIN)), Pattern(("x", Wild.ANY_WITHIN), separator="/")
    found = {cell.matched: cell.witness for cell in regions([colons, slashes])}
    assert set(found) == {(False, False), (True, True), (True, False), (False, True)}
    assert found[True, False] == "x/"
    assert found[False, True] == "x:"


def test_a_union_covers_what_no_single_pattern_does() -> None:
    halves = [Pattern(("s3:", Wild.ANY_WITHIN)), glob("s3:*:*")]
    assert outside([glob("s3:*")], halves, Budget(PLENTY)) is None
    assert outside([glob("s3:*")], halves[:1], Budget(PLENTY)) is not None
    assert outside([glob("s3:*")], halves[1:], Budget(PLENTY)) is not None


def test_thousands_of_names_are_avoided() -> None:
    names = [exactly(f"s3:Action{number}") for number in range(3000)]
    found = outside([glob("s3:Action*")], names, Budget(PLENTY))
    assert found is not None
    assert not any(one.literal == found for one in names)


@pytest.mark.parametrize("size", [4, 12, 40])
def test_patterns_built_to_explode_are_settled_in_few_states(size: int) -> None:
    """What stands so many letters behind an a decides: a deterministic automaton has 2**size states."""
    whole, halves = glob("*a" + "?" * size + "b*"), [glob(start + "?" * size + "b*") for start in ("a", "?*a")]
    budget = Budget(4 * size + 10)
    assert outside([whole], halves, budget) is None
    assert budget.left >= 0


def test_a_search_ends_with_its_budget() -> None:
    whole, halves = glob("*a" + "?" * 20 + "b*"), [glob(start + "?" * 20 + "b*") for start in ("a", "?*a")]
    budget = Budget(5)
    with pytest.raises(TooManyStatesError):
        outside([whole], halves, budget)
    assert budget.left == -1


def test_comparing_two_patterns_built_to_explode_ends() -> None:
    first, second = glob("*" + "?a" * 12 + "*?"), glob("*?" + "a*?" * 14 + "?b?*")
    assert lies_in(first, second) in (False, None)
    assert meets(first, second)
