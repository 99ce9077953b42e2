"""Literal beginnings never miss a pattern that matches, and leave out those that plainly cannot."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from leastwise.engine.patterns import Pattern, glob, meets
from leastwise.engine.prefixes import beginnings_of, prefixes_of

WRITTEN = st.lists(st.text("ab:*?ä", max_size=6), max_size=12)
TEXTS = ["".join(letters) for size in range(5) for letters in product("ab:", repeat=size)]


@given(WRITTEN, st.text("ab:ä", max_size=6))
def test_no_pattern_that_matches_is_missed(written: list[str], text: str) -> None:
    close = set(prefixes_of(written).may_match(text).tolist())
    for number, one in enumerate(written):
        if glob(one).matches(text):
            assert number in close, one


@given(WRITTEN, st.text("ab:", max_size=3))
def test_no_pattern_that_can_match_a_longer_text_is_missed(written: list[str], prefix: str) -> None:
    close = set(prefixes_of(written).may_overlap(prefix).tolist())
    for number, one in enumerate(written):
        pattern = glob(one)
        if any(pattern.matches(prefix + rest) for rest in TEXTS):
            assert number in close, one


def test_what_begins_otherwise_is_left_out() -> None:
    found = prefixes_of(["ab", "a*", "b*", "abc", "*", "?b", "a${aws:username}", "ax*", ""])
    assert found.may_match("ab").tolist() == [0, 1, 4, 5, 6]
    assert found.may_match("").tolist() == [4, 5, 8]
    assert found.may_overlap("ab").tolist() == [0, 1, 3, 4, 5, 6]
    assert found.may_overlap("").tolist() == list(range(9))


def test_an_arn_with_fewer_fields_takes_longer_ones_in() -> None:
    found = prefixes_of(["arn:aws:s3", "arn:aws:s3:::b"])
    assert found.may_match("arn:aws:s3:::b").tolist() == [0, 1]
    assert found.may_overlap("arn:aws:s3:::b/").tolist() == [0]


def test_without_patterns_nothing_is_near() -> None:
    found = prefixes_of([])
    assert found.may_match("a").tolist() == found.may_overlap("a").tolist() == []


LETTERS = "abA\u00e9:\u0130\u212a\u03c3\u03a3"
PATTERNS = st.lists(st.builds(glob, st.text([*LETTERS, "*", "?"], max_size=5), fold=st.booleans()), max_size=8)


@given(PATTERNS, st.text([*LETTERS, "k", "i"], max_size=5))
def test_no_pattern_of_any_case_that_matches_is_missed(held: list[Pattern], text: str) -> None:
    close = beginnings_of(held).may_match(text).tolist()
    assert {number for number, one in enumerate(held) if one.matches(text)} <= set(close)


@given(PATTERNS, st.builds(glob, st.text([*LETTERS, "*", "?"], max_size=5)))
def test_no_pattern_of_any_case_that_meets_another_is_missed(held: list[Pattern], other: Pattern) -> None:
    close = beginnings_of(held).may_overlap(other.prefix).tolist()
    assert {number for number, one in enumerate(held) if meets(one, other) is not False} <= set(close)


def test_beginnings_of_patterns_leave_out_what_begins_otherwise() -> None:
    held = beginnings_of([glob(one) for one in ("arn:aws:s3:::b1/*", "arn:aws:s3:::b*", "arn:aws:s3:::b2/*", "*")])
    assert held.may_match("arn:aws:s3:::b1/x").tolist() == [0, 1, 3]
    assert held.may_overlap("arn:aws:s3:::b").tolist() == [0, 1, 2, 3]
    assert held.may_overlap("arn:aws:sqs:eu-west-1:").tolist() == [3]


@given(WRITTEN, st.lists(st.text("ab:ä", max_size=6), min_size=1, max_size=5))
def test_who_is_asked_often_finds_the_same(written: list[str], texts: list[str]) -> None:
    fresh, often = prefixes_of(written), prefixes_of(written)
    for _ in range(40):
        often.may_match("a")
    for text in texts:
        assert often.may_match(text).tolist() == fresh.may_match(text).tolist()
