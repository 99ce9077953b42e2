"""Patterns against a matcher that tries everything, and regions against all short texts."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import (
    SEPARATOR,
    Budget,
    Pattern,
    Token,
    TooManyStatesError,
    Wild,
    after,
    after_each,
    exactly,
    glob,
    join,
    matching_lines,
    regions,
    shared,
    tokens_across,
    tokens_within,
)
from leastwise.engine.patterns.beside import Beside

ALPHABET = "aB:"
TEXTS = ["".join(letters) for size in range(6) for letters in product(ALPHABET, repeat=size)]
TOKENS = st.one_of(st.text(ALPHABET, min_size=1, max_size=2), st.sampled_from(Wild))
PATTERNS = st.builds(
    lambda tokens, fold: Pattern(join(tokens), fold),
    st.lists(TOKENS, max_size=4),
    st.sampled_from([False, False, True]),
)


def matches(tokens: tuple[Token, ...], text: str, fold: bool) -> bool:
    """The meaning of a pattern, tried out."""
    if not tokens:
        return text == ""
    first, rest = tokens[0], tokens[1:]
    if isinstance(first, str):
        head = text[: len(first)]
        same = head.lower() == first.lower() if fold else head == first
        return same and matches(rest, text[len(first) :], fold)
    within = first in (Wild.ANY_WITHIN, Wild.ONE_WITHIN)
    longest = 1 if first in (Wild.ONE, Wild.ONE_WITHIN) else len(text)
    least = 1 if first in (Wild.ONE, Wild.ONE_WITHIN) else 0
    return any(
        matches(rest, text[size:], fold)
        for size in range(least, longest + 1)
        if size <= len(text) and not (within and SEPARATOR in text[:size])
    )


@given(PATTERNS)
def test_matching_is_what_trying_everything_says(pattern: Pattern) -> None:
    for text in TEXTS:
        assert pattern.matches(text) == matches(pattern.tokens, text, pattern.fold), (pattern.tokens, text)


@given(PATTERNS, st.lists(st.sampled_from(TEXTS), max_size=8))
def test_matching_lines_are_the_lines_that_match(pattern: Pattern, lines: list[str]) -> None:
    starts, at = [], 0
    for line in lines:
        if pattern.matches(line):
            starts.append(at)
        at += len(line) + 1
    if lines:
        assert list(matching_lines(pattern, "\n".join(lines))) == starts


def test_no_pattern_matches_over_the_end_of_a_line() -> None:
    lines = "a\nb\nab"
    for pattern in (Pattern(("a\nb",)), Pattern(("a\n", Wild.ANY)), glob("a?b"), Pattern(("a", Wild.ONE_WITHIN, "b"))):
        assert list(matching_lines(pattern, lines)) == []
    assert list(matching_lines(glob("a*"), lines)) == [0, 4]
    assert list(matching_lines(Pattern((Wild.ANY_WITHIN, "b")), lines)) == [2, 4]


@given(st.lists(PATTERNS, min_size=1, max_size=4))
def test_regions_hold_every_combination_that_a_short_text_has(patterns: list[Pattern]) -> None:
    found = {region.matched: region.witness for region in regions(patterns)}
    for text in TEXTS:
        combination = tuple(pattern.matches(text) for pattern in patterns)
        assert combination in found
        assert len(found[combination]) <= len(text)


@given(st.lists(PATTERNS, max_size=5))
def test_a_region_has_the_text_that_it_names(patterns: list[Pattern]) -> None:
    found = regions(patterns)
    assert len({region.matched for region in found}) == len(found)
    for region in found:
        assert region.matched == tuple(pattern.matches(region.witness) for pattern in patterns)


@given(st.lists(st.text("ab", max_size=3), min_size=1, max_size=12), st.booleans())
def test_many_literals_and_beginnings_are_as_exact_as_few(texts: list[str], fold: bool) -> None:
    patterns = [exactly(text, fold=fold) for text in texts] + [glob(f"{text}*", fold=fold) for text in texts]
    found = {region.matched for region in regions(patterns)}
    seen = {tuple(pattern.matches(text) for pattern in patterns) for text in TEXTS}
    assert seen <= found
    for region in regions(patterns):
        assert region.matched == tuple(pattern.matches(region.witness) for pattern in patterns)


def test_hundreds_of_names_stay_within_the_budget() -> None:
    patterns = [exactly(f"arn:aws:iam::{number:012}:role/deployer") for number in range(300)]
    assert len(regions(patterns)) == 301


def test_too_many_states_are_refused() -> None:
    patterns = [glob(f"*{'a?' * size}*{'?b' * size}*") for size in range(3, 9)]
    with pytest.raises(TooManyStatesError):
        regions(patterns, budget=50)


@cache
def listed(text: str) -> tuple[Token, ...]:
    return join(tokens_across(text))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ()),
        ("abc", ("abc",)),
        ("*", (Wild.ANY,)),
        ("***", (Wild.ANY,)),
        ("a**b?", ("a", Wild.ANY, "b", Wild.ONE)),
        ("??", (Wild.ONE, Wild.ONE)),
    ],
)
def test_texts_become_tokens(text: str, tokens: tuple[Token, ...]) -> None:
    assert listed(text) == tokens


def test_joining_keeps_wildcards_of_different_reach_apart() -> None:
    assert join([Wild.ANY_WITHIN, Wild.ANY]) == (Wild.ANY_WITHIN, Wild.ANY)
    assert join([*tokens_within("a*"), *tokens_within("*b")]) == ("a", Wild.ANY_WITHIN, "b")
    assert join(["a", "b", Wild.ONE, "c", ""]) == ("ab", Wild.ONE, "c")


@pytest.mark.parametrize(
    ("pattern", "literal", "prefix", "everything", "shown"),
    [
        (exactly("ab"), "ab", "ab", False, "ab"),
        (exactly(""), "", "", False, ""),
        (glob("a*b"), None, "a", False, "a*b"),
        (glob("*"), None, "", True, "*"),
        (glob("*", fold=True), None, "", True, "*"),
        (Pattern(("x", Wild.ONE_WITHIN, Wild.ANY_WITHIN)), None, "x", False, "x?*"),
    ],
)
def test_what_is_known_of_a_pattern(
    pattern: Pattern, literal: str | None, prefix: str, everything: bool, shown: str
) -> None:
    assert (pattern.literal, pattern.prefix, pattern.everything, str(pattern)) == (literal, prefix, everything, shown)


def test_signs_of_regular_expressions_and_newlines_are_letters() -> None:
    assert glob("a.b*").matches("a.b\nc")
    assert not glob("a.b").matches("axb")
    assert not exactly("a").matches("a\n")


@given(st.lists(PATTERNS, min_size=1, max_size=4))
def test_a_shared_budget_pays_for_what_is_known_too(patterns: list[Pattern]) -> None:
    first, second = Budget(10_000), Budget(10_000)
    assert regions(patterns, shared=first) == regions(patterns, shared=second)
    assert first.left == second.left < 10_000


@given(st.lists(PATTERNS, min_size=1, max_size=3))
def test_patterns_that_are_named_twice_are_cut_once(patterns: list[Pattern]) -> None:
    twice = regions([*patterns, *patterns])
    assert [one.matched[: len(patterns)] for one in twice] == [one.matched for one in regions(patterns)]
    assert all(one.matched[: len(patterns)] == one.matched[len(patterns) :] for one in twice)


def test_what_takes_too_many_states_costs_them_once() -> None:
    patterns = [glob(f"*{'a?' * size}*{'?b' * size}*") for size in range(3, 9)]
    shared = Budget(120)
    for left in (70, 20, -30):
        with pytest.raises(TooManyStatesError):
            regions(patterns, budget=50, shared=shared)
        assert shared.left == left
    # Where nothing is left, nothing is looked at.
    with pytest.raises(TooManyStatesError):
        regions([glob("new*b?c")], shared=shared)
    assert shared.left == -30


def test_patterns_that_name_very_many_letters_are_bounded_as_well() -> None:
    patterns = [glob(f"*{chr(0x4E00 + number)}*{chr(0x5E00 + number)}*") for number in range(300)]
    with pytest.raises(TooManyStatesError):
        regions(patterns, budget=2_000)


@given(st.lists(PATTERNS, max_size=4), st.sampled_from(TEXTS))
def test_walked_side_by_side_each_stands_where_it_does_alone(patterns: list[Pattern], text: str) -> None:
    beside = Beside(patterns)
    mask = beside.start
    for letter in text:
        mask = beside.step(mask, letter)
    assert [mask & end != 0 for end in beside.ends] == [pattern.matches(text) for pattern in patterns]


@given(PATTERNS, st.lists(st.sampled_from(TEXTS), max_size=8))
def test_walking_several_beginnings_ends_where_walking_each_does(pattern: Pattern, texts: list[str]) -> None:
    for several in (texts, sorted(texts)):
        assert list(after_each(pattern, several, list(shared(several)))) == [after(pattern, one) for one in several]
